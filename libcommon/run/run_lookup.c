/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model's importer runs as a program of its own, so that no filter has to load the libraries of all formats,
 * and importers that are plugins count too.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/read_write.h"
#include "base/strings.h"
#include "formats/detect.h"
#include "run/process.h"
#include "run/programs.h"
#include "run/run_lookup.h"

/* The file: open, able to seek, and whether it is one that has a name. */
struct file {
	int fd;
	bool folder, named;
};

static int
open_file(struct tmo_run *run, const char *path, struct file *file, struct tmo_error *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	*file = (struct file){ .fd = fd };
	if (fd < 0)
		return tmo_fail_system(err, "cannot open");
	if (fstat(fd, &st) < 0)
		return tmo_fail_system(err, "cannot read");
	file->folder = S_ISDIR(st.st_mode);
	file->named = file->folder || S_ISREG(st.st_mode);
	if (file->named)
		return 0;
	file->fd = tmo_copy_to_temporary(fd, tmo_run_temporary_dir(run), err);
	close(fd);
	return file->fd < 0 ? -1 : 0;
}

/* What the importer is called with. */
static int
make_arguments(struct tmo_run *run, const char *name, const char *path, bool named, struct tmo_strings *argv,
               struct tmo_error *err)
{
	const char *const max_memory = tmo_run_common(run)->max_memory;

	if (tmo_strings_printf(argv, err, "tmo-%s", name) < 0 ||
	    (max_memory != NULL && tmo_strings_printf(argv, err, "--max-memory=%s", max_memory) < 0))
		return -1;
	return named ? tmo_strings_printf(argv, err, "%s%s", path[0] == '-' ? "./" : "", path) : 0;
}

/* What it said last is the error, without its name and the file's, which ours has. */
static int
fail_as_said(int said, const char *name, const char *path, int status, struct tmo_error *err)
{
	char text[400], how[40], *line = text, *end;
	size_t got = 0;

	if (tmo_pread_full(said, text, sizeof(text) - 1, 0, &got, err) < 0)
		return -1;
	text[got] = '\0';
	end = strchr(text, '\n');
	if (end != NULL)
		*end = '\0';
	if (text[0] == '\0')
		return tmo_fail(err, "tmo-%s: %s", name, tmo_process_status(status, how, sizeof(how)));
	if (strncmp(line, "tmo-", 4) == 0 && strncmp(line + 4, name, strlen(name)) == 0 &&
	    strncmp(line + 4 + strlen(name), ": ", 2) == 0)
		line += 4 + strlen(name) + 2;
	if (strncmp(line, path, strlen(path)) == 0 && strncmp(line + strlen(path), ": ", 2) == 0)
		line += strlen(path) + 2;
	return tmo_fail(err, "%s", line);
}

/* What it said and did all the same. */
static int
pass_on(struct tmo_run *run, int said, struct tmo_error *err)
{
	char text[1024];
	size_t got;

	if (tmo_pread_full(said, text, sizeof(text), 0, &got, err) < 0)
		return -1;
	if (got > 0)
		tmo_run_say(run, text, got);
	return 0;
}

/* Runs it; *stream is what it wrote, in a temporary file. */
static int
run_importer(struct tmo_run *run, const char *program, const char *name, const char *path, const struct file *file,
             int *stream, struct tmo_error *err)
{
	const char *const temporary_dir = tmo_run_temporary_dir(run);
	struct tmo_strings argv = {0};
	const int said = tmo_temporary(temporary_dir, err), null = tmo_null_open(O_RDONLY, err);
	int pipes[2] = { -1, -1 }, status = 0, result = -1;
	pid_t pid = -1;

	if (said >= 0 && null >= 0 && make_arguments(run, name, path, file->named, &argv, err) == 0 &&
	    tmo_pipe_open(pipes, err) == 0) {
		const int given[] = { file->named ? null : file->fd, pipes[1], said };

		signal(SIGCHLD, SIG_DFL);	/* whoever ignores it would take the exit status */
		result = tmo_process_start(program, argv.item, given, 3, getpgrp(), &pid, err);
		if (result < 0)
			pid = -1;
		close(pipes[1]);
	}
	if (result == 0)
		result = *stream = tmo_copy_to_temporary(pipes[0], temporary_dir, err);
	if (pipes[0] >= 0)
		close(pipes[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (result >= 0 && status != 0)
		result = fail_as_said(said, name, path, status, err);
	else if (result >= 0)
		result = pass_on(run, said, err);
	tmo_strings_free(&argv);
	if (said >= 0)
		close(said);
	if (null >= 0)
		close(null);
	return result < 0 ? -1 : 0;
}

/* What the importer of that format makes of the file. */
static int
import(struct tmo_run *run, const char *format, const char *path, const struct file *file, int *stream,
       struct tmo_error *err)
{
	struct tmo_strings folders = {0}, name = {0};
	char *program = NULL;
	int status = -1;

	if (tmo_strings_printf(&name, err, "from-%s", format) == 0 &&
	    tmo_program_folders(&folders, NULL, err) == 0 &&
	    tmo_find_program(&folders, name.item[0], &program, err) == 0) {
		if (program != NULL)
			status = run_importer(run, program, name.item[0], path, file, stream, err);
		else
			tmo_fail(err, "it looks like %s, and there is no tmo-%s; give a tensor stream", format,
			         name.item[0]);
	}
	free(program);
	tmo_strings_free(&folders);
	tmo_strings_free(&name);
	return status;
}

/* The stream that the file is or becomes: file->fd. */
static int
make_stream(struct tmo_run *run, const char *path, struct file *file, struct tmo_error *err)
{
	const char *format;
	int stream = -1, status;

	if (open_file(run, path, file, err) < 0 ||
	    (file->folder ? tmo_detect_folder(path, &format, err) : tmo_detect(file->fd, &format, err)) < 0)
		return -1;
	if (file->folder && format == NULL)
		return tmo_fail(err, "is a directory; give a file");
	if (format == NULL || strcmp(format, TMO_FORMAT_STREAM) == 0)
		return 0;
	status = import(run, format, path, file, &stream, err);
	close(file->fd);
	file->fd = stream;
	return status;
}

struct tmo_lookup *
tmo_run_lookup(struct tmo_run *run, const char *path, struct tmo_error *err)
{
	struct file file;

	if (make_stream(run, path, &file, err) == 0)
		return tmo_lookup_open_fd(file.fd, path, tmo_run_temporary_dir(run), tmo_run_limit(run), err);
	if (file.fd >= 0)
		close(file.fd);
	tmo_fail_at(err, path);
	return NULL;
}
