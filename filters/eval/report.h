/* SPDX-License-Identifier: Apache-2.0 */
/* report.h: what eval found out, as a table for people and as JSON. */
#ifndef EVAL_REPORT_H
#define EVAL_REPORT_H

#include "base/buffer.h"
#include "diff.h"
#include "histogram.h"
#include "measure.h"
#include "tensor/pattern.h"

/* One tensor, or all of them together. */
struct row {
	char *name;			/* owned; NULL for the total */
	int rank;
	size_t shape[TMO_RANK_MAX];
	enum tmo_type dtype;
	const char *encoding;
	uint64_t elements, bytes, zeros, distinct;
	double bits;			/* all that codes and parameters take */
	double information;		/* entropy times elements */
	bool compared;			/* there was such a tensor in the reference */
	struct difference difference;
	enum change change;		/* this and the next two with --diff only */
	char form[FORM_MAX], was[FORM_MAX];
	bool checked;			/* against --check's pattern, as weights are */
	uint64_t held;			/* elements of tensors that hold it: all of one's or none */
	uint64_t checked_elements;
	struct histogram *histogram;	/* owned; NULL if there is none to show */
};

struct report {
	bool has_reference, diff, wants_histograms;
	const char *pattern;		/* that weights were checked for; borrowed; NULL: none */
	size_t count, room;
	struct row *row;
	struct row total;
	uint64_t stream_bytes;
	char **removed;			/* owned: names that only the reference has, with diff */
	size_t removed_count;
};

/* Fills in what there is to say of t alone, but for name and bytes; decodes t. */
int eval_row_measure(struct row *row, struct tmo_tensor *t, int threads, struct tmo_error *err);

/* Adds a row, which the report owns from now on, also on failure, and what it has to the total. */
int eval_report_add(struct report *r, struct row *row, struct tmo_error *err);
void eval_row_free(struct row *row);
/* Notes the name of a tensor that only the reference has. */
int eval_report_removed(struct report *r, const char *name, struct tmo_error *err);
void eval_report_free(struct report *r);

/* The numbers by their names in JSON. */
enum key {
	KEY_ELEMENTS, KEY_BYTES, KEY_BITS, KEY_SPARSITY, KEY_DISTINCT, KEY_ENTROPY,
	KEY_SQNR, KEY_ERROR, KEY_COSINE, KEY_PATTERN, KEY_STREAM_BYTES, KEYS
};
extern const char *const eval_report_keys[KEYS + 1];	/* NULL at the end */

static inline bool
key_needs_reference(enum key key)
{
	return key == KEY_SQNR || key == KEY_ERROR || key == KEY_COSINE;
}

/* Looks whether t, whose axes are known, holds the pattern, if it is a weight. */
void eval_row_check(struct row *row, const struct tmo_tensor *t, const struct tmo_pattern *pattern);

/* A number of a row or, for KEY_STREAM_BYTES, of the whole; can be infinite. */
double eval_report_value(const struct report *r, const struct row *row, enum key key);

/* The name as UTF-8, from malloc: percent-encoded if it is something else. */
char *eval_report_name(const char *name, struct tmo_error *err);
/* What changed, a line each, in place of the table. */
int eval_report_diff(const struct report *r, struct tmo_buffer *out, struct tmo_error *err);
int eval_report_text(const struct report *r, struct tmo_buffer *out, struct tmo_error *err);
int eval_report_json(const struct report *r, struct tmo_buffer *out, struct tmo_error *err);

int eval_report_html(const struct report *r, struct tmo_buffer *out, struct tmo_error *err);
/* The picture of a row's histogram, as SVG inside a page; part of eval_report_html. */
int eval_report_chart(const struct row *row, struct tmo_buffer *out, struct tmo_error *err);

/* Writes the report beside path and renames it; as JSON or HTML if path ends so. */
int eval_report_save(const struct report *r, const char *path, struct tmo_error *err);

#endif
