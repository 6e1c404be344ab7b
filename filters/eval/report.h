/* SPDX-License-Identifier: Apache-2.0 */
/* report.h: what eval found out: a row for each tensor, and one for all of them together. */
#ifndef EVAL_REPORT_H
#define EVAL_REPORT_H

#include "base/strings.h"
#include "channels.h"
#include "diff.h"
#include "histogram.h"
#include "measure.h"
#include "tensor/form.h"
#include "tensor/pattern.h"

/* One tensor, or all of them together: then counts and sums are added up. Start with {0} and a name. */
struct row {
	char *name;			/* owned; NULL for the total */
	int rank;
	size_t shape[TMO_RANK_MAX];
	enum tmo_type dtype;
	const char *encoding;		/* as tmo_form_name */
	char stored[TMO_FORM_SHORT];	/* the same in a few characters */
	uint64_t elements, zeros;
	uint64_t bytes;			/* of its members in the stream */
	uint64_t distinct;		/* values or codes */
	double bits;			/* all that codes and parameters take */
	double information;		/* entropy in bits, times elements */
	bool compared;			/* there was such a tensor in the reference */
	struct difference difference;	/* if so */
	enum change change;		/* this and the next two with --diff only */
	char form[TMO_FORM_MAX], was[TMO_FORM_MAX];	/* how it is encoded, and was in the reference */
	bool weight;			/* one of those that filters work on */
	struct channels channels;	/* of a weight */
	bool checked;			/* for --check's pattern, as weights are */
	uint64_t checked_elements;	/* of all tensors that were checked */
	uint64_t held;			/* of those that have the pattern: all of a tensor's or none */
	struct histogram *histogram;	/* owned; NULL if there is none to show */
};

/* Start with {0}; free with eval_report_free. */
struct report {
	bool has_reference, diff, wants_histograms;
	bool wants_channels;		/* the worst one's numbers, not only how many are dead */
	const char *pattern;		/* that weights were checked for; borrowed; NULL: none */
	size_t count, room;
	struct row *row;		/* owned */
	struct row total;
	uint64_t stream_bytes;
	char *model;			/* owned; as the stream calls it; NULL: it does not */
	struct tmo_strings stages;	/* what its history says was done, a line a program */
	const char *reference;		/* borrowed; the name of its file */
	uint64_t reference_bytes;	/* of that file; 0: not known, as of a pipe */
	struct tmo_strings removed;	/* names that only the reference has, with diff */
};

/* Fills in what there is to say of t alone, but for name and bytes. t is loaded, and decoded by it. */
int eval_row_measure(struct row *row, struct tmo_tensor *t, int threads, struct tmo_error *err);
/* Looks whether t, whose values are plain and whose axes are known, has N of every M nonzero. */
void eval_row_check(struct row *row, const struct tmo_tensor *t, const struct tmo_pattern *pattern);
void eval_row_free(struct row *row);

/* Adds a row, which the report owns from now on, also on failure, and what it has to the total. */
int eval_report_add(struct report *r, struct row *row, struct tmo_error *err);
void eval_report_free(struct report *r);

/* The numbers of a row; eval_report_keys are their names in JSON and for --require. */
enum key {
	KEY_ELEMENTS, KEY_BYTES, KEY_BITS, KEY_SPARSITY, KEY_DISTINCT, KEY_ENTROPY,
	KEY_SQNR, KEY_ERROR, KEY_COSINE, KEY_PATTERN,
	KEY_DEAD_OUTPUTS, KEY_CHANNEL_SPARSITY, KEY_CHANNEL_SQNR,	/* of weights, and of the whole */
	KEY_WORST_SPARSITY, KEY_WORST_SQNR, KEY_STREAM_BYTES,	/* of the whole only */
	KEYS
};
extern const char *const eval_report_keys[KEYS + 1];	/* NULL at the end */

static inline bool
key_needs_reference(enum key key)
{
	return key == KEY_SQNR || key == KEY_ERROR || key == KEY_COSINE || key == KEY_CHANNEL_SQNR ||
	       key == KEY_WORST_SQNR;
}

/* Is it about weights alone? */
static inline bool
key_is_of_weights(enum key key)
{
	return key >= KEY_DEAD_OUTPUTS && key <= KEY_WORST_SQNR;
}

/* A number of a row, or of the whole where row is the total; can be infinite. */
double eval_report_value(const struct report *r, const struct row *row, enum key key);

/* The weight that the total has such a number from: the first that is worst; NULL: there are none. */
const struct row *eval_report_worst(const struct report *r, enum key key);

#endif
