/* SPDX-License-Identifier: Apache-2.0 */
/* run_plan.c: from a pipeline, an input and options to the jobs that do it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/pipe_peek.h"
#include "base/read_write.h"
#include "base/strings.h"
#include "formats/detect.h"
#include "run/program_description.h"
#include "run/programs.h"
#include "run_plan.h"

/* "tar, tar.zst, onnx": the stream and what there is an importer for. */
static int
known_formats(const struct tmo_strings *folders, struct tmo_buffer *out, struct tmo_error *err)
{
	int status = tmo_buffer_printf(out, err, "tar, tar.zst");

	for (size_t i = 0; tmo_model_formats[i] != NULL && status == 0; i++) {
		struct tmo_strings name = {0};
		char *path = NULL;

		status = tmo_strings_printf(&name, err, "from-%s", tmo_model_formats[i]);
		if (status == 0)
			status = tmo_find_program(folders, name.item[0], &path, err);
		if (path != NULL)
			status = tmo_buffer_printf(out, err, ", %s", tmo_model_formats[i]);
		free(path);
		tmo_strings_free(&name);
	}
	return status == 0 ? tmo_buffer_append(out, "", 1, err) : -1;
}

/* What no importer is there for: what it is, and what there is to do. */
static int
fail_unknown(const struct plan *p, const char *format, const struct tmo_strings *folders,
             struct tmo_error *err)
{
	unsigned char head[TMO_RECOGNIZE_HEAD];
	const struct tmo_content *content;
	const char *what, *todo, *hint = "";
	struct tmo_buffer known = {0};
	size_t got;

	if (tmo_pread_full(p->fd, head, sizeof(head), 0, &got, err) < 0 ||
	    known_formats(folders, &known, err) < 0)
		return -1;
	content = tmo_recognize(head, got);
	what = content != NULL ? content->what : NULL;
	todo = content != NULL ? content->remedy : NULL;
	if (todo == NULL) {
		hint = "what is known: ";
		todo = (const char *)known.data;
	}
	if (format != NULL)
		tmo_fail(err, "%s, and there is no tmo-from-%s; %s%s", what != NULL ? what : "a model", format,
		         hint, todo);
	else
		tmo_fail(err, "%s%sneither a tensor stream nor a model that can be read here; %s%s",
		         what != NULL ? what : "", what != NULL ? ", " : "", hint, todo);
	tmo_buffer_free(&known);
	return -1;
}

static int
choose_importer(struct plan *p, bool folder, const struct tmo_strings *folders,
                struct tmo_error *err)
{
	struct tmo_strings name = {0};
	const char *format;
	int status = -1;

	if ((folder ? tmo_detect_folder(p->input, &format, err) : tmo_detect(p->fd, &format, err)) < 0)
		goto out;
	if (folder && format == NULL) {
		tmo_fail(err, "is a directory; make a stream of it with tar --sort=name -cf");
		goto out;
	}
	if (format != NULL && strcmp(format, TMO_FORMAT_STREAM) == 0) {
		status = 0;
		goto out;
	}
	if (format == NULL) {
		fail_unknown(p, NULL, folders, err);
		goto out;
	}
	if (tmo_strings_printf(&name, err, "from-%s", format) < 0 ||
	    tmo_find_program(folders, name.item[0], &p->importer_path, err) < 0)
		goto out;
	if (p->importer_path == NULL) {
		fail_unknown(p, format, folders, err);
		goto out;
	}
	p->importer = tmo_copy_string(name.item[0], err);
	status = p->importer != NULL ? 0 : -1;
out:
	tmo_strings_free(&name);
	return status;
}

static int
look_at(struct plan *p, bool *folder, struct tmo_error *err)
{
	struct stat st;

	if (fstat(p->fd, &st) < 0)
		return tmo_fail_system(err, "cannot open");
	*folder = S_ISDIR(st.st_mode) && p->input != NULL;
	if (S_ISDIR(st.st_mode) && !*folder)
		return tmo_fail(err, "is a directory; name it with -i");
	p->regular = S_ISREG(st.st_mode);
	p->input_bytes = p->regular ? (uint64_t)st.st_size : 0;
	p->by_name = p->input != NULL && (p->regular || *folder);
	return 0;
}

/* A pipe that carries no stream: a model, whose importer has to seek. p->fd becomes a copy. */
static int
copy_model(struct plan *p, struct tmo_error *err)
{
	unsigned char head[TMO_DETECT_HEAD];
	const char *format;
	size_t got;
	int copy;

	if (tmo_pipe_peek(p->fd, head, sizeof(head), &got, err) < 0)
		return -1;
	format = tmo_detect_bytes(head, got);
	if (got == 0 || (format != NULL && strcmp(format, TMO_FORMAT_STREAM) == 0))
		return 0;
	copy = tmo_copy_to_temporary(p->fd, getenv("TMPDIR"), err);
	if (copy < 0)
		return -1;
	close(p->fd);
	p->fd = copy;
	p->regular = true;
	return 0;
}

