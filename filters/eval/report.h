/* SPDX-License-Identifier: Apache-2.0 */
/* report.h: what eval found out, as a table for people and as JSON. */
#ifndef EVAL_REPORT_H
#define EVAL_REPORT_H

#include "io.h"
#include "measure.h"

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
};

struct report {
	bool has_reference;
	size_t count, room;
	struct row *row;
	struct row total;
	uint64_t stream_bytes;
};

/* Fills in what there is to say of t alone, but for name and bytes; leaves t plain, decoded. */
int row_measure(struct row *row, struct tmo_tensor *t, int threads, struct tmo_error *err);

/* Adds a row, which the report owns from now on, also on failure, and what it has to the total. */
int report_add(struct report *r, struct row *row, struct tmo_error *err);
void report_free(struct report *r);

/* The numbers by their names in JSON. */
enum key {
	KEY_ELEMENTS, KEY_BYTES, KEY_BITS, KEY_SPARSITY, KEY_DISTINCT, KEY_ENTROPY,
	KEY_SQNR, KEY_ERROR, KEY_COSINE, KEY_STREAM_BYTES, KEYS
};
extern const char *const report_keys[KEYS + 1];	/* NULL at the end */

static inline bool
key_needs_reference(enum key key)
{
	return key == KEY_SQNR || key == KEY_ERROR || key == KEY_COSINE;
}

/* A number of a row or, for KEY_STREAM_BYTES, of the whole; can be infinite. */
double report_value(const struct report *r, const struct row *row, enum key key);

int report_text(const struct report *r, struct tmo_buffer *out, struct tmo_error *err);
int report_json(const struct report *r, struct tmo_buffer *out, struct tmo_error *err);

/* Writes the report beside path and renames it; as JSON if path ends in .json. */
int report_save(const struct report *r, const char *path, struct tmo_error *err);

#endif
