/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far a run is, told while it works: the functions note it, a thread of its own says it ten times a
 * second, so that a tensor that takes a minute does not make the bar stand still without a word.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/read_write.h"
#include "base/source.h"
#include "run/run_state.h"

#define QUIET 0.5	/* seconds: a quick run shows no bar */

static void
to_stderr(const char *text, size_t size)
{
	struct tmo_error ignored = {0};

	tmo_write_full(STDERR_FILENO, text, size, &ignored);
}

/* With the lock held. */
static void
erase_bar(struct tmo_run *run)
{
	if (run->bar_shown)
		to_stderr("\r\033[K", 4);
	run->bar_shown = false;
}

static void
draw(void *arg)
{
	struct tmo_run *const run = arg;
	const double now = tmo_seconds();
	char text[TMO_PROGRESS_TEXT];
	struct tmo_amount amount;
	size_t columns, rows;

	pthread_mutex_lock(&run->lock);
	amount = tmo_progress_now(&run->progress, now);
	if (run->progress.report >= 0) {
		tmo_progress_record(&amount, (long)getpid(), text);
		/* A record that does not go through is no loss: the next one says more. */
		if (write(run->progress.report, text, strlen(text)) < 0)
			text[0] = '\0';
	} else if (now - run->progress.estimate.start > QUIET) {
		tmo_terminal_size(STDERR_FILENO, &columns, &rows);
		tmo_progress_bar(&amount, run->filter->name, columns, text);
		to_stderr(text, strlen(text));
		run->bar_shown = true;
	}
	pthread_mutex_unlock(&run->lock);
}

void
tmo_run_progress_start(struct tmo_run *run, bool on, int report)
{
	tmo_progress_start(&run->progress, on, report);
	if (run->progress.on)
		run->ticker = tmo_ticker_start(TMO_PROGRESS_EVERY, draw, run);
}

void
tmo_run_progress_end(struct tmo_run *run)
{
	tmo_ticker_stop(run->ticker);
	run->ticker = NULL;
	erase_bar(run);
}

void
tmo_run_write_line(struct tmo_run *run, const char *line, size_t size)
{
	pthread_mutex_lock(&run->lock);
	erase_bar(run);
	to_stderr(line, size);
	pthread_mutex_unlock(&run->lock);
}

void
tmo_run_say(struct tmo_run *run, const char *text, size_t size)
{
	if (!run->common.quiet)
		tmo_run_write_line(run, text, size);
}

static uint64_t
number_of(const struct tmo_yaml *totals, const char *key)
{
	const char *const text = tmo_yaml_text(totals, key);

	return text != NULL ? strtoull(text, NULL, 10) : 0;
}

/* The importer's numbers, which hardly any filter changes. */
void
tmo_run_progress_totals(struct tmo_run *run, const struct tmo_yaml *manifest)
{
	const struct tmo_yaml *const totals = manifest != NULL ? tmo_yaml_get(manifest, "totals") : NULL;

	if (totals == NULL || totals->kind != TMO_YAML_MAP)
		return;
	pthread_mutex_lock(&run->lock);
	run->progress.amount.tensors_total = number_of(totals, "tensors");
	run->progress.work_total = number_of(totals, "bytes");
	pthread_mutex_unlock(&run->lock);
}

/* With the lock held: the tensor that was at hand is done. */
static void
past_tensor(struct tmo_run *run)
{
	struct tmo_progress *const p = &run->progress;

	if (run->source != NULL)
		p->amount.bytes = run->source->consumed;
	else if (run->sink != NULL)
		p->amount.bytes = tmo_sink_count(run->sink);
	p->work += p->tensor.work;
	p->tensor.work = p->tensor.bytes = 0;
	p->tensor.part = 0;
}

void
tmo_run_progress_past(struct tmo_run *run)
{
	pthread_mutex_lock(&run->lock);
	past_tensor(run);
	run->progress.amount.tensors += run->item.kind == TMO_ITEM_TENSOR;
	pthread_mutex_unlock(&run->lock);
}

void
tmo_run_progress_at(struct tmo_run *run, const struct tmo_item *item)
{
	struct tmo_progress *const p = &run->progress;

	if (!p->on || item->kind != TMO_ITEM_TENSOR)
		return;
	pthread_mutex_lock(&run->lock);
	p->tensor.work = (uint64_t)item->count * tmo_type_size(item->dtype);
	p->tensor.bytes = item->bytes;
	p->tensor.begun = tmo_seconds();
	pthread_mutex_unlock(&run->lock);
}

void
tmo_run_progress(struct tmo_run *run)
{
	pthread_mutex_lock(&run->lock);
	past_tensor(run);
	run->progress.amount.tensors++;
	pthread_mutex_unlock(&run->lock);
}

void
tmo_run_progress_waits(void *arg, bool waits)
{
	struct tmo_run *const run = arg;
	struct tmo_progress *const p = &run->progress;
	double now;

	if (!p->on)
		return;
	now = tmo_seconds();
	pthread_mutex_lock(&run->lock);
	if (!waits && p->waits_since >= 0)
		p->estimate.waited += now - p->waits_since;
	p->waits_since = waits ? now : -1;
	pthread_mutex_unlock(&run->lock);
}

void
tmo_run_expect(struct tmo_run *run, uint64_t tensors, uint64_t bytes)
{
	pthread_mutex_lock(&run->lock);
	run->progress.amount.tensors_total = tensors;
	run->progress.amount.bytes_total = bytes;
	pthread_mutex_unlock(&run->lock);
}

/* With the lock held: how long this pass of the input takes, if enough of it is done to tell. */
static void
note_pass(struct tmo_progress *p, double now)
{
	const double part = p->doing == NULL ? tmo_progress_read(p, now) : 0;

	if (part > 0.5)
		p->pass = (now - p->estimate.begun - p->estimate.waited) / part;
}

void
tmo_run_pass(struct tmo_run *run, unsigned more)
{
	struct tmo_progress *const p = &run->progress;
	const double now = tmo_seconds();

	pthread_mutex_lock(&run->lock);
	note_pass(p, now);
	p->amount.tensors = p->amount.bytes = p->work = p->tensor.work = p->tensor.bytes = 0;
	p->tensor.part = 0;
	p->doing = NULL;
	tmo_estimate_next(&p->estimate, now, p->pass, 0, more);
	pthread_mutex_unlock(&run->lock);
}

void
tmo_run_stretch(struct tmo_run *run, const char *doing, double cost, double later)
{
	pthread_mutex_lock(&run->lock);
	run->progress.doing = doing;
	tmo_estimate_next(&run->progress.estimate, tmo_seconds(), cost, later, 0);
	pthread_mutex_unlock(&run->lock);
}

void
tmo_run_stretch_part(struct tmo_run *run, double part)
{
	pthread_mutex_lock(&run->lock);
	if (run->progress.doing != NULL && part > run->progress.estimate.part)
		run->progress.estimate.part = part;
	pthread_mutex_unlock(&run->lock);
}

void
tmo_run_later(struct tmo_run *run, double later)
{
	pthread_mutex_lock(&run->lock);
	run->progress.estimate.later = later;
	pthread_mutex_unlock(&run->lock);
}

void
tmo_run_pace(struct tmo_run *run, double usual, double took)
{
	pthread_mutex_lock(&run->lock);
	run->progress.estimate.usual += usual;
	run->progress.estimate.took += took;
	pthread_mutex_unlock(&run->lock);
}

void
tmo_run_tensor_part(struct tmo_run *run, double part)
{
	pthread_mutex_lock(&run->lock);
	run->progress.tensor.part = part;
	pthread_mutex_unlock(&run->lock);
}
