/* SPDX-License-Identifier: Apache-2.0 */
/* `tmo help`: the manual page of a program, or what it says itself. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strings.h"
#include "driver.h"
#include "run/process.h"
#include "run/programs.h"

/* Whether man(1) has a page of this name. */
static bool
has_page(const char *name)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)"man -w \"$0\"", (char *)name, NULL };
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

/* This program again; where there is no /proc, the tmo that a shell would find. Returns if it cannot. */
static void
run_self(const char *first, const char *second)
{
	execl("/proc/self/exe", "tmo", first, second, (char *)NULL);
	execlp("tmo", "tmo", first, second, (char *)NULL);
}

/* `tmo help NAME`: the manual page of tmo-NAME, else what the program says to --help. */
int
driver_help(const struct tmo_strings *folders, int argc, char **argv)
{
	struct tmo_error err = {0};
	struct tmo_strings page = {0};
	char *path = NULL;

	if (argc > 2) {
		tmo_fail_usage(&err, "help takes one name; see tmo list");
		return driver_complain(&err);
	}
	if (tmo_strings_printf(&page, &err, argc < 2 ? "tmo" : "tmo-%s", argv[1]) == 0 &&
	    has_page(page.item[0]))
		execlp("man", "man", page.item[0], (char *)NULL);
	if (argc < 2 || strcmp(argv[1], "help") == 0 || strcmp(argv[1], "complete") == 0)
		run_self("--help", NULL);
	else if (strcmp(argv[1], "run") == 0 || strcmp(argv[1], "import") == 0 ||
	         strcmp(argv[1], "list") == 0)
		run_self(argv[1], "--help");
	else if (tmo_find_program(folders, argv[1], &path, &err) == 0 && path != NULL)
		execl(path, page.item[0], "--help", (char *)NULL);
	if (path != NULL)
		tmo_fail_system(&err, "cannot run %s", path);
	else if (err.kind == TMO_ERROR_NONE)
		tmo_no_such_program(folders, argv[1], tmo_command_names, &err);
	free(path);
	tmo_strings_free(&page);
	return driver_complain(&err);
}
