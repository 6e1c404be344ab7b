/* SPDX-License-Identifier: Apache-2.0 */
/* tmo: the driver. Runs pipelines, and finds the programs that are their stages. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strings.h"
#include "driver.h"
#include "run/programs.h"

static const char usage[] =
	"usage: tmo run [-i FILE] [-o FILE] [options] PIPELINE.yaml\n"
	"       tmo import [-o FILE] [--dry-run] [FILE]\n"
	"       tmo list [-v] [--names] [--pipelines]\n"
	"       tmo help [NAME]\n"
	"       tmo NAME ...\n"
	"make trained neural networks small, with pipes\n"
	"\n"
	"  run        run the stages of a pipeline file, joined by pipes\n"
	"  import     make a tensor stream of a model file, whatever format it has\n"
	"  list       list the programs that can be stages\n"
	"  help       show the manual page of a program; of pipeline, stream, plugin\n"
	"  complete   print a program's options, for the shell's completion\n"
	"  NAME ...   run the program tmo-NAME\n"
	"\n"
	"Options: -h --help, --version\n"
	"Example: tmo run pipelines/ota-int8.yaml -i model.onnx -o model.tar.zst\n";

/* Descriptors 0 to 2 are open, and no signal is ignored that we must see. */
static void
clean_surroundings(void)
{
	sigset_t mine;

	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
			_exit(1);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&mine);
	sigaddset(&mine, SIGPIPE);
	sigaddset(&mine, SIGCHLD);
	sigprocmask(SIG_UNBLOCK, &mine, NULL);
}

static int
run_program(const struct tmo_strings *folders, char **argv)
{
	struct tmo_error err = {0};
	struct tmo_strings name = {0};
	char *path = NULL;

	if (tmo_find_program(folders, argv[0], &path, &err) == 0 && path == NULL) {
		tmo_no_such_program(folders, argv[0], tmo_command_names, &err);
	} else if (path != NULL && tmo_strings_printf(&name, &err, "tmo-%s", argv[0]) == 0) {
		argv[0] = name.item[0];
		execv(path, argv);
		tmo_fail_system(&err, "cannot run %s", path);
	}
	free(path);
	tmo_strings_free(&name);
	return driver_complain(&err);
}

static int
dispatch(const struct tmo_strings *folders, int argc, char **argv)
{
	static int (*const command[])(const struct tmo_strings *, int, char **) = {
		driver_run, driver_import, driver_list, driver_help, driver_complete,
	};

	for (size_t i = 0; tmo_command_names[i] != NULL; i++)
		if (strcmp(argv[0], tmo_command_names[i]) == 0)
			return command[i](folders, argc, argv);
	return run_program(folders, argv);
}

int
main(int argc, char **argv)
{
	struct tmo_error err = {0};
	struct tmo_strings folders = {0};
	int status = 0;

	clean_surroundings();
	if (argc < 2) {
		tmo_fail_usage(&err, "what is to be done; see tmo --help");
	} else if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		status = driver_print(usage, strlen(usage), &err);
	} else if (strcmp(argv[1], "--version") == 0) {
		status = driver_print("tmo " TMO_VERSION "\n", strlen("tmo " TMO_VERSION "\n"),
		                      &err);
	} else if (argv[1][0] == '-') {
		tmo_fail_usage(&err, "unknown option %s; see tmo --help", argv[1]);
	} else if (tmo_program_folders(&folders, argv[0], &err) == 0) {
		status = dispatch(&folders, argc - 1, argv + 1);
	}
	tmo_strings_free(&folders);
	return err.kind != TMO_ERROR_NONE ? driver_complain(&err) : status;
}
