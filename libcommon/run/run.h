/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run.h: one run of one program: what tmo_main gives to our own programs beyond tmo.h, most of all
 * to those with a .run hook.
 */
#ifndef TMO_RUN_H
#define TMO_RUN_H

#include "base/sink.h"
#include "options/options.h"
#include "run/selection.h"
#include "stream/stream.h"

/* ---- what was asked for ---- */

/* The options that all programs share; live as long as run. */
const struct tmo_common *tmo_run_common(const struct tmo_run *run);
/* The folder for temporary files: TMPDIR; NULL: /tmp. */
const char *tmo_run_temporary_dir(const struct tmo_run *run);
/* How many bytes one tensor may take: a third of --max-memory. tmo_run_reader holds to it. */
uint64_t tmo_run_limit(const struct tmo_run *run);

/* ---- the input ---- */

/* FILE or stdin: its descriptor, its name for messages ("stdin", the file's name). */
int tmo_run_input(struct tmo_run *run);
const char *tmo_run_input_name(const struct tmo_run *run);
/* A descriptor of the input that can seek: itself, or a temporary copy; the run closes it. */
int tmo_run_seekable(struct tmo_run *run, int *fd, struct tmo_error *err);
/* Has what the reader uses up handed on: see tmo_reader_tee. Call it before the first of what reads. */
void tmo_run_tee(struct tmo_run *run, tmo_reader_tee *tee, void *arg);
/* The stream that is read; opened, and its head read, at the first call. NULL: err says why. */
struct tmo_reader *tmo_run_reader(struct tmo_run *run, struct tmo_error *err);
/*
 * Starts reading from the front again, in an input that tmo_run_seekable has seen. The reader, its
 * source and what was borrowed from them are gone.
 */
int tmo_run_rewind(struct tmo_run *run, struct tmo_error *err);
/*
 * Moves on to the next item of the stream, which the first call opens; at its end item->kind is
 * TMO_ITEM_END. Notes, and errors that name no place, are about that item until the next call, and the
 * progress bar moves. Strings in *item live until then.
 */
int tmo_run_next(struct tmo_run *run, struct tmo_item *item, struct tmo_error *err);
/*
 * The network of the stream, and how it uses its tensors: NULL (no error) without a graph. Both are
 * made once a run and belong to it: they stay through a tmo_run_rewind, until the program ends.
 */
int tmo_run_net(struct tmo_run *run, const struct tmo_net **net, struct tmo_error *err);
int tmo_run_uses(struct tmo_run *run, const struct tmo_uses **uses, struct tmo_error *err);

/* ---- the output ---- */

/* Where raw output goes. The run's: finished, checked and closed by tmo_main. */
struct tmo_sink *tmo_run_sink(struct tmo_run *run);
/* false: stdout is a terminal and there is no -o (only with TMO_MAY_REPORT). */
bool tmo_run_has_output(const struct tmo_run *run);
/*
 * The stream that is written, into that sink; the head is the caller's to write. tmo_main writes its
 * end, if the run did not fail, and closes it.
 */
struct tmo_writer *tmo_run_writer(struct tmo_run *run, struct tmo_error *err);

/* ---- messages and progress ---- */

/* For what tmo_run_next does not read: the name of the tensor that notes and errors are about; NULL: none. */
void tmo_run_about(struct tmo_run *run, const char *name);
/* Moves the progress bar, once a tensor that tmo_run_next did not give. */
void tmo_run_progress(struct tmo_run *run);
/* What there is to do, for the bar; 0: unknown. Where the input is a file, its size is known. */
void tmo_run_expect(struct tmo_run *run, uint64_t tensors, uint64_t bytes);
/*
 * A line on stderr about the tensor at hand, also without -v: what it lost that was not asked for. After
 * ten in a run, whose number is said at its end, only with -v. About no tensor: always. None under -q.
 */
void tmo_run_warn(struct tmo_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
/*
 * In `tensor`, about a warning that all filters share: the tensor, or output channels of it, have only
 * zeros once it is put. advice: what to do then (static text). channels_may_go: of channels it is not said,
 * as they are what the filter was to take.
 */
void tmo_run_losses(struct tmo_run *run, bool channels_may_go, const char *advice);
/*
 * The input is gone through from here on, and so many times more after that. A run begins with 0;
 * tmo_run_rewind counts down.
 */
void tmo_run_pass(struct tmo_run *run, unsigned more);
/*
 * Something else than reading begins, which takes about `cost` seconds on a usual machine, and what comes
 * after it `later`; 0: unknown, nothing. doing: "compressing", for people; static.
 */
void tmo_run_stretch(struct tmo_run *run, const char *doing, double cost, double later);
/* How much of that is done, 0 to 1. Any thread may call it. */
void tmo_run_stretch_part(struct tmo_run *run, double part);
/* What comes after the reading, as far as it follows from what was read up to here. */
void tmo_run_later(struct tmo_run *run, double later);
/* Something took so many seconds, and usually takes that many: what comes will be as slow. */
void tmo_run_pace(struct tmo_run *run, double usual, double took);
/* How much of the tensor at hand is done, 0 to 1, where it takes long. Any thread may call it. */
void tmo_run_tensor_part(struct tmo_run *run, double part);
/* Text for people: to stderr, in one write; kept back under -q. */
void tmo_run_say(struct tmo_run *run, const char *text, size_t size);

#endif
