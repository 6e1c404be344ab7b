/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a run: input, and an output that is written beside its target and renamed, so that
 * nothing half-written ever bears the name that was asked for.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "run/run_state.h"

/*
 * What a signal's handler must remove: a name of its own, since run->file frees its one before
 * anybody could say here that it is gone. A handler gets no argument, so this is the one variable
 * of libtmo that is not on somebody's stack; a process has one run.
 */
static char *volatile to_remove;

static void
remove_and_die(int signal_number)
{
	char *const path = to_remove;

	if (path != NULL)
		unlink(path);
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

static void
catch_signals(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct sigaction action = {.sa_handler = remove_and_die}, old;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
}

static void
forget_temporary(void)
{
	char *const path = to_remove;

	to_remove = NULL;
	free(path);
}

int
tmo_files_open_input(struct tmo_run *run, const char *name, struct tmo_error *err)
{
	struct stat st;

	run->input = STDIN_FILENO;
	run->input_name = "stdin";
	if (name != NULL && strcmp(name, "-") != 0) {
		run->input_name = name;
		run->input = open(name, O_RDONLY | O_CLOEXEC);
		if (run->input < 0) {
			tmo_fail_system(err, "cannot open");
			return tmo_fail_at(err, name);
		}
	} else if (isatty(STDIN_FILENO)) {
		return tmo_fail_usage(err, "stdin is a terminal; pipe a stream in or name a FILE");
	}
	if (fstat(run->input, &st) == 0 && S_ISREG(st.st_mode))
		run->progress.amount.bytes_total = (uint64_t)st.st_size;
	if (fstat(run->input, &st) == 0 && S_ISDIR(st.st_mode) && (run->filter->accepts & TMO_TAKES_FOLDER) == 0) {
		tmo_fail(err, "is a directory; give a file, or pipe tar --sort=name -cf - -C DIR .");
		return tmo_fail_at(err, run->input_name);
	}
	run->input_start = lseek(run->input, 0, SEEK_CUR);
	return 0;
}

int
tmo_files_open_output(struct tmo_run *run, struct tmo_error *err)
{
	const char *name = run->common.output;

	run->output = STDOUT_FILENO;
	run->writes = true;
	if (name == NULL && isatty(STDOUT_FILENO)) {
		run->writes = false;
		if ((run->filter->traits & TMO_MAY_REPORT) != 0)
			return 0;
		return tmo_fail_usage(err, "stdout is a terminal; pipe it or use -o FILE");
	}
	if (name == NULL || strcmp(name, "-") == 0)
		return 0;
	if (tmo_replace_open(&run->file, name, err) < 0)
		return -1;
	run->output = run->file.fd;
	if (run->file.temporary == NULL)
		return 0;
	to_remove = tmo_copy_string(run->file.temporary, err);
	if (to_remove == NULL)
		return -1;
	catch_signals();
	return 0;
}

int
tmo_files_commit(struct tmo_run *run, struct tmo_error *err)
{
	int status = 0;

	if (run->file.target != NULL) {
		status = tmo_replace_commit(&run->file, err);
	} else if (close(run->output) < 0 && errno != EINTR && run->writes) {
		tmo_fail_system(err, "cannot write");
		status = tmo_fail_at(err, "stdout");
	}
	forget_temporary();
	run->output = -1;
	return status;
}

void
tmo_files_discard(struct tmo_run *run)
{
	tmo_replace_discard(&run->file);
	forget_temporary();
	if (run->seekable >= 0 && run->seekable != run->input)
		close(run->seekable);
}
