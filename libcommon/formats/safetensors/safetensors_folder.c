/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "formats/safetensors/safetensors_folder.h"

#define MODEL "model.safetensors"
#define INDEX ".safetensors.index.json"
#define FILE_SUFFIX ".safetensors"

struct found {
	bool model, index;		/* those with the usual names */
	size_t indices, files;
	char *last_index, *last_file;	/* owned */
};

static int
remember(char **last, size_t *count, const char *name, struct tmo_error *err)
{
	free(*last);
	*last = tmo_copy_string(name, err);
	++*count;
	return *last == NULL ? -1 : 0;
}

static int
look_through(const char *folder, struct found *f, struct tmo_error *err)
{
	DIR *const dir = opendir(folder);
	const struct dirent *entry;
	int status = 0;

	if (dir == NULL)
		return tmo_fail_system(err, "is a directory that cannot be read");
	while (status == 0 && (entry = readdir(dir)) != NULL) {
		const char *const name = entry->d_name;

		if (name[0] == '.')
			continue;
		f->model = f->model || strcmp(name, MODEL) == 0;
		f->index = f->index || strcmp(name, "model" INDEX) == 0;
		if (tmo_ends_with(name, INDEX))
			status = remember(&f->last_index, &f->indices, name, err);
		else if (tmo_ends_with(name, FILE_SUFFIX))
			status = remember(&f->last_file, &f->files, name, err);
	}
	closedir(dir);
	return status;
}

int
tmo_st_find_model(const char *folder, char **path, struct tmo_error *err)
{
	struct found f = {0};
	struct tmo_buffer text = {0};
	const char *name = NULL;
	int status = look_through(folder, &f, err);

	if (status == 0) {
		name = f.model ? MODEL : f.index ? "model" INDEX : f.indices == 1 ? f.last_index :
		       f.indices == 0 && f.files == 1 ? f.last_file : NULL;
		if (name != NULL)
			status = tmo_buffer_printf(&text, err, "%s/%s", folder, name);
		else if (f.files + f.indices == 0)
			status = tmo_fail(err, "is a directory without a .safetensors file; name a file");
		else
			status = tmo_fail(err, "is a directory with %zu .safetensors files and %zu indices; "
			                  "name the one that you mean", f.files, f.indices);
	}
	*path = (char *)text.data;
	free(f.last_index);
	free(f.last_file);
	return status;
}
