/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "run/programs.h"

#define PREFIX "tmo-"

const char *const tmo_command_names[] = { "run", "import", "list", "help", "complete", NULL };

/* Empty and relative names are left out: else `.` on PATH would run what lies in a download folder. */
static int
add_folder(struct tmo_strings *folders, const char *folder, struct tmo_error *err)
{
	struct stat here, there;

	if (folder[0] != '/' || stat(folder, &here) < 0 || !S_ISDIR(here.st_mode))
		return 0;
	for (size_t i = 0; i < folders->count; i++)
		if (stat(folders->item[i], &there) == 0 && here.st_dev == there.st_dev &&
		    here.st_ino == there.st_ino)
			return 0;
	return tmo_strings_add(folders, folder, err);
}

int
tmo_program_folders_of(struct tmo_strings *folders, const char *variable, struct tmo_error *err)
{
	const char *value = getenv(variable);
	char *copy, *next, *end;
	int status = 0;

	if (value == NULL)
		return 0;
	copy = tmo_copy_string(value, err);
	if (copy == NULL)
		return -1;
	for (next = copy; next != NULL && status == 0; next = end) {
		end = strchr(next, ':');
		if (end != NULL)
			*end++ = '\0';
		status = add_folder(folders, next, err);
	}
	free(copy);
	return status;
}

char *
tmo_own_folder(const char *argv0)
{
	char *self = realpath("/proc/self/exe", NULL), *slash;

	if (self == NULL && argv0 != NULL && strchr(argv0, '/') != NULL)
		self = realpath(argv0, NULL);
	if (self != NULL) {
		slash = strrchr(self, '/');
		slash[slash == self] = '\0';	/* of "/tmo" it is "/" */
	}
	return self;
}

char *
tmo_path_in_tree(const char *own, const char *below, struct tmo_error *err)
{
	const size_t above = (size_t)(strrchr(own, '/') - own), size = above + strlen(below) + 2;
	char *path = tmo_alloc(size, 1, err);

	if (path != NULL)
		snprintf(path, size, "%.*s/%s", (int)above, own, below);
	return path;
}

static int
add_libexec_of(struct tmo_strings *folders, const char *own, struct tmo_error *err)
{
	char *path = tmo_path_in_tree(own, "libexec/tmo", err);
	int status = path != NULL ? add_folder(folders, path, err) : -1;

	free(path);
	return status;
}

int
tmo_program_folders(struct tmo_strings *folders, const char *argv0, struct tmo_error *err)
{
	char *const own = tmo_own_folder(argv0);
	int status = tmo_program_folders_of(folders, "TMO_PATH", err);

	if (status == 0 && own != NULL)
		status = add_libexec_of(folders, own, err);
	if (status == 0)
		status = add_folder(folders, TMO_LIBEXECDIR, err);
	if (status == 0 && own != NULL)
		status = add_folder(folders, own, err);
	free(own);
	return status == 0 ? tmo_program_folders_of(folders, "PATH", err) : -1;
}

