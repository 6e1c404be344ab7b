/* SPDX-License-Identifier: Apache-2.0 */
/* What a run offers to its filter: see tmo.h and run.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/read_write.h"
#include "base/sink.h"
#include "base/source.h"
#include "run/run_state.h"
#include "stream/member_name.h"

#define NEEDED 3		/* times the largest tensor is what a filter takes, see tmo(1) */

const void *
tmo_options(const struct tmo_run *run)
{
	return run->current;
}

void *
tmo_state(struct tmo_run *run)
{
	return run->state;
}

int
tmo_threads(const struct tmo_run *run)
{
	return run->threads;
}

int
tmo_run_input(struct tmo_run *run)
{
	return run->input;
}

const char *
tmo_run_input_name(const struct tmo_run *run)
{
	return run->input_name;
}

bool
tmo_run_has_output(const struct tmo_run *run)
{
	return run->writes;
}

const struct tmo_common *
tmo_run_common(const struct tmo_run *run)
{
	return &run->common;
}

const char *
tmo_run_temporary_dir(const struct tmo_run *run)
{
	(void)run;
	return getenv("TMPDIR");
}

uint64_t
tmo_run_limit(const struct tmo_run *run)
{
	return run->max_memory / NEEDED;
}

int
tmo_run_seekable(struct tmo_run *run, int *fd, struct tmo_error *err)
{
	struct stat st;

	if (run->seekable < 0 && run->input_start >= 0 && fstat(run->input, &st) == 0 &&
	    S_ISREG(st.st_mode))
		run->seekable = run->input;
	if (run->seekable < 0) {
		tmo_run_stretch(run, "reading ahead", 0, 0);
		run->seekable = tmo_copy_to_temporary(run->input, tmo_run_temporary_dir(run), err);
		run->input_start = 0;
		tmo_run_pass(run, 0);
	}
	*fd = run->seekable;
	return run->seekable < 0 ? tmo_fail_at(err, run->input_name) : 0;
}

static int
open_source(struct tmo_run *run, struct tmo_error *err)
{
	if (run->source == NULL)
		run->source = tmo_source_fd(run->seekable >= 0 ? run->seekable : run->input, err);
	if (run->source == NULL)
		return -1;
	tmo_source_on_wait(run->source, tmo_run_progress_waits, run);
	return 0;
}

void
tmo_run_tee(struct tmo_run *run, tmo_reader_tee *tee, void *arg)
{
	run->tee = tee;
	run->tee_arg = arg;
}

struct tmo_reader *
tmo_run_reader(struct tmo_run *run, struct tmo_error *err)
{
	const struct tmo_reader_options options = {
		.temporary_dir = tmo_run_temporary_dir(run), .limit = tmo_run_limit(run),
		.tee = run->tee, .tee_arg = run->tee_arg, .skipped = run->skipped, .skipped_arg = run,
	};

	if (run->reader == NULL && open_source(run, err) == 0) {
		run->reader = tmo_reader_open(run->source, &options, err);
		if (run->reader == NULL)
			tmo_fail_at(err, run->input_name);
		else
			tmo_run_progress_totals(run, tmo_reader_manifest(run->reader));
	}
	return run->reader;
}

void
tmo_run_forget_reader(struct tmo_run *run)
{
	tmo_reader_close(run->reader);
	tmo_source_close(run->source);
	run->reader = NULL;
	run->source = NULL;
	run->item = (struct tmo_item){.kind = TMO_ITEM_END};
}

int
tmo_run_rewind(struct tmo_run *run, struct tmo_error *err)
{
	tmo_run_forget_reader(run);
	tmo_run_pass(run, run->progress.estimate.repeats > 0 ? run->progress.estimate.repeats - 1 : 0);
	if (lseek(run->seekable, run->input_start, SEEK_SET) < 0)
		return tmo_fail(err, "cannot go back in the input; report this as a bug");
	return 0;
}

struct tmo_sink *
tmo_run_sink(struct tmo_run *run)
{
	return run->sink;
}

struct tmo_writer *
tmo_run_writer(struct tmo_run *run, struct tmo_error *err)
{
	if (run->writer == NULL)
		run->writer = tmo_writer_open(
			run->sink, run->reader != NULL ? tmo_reader_names(run->reader) : NULL, err);
	return run->writer;
}

int
tmo_run_net(struct tmo_run *run, const struct tmo_net **net, struct tmo_error *err)
{
	const struct tmo_member *graph;

	*net = NULL;
	if (!run->net_known) {
		if (tmo_run_reader(run, err) == NULL)
			return -1;
		graph = tmo_reader_graph(run->reader);
		if (graph != NULL && run->network != NULL &&
		    (run->net = run->network(graph->data, graph->bytes, err)) == NULL)
			return tmo_fail_at(err, "graph.onnx");
		run->net_known = true;
	}
	*net = run->net;
	return 0;
}

int
tmo_run_uses(struct tmo_run *run, const struct tmo_uses **uses, struct tmo_error *err)
{
	const struct tmo_net *net;

	*uses = NULL;
	if (tmo_run_net(run, &net, err) < 0)
		return -1;
	if (net == NULL)
		return 0;
	if (!run->has_uses && tmo_net_uses(net, &run->uses, err) < 0)
		return tmo_fail_at(err, "graph.onnx");
	run->has_uses = true;
	*uses = &run->uses;
	return 0;
}

static void
be_about_path(struct tmo_run *run, const char *path)
{
	struct tmo_error ignored = {0};

	free(run->about);
	run->about = path != NULL ? tmo_copy_string(path, &ignored) : NULL;
}

void
tmo_run_about(struct tmo_run *run, const char *name)
{
	struct tmo_error ignored = {0};
	char *stem;
	bool cut;

	be_about_path(run, NULL);
	if (name == NULL)
		return;
	stem = tmo_name_encode(name, &cut, &ignored);
	if (stem != NULL)
		run->about = tmo_member_path(stem, "", &ignored);
	free(stem);
}

int
tmo_run_next(struct tmo_run *run, struct tmo_item *item, struct tmo_error *err)
{
	tmo_run_about(run, NULL);
	tmo_run_progress_past(run);
	run->item = (struct tmo_item){.kind = TMO_ITEM_END};
	if (tmo_run_reader(run, err) == NULL)
		return -1;
	if (tmo_reader_next(run->reader, item, err) < 0)
		return tmo_fail_at(err, run->input_name);
	run->item = *item;
	run->any_tensor |= item->kind == TMO_ITEM_TENSOR;
	run->at_end |= item->kind == TMO_ITEM_END;
	tmo_run_progress_at(run, item);
	if (item->kind == TMO_ITEM_TENSOR)
		tmo_run_about(run, item->name);
	else if (item->kind == TMO_ITEM_OTHER)
		be_about_path(run, item->path);
	return 0;
}
