/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-info: what is in a model file or a stream: its network, tensors, sizes and history. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/pipe_peek.h"
#include "base/read_write.h"
#include "collect.h"
#include "formats/detect.h"
#include "print.h"
#include "run/main.h"
#include "run/progress.h"
#include "run/run_import.h"

#define NARROWEST ((size_t)80)	/* terminals that say less get lines as long as this */

struct info {
	bool json;
};

static const struct tmo_option options[] = {
	TMO_FLAG(0, "json", struct info, json, "one JSON object instead of text"),
	TMO_OPTIONS_END
};

struct state {
	struct info_contents contents;
};

/*
 * What the input is. A pipe is looked at without taking anything away, so that a stream need not be
 * copied; all else is, to be sure.
 */
static int
recognize(struct tmo_run *run, const char **format, bool *folder, struct tmo_error *err)
{
	unsigned char head[TMO_DETECT_HEAD];
	struct stat st;
	size_t got = 0;
	int fd = tmo_run_input(run);

	if (fstat(fd, &st) < 0)
		return tmo_fail_system(err, "cannot be looked at");
	*folder = S_ISDIR(st.st_mode);
	if (*folder) {
		if (tmo_detect_folder(tmo_run_input_name(run), format, err) < 0)
			return -1;
		return *format != NULL ? 0 : tmo_fail(err, "is a directory without a model in it; name a file");
	}
	if (!S_ISREG(st.st_mode)) {
		if (tmo_pipe_peek(fd, head, sizeof(head), &got, err) < 0)
			return -1;
		*format = tmo_detect_bytes(head, got);
		if (*format != NULL && strcmp(*format, TMO_FORMAT_STREAM) == 0)
			return 0;
	}
	return tmo_run_seekable(run, &fd, err) < 0 ? -1 : tmo_detect(fd, format, err);
}

/* The size of a regular file; of a folder or a pipe that was not read it is not known. */
static uint64_t
file_size(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
}

/* Of no format that is described here: what it is, if anything is known of it, and what there is to do. */
static int
fail_unknown(struct tmo_run *run, struct tmo_error *err)
{
	unsigned char head[TMO_RECOGNIZE_HEAD];
	const struct tmo_content *content;
	size_t got;
	int fd;

	if (tmo_run_seekable(run, &fd, err) < 0 ||
	    tmo_pread_full(fd, head, sizeof(head), 0, &got, err) < 0)
		return -1;
	content = tmo_recognize(head, got);
	tmo_fail(err, "%s%sneither a tensor stream nor a model in ONNX, safetensors or .npz; %s",
	         content != NULL ? content->what : "", content != NULL ? ", " : "",
	         content != NULL && content->remedy != NULL ? content->remedy : "make one of these of it");
	return tmo_fail_at(err, tmo_run_input_name(run));
}

static int
collect_model(struct tmo_run *run, bool folder, struct info_contents *c, struct tmo_error *err)
{
	static const struct {
		const char *format;
		int (*collect)(const struct tmo_import *model, struct info_contents *c, struct tmo_error *err);
	} known[] = {
		{ "onnx", info_collect_onnx },
		{ "safetensors", info_collect_safetensors },
		{ "npz", info_collect_npz },
	};
	struct tmo_import model;

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (strcmp(c->format, known[i].format) != 0)
			continue;
		if (tmo_run_import(run, c->format, NULL, !folder, &model, err) < 0)
			return -1;
		c->file_bytes = file_size(model.fd);
		return known[i].collect(&model, c, err);
	}
	return fail_unknown(run, err);
}

static int
collect(struct tmo_run *run, struct info_contents *c, struct tmo_error *err)
{
	bool folder;

	if (recognize(run, &c->format, &folder, err) < 0)
		return tmo_fail_at(err, tmo_run_input_name(run));
	if (c->format == NULL)
		return fail_unknown(run, err);
	return strcmp(c->format, TMO_FORMAT_STREAM) == 0 ? info_collect_stream(run, c, err) :
	                                                   collect_model(run, folder, c, err);
}

static int
info_run(struct tmo_run *run, struct tmo_error *err)
{
	const struct info *o = tmo_options(run);
	struct state *s = tmo_state(run);
	struct tmo_buffer text = { 0 };
	size_t columns = 0, rows;
	int status;

	if (collect(run, &s->contents, err) < 0)
		return -1;
	if (!tmo_run_has_output(run)) {		/* a terminal */
		tmo_terminal_size(STDOUT_FILENO, &columns, &rows);
		columns = columns < NARROWEST ? NARROWEST : columns;
	}
	status = o->json ? info_print_json(&s->contents, &text, err) :
	                   info_print_text(&s->contents, columns, &text, err);
	if (status == 0)
		status = tmo_sink_write(tmo_run_sink(run), text.data, text.size, err);
	tmo_buffer_free(&text);
	return status;
}

static void
info_release(struct tmo_run *run)
{
	struct state *s = tmo_state(run);

	info_contents_free(&s->contents);
}

int
main(int argc, char **argv)
{
	static const struct tmo_filter info = {
		.name = "info", .summary = "say what is in a model file or a stream",
		.operands = "[FILE|FOLDER]", .example = "tmo-info model.onnx", .kind = TMO_SINK,
		.options = options, .options_size = sizeof(struct info), .state_size = sizeof(struct state),
		.accepts = TMO_TAKES_FOLDER, .traits = TMO_NO_HISTORY | TMO_NO_SELECTION | TMO_MAY_REPORT,
		.run = info_run, .release = info_release,
	};

	return tmo_main_with(&info, TMO_ABI, NULL, argc, argv);
}
