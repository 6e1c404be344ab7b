/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

const char *const eval_report_keys[KEYS + 1] = {
	[KEY_ELEMENTS] = "elements", [KEY_BYTES] = "bytes", [KEY_BITS] = "bits_per_weight",
	[KEY_SPARSITY] = "sparsity", [KEY_DISTINCT] = "distinct", [KEY_ENTROPY] = "entropy",
	[KEY_SQNR] = "sqnr_db", [KEY_ERROR] = "max_abs_error", [KEY_COSINE] = "cosine",
	[KEY_PATTERN] = "pattern", [KEY_DEAD_OUTPUTS] = "dead_outputs",
	[KEY_CHANNEL_SPARSITY] = "max_channel_sparsity", [KEY_CHANNEL_SQNR] = "min_channel_sqnr_db",
	[KEY_WORST_SPARSITY] = "max_sparsity", [KEY_WORST_SQNR] = "min_sqnr_db",
	[KEY_STREAM_BYTES] = "stream_bytes",
};

/* Integers are compared exactly and do not weigh in the total's SQNR: their scale says nothing. */
static void
add_to_total(struct row *total, const struct row *row)
{
	total->elements += row->elements;
	total->bytes += row->bytes;
	total->zeros += row->zeros;
	total->distinct += row->distinct;
	total->bits += row->bits;
	total->information += row->information;
	total->weight |= row->weight;
	total->channels.dead += row->channels.dead;
	total->checked |= row->checked;
	total->checked_elements += row->checked_elements;
	total->held += row->held;
	if (!row->compared)
		return;
	total->compared = true;
	if (tmo_type_is_float(row->dtype))
		eval_difference_add(&total->difference, &row->difference);
	else if (row->difference.largest > total->difference.largest)
		total->difference.largest = row->difference.largest;
}

int
eval_report_add(struct report *r, struct row *row, struct tmo_error *err)
{
	if (tmo_grow(&r->row, r->count, &r->room, sizeof(*row), err) < 0) {
		eval_row_free(row);
		return -1;
	}
	add_to_total(&r->total, row);
	r->row[r->count++] = *row;
	return 0;
}

void
eval_row_free(struct row *row)
{
	free(row->name);
	free(row->histogram);
}

void
eval_report_free(struct report *r)
{
	for (size_t i = 0; i < r->count; i++)
		eval_row_free(&r->row[i]);
	tmo_strings_free(&r->stages);
	tmo_strings_free(&r->removed);
	free(r->model);
	free(r->row);
	*r = (struct report){ 0 };
}

/* Which number of a single weight the total has the worst of. */
static double
weight_value(const struct report *r, const struct row *row, enum key key)
{
	switch (key) {
	case KEY_DEAD_OUTPUTS:
		return (double)row->channels.dead;
	case KEY_CHANNEL_SPARSITY:
		return row->channels.most_zeros;
	case KEY_CHANNEL_SQNR:
		return row->channels.least_sqnr;
	case KEY_WORST_SPARSITY:
		return eval_report_value(r, row, KEY_SPARSITY);
	default:
		return eval_report_value(r, row, KEY_SQNR);
	}
}

const struct row *
eval_report_worst(const struct report *r, enum key key)
{
	const bool least = key_needs_reference(key);
	const struct row *worst = NULL;

	for (size_t i = 0; i < r->count; i++) {
		const struct row *const row = &r->row[i];
		double here, there;

		if (!row->weight || (least && !row->compared))
			continue;
		here = weight_value(r, row, key);
		there = worst != NULL ? weight_value(r, worst, key) : 0.0;
		if (worst == NULL || (least ? here < there : here > there))
			worst = row;
	}
	return worst;
}

static double
worst_value(const struct report *r, enum key key)
{
	const struct row *const worst = eval_report_worst(r, key);

	if (worst != NULL)
		return weight_value(r, worst, key);
	return key_needs_reference(key) ? (double)INFINITY : 0.0;
}

double
eval_report_value(const struct report *r, const struct row *row, enum key key)
{
	const double n = row->elements > 0 ? (double)row->elements : 1.0;

	switch (key) {
	case KEY_ELEMENTS:
		return (double)row->elements;
	case KEY_BYTES:
		return (double)row->bytes;
	case KEY_BITS:
		return row->bits / n;
	case KEY_SPARSITY:
		return (double)row->zeros / n;
	case KEY_DISTINCT:
		return (double)row->distinct;
	case KEY_ENTROPY:
		return row->information / n;
	case KEY_SQNR:
		return eval_difference_sqnr(&row->difference);
	case KEY_ERROR:
		return row->difference.largest;
	case KEY_COSINE:
		return eval_difference_cosine(&row->difference);
	case KEY_PATTERN:		/* nothing to hold it is no breach */
		return row->checked_elements > 0 ?
		       (double)row->held / (double)row->checked_elements : 1.0;
	case KEY_DEAD_OUTPUTS:
		return (double)row->channels.dead;
	case KEY_CHANNEL_SPARSITY:
	case KEY_CHANNEL_SQNR:
	case KEY_WORST_SPARSITY:
	case KEY_WORST_SQNR:
		return row->name != NULL ? weight_value(r, row, key) : worst_value(r, key);
	default:
		return (double)r->stream_bytes;
	}
}
