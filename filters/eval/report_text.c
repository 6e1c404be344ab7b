/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_text.c: the table, at most 80 columns wide, the total last. Names are cut where that leaves them
 * different; where they would be cut short, columns that matter least give way to them.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cut_text.h"
#include "base/memory.h"
#include "report_formats.h"
#include "stream/member_name.h"
#include "tensor/tensor.h"

#define WIDTH 80
#define CELL 48			/* bytes of any cell but the name */
#define SHAPE_MAX 16		/* of a shape, with its end */
#define NAME_WANTED 20		/* columns of a name that other columns give way to */
#define NAME_MIN 8

enum column {
	SHAPE, TYPE, STORED, BYTES, BITS, ZEROS, DISTINCT, ENTROPY, SQNR, ERROR, PATTERN, COLUMNS
};

static const struct {
	const char *title;
	bool left, plain, compared;	/* flush left; shown without, and with, a reference */
	int gives_way;			/* the lowest first; 0: never */
} columns[COLUMNS] = {
	[SHAPE] = { "shape", true, true, true, 4 },
	[TYPE] = { "type", true, true, false, 3 },
	[STORED] = { "stored", true, true, true, 0 },
	[BYTES] = { "bytes", false, true, false, 0 },
	[BITS] = { "bits/w", false, true, true, 0 },
	[ZEROS] = { "zeros", false, true, true, 5 },
	[DISTINCT] = { "distinct", false, true, true, 2 },
	[ENTROPY] = { "entropy", false, true, true, 1 },
	[SQNR] = { "SQNR dB", false, false, true, 0 },
	[ERROR] = { "max error", false, false, true, 0 },
	[PATTERN] = { "pattern", false, true, true, 0 },
};

struct table {
	const struct report *r;
	bool shown[COLUMNS];
	size_t width[COLUMNS];
	char **name;			/* owned, as they are shown: one for each row */
	size_t name_width, head;	/* where names are cut */
};

static void
cell(const struct report *r, const struct row *row, enum column c, char *text)
{
	double sqnr;

	switch (c) {
	case SHAPE:
		if (row->name == NULL)
			snprintf(text, CELL, "%zu tensor%s", r->count, r->count == 1 ? "" : "s");
		else
			tmo_shape_short(row->rank, row->shape, text, SHAPE_MAX);
		break;
	case TYPE:
		snprintf(text, CELL, "%s", row->name == NULL ? "" : tmo_type_name(row->dtype));
		break;
	case STORED:
		snprintf(text, CELL, "%s", row->name == NULL ? "" : row->stored);
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

/* i: of a row; r->count: the total; beyond: the titles. */
static int
put_line(const struct table *t, size_t i, struct tmo_buffer *out, struct tmo_error *err)
{
	const size_t count = t->r->count;
	const struct row *const row = i < count ? &t->r->row[i] : &t->r->total;
	char text[CELL], name[512];

	tmo_text_fit(i < count ? t->name[i] : i == count ? "total" : "tensor", t->name_width, t->head, name,
	             sizeof(name));
	if (tmo_buffer_printf(out, err, "%s%*s", name, (int)(t->name_width - tmo_text_columns(name)), "") < 0)
		return -1;
	for (enum column c = 0; c < COLUMNS; c++) {
		if (!t->shown[c])
			continue;
		if (i > count)
			snprintf(text, sizeof(text), "%s", columns[c].title);
		else
			cell(t->r, row, c, text);
		if (tmo_buffer_printf(out, err, columns[c].left ? " %-*s" : " %*s", (int)t->width[c],
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
	if (t->channels.dead > 0 &&
	    tmo_buffer_printf(out, err, ", %zu dead output%s", t->channels.dead,
	                      t->channels.dead == 1 ? "" : "s") < 0)
		return -1;
	return tmo_buffer_append(out, "\n", 1, err);
}

/* Which columns there are, and how wide each is if there is room without end. */
static void
measure(struct table *t)
{
	const struct report *const r = t->r;
	char text[CELL];

	t->name_width = strlen("tensor");
	for (size_t i = 0; i < r->count; i++)
		if (tmo_text_columns(t->name[i]) > t->name_width)
			t->name_width = tmo_text_columns(t->name[i]);
	for (enum column c = 0; c < COLUMNS; c++) {
		t->shown[c] = (r->has_reference ? columns[c].compared : columns[c].plain) &&
		              (c != PATTERN || r->pattern != NULL);
		t->width[c] = strlen(columns[c].title);
		for (size_t i = 0; i <= r->count; i++) {
			cell(r, i < r->count ? &r->row[i] : &r->total, c, text);
			if (strlen(text) > t->width[c])
				t->width[c] = strlen(text);
		}
	}
}

/* What the columns that are shown take, spaces with them; *next gives way first, COLUMNS: none does. */
static size_t
taken(const struct table *t, enum column *next)
{
	size_t sum = 0;

	*next = COLUMNS;
	for (enum column c = 0; c < COLUMNS; c++) {
		if (!t->shown[c])
			continue;
		sum += t->width[c] + 1;
		if (columns[c].gives_way > 0 &&
		    (*next == COLUMNS || columns[c].gives_way < columns[*next].gives_way))
			*next = c;
	}
	return sum;
}

/* What the columns leave of a line goes to the names; cuts them if that is too little. */
static int
cut_names(struct table *t, size_t longest, size_t *same, struct tmo_error *err)
{
	enum column next;
	const size_t used = taken(t, &next);

	t->name_width = used + longest <= WIDTH ? longest : used + NAME_MIN > WIDTH ? NAME_MIN : WIDTH - used;
	return tmo_text_choose_cut((const char *const *)t->name, t->r->count, t->name_width, &t->head, same,
	                           err);
}

/* Makes all fit, at the cost of columns: always for short names, for long ones if it lets them differ. */
static int
squeeze(struct table *t, struct tmo_error *err)
{
	const size_t longest = t->name_width, wanted = longest < NAME_WANTED ? longest : NAME_WANTED;
	struct table tried;
	enum column next;
	size_t same, still;

	while (taken(t, &next) + wanted > WIDTH && next != COLUMNS)
		t->shown[next] = false;
	if (cut_names(t, longest, &same, err) < 0)
		return -1;
	tried = *t;
	for (still = same; still > 0 && taken(&tried, &next) > 0 && next != COLUMNS;) {
		tried.shown[next] = false;
		if (cut_names(&tried, longest, &still, err) < 0)
			return -1;
	}
	if (still == 0)
		*t = tried;
	return 0;
}

int
eval_report_text(const struct report *r, struct tmo_buffer *out, struct tmo_error *err)
{
	struct table t = { .r = r, .name = tmo_alloc(r->count, sizeof(char *), err) };
	int status = t.name != NULL ? put_summary(r, out, err) : -1;

	for (size_t i = 0; i < r->count && status == 0; i++) {
		t.name[i] = tmo_name_shown(r->row[i].name, err);
		status = t.name[i] != NULL ? 0 : -1;
	}
	if (status == 0) {
		measure(&t);
		status = squeeze(&t, err);
	}
	if (status == 0)
		status = put_line(&t, r->count + 1, out, err);
	for (size_t i = 0; i <= r->count && status == 0; i++)
		status = put_line(&t, i, out, err);
	for (size_t i = 0; t.name != NULL && i < r->count; i++)
		free(t.name[i]);
	free(t.name);
	return status;
}
