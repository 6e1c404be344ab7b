/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks a program for its description. It may be anybody's script, so it gets nothing to read, two
 * seconds, and 64 KiB for the answer.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "run/process.h"
#include "run/program_description.h"

#define SECONDS 2.0
#define ANSWER_MAX ((size_t)65536)

/* Reads the answer up to its end, or fails at the deadline or the limit. */
static int
read_answer(int fd, double deadline, struct tmo_buffer *answer, struct tmo_error *err)
{
	for (;;) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		double left = deadline - tmo_seconds();
		ssize_t got;

		if (left <= 0)
			return tmo_fail(err, "no answer to --describe in %g seconds", SECONDS);
		if (poll(&wait, 1, (int)(left * 1000) + 1) <= 0)
			continue;
		if (tmo_buffer_reserve(answer, 4096, err) < 0)
			return -1;
		got = read(fd, answer->data + answer->size, 4096);
		if (got == 0)
			return 0;
		if (got < 0 && errno != EINTR)
			return tmo_fail_system(err, "--describe");
		answer->size += got > 0 ? (size_t)got : 0;
		if (answer->size > ANSWER_MAX)
			return tmo_fail(err, "--describe says more than %zu bytes", ANSWER_MAX);
	}
}

/* A program has mostly ended a moment after its answer: it is asked soon, then less and less often. */
static int
wait_until(pid_t pid, double deadline, int *status, struct tmo_error *err)
{
	struct timespec pause = { .tv_nsec = 20000 };
	pid_t done;

	while ((done = waitpid(pid, status, WNOHANG)) == 0) {
		if (tmo_seconds() > deadline)
			return tmo_fail(err, "does not end %g seconds after --describe", SECONDS);
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < 1000000)
			pause.tv_nsec *= 2;
	}
	return done < 0 ? tmo_fail_system(err, "--describe") : 0;
}

static int
ask(const char *path, struct tmo_buffer *answer, struct tmo_error *err)
{
	char *argv[] = { (char *)path, (char *)"--describe", NULL }, text[64];
	const double deadline = tmo_seconds() + SECONDS;
	const int null = tmo_null_open(O_RDWR, err);
	int pipes[2], status = 0, result;
	pid_t pid;

	if (null < 0)
		return -1;
	if (tmo_pipe_open(pipes, err) < 0) {
		close(null);
		return -1;
	}
	result = tmo_process_start(path, argv, (const int[]){ null, pipes[1], null }, 3, 0, &pid,
	                           err);
	close(null);
	close(pipes[1]);
	if (result == 0) {
		result = read_answer(pipes[0], deadline, answer, err);
		if (result == 0)
			result = wait_until(pid, deadline, &status, err);
		if (result < 0) {
			kill(-pid, SIGKILL);
			waitpid(pid, NULL, 0);
		}
	}
	close(pipes[0]);
	if (result == 0 && status != 0)
		return tmo_fail(err, "--describe: %s", tmo_process_status(status, text,
		                                                          sizeof(text)));
	return result;
}

struct tmo_yaml *
tmo_program_describe(const char *path, struct tmo_error *err)
{
	struct tmo_buffer answer = {0};
	struct tmo_yaml *about = NULL;
	const char *version = NULL;

	if (ask(path, &answer, err) == 0) {
		about = tmo_yaml_parse(answer.data, answer.size, err);
		if (about == NULL && err->kind == TMO_ERROR_DATA)
			err->kind = TMO_ERROR_USAGE;
	}
	if (about != NULL) {
		if (about->kind == TMO_YAML_MAP)
			version = tmo_yaml_text(about, "tmo");
		if (version == NULL || strcmp(version, "1") != 0) {
			tmo_fail_usage(err, "no plugin: its --describe does not say \"tmo: 1\"");
			tmo_yaml_free(about);
			about = NULL;
		}
	}
	tmo_buffer_free(&answer);
	if (about == NULL)
		tmo_fail_at(err, path);
	return about;
}

const struct tmo_yaml *
tmo_description_option(const struct tmo_yaml *about, const char *name)
{
	const struct tmo_yaml *options = tmo_yaml_get(about, "options");

	if (options == NULL || options->kind != TMO_YAML_LIST)
		return NULL;
	for (const struct tmo_yaml *o = options->first; o != NULL; o = o->next) {
		const char *text = o->kind == TMO_YAML_MAP ? tmo_yaml_text(o, "name") : NULL;

		if (text != NULL && strcmp(text, name) == 0)
			return o;
	}
	return NULL;
}

int
tmo_description_names(const struct tmo_yaml *about, struct tmo_strings *names,
                      struct tmo_error *err)
{
	const struct tmo_yaml *options = tmo_yaml_get(about, "options");

	if (options == NULL || options->kind != TMO_YAML_LIST)
		return 0;
	for (const struct tmo_yaml *o = options->first; o != NULL; o = o->next) {
		const char *text = o->kind == TMO_YAML_MAP ? tmo_yaml_text(o, "name") : NULL;

		if (text != NULL && tmo_strings_add(names, text, err) < 0)
			return -1;
	}
	return 0;
}
