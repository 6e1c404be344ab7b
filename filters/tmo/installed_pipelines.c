/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/strings.h"
#include "installed_pipelines.h"
#include "run/programs.h"
#include "source_tree.h"

#define ENDING ".yaml"

/* Where they may be: in the tree of the running program, moved or not; where they were to be put. */
static int
pipeline_folders(struct tmo_strings *folders, struct tmo_error *err)
{
	char *own = tmo_own_folder(NULL), *moved = NULL, *const sources = driver_source_tree();
	int status = 0;

	if (sources != NULL)
		status = tmo_strings_printf(folders, err, "%s/pipelines", sources);
	free(sources);
	if (own != NULL && status == 0) {
		moved = tmo_path_in_tree(own, "share/tmo/pipelines", err);
		status = moved != NULL ? tmo_strings_add(folders, moved, err) : -1;
	}
	free(moved);
	free(own);
	return status == 0 ? tmo_strings_add(folders, TMO_DATADIR "/pipelines", err) : -1;
}

/* Adds the names of a folder's pipelines; there may be no such folder. */
static int
add_names(struct tmo_strings *names, const char *folder, struct tmo_error *err)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	int status = 0;

	while (dir != NULL && status == 0 && (entry = readdir(dir)) != NULL) {
		const size_t size = strlen(entry->d_name);
		char stem[sizeof(entry->d_name)];

		if (size <= strlen(ENDING) || strcmp(entry->d_name + size - strlen(ENDING),
		                                     ENDING) != 0)
			continue;
		snprintf(stem, sizeof(stem), "%.*s", (int)(size - strlen(ENDING)), entry->d_name);
		if (!tmo_strings_has(names, stem))
			status = tmo_strings_add(names, stem, err);
	}
	if (dir != NULL)
		closedir(dir);
	return status;
}

int
driver_pipeline_names(struct tmo_strings *names, struct tmo_error *err)
{
	struct tmo_strings folders = {0};
	int status = pipeline_folders(&folders, err);

	for (size_t i = 0; i < folders.count && status == 0; i++)
		status = add_names(names, folders.item[i], err);
	tmo_strings_sort(names);
	tmo_strings_free(&folders);
	return status;
}

/* Fails, and says which names would have been found. */
static int
no_such_pipeline(const char *name, struct tmo_error *err)
{
	struct tmo_strings names = {0};
	struct tmo_buffer list = {0};
	int status = driver_pipeline_names(&names, err);

	for (size_t i = 0; i < names.count && status == 0; i++)
		status = tmo_buffer_printf(&list, err, "%s%s", i > 0 ? ", " : "", names.item[i]);
	if (status == 0)
		status = tmo_buffer_append(&list, "", 1, err);
	if (status == 0 && names.count > 0)
		tmo_fail_usage(err, "no such file, nor a pipeline that came with tmo; there are: %s",
		               (const char *)list.data);
	else if (status == 0)
		tmo_fail_usage(err, "no such file; give the path of a pipeline file");
	tmo_strings_free(&names);
	tmo_buffer_free(&list);
	return tmo_fail_at(err, name);
}

int
driver_find_pipeline(const char *name, char **path, struct tmo_error *err)
{
	struct tmo_strings folders = {0};
	int status = -1;

	*path = NULL;
	if (strchr(name, '/') != NULL || access(name, F_OK) == 0) {
		*path = tmo_copy_string(name, err);
		return *path != NULL ? 0 : -1;
	}
	if (pipeline_folders(&folders, err) < 0)
		goto out;
	for (size_t i = 0; i < folders.count; i++) {
		struct tmo_strings file = {0};

		if (tmo_strings_printf(&file, err, "%s/%s" ENDING, folders.item[i], name) < 0)
			goto out;
		*path = realpath(file.item[0], NULL);
		tmo_strings_free(&file);
		if (*path != NULL)
			break;
	}
	status = *path != NULL ? 0 : no_such_pipeline(name, err);
out:
	tmo_strings_free(&folders);
	return status;
}
