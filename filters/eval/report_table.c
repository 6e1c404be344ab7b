/* SPDX-License-Identifier: Apache-2.0 */
/* report_table.c: the table of the HTML report. Its script (report_page.h) sorts what stands here. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cut_text.h"
#include "base/text.h"
#include "report_markup.h"
#include "tensor/tensor.h"

/* Cells of what was asked for: --diff's and --check's. */
static int
put_asked(const struct report *r, const struct row *row, struct tmo_buffer *out,
          struct tmo_error *err)
{
	const bool total = row->name == NULL;

	if (r->diff && tmo_buffer_printf(out, err, "<td class=\"l\">%s</td>",
	                                 total ? "" : eval_change_names[row->change]) < 0)
		return -1;
	if (r->pattern == NULL)
		return 0;
	if (!row->checked)
		return tmo_buffer_printf(out, err, "<td>-</td>");
	if (total)
		return tmo_buffer_printf(out, err, "<td>%.1f %%</td>",
		                         100 * eval_report_value(r, row, KEY_PATTERN));
	return tmo_buffer_printf(out, err, "<td>%s</td>",
	                         row->held == row->elements ? r->pattern : "no");
}

/* A name that is cut has the whole one where a mouse finds it. */
static int
put_name(const struct page *p, size_t i, struct tmo_buffer *out, struct tmo_error *err)
{
	const char *const name = p->name[i];
	char cut[512];

	if (tmo_buffer_printf(out, err, "<tr><th scope=\"row\"") < 0)
		return -1;
	if (tmo_text_columns(name) > PAGE_NAME &&
	    (tmo_buffer_printf(out, err, " title=\"") < 0 || eval_put_text(name, out, err) < 0 ||
	     tmo_buffer_printf(out, err, "\"") < 0))
		return -1;
	tmo_text_fit(name, PAGE_NAME, p->head, cut, sizeof(cut));
	if (tmo_buffer_printf(out, err, ">") < 0 ||
	    (p->chart[i] && tmo_buffer_printf(out, err, "<a href=\"#t%zu\">", i) < 0) ||
	    eval_put_text(cut, out, err) < 0)
		return -1;
	return tmo_buffer_printf(out, err, "%s</th>", p->chart[i] ? "</a>" : "");
}

/* What a row and the total have both. */
static int
put_numbers(const struct report *r, const struct row *row, struct tmo_buffer *out,
            struct tmo_error *err)
{
	char elements[TMO_THOUSANDS], bytes[TMO_THOUSANDS], distinct[TMO_THOUSANDS], sqnr[32];

	if (tmo_buffer_printf(out, err, "<td>%s</td><td>%s</td><td>%.2f</td><td>%.1f %%</td><td>%s</td>"
	                      "<td>%.2f</td>", tmo_thousands(row->elements, elements),
	                      tmo_thousands(row->bytes, bytes), eval_report_value(r, row, KEY_BITS),
	                      100 * eval_report_value(r, row, KEY_SPARSITY),
	                      tmo_thousands(row->distinct, distinct),
	                      eval_report_value(r, row, KEY_ENTROPY)) < 0)
		return -1;
	if (r->has_reference &&
	    tmo_buffer_printf(out, err, row->compared ? "<td>%s</td><td>%.2e</td>" :
	                      "<td>%s</td><td>-</td>", eval_decibels(r, row, sqnr, sizeof(sqnr)),
	                      row->difference.largest) < 0)
		return -1;
	return put_asked(r, row, out, err);
}

static int
put_row(const struct page *p, size_t i, struct tmo_buffer *out, struct tmo_error *err)
{
	const struct row *const row = &p->r->row[i];
	char shape[128];

	if (put_name(p, i, out, err) < 0 ||
	    tmo_buffer_printf(out, err, "<td>%zu</td><td class=\"l\">%s</td><td class=\"l\" title=\"%s\">%s"
	                      "</td><td>", i + 1, tmo_shape_short(row->rank, row->shape, shape, sizeof(shape)),
	                      row->form, row->stored) < 0 ||
	    (p->chart[i] && eval_put_small_chart(row, out, err) < 0) ||
	    tmo_buffer_printf(out, err, "</td>") < 0 || put_numbers(p->r, row, out, err) < 0)
		return -1;
	return tmo_buffer_printf(out, err, "</tr>\n");
}

/* A class: l is text, d is sorted from the largest down, h not at all. */
static int
put_heads(const struct report *r, struct tmo_buffer *out, struct tmo_error *err)
{
	return tmo_buffer_printf(out, err, "<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">tensor"
	                         "</th><th>#</th><th class=\"l\">shape</th><th class=\"l\">stored</th>"
	                         "<th class=\"h\">%s</th><th class=\"d\">weights</th>"
	                         "<th class=\"d\"%s>bytes</th><th class=\"d\">bits/w</th><th class=\"d\">zeros"
	                         "</th><th class=\"d\">distinct</th><th class=\"d\">entropy</th>%s%s%s"
	                         "</tr></thead>\n<tbody>\n",
	                         r->has_reference ? "before, after" : "values",
	                         r->has_reference ? "" : " aria-sort=\"descending\"",
	                         r->has_reference ? "<th aria-sort=\"ascending\">SQNR dB</th>"
	                                            "<th class=\"d\">max error</th>" : "",
	                         r->diff ? "<th class=\"l\">change</th>" : "",
	                         r->pattern != NULL ? "<th>pattern</th>" : "");
}

int
eval_put_table(const struct page *p, struct tmo_buffer *out, struct tmo_error *err)
{
	if (put_heads(p->r, out, err) < 0)
		return -1;
	for (size_t i = 0; i < p->r->count; i++)
		if (put_row(p, p->order[i], out, err) < 0)
			return -1;
	if (tmo_buffer_printf(out, err, "</tbody>\n<tfoot>\n<tr><th scope=\"row\">total</th><td></td>"
	                      "<td class=\"l\"></td><td class=\"l\"></td><td></td>") < 0 ||
	    put_numbers(p->r, &p->r->total, out, err) < 0)
		return -1;
	return tmo_buffer_printf(out, err, "</tr>\n</tfoot></table></div>\n");
}
