/* SPDX-License-Identifier: Apache-2.0 */
/* report_diff.c: what changed against the reference, a line a tensor, and how many did not. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "report_formats.h"
#include "tensor/tensor.h"

static int
put_name(const char *change, const char *name, struct tmo_buffer *out, struct tmo_error *err)
{
	char text[1024];

	tmo_printable(name, text, sizeof(text));
	return tmo_buffer_printf(out, err, "%-10s %s", change, text);
}

static int
put_row(const struct report *r, const struct row *row, struct tmo_buffer *out,
        struct tmo_error *err)
{
	char shape[128];

	if (put_name(eval_change_names[row->change], row->name, out, err) < 0)
		return -1;
	if (row->change == ADDED)
		return tmo_buffer_printf(out, err, ": %s %s, %s\n", tmo_type_name(row->dtype),
		                         tmo_shape_text(row->rank, row->shape, shape, sizeof(shape)),
		                         row->form);
	if (strcmp(row->was, row->form) == 0 && row->change == CHANGED) {
		if (tmo_buffer_printf(out, err, ": %s", row->form) < 0)
			return -1;
	} else if (tmo_buffer_printf(out, err, ": %s -> %s", row->was, row->form) < 0) {
		return -1;
	}
	if (row->change == CHANGED)
		return tmo_buffer_printf(out, err, ", SQNR %.2f dB, largest error %.2e\n",
		                         eval_report_value(r, row, KEY_SQNR),
		                         row->difference.largest);
	return tmo_buffer_append(out, "\n", 1, err);
}

int
eval_report_diff(const struct report *r, struct tmo_buffer *out, struct tmo_error *err)
{
	size_t count[CHANGES] = { 0 };

	for (size_t i = 0; i < r->count; i++) {
		count[r->row[i].change]++;
		if (r->row[i].change != SAME && put_row(r, &r->row[i], out, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < r->removed.count; i++)
		if (put_name("removed", r->removed.item[i], out, err) < 0 ||
		    tmo_buffer_append(out, "\n", 1, err) < 0)
			return -1;
	return tmo_buffer_printf(out, err, "%zu changed, %zu re-encoded, %zu added, %zu removed, "
	                         "%zu the same\n", count[CHANGED], count[REENCODED], count[ADDED],
	                         r->removed.count, count[SAME]);
}
