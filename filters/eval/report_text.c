/* SPDX-License-Identifier: Apache-2.0 */
/* report_text.c: the table; at most 100 columns wide, the total last. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/cut_text.h"
#include "report_formats.h"
#include "tensor/tensor.h"

#define WIDTH 100
#define CELL 32			/* of any cell but the name */

enum column {
	SHAPE, DTYPE, ENCODING, ELEMENTS, BYTES, BITS, ZEROS, DISTINCT, ENTROPY, SQNR, ERROR, PATTERN, COLUMNS
};

static const struct {
	const char *title;
	bool left, plain, compared;	/* flush left; shown without, and with, a reference */
} columns[COLUMNS] = {
	[SHAPE] = { "shape", true, true, true },
	[DTYPE] = { "dtype", true, true, false },
	[ENCODING] = { "encoding", true, true, true },
	[ELEMENTS] = { "elements", false, true, false },
	[BYTES] = { "bytes", false, true, false },
	[BITS] = { "bits/w", false, true, true },
	[ZEROS] = { "zeros", false, true, true },
	[DISTINCT] = { "distinct", false, true, true },
	[ENTROPY] = { "entropy", false, true, true },
	[SQNR] = { "SQNR dB", false, false, true },
	[ERROR] = { "max error", false, false, true },
	[PATTERN] = { "pattern", false, true, true },
};

static bool
shown(const struct report *r, enum column c)
{
	if (c == PATTERN && r->pattern == NULL)
		return false;
	return r->has_reference ? columns[c].compared : columns[c].plain;
}

static void
cell(const struct report *r, const struct row *row, enum column c, char *text)
{
	double sqnr;

	switch (c) {
	case SHAPE:
		if (row->name == NULL)
			snprintf(text, CELL, "%zu tensor%s", r->count, r->count == 1 ? "" : "s");
		else
			tmo_shape_text(row->rank, row->shape, text, 19);
		break;
	case DTYPE:
		snprintf(text, CELL, "%s", row->name == NULL ? "" : tmo_type_name(row->dtype));
		break;
	case ENCODING:
		snprintf(text, CELL, "%s", row->name == NULL ? "" : row->encoding);
		break;
	case ELEMENTS:
		snprintf(text, CELL, "%" PRIu64, row->elements);
		break;
	case BYTES:
		snprintf(text, CELL, "%" PRIu64, row->bytes);
		break;
	case BITS:
		snprintf(text, CELL, "%.2f", eval_report_value(r, row, KEY_BITS));
		break;
	case ZEROS:
		snprintf(text, CELL, "%.1f%%", 100.0 * eval_report_value(r, row, KEY_SPARSITY));
		break;
	case DISTINCT:
		snprintf(text, CELL, "%" PRIu64, row->distinct);
		break;
	case ENTROPY:
		snprintf(text, CELL, "%.2f", eval_report_value(r, row, KEY_ENTROPY));
		break;
	case SQNR:
		sqnr = eval_report_value(r, row, KEY_SQNR);
		if (!row->compared)
			snprintf(text, CELL, "-");
		else
			snprintf(text, CELL, isinf(sqnr) && sqnr > 0 ? "same" : "%.2f", sqnr);
		break;
	case ERROR:
		if (!row->compared)
			snprintf(text, CELL, "-");
		else
			snprintf(text, CELL, "%.2e", row->difference.largest);
		break;
	default:
		if (!row->checked)
			snprintf(text, CELL, "-");
		else if (row->name == NULL)
			snprintf(text, CELL, "%.1f%%",
			         100.0 * eval_report_value(r, row, KEY_PATTERN));
		else
			snprintf(text, CELL, "%s", row->held == row->elements ? r->pattern : "no");
	}
}

/* name, cut in the middle and padded to width. */
static int
put_name(const char *name, size_t width, struct tmo_buffer *out, struct tmo_error *err)
{
	char text[1024];

	tmo_text_fit(name, width, TMO_CUT_MIDDLE, text, sizeof(text));
	return tmo_buffer_printf(out, err, "%s%*s", text, (int)(width - tmo_text_columns(text)), "");
}

static int
put_line(const struct report *r, const struct row *row, const size_t *width, size_t name_width,
         struct tmo_buffer *out, struct tmo_error *err)
{
	const char *name = row == NULL ? "tensor" : row->name == NULL ? "total" : row->name;
	char text[CELL];

	if (put_name(name, name_width, out, err) < 0)
		return -1;
	for (enum column c = 0; c < COLUMNS; c++) {
		if (!shown(r, c))
			continue;
		if (row == NULL)
			snprintf(text, sizeof(text), "%s", columns[c].title);
		else
			cell(r, row, c, text);
		if (tmo_buffer_printf(out, err, columns[c].left ? " %-*s" : " %*s", (int)width[c],
		                      text) < 0)
			return -1;
	}
	return tmo_buffer_append(out, "\n", 1, err);
}

/* What has no column. */
static int
put_summary(const struct report *r, struct tmo_buffer *out, struct tmo_error *err)
{
	const struct row *t = &r->total;

	if (tmo_buffer_printf(out, err, "%" PRIu64 " weights in %" PRIu64 " bytes, stream %" PRIu64
	                      " bytes", t->elements, t->bytes, r->stream_bytes) < 0)
		return -1;
	if (t->compared && tmo_buffer_printf(out, err, ", cosine %.6f",
	                                     eval_report_value(r, t, KEY_COSINE)) < 0)
		return -1;
	return tmo_buffer_append(out, "\n", 1, err);
}

int
eval_report_text(const struct report *r, struct tmo_buffer *out, struct tmo_error *err)
{
	size_t width[COLUMNS] = { 0 }, name_width = strlen("tensor"), used = 0;
	char text[CELL];

	for (enum column c = 0; c < COLUMNS; c++) {
		if (!shown(r, c))
			continue;
		width[c] = strlen(columns[c].title);
		for (size_t i = 0; i <= r->count; i++) {
			cell(r, i < r->count ? &r->row[i] : &r->total, c, text);
			if (strlen(text) > width[c])
				width[c] = strlen(text);
		}
		used += width[c] + 1;
	}
	for (size_t i = 0; i < r->count; i++)
		if (tmo_text_columns(r->row[i].name) > name_width)
			name_width = tmo_text_columns(r->row[i].name);
	/* Should numbers be that long, a name still shows its two ends. */
	if (name_width > WIDTH - used || used > WIDTH)
		name_width = used > WIDTH - 12 ? 12 : WIDTH - used;
	if (put_summary(r, out, err) < 0 || put_line(r, NULL, width, name_width, out, err) < 0)
		return -1;
	for (size_t i = 0; i < r->count; i++)
		if (put_line(r, &r->row[i], width, name_width, out, err) < 0)
			return -1;
	return put_line(r, &r->total, width, name_width, out, err);
}
