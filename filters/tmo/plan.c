/* SPDX-License-Identifier: Apache-2.0 */
/* plan.c: from a pipeline, an input and options to the jobs that do it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "peek.h"
#include "plan.h"
#include "sniff.h"

/* "tar, tar.zst, onnx": the stream and what there is an importer for. */
static int
known_formats(const struct words *folders, struct tmo_buffer *out, struct tmo_error *err)
{
	int status = tmo_buffer_printf(out, err, "tar, tar.zst");

	for (size_t i = 0; sniff_formats[i] != NULL && status == 0; i++) {
		struct words name = {0};
		char *path = NULL;

		status = words_printf(&name, err, "from-%s", sniff_formats[i]);
		if (status == 0)
			status = find_plugin(folders, name.word[0], &path, err);
		if (path != NULL)
			status = tmo_buffer_printf(out, err, ", %s", sniff_formats[i]);
		free(path);
		words_free(&name);
	}
	return status == 0 ? tmo_buffer_append(out, "", 1, err) : -1;
}

static int
choose_importer(struct plan *p, const struct words *folders, struct tmo_error *err)
{
	struct tmo_buffer known = {0};
	struct words name = {0};
	const char *format;
	int status = -1;

	if (sniff(p->fd, &format, err) < 0)
		goto out;
	if (format != NULL && strcmp(format, SNIFF_STREAM) == 0) {
		status = 0;
		goto out;
	}
	if (known_formats(folders, &known, err) < 0)
		goto out;
	if (format == NULL) {
		tmo_fail(err, "neither a tensor stream nor a model that can be read here; "
		         "what is known: %s", (const char *)known.data);
		goto out;
	}
	if (words_printf(&name, err, "from-%s", format) < 0 ||
	    find_plugin(folders, name.word[0], &p->importer_path, err) < 0)
		goto out;
	if (p->importer_path == NULL) {
		tmo_fail(err, "it looks like %s, and there is no tmo-%s; what is known: %s", format,
		         name.word[0], (const char *)known.data);
		goto out;
	}
	p->importer = tmo_copy_string(name.word[0], err);
	status = p->importer != NULL ? 0 : -1;
out:
	tmo_buffer_free(&known);
	words_free(&name);
	return status;
}

static int
is_regular(int fd, bool *regular, struct tmo_error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return tmo_fail(err, "%s", strerror(errno));
	if (S_ISDIR(st.st_mode))
		return tmo_fail(err, "is a directory; make a stream of it with tar --sort=name -cf");
	*regular = S_ISREG(st.st_mode);
	return 0;
}

/* A pipe that carries no stream: a model, whose importer has to seek. p->fd becomes a copy. */
static int
copy_model(struct plan *p, struct tmo_error *err)
{
	unsigned char head[SNIFF_HEAD];
	size_t got;
	int copy;

	if (peek(p->fd, head, sizeof(head), &got, err) < 0)
		return -1;
	if (got == 0 || sniff_stream(head, got))
		return 0;
	copy = tmo_temporary(getenv("TMPDIR"), err);
	if (copy < 0)
		return -1;
	do {
		char block[1 << 16];

		if (tmo_read_full(p->fd, block, sizeof(block), &got, err) < 0 ||
		    tmo_write_full(copy, block, got, err) < 0) {
			close(copy);
			return -1;
		}
	} while (got > 0);
	close(p->fd);
	p->fd = copy;
	p->regular = lseek(copy, 0, SEEK_SET) == 0;
	return 0;
}

