/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a run: input, and an output that is written beside its target and renamed, so that
 * nothing half-written ever bears the name that was asked for.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "run_state.h"

/*
 * What a signal's handler must remove. A handler gets no argument, so this is the one variable of
 * libtmo that is not on somebody's stack; a process has one run.
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
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = remove_and_die}, old;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
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
			tmo_fail(err, "cannot open: %s", strerror(errno));
			return tmo_fail_at(err, name);
		}
	} else if (isatty(STDIN_FILENO)) {
		return tmo_fail_usage(err, "stdin is a terminal; pipe a stream in or name a FILE");
	}
	if (fstat(run->input, &st) == 0 && S_ISREG(st.st_mode))
		run->progress.amount.bytes_total = (uint64_t)st.st_size;
	if (fstat(run->input, &st) == 0 && S_ISDIR(st.st_mode) && !run->filter->takes_folder) {
		tmo_fail(err, "is a directory; give a file, or pipe tar --sort=name -cf - -C DIR .");
		return tmo_fail_at(err, run->input_name);
	}
	run->input_start = lseek(run->input, 0, SEEK_CUR);
	return 0;
}

/* A new file beside target. */
static int
open_beside(struct tmo_run *run, struct tmo_error *err)
{
	struct tmo_buffer path = {0};
	const char *const slash = strrchr(run->target, '/');
	const int folder = slash == NULL ? 0 : (int)(slash - run->target) + 1;
	const mode_t mask = umask(0);

	umask(mask);
	if (tmo_buffer_printf(&path, err, "%.*s.%s.XXXXXX", folder, run->target,
	                      run->target + folder) < 0)
		return -1;
	run->output = mkstemp((char *)path.data);
	if (run->output < 0) {
		tmo_fail(err, "cannot write there: %s", strerror(errno));
		tmo_buffer_free(&path);
		return tmo_fail_at(err, run->target);
	}
	run->temporary = (char *)path.data;
	to_remove = run->temporary;
	catch_signals();
	fcntl(run->output, F_SETFD, FD_CLOEXEC);
	fchmod(run->output, 0666 & ~mask);
	return 0;
}

int
tmo_files_open_output(struct tmo_run *run, struct tmo_error *err)
{
	const char *name = run->common.output;
	struct stat st;

	run->output = STDOUT_FILENO;
	run->writes = true;
	if (name == NULL && isatty(STDOUT_FILENO)) {
		run->writes = false;
		if (run->filter->may_report)
			return 0;
		return tmo_fail_usage(err, "stdout is a terminal; pipe it or use -o FILE");
	}
	if (name == NULL || strcmp(name, "-") == 0)
		return 0;
	if (stat(name, &st) == 0 && !S_ISREG(st.st_mode)) {
		run->output = open(name, O_WRONLY | O_CLOEXEC);
		if (run->output >= 0)
			return 0;
		tmo_fail(err, "cannot write there: %s", strerror(errno));
		return tmo_fail_at(err, name);
	}
	/* Through a symbolic link to what it names, so that the link stays. */
	run->target = realpath(name, NULL);
	if (run->target == NULL)
		run->target = tmo_copy_string(name, err);
	return run->target == NULL ? -1 : open_beside(run, err);
}

int
tmo_files_commit(struct tmo_run *run, struct tmo_error *err)
{
	const char *const name = run->target != NULL ? run->target : "stdout";
	const int fd = run->output;
	int status = 0;

	if (run->temporary != NULL && fsync(fd) < 0 && errno != EINVAL && errno != EROFS)
		status = tmo_fail(err, "cannot write: %s", strerror(errno));
	run->output = -1;
	if (close(fd) < 0 && errno != EINTR && status == 0 && run->writes)
		status = tmo_fail(err, "cannot write: %s", strerror(errno));
	if (status == 0 && run->temporary != NULL && rename(run->temporary, run->target) < 0)
		status = tmo_fail(err, "cannot rename to it: %s", strerror(errno));
	if (status < 0)
		return tmo_fail_at(err, name);
	to_remove = NULL;
	free(run->temporary);
	run->temporary = NULL;
	return 0;
}

void
tmo_files_discard(struct tmo_run *run)
{
	if (run->temporary != NULL)
		unlink(run->temporary);
	to_remove = NULL;
	free(run->temporary);
	free(run->target);
	run->temporary = run->target = NULL;
	if (run->seekable >= 0 && run->seekable != run->input)
		close(run->seekable);
}
