/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_html.c: the report as one page that stands alone: well-formed XML as well as HTML, no
 * script, nothing fetched; for phones, in the dark, on paper.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "report_formats.h"
#include "report_page.h"
#include "stream/member_name.h"
#include "tensor/tensor.h"

#define CHARTS_MAX 400		/* more pictures than anybody looks at make a page that no phone opens */

/* What XML wants escaped, or has no way to say at all. */
static const char *
escape(const char *at, size_t *length)
{
	*length = 1;
	switch (*at) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	}
	if (strncmp(at, "\xef\xbf\xbe", 3) != 0 && strncmp(at, "\xef\xbf\xbf", 3) != 0)
		return NULL;
	*length = 3;
	return "?";
}

static int
put_name(const char *name, struct tmo_buffer *out, struct tmo_error *err)
{
	char *text = tmo_name_shown(name, err), shown[1024];
	const char *instead;
	size_t length;
	int status = text == NULL ? -1 : 0;

	if (text != NULL)
		tmo_printable(text, shown, sizeof(shown));
	free(text);
	for (const char *at = shown; status == 0 && *at != '\0'; at += length) {
		instead = escape(at, &length);
		status = tmo_buffer_append(out, instead != NULL ? instead : at,
		                           instead != NULL ? strlen(instead) : 1, err);
	}
	return status;
}

static int
put_card(const char *what, const char *value, struct tmo_buffer *out, struct tmo_error *err)
{
	return tmo_buffer_printf(out, err, "<div><dt>%s</dt><dd>%s</dd></div>\n", what, value);
}

static const char *
decibels(const struct report *r, const struct row *row, char *text, size_t room)
{
	const double sqnr = eval_report_value(r, row, KEY_SQNR);

	if (!row->compared)
		snprintf(text, room, "-");
	else
		snprintf(text, room, isinf(sqnr) && sqnr > 0 ? "same" : "%.2f", sqnr);
	return text;
}

static int
put_cards(const struct report *r, struct tmo_buffer *out, struct tmo_error *err)
{
	const struct row *const t = &r->total;
	char text[64], percent[32];

	snprintf(percent, sizeof(percent), "%.1f %%", 100 * eval_report_value(r, t, KEY_SPARSITY));
	if (tmo_buffer_printf(out, err, "<dl class=\"cards\">\n") < 0 ||
	    put_card("weights", tmo_thousands(t->elements, text), out, err) < 0 ||
	    put_card("bytes of tensors", tmo_thousands(t->bytes, text), out, err) < 0 ||
	    put_card("bytes of the stream", tmo_thousands(r->stream_bytes, text), out, err) < 0)
		return -1;
	snprintf(text, sizeof(text), "%.2f", eval_report_value(r, t, KEY_BITS));
	if (put_card("bits per weight", text, out, err) < 0 ||
	    put_card("zeros", percent, out, err) < 0)
		return -1;
	snprintf(text, sizeof(text), "%.2f", eval_report_value(r, t, KEY_ENTROPY));
	if (put_card("entropy, bits", text, out, err) < 0)
		return -1;
	if (t->compared) {
		if (put_card("SQNR, dB", decibels(r, t, text, sizeof(text)), out, err) < 0)
			return -1;
		snprintf(text, sizeof(text), "%.6f", eval_report_value(r, t, KEY_COSINE));
		if (put_card("cosine", text, out, err) < 0)
			return -1;
	}
	return tmo_buffer_printf(out, err, "</dl>\n");
}

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

static int
put_table_row(const struct report *r, size_t i, bool chart, struct tmo_buffer *out,
              struct tmo_error *err)
{
	const struct row *const row = i < r->count ? &r->row[i] : &r->total;
	char shape[128], elements[TMO_THOUSANDS], bytes[TMO_THOUSANDS], sqnr[32];

	if (tmo_buffer_printf(out, err, "<tr><th scope=\"row\">") < 0 ||
	    (chart && tmo_buffer_printf(out, err, "<a href=\"#t%zu\">", i) < 0) ||
	    put_name(row->name != NULL ? row->name : "total", out, err) < 0 ||
	    (chart && tmo_buffer_printf(out, err, "</a>") < 0))
		return -1;
	if (tmo_buffer_printf(out, err, "</th><td class=\"l\">%s</td><td class=\"l\">%s</td>"
	                      "<td>%s</td><td>%s</td><td>%.2f</td><td>%.1f %%</td><td>%" PRIu64
	                      "</td><td>%.2f</td>",
	                      row->name != NULL ? tmo_shape_text(row->rank, row->shape, shape,
	                                                         sizeof(shape)) : "",
	                      row->name != NULL ? row->form : "",
	                      tmo_thousands(row->elements, elements),
	                      tmo_thousands(row->bytes, bytes),
	                      eval_report_value(r, row, KEY_BITS),
	                      100 * eval_report_value(r, row, KEY_SPARSITY),
	                      row->distinct, eval_report_value(r, row, KEY_ENTROPY)) < 0)
		return -1;
	if (r->has_reference &&
	    tmo_buffer_printf(out, err, row->compared ? "<td>%s</td><td>%.2e</td>" :
	                      "<td>%s</td><td>-</td>", decibels(r, row, sqnr, sizeof(sqnr)),
	                      row->difference.largest) < 0)
		return -1;
	if (put_asked(r, row, out, err) < 0)
		return -1;
	return tmo_buffer_printf(out, err, "</tr>\n");
}