int
plan_input(struct plan *p, const struct words *folders, struct tmo_error *err)
{
	const char *name = p->input != NULL ? p->input : "stdin";
	int status;

	p->first = stage_is(&p->pipeline.stage[0], "source") ? 1 : 0;
	/* Not 0 itself: a job's own stdin takes that place before anything is copied from it. */
	p->fd = p->input != NULL ? open(p->input, O_RDONLY | O_CLOEXEC)
	                         : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (p->fd < 0) {
		tmo_fail(err, "%s", strerror(errno));
		return tmo_fail_at(err, name);
	}
	if (p->input == NULL && isatty(STDIN_FILENO) && p->first == 0 && !p->options.dry_run)
		return tmo_fail_usage(err, "stdin is a terminal; pipe a stream into it or use -i FILE");
	status = is_regular(p->fd, &p->regular, err);
	if (status == 0 && !p->regular && p->first == 0 && !p->options.dry_run && !p->options.make)
		status = copy_model(p, err);
	if (status == 0 && p->regular && p->first == 0 && lseek(p->fd, 0, SEEK_CUR) == 0)
		status = choose_importer(p, folders, err);
	return status == 0 ? 0 : tmo_fail_at(err, name);
}

/* What was given to `tmo run` and means the same to the program: -q, -v, -j, if it takes them. */
static int
hand_down(const struct plan *p, const struct tmo_yaml *about, struct words *argv,
          struct tmo_error *err)
{
	if (p->common.quiet && describe_option(about, "quiet") != NULL &&
	    words_add(argv, "--quiet", err) < 0)
		return -1;
	if (p->common.verbose && describe_option(about, "verbose") != NULL &&
	    words_add(argv, "--verbose", err) < 0)
		return -1;
	if (p->common.threads > 0 && describe_option(about, "threads") != NULL &&
	    words_printf(argv, err, "--threads=%lld", (long long)p->common.threads) < 0)
		return -1;
	return 0;
}

/* The program's own operand: a model file may have others beside it, so it is called by its name. */
static int
add_operand(const struct plan *p, struct words *argv, struct tmo_error *err)
{
	if (p->input == NULL || !p->regular)
		return 0;
	return words_printf(argv, err, "%s%s", p->input[0] == '-' ? "./" : "", p->input);
}

static int
set_label(struct job *job, struct tmo_error *err, const char *name, size_t number)
{
	struct words label = {0};
	int status = number == 0 ? words_printf(&label, err, "import (%s)", name)
	                         : words_printf(&label, err, "stage %zu (%s)", number, name);

	if (status == 0)
		job->label = tmo_copy_string(label.word[0], err);
	words_free(&label);
	return job->label != NULL ? 0 : -1;
}

static int
import_job(const struct plan *p, struct job *job, struct tmo_error *err)
{
	struct tmo_yaml *about = describe(p->importer_path, err);
	int status = -1;

	if (about != NULL && set_label(job, err, p->importer, 0) == 0 &&
	    words_printf(&job->argv, err, "tmo-%s", p->importer) == 0 &&
	    hand_down(p, about, &job->argv, err) == 0) {
		job->path = tmo_copy_string(p->importer_path, err);
		status = job->path != NULL ? 0 : -1;
	}
	tmo_yaml_free(about);
	return status;
}

bool
plan_has_first(const struct plan *p)
{
	return p->first > 0 || p->importer != NULL;
}

int
plan_first_job(const struct plan *p, struct job *job, struct tmo_error *err)
{
	int status = p->first > 0 ? plan_job(p, 0, NULL, job, err) : import_job(p, job, err);

	return status == 0 ? add_operand(p, &job->argv, err) : -1;
}

int
plan_job(const struct plan *p, size_t i, const char *input, struct job *job,
         struct tmo_error *err)
{
	const struct stage *s = &p->pipeline.stage[i];

	if (set_label(job, err, s->name, i + 1) < 0)
		return -1;
	job->path = tmo_copy_string(s->command != NULL ? "/bin/sh" : s->path, err);
	if (job->path == NULL)
		return -1;
	if (s->command != NULL)
		return words_add(&job->argv, "sh", err) < 0 || words_add(&job->argv, "-c", err) < 0 ||
		       words_add(&job->argv, s->command, err) < 0 ? -1 : 0;
	job->takes_copy = stage_wants_input(s);
	if (words_printf(&job->argv, err, "tmo-%s", s->name) < 0 ||
	    hand_down(p, s->about, &job->argv, err) < 0)
		return -1;
	return stage_arguments(s, input, &job->argv, err);
}