/* [a-z0-9][a-z0-9-]* */
static bool
name_is_valid(const char *name)
{
	static const char valid[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	return name[0] != '\0' && name[0] != '-' && name[strspn(name, valid)] == '\0';
}

/* NULL if path can be run, else the reason why not. "" means that it is nothing to speak of. */
static const char *
fault_of(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == ENOENT ? "a link to nothing" : "cannot be read";
	if (!S_ISREG(st.st_mode))
		return "";
	return access(path, X_OK) == 0 ? NULL : "not executable";
}

static char *
join(const char *folder, const char *prefix, const char *name, struct tmo_error *err)
{
	size_t size = strlen(folder) + strlen(prefix) + strlen(name) + 2;
	char *path = tmo_alloc(size, 1, err);

	if (path != NULL)
		snprintf(path, size, "%s/%s%s", folder, prefix, name);
	return path;
}

int
tmo_find_program(const struct tmo_strings *folders, const char *name, char **path,
                 struct tmo_error *err)
{
	*path = NULL;
	if (!name_is_valid(name))
		return 0;
	for (size_t i = 0; i < folders->count; i++) {
		*path = join(folders->item[i], PREFIX, name, err);
		if (*path == NULL)
			return -1;
		if (fault_of(*path) == NULL)
			return 0;
		free(*path);
		*path = NULL;
	}
	return 0;
}

static int
add_program(struct tmo_programs *all, const char *folder, const char *file, struct tmo_error *err)
{
	const char *name = file + strlen(PREFIX), *fault;
	char *path = join(folder, "", file, err);

	if (path == NULL)
		return -1;
	fault = fault_of(path);
	if (fault != NULL && fault[0] == '\0') {
		free(path);
		return 0;
	}
	if (tmo_grow(&all->program, all->count, &all->room, sizeof(*all->program), err) < 0) {
		free(path);
		return -1;
	}
	all->program[all->count] = (struct tmo_program){
		.name = tmo_copy_string(name, err), .path = path, .order = all->count,
		.fault = fault,
	};
	return all->program[all->count++].name == NULL ? -1 : 0;
}

static int
compare(const void *a, const void *b)
{
	const struct tmo_program *p = a, *q = b;
	int difference = strcmp(p->name, q->name);

	return difference != 0 ? difference : (p->order > q->order) - (p->order < q->order);
}

/* Of several programs of one name, the first that can be run hides the others. */
static void
mark_hidden(struct tmo_programs *all)
{
	const struct tmo_program *used = NULL;

	for (size_t i = 0; i < all->count; i++) {
		struct tmo_program *p = &all->program[i];

		for (size_t k = 0; tmo_command_names[k] != NULL; k++)
			if (strcmp(tmo_command_names[k], p->name) == 0)
				p->fault = "tmo has a command of this name";
		if (p->fault != NULL)
			continue;
		if (used != NULL && strcmp(used->name, p->name) == 0) {
			p->fault = "hidden by";
			p->hidden_by = used->path;
		} else {
			used = p;
		}
	}
}

int
tmo_programs_find(const struct tmo_strings *folders, struct tmo_programs *all,
                  struct tmo_error *err)
{
	int status = 0;

	for (size_t i = 0; i < folders->count && status == 0; i++) {
		DIR *dir = opendir(folders->item[i]);
		const struct dirent *entry;

		while (dir != NULL && status == 0 && (entry = readdir(dir)) != NULL)
			if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0 &&
			    name_is_valid(entry->d_name + strlen(PREFIX)))
				status = add_program(all, folders->item[i], entry->d_name, err);
		if (dir != NULL)
			closedir(dir);
	}
	if (all->count > 1)
		qsort(all->program, all->count, sizeof(*all->program), compare);
	mark_hidden(all);
	return status;
}

void
tmo_programs_free(struct tmo_programs *all)
{
	for (size_t i = 0; i < all->count; i++) {
		free(all->program[i].name);
		free(all->program[i].path);
	}
	free(all->program);
	*all = (struct tmo_programs){0};
}

int
tmo_no_such_program(const struct tmo_strings *folders, const char *name, const char *const *others,
                    struct tmo_error *err)
{
	struct tmo_programs all = {0};
	struct tmo_strings names = {0};
	char near[160];
	int status = tmo_programs_find(folders, &all, err);

	for (size_t i = 0; others[i] != NULL && status == 0; i++)
		status = tmo_strings_add(&names, others[i], err);
	for (size_t i = 0; i < all.count && status == 0; i++)
		if (all.program[i].fault == NULL)
			status = tmo_strings_add(&names, all.program[i].name, err);
	if (status == 0)
		status = tmo_fail_usage(err, "there is no program tmo-%s%s; see tmo list", name,
		                        tmo_strings_hint(&names, name, near, sizeof(near)));
	tmo_programs_free(&all);
	tmo_strings_free(&names);
	return status;
}