static int
put_table(const struct report *r, const bool *chart, struct tmo_buffer *out,
          struct tmo_error *err)
{
	if (tmo_buffer_printf(out, err, "<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">tensor"
	                      "</th><th class=\"l\">shape</th><th class=\"l\">encoding</th><th>weights</th>"
	                      "<th>bytes</th><th>bits/w</th><th>zeros</th><th>distinct</th>"
	                      "<th>entropy</th>%s%s%s</tr></thead>\n<tbody>\n",
	                      r->has_reference ? "<th>SQNR dB</th><th>max error</th>" : "",
	                      r->diff ? "<th class=\"l\">change</th>" : "",
	                      r->pattern != NULL ? "<th>pattern</th>" : "") < 0)
		return -1;
	for (size_t i = 0; i < r->count; i++)
		if (put_table_row(r, i, chart[i], out, err) < 0)
			return -1;
	if (tmo_buffer_printf(out, err, "</tbody>\n<tfoot>\n") < 0 ||
	    put_table_row(r, r->count, false, out, err) < 0)
		return -1;
	return tmo_buffer_printf(out, err, "</tfoot></table></div>\n");
}

static int
put_section(const struct report *r, size_t i, struct tmo_buffer *out, struct tmo_error *err)
{
	const struct row *const row = &r->row[i];
	char shape[128], sqnr[32];

	decibels(r, row, sqnr, sizeof(sqnr));
	if (tmo_buffer_printf(out, err, "<section id=\"t%zu\"><h2>", i) < 0 ||
	    put_name(row->name, out, err) < 0 ||
	    tmo_buffer_printf(out, err, "</h2>\n<p>%s %s, %s", tmo_type_name(row->dtype),
	                      tmo_shape_text(row->rank, row->shape, shape, sizeof(shape)),
	                      row->form) < 0)
		return -1;
	if (row->compared && tmo_buffer_printf(out, err, ", SQNR %s%s", sqnr,
	                                       strcmp(sqnr, "same") == 0 ? "" : " dB") < 0)
		return -1;
	if (tmo_buffer_printf(out, err, "</p>\n") < 0 || eval_report_chart(row, out, err) < 0)
		return -1;
	return tmo_buffer_printf(out, err, "</section>\n");
}

static int
by_size(const void *a, const void *b)
{
	const struct row *const x = *(const struct row *const *)a, *const y = *(const struct row *const *)b;

	if (x->elements != y->elements)
		return x->elements < y->elements ? 1 : -1;
	return x < y ? -1 : x > y;
}

/* Which tensors get a picture: all that have a histogram, of many the largest. */
static int
choose_charts(const struct report *r, bool *chart, size_t *left_out, struct tmo_error *err)
{
	const struct row **order = tmo_alloc(r->count + 1, sizeof(*order), err);
	size_t n = 0;

	if (order == NULL)
		return -1;
	for (size_t i = 0; i < r->count; i++)
		if (r->row[i].histogram != NULL)
			order[n++] = &r->row[i];
	qsort(order, n, sizeof(*order), by_size);
	for (size_t i = 0; i < n && i < CHARTS_MAX; i++)
		chart[order[i] - r->row] = true;
	*left_out = n > CHARTS_MAX ? n - CHARTS_MAX : 0;
	free(order);
	return 0;
}

static int
put_removed(const struct report *r, struct tmo_buffer *out, struct tmo_error *err)
{
	if (r->removed.count > 0 && tmo_buffer_printf(out, err, "<p>Only in the reference:") < 0)
		return -1;
	for (size_t i = 0; i < r->removed.count; i++)
		if (tmo_buffer_printf(out, err, i > 0 ? ", " : " ") < 0 ||
		    put_name(r->removed.item[i], out, err) < 0)
			return -1;
	return r->removed.count > 0 ? tmo_buffer_printf(out, err, "</p>\n") : 0;
}

static int
put_sections(const struct report *r, const bool *chart, size_t left_out, struct tmo_buffer *out,
             struct tmo_error *err)
{
	if (tmo_buffer_printf(out, err, PAGE_LEGEND,
	                      r->has_reference ? PAGE_LEGEND_COMPARED : PAGE_LEGEND_ALONE) < 0)
		return -1;
	for (size_t i = 0; i < r->count; i++)
		if (chart[i] && put_section(r, i, out, err) < 0)
			return -1;
	if (tmo_buffer_printf(out, err, "</div>\n") < 0)
		return -1;
	if (left_out == 0)
		return 0;
	return tmo_buffer_printf(out, err, "<p>The %d largest tensors have a picture, %zu more have "
	                         "not.</p>\n", CHARTS_MAX, left_out);
}

int
eval_report_html(const struct report *r, struct tmo_buffer *out, struct tmo_error *err)
{
	bool *chart = tmo_alloc(r->count + 1, sizeof(*chart), err);
	size_t left_out = 0;
	int status = -1;

	if (chart == NULL || choose_charts(r, chart, &left_out, err) < 0)
		goto out;
	if (tmo_buffer_printf(out, err, "%s%s", PAGE_HEAD, PAGE_STYLE) < 0 ||
	    tmo_buffer_printf(out, err, "</head>\n<body>\n<main>\n<h1>%zu tensor%s</h1>\n", r->count,
	                      r->count == 1 ? "" : "s") < 0 ||
	    put_cards(r, out, err) < 0 || put_table(r, chart, out, err) < 0 ||
	    put_removed(r, out, err) < 0 || put_sections(r, chart, left_out, out, err) < 0)
		goto out;
	status = tmo_buffer_printf(out, err, "</main>\n</body>\n</html>\n");
out:
	free(chart);
	return status;
}