int
driver_plan_input(struct plan *p, const struct tmo_strings *folders, struct tmo_error *err)
{
	const char *name = p->input != NULL ? p->input : "stdin";
	bool folder;
	int status;

	p->first = p->pipeline.count > 0 && driver_stage_is(&p->pipeline.stage[0],
	                                                    "source") ? 1 : 0;
	/* Not 0 itself: a job's own stdin takes that place before anything is copied from it. */
	p->fd = p->input != NULL ? open(p->input, O_RDONLY | O_CLOEXEC)
	                         : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (p->fd < 0) {
		tmo_fail_system(err, "cannot open");
		return tmo_fail_at(err, name);
	}
	if (p->input == NULL && isatty(STDIN_FILENO) && p->first == 0 && !p->options.dry_run)
		return tmo_fail_usage(err,
		                      "stdin is a terminal; pipe a stream into it or use -i FILE");
	status = look_at(p, &folder, err);
	if (status == 0 && !p->regular && !folder && p->first == 0 && !p->options.dry_run &&
	    !p->options.make)
		status = copy_model(p, err);
	if (status == 0 && p->first == 0 &&
	    (folder || (p->regular && lseek(p->fd, 0, SEEK_CUR) == 0)))
		status = choose_importer(p, folder, folders, err);
	return status == 0 ? 0 : tmo_fail_at(err, name);
}

/* What was given to `tmo run` and means the same to the program, if it takes it. */
static int
hand_down(const struct plan *p, const struct tmo_yaml *about, struct tmo_strings *argv,
          struct tmo_error *err)
{
	if (p->common.quiet && tmo_description_option(about, "quiet") != NULL &&
	    tmo_strings_add(argv, "--quiet", err) < 0)
		return -1;
	if (p->common.verbose && tmo_description_option(about, "verbose") != NULL &&
	    tmo_strings_add(argv, "--verbose", err) < 0)
		return -1;
	if (p->common.threads > 0 && tmo_description_option(about, "threads") != NULL &&
	    tmo_strings_printf(argv, err, "--threads=%lld", (long long)p->common.threads) < 0)
		return -1;
	if (p->common.max_memory != NULL && tmo_description_option(about, "max-memory") != NULL &&
	    tmo_strings_printf(argv, err, "--max-memory=%s", p->common.max_memory) < 0)
		return -1;
	return 0;
}

/* The program's own operand: a model file may have others beside it, so it is called by its name. */
static int
add_operand(const struct plan *p, struct tmo_strings *argv, struct tmo_error *err)
{
	if (!p->by_name)
		return 0;
	return tmo_strings_printf(argv, err, "%s%s", p->input[0] == '-' ? "./" : "", p->input);
}

/* "import (from-onnx)", "stage 2 (quant)"; number 0: there is none. */
static int
set_label(struct job *job, struct tmo_error *err, const char *what, size_t number,
          const char *name)
{
	struct tmo_strings label = {0};
	int status = number == 0 ? tmo_strings_printf(&label, err, "%s (%s)", what, name)
	                         : tmo_strings_printf(&label, err, "%s %zu (%s)", what, number,
	                                              name);

	if (status == 0)
		job->label = tmo_copy_string(label.item[0], err);
	tmo_strings_free(&label);
	return job->label != NULL ? 0 : -1;
}

static int
import_job(const struct plan *p, struct job *job, struct tmo_error *err)
{
	struct tmo_yaml *about = tmo_program_describe(p->importer_path, err);
	int status = -1;

	if (about != NULL && set_label(job, err, "import", 0, p->importer) == 0 &&
	    tmo_strings_printf(&job->argv, err, "tmo-%s", p->importer) == 0 &&
	    hand_down(p, about, &job->argv, err) == 0) {
		job->path = tmo_copy_string(p->importer_path, err);
		status = job->path != NULL ? 0 : -1;
	}
	tmo_yaml_free(about);
	return status;
}

bool
driver_plan_has_first(const struct plan *p)
{
	return p->first > 0 || p->importer != NULL;
}

int
driver_plan_first_job(const struct plan *p, struct job *job, struct tmo_error *err)
{
	int status = p->first > 0 ? driver_plan_job(p, 0, NULL, job, err) : import_job(p, job, err);

	return status == 0 ? add_operand(p, &job->argv, err) : -1;
}

int
driver_plan_job(const struct plan *p, size_t i, const char *input, struct job *job,
                struct tmo_error *err)
{
	const struct stage *s = &p->pipeline.stage[i];

	if ((s->is_export ? set_label(job, err, "export", 0, s->name) :
	                    set_label(job, err, "stage", i + 1, s->name)) < 0)
		return -1;
	job->is_command = s->command != NULL;
	job->path = tmo_copy_string(s->command != NULL ? "/bin/sh" : s->path, err);
	if (job->path == NULL)
		return -1;
	if (s->command != NULL)
		return tmo_strings_add(&job->argv, "sh", err) < 0 ||
		       tmo_strings_add(&job->argv, "-c", err) < 0 ||
		       tmo_strings_add(&job->argv, s->command, err) < 0 ? -1 : 0;
	job->takes_copy = driver_stage_wants_input(s);
	if (tmo_strings_printf(&job->argv, err, "tmo-%s", s->name) < 0 ||
	    hand_down(p, s->about, &job->argv, err) < 0)
		return -1;
	return driver_stage_arguments(s, input, &job->argv, err);
}
