/* SPDX-License-Identifier: Apache-2.0 */
/* `tmo help`: the manual page of a program or of what it works on, or what the program says itself. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strings.h"
#include "driver.h"
#include "run/process.h"
#include "run/programs.h"
#include "source_tree.h"

/* Whether the command line for sh, which finds `word` as $0, ends well; it is not seen or heard. */
static bool
succeeds(const char *command, const char *word)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)command, (char *)word, NULL };
	struct tmo_error ignored = {0};
	int null = tmo_null_open(O_RDWR, &ignored), status = -1;
	const int fd[] = { null, null, null };
	pid_t pid;

	if (null < 0)
		return false;
	if (tmo_process_start("/bin/sh", argv, fd, 3, 0, &pid, &ignored) == 0)
		waitpid(pid, &status, 0);
	close(null);
	return status == 0;
}

/* Adds FOLDER/PAGE.N, or FOLDER/manN/PAGE.N, if it is there. */
static int
add_page(struct tmo_strings *pages, const char *folder, bool sections, const char *page,
         struct tmo_error *err)
{
	for (const char *n = "1357"; *n != '\0'; n++) {
		struct tmo_strings file = {0};
		int status = sections ? tmo_strings_printf(&file, err, "%s/man%c/%s.%c", folder, *n, page, *n)
		                      : tmo_strings_printf(&file, err, "%s/%s.%c", folder, page, *n);

		if (status == 0 && access(file.item[0], R_OK) == 0)
			status = tmo_strings_add(pages, file.item[0], err);
		tmo_strings_free(&file);
		if (status < 0)
			return -1;
	}
	return 0;
}

/* The file of a page that belongs to the running program: from its sources, or from its tree. */
static int
find_page(struct tmo_strings *pages, const char *page, struct tmo_error *err)
{
	char *const own = tmo_own_folder(NULL), *const sources = driver_source_tree();
	char *const moved = own != NULL ? tmo_path_in_tree(own, "share/man", err) : NULL;
	struct tmo_strings folder = {0};
	int status = own != NULL && moved == NULL ? -1 : 0;

	if (status == 0 && sources != NULL) {
		status = tmo_strings_printf(&folder, err, "%s/man", sources);
		if (status == 0)
			status = add_page(pages, folder.item[0], false, page, err);
	}
	if (status == 0 && moved != NULL)
		status = add_page(pages, moved, true, page, err);
	tmo_strings_free(&folder);
	free(moved);
	free(sources);
	free(own);
	return status;
}

/* Shows the page and does not return, if there is one and a program that shows it. */
static void
show_page(const char *page, struct tmo_error *err)
{
	struct tmo_strings files = {0};

	if (find_page(&files, page, err) == 0 && files.count > 0) {
		if (succeeds("man -l \"$0\" | grep -q .", files.item[0]))
			execlp("man", "man", "-l", files.item[0], (char *)NULL);
		if (succeeds("mandoc \"$0\" | grep -q .", files.item[0]))
			execlp("mandoc", "mandoc", "-a", files.item[0], (char *)NULL);
	}
	tmo_strings_free(&files);
	if (succeeds("man -w \"$0\"", page))
		execlp("man", "man", page, (char *)NULL);
}

/* This program again; where there is no /proc, the tmo that a shell would find. Returns if it cannot. */
static void
run_self(const char *first, const char *second)
{
	execl("/proc/self/exe", "tmo", first, second, (char *)NULL);
	execlp("tmo", "tmo", first, second, (char *)NULL);
}

const char *const driver_pages[] = { "tmo", "pipeline", "stream", "plugin", "choosing", "libtmo", NULL };

/* A page that is no program's: there is nothing else to show. */
static bool
is_page(const char *name)
{
	for (size_t i = 1; driver_pages[i] != NULL; i++)
		if (strcmp(name, driver_pages[i]) == 0)
			return true;
	return false;
}

/* What the program or the command says to --help. Returns if it cannot. */
static void
show_usage(const struct tmo_strings *folders, const char *name, struct tmo_error *err)
{
	struct tmo_strings program = {0};
	char *path = NULL;

	if (strcmp(name, "tmo") == 0 || strcmp(name, "help") == 0 || strcmp(name, "complete") == 0)
		run_self("--help", NULL);
	for (size_t i = 0; tmo_command_names[i] != NULL; i++)
		if (strcmp(name, tmo_command_names[i]) == 0)
			run_self(name, "--help");
	if (tmo_find_program(folders, name, &path, err) < 0)
		return;
	if (path == NULL && is_page(name)) {
		tmo_fail(err, "no page is installed, or neither man nor mandoc to show it");
		tmo_fail_at(err, name);
	} else if (path != NULL && tmo_strings_printf(&program, err, "tmo-%s", name) == 0) {
		execl(path, program.item[0], "--help", (char *)NULL);
		tmo_fail_system(err, "cannot run %s", path);
	} else if (path == NULL) {
		tmo_no_such_program(folders, name, tmo_command_names, err);
	}
	tmo_strings_free(&program);
	free(path);
}

int
driver_help(const struct tmo_strings *folders, int argc, char **argv)
{
	const char *const name = argc < 2 ? "tmo" : argv[1];
	struct tmo_error err = {0};
	struct tmo_strings page = {0};

	if (argc > 2) {
		tmo_fail_usage(&err, "help takes one name; see tmo list");
		return driver_complain(&err);
	}
	if (tmo_strings_printf(&page, &err, strcmp(name, "tmo") == 0 || strcmp(name, "libtmo") == 0 ?
	                       "%s" : "tmo-%s", name) == 0 && strchr(name, '/') == NULL)
		show_page(page.item[0], &err);
	tmo_strings_free(&page);
	if (err.kind == TMO_ERROR_NONE)
		show_usage(folders, name, &err);
	if (err.kind == TMO_ERROR_NONE)
		tmo_fail_system(&err, "cannot run tmo");
	return driver_complain(&err);
}
