/* SPDX-License-Identifier: Apache-2.0 */
/* run_state.h: struct tmo_run, private to this folder. */
#ifndef TMO_RUN_STATE_H
#define TMO_RUN_STATE_H

#include <pthread.h>
#include <sys/types.h>

#include "base/replace.h"
#include "base/sink.h"
#include "base/source.h"
#include "base/string_map.h"
#include "base/ticker.h"
#include "run/losses.h"
#include "run/main.h"
#include "run/progress.h"
#include "run/run.h"
#include "run/tensor_options.h"

struct tmo_run {
	const struct tmo_filter *filter;
	const char *version;
	void *options, *state;
	const void *current;		/* the options of the tensor at hand, or options */
	struct tmo_map *map;		/* NULL: none */
	struct tmo_common common;
	struct tmo_selection selection;		/* common's, as this filter understands it */
	struct tmo_list_item *rules;		/* owned copy, if it differs */
	int threads;
	uint64_t max_memory;			/* bytes */

	int input, seekable;			/* -1: not open; seekable may equal input */
	off_t input_start;
	const char *input_name;
	tmo_reader_tee *tee;			/* NULL: none */
	void *tee_arg;
	struct tmo_source *source;
	tmo_reader_skipped *skipped;	/* the reader's, with the run */
	struct tmo_reader *reader;
	tmo_network_fn *network;		/* what makes a network; NULL: none is wanted */
	bool net_known, has_uses;
	struct tmo_net *net;			/* the stream's; NULL: it has none */
	struct tmo_uses uses;
	const char *first, *last;		/* --exclude-first-last; borrowed from uses, or: */
	char *first_name, *last_name;		/* owned */

	int output;
	struct tmo_replace file;		/* that of -o; {0}: none */
	struct tmo_sink *sink;
	struct tmo_writer *writer;
	bool writes;				/* false: a report instead of a stream */

	bool any_chosen;			/* of the tensors so far */
	bool any_tensor, at_end;		/* there was one; the stream was read to its end */
	bool *rule_matched;			/* owned: of each --only and --skip; NULL: no tensor yet */
	const struct tmo_scan *scan;		/* that is being made, without notes; NULL: none */
	struct tmo_item item;			/* at hand: what tmo_run_next gave last */
	const struct tmo_tensor *at_hand;	/* of `tensor`, while it runs; NULL: none */
	bool handed_on;				/* that one was */
	int decoded_bits;			/* of a code of it, before it was decoded for the filter;
						   0: it was plain */
	struct tmo_string_map *names_gone;	/* of all tensors in the output; NULL: none yet */
	struct tmo_losses losses;		/* of the tensor at hand */
	size_t warnings;			/* so far */
	char *about;				/* a member's path for notes and errors, or NULL */
	struct tmo_progress progress;
	struct tmo_ticker *ticker;		/* draws it; NULL: nobody does */
	pthread_mutex_t lock;			/* of progress and stderr, for the ticker's thread */
	bool bar_shown;
};

/* run_files.c: -o, input and what becomes of them. */
int tmo_files_open_input(struct tmo_run *run, const char *name, struct tmo_error *err);
int tmo_files_open_output(struct tmo_run *run, struct tmo_error *err);
int tmo_files_commit(struct tmo_run *run, struct tmo_error *err);
void tmo_files_discard(struct tmo_run *run);

/* each_tensor.c: all tensors of the stream through the filter's hooks. */
int tmo_pass_all(struct tmo_run *run, struct tmo_error *err);

/* filter_check.c: whether f can be meant as it is; if not, that is for who wrote it. */
int tmo_filter_check(const struct tmo_filter *f, struct tmo_error *err);

/* hand_on.c: notes that a tensor of this name is in the output; fails if one is there already. */
int tmo_run_name_gone(struct tmo_run *run, const char *name, struct tmo_error *err);

/* slips.c: which choices the tensor at hand matches; at the end, what none did. */
int tmo_slips_see(struct tmo_run *run, const struct tmo_uses *uses, struct tmo_error *err);
int tmo_slips_say(struct tmo_run *run, struct tmo_error *err);

/* messages.c: how many warnings were not shown. */
void tmo_run_warnings_end(struct tmo_run *run);

void tmo_run_forget_reader(struct tmo_run *run);

/* run_progress.c */
void tmo_run_progress_start(struct tmo_run *run, bool on, int report);
void tmo_run_progress_end(struct tmo_run *run);		/* erases the bar */
void tmo_run_progress_totals(struct tmo_run *run, const struct tmo_yaml *manifest);	/* may be NULL */
void tmo_run_progress_past(struct tmo_run *run);	/* run->item is done */
void tmo_run_progress_at(struct tmo_run *run, const struct tmo_item *item);	/* is at hand now */
void tmo_run_progress_waits(void *run, bool waits);	/* for input */
/* A line to stderr in one write, so that the lines of a pipe's programs do not mix; the bar makes room. */
void tmo_run_write_line(struct tmo_run *run, const char *line, size_t size);

#endif
