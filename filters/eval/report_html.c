/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_html.c: the report as one page that stands alone: well-formed XML as well as HTML, nothing
 * fetched, all there without its script; for phones, in the dark, on paper.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cut_text.h"
#include "base/memory.h"
#include "base/text.h"
#include "report_formats.h"
#include "report_markup.h"
#include "report_page.h"
#include "stream/member_name.h"
#include "tensor/tensor.h"

#define CHARTS_MAX 400		/* more pictures than anybody looks at make a page that no phone opens */

static int
put_card(const char *what, const char *value, struct tmo_buffer *out, struct tmo_error *err)
{
	return tmo_buffer_printf(out, err, "<div><dt>%s</dt><dd>%s</dd></div>\n", what, value);
}

/* How large the files are. */
static int
put_files(const struct report *r, struct tmo_buffer *out, struct tmo_error *err)
{
	char text[64];

	if (r->reference_bytes == 0)
		return put_card("bytes", tmo_thousands(r->stream_bytes, text), out, err);
	if (put_card("bytes before", tmo_thousands(r->reference_bytes, text), out, err) < 0 ||
	    put_card("bytes after", tmo_thousands(r->stream_bytes, text), out, err) < 0)
		return -1;
	snprintf(text, sizeof(text), "%.2f", (double)r->reference_bytes / (double)r->stream_bytes);
	return put_card("times smaller", text, out, err);
}

static int
put_cards(const struct report *r, struct tmo_buffer *out, struct tmo_error *err)
{
	const struct row *const t = &r->total;
	char text[64], percent[32];

	snprintf(percent, sizeof(percent), "%.1f %%", 100 * eval_report_value(r, t, KEY_SPARSITY));
	if (tmo_buffer_printf(out, err, "<dl class=\"cards\">\n") < 0 ||
	    put_files(r, out, err) < 0 ||
	    put_card("weights", tmo_thousands(t->elements, text), out, err) < 0 ||
	    put_card("bytes of tensors", tmo_thousands(t->bytes, text), out, err) < 0)
		return -1;
	snprintf(text, sizeof(text), "%.2f", eval_report_value(r, t, KEY_BITS));
	if (put_card("bits per weight", text, out, err) < 0 ||
	    put_card("zeros", percent, out, err) < 0)
		return -1;
	snprintf(text, sizeof(text), "%.2f", eval_report_value(r, t, KEY_ENTROPY));
	if (put_card("entropy, bits", text, out, err) < 0)
		return -1;
	if (t->compared) {
		if (put_card("SQNR, dB", eval_decibels(r, t, text, sizeof(text)), out, err) < 0)
			return -1;
		snprintf(text, sizeof(text), "%.6f", eval_report_value(r, t, KEY_COSINE));
		if (put_card("cosine", text, out, err) < 0)
			return -1;
	}
	if (t->weight && put_card("dead outputs", tmo_thousands(t->channels.dead, text), out, err) < 0)
		return -1;
	return tmo_buffer_printf(out, err, "</dl>\n");
}

/* What the file is called, and what was done to it. */
static int
put_head(const struct report *r, struct tmo_buffer *out, struct tmo_error *err)
{
	const char *const model = r->model != NULL ? r->model : "tensor stream";

	if (tmo_buffer_printf(out, err, "%s<title>", PAGE_HEAD) < 0 || eval_put_text(model, out, err) < 0 ||
	    tmo_buffer_printf(out, err, " - tmo-eval</title>\n%s</head>\n<body>\n<main>\n<h1>", PAGE_STYLE) < 0 ||
	    eval_put_text(model, out, err) < 0 ||
	    tmo_buffer_printf(out, err, "</h1>\n<p>%zu tensor%s", r->count, r->count == 1 ? "" : "s") < 0)
		return -1;
	if (r->reference != NULL && (tmo_buffer_printf(out, err, ", against ") < 0 ||
	                             eval_put_text(r->reference, out, err) < 0))
		return -1;
	return tmo_buffer_printf(out, err, "</p>\n");
}

static int
put_stages(const struct report *r, struct tmo_buffer *out, struct tmo_error *err)
{
	if (r->stages.count == 0)
		return 0;
	if (tmo_buffer_printf(out, err, "<h2>What was done</h2>\n<ol>\n") < 0)
		return -1;
	for (size_t i = 0; i < r->stages.count; i++)
		if (tmo_buffer_printf(out, err, "<li><code>") < 0 ||
		    eval_put_text(r->stages.item[i], out, err) < 0 ||
		    tmo_buffer_printf(out, err, "</code></li>\n") < 0)
			return -1;
	return tmo_buffer_printf(out, err, "</ol>\n");
}

static int
put_section(const struct page *p, size_t i, struct tmo_buffer *out, struct tmo_error *err)
{
	const struct row *const row = &p->r->row[i];
	char shape[128], sqnr[32];

	eval_decibels(p->r, row, sqnr, sizeof(sqnr));
	if (tmo_buffer_printf(out, err, "<section id=\"t%zu\"><h3>", i) < 0 ||
	    eval_put_text(p->name[i], out, err) < 0 ||
	    tmo_buffer_printf(out, err, "</h3>\n<p>%s %s, %s", tmo_type_name(row->dtype),
	                      tmo_shape_text(row->rank, row->shape, shape, sizeof(shape)),
	                      row->form) < 0)
		return -1;
	if (row->compared && tmo_buffer_printf(out, err, ", SQNR %s%s", sqnr,
	                                       strcmp(sqnr, "same") == 0 ? "" : " dB") < 0)
		return -1;
	if (tmo_buffer_printf(out, err, "</p>\n") < 0 || eval_put_chart(row, out, err) < 0)
		return -1;
	return tmo_buffer_printf(out, err, "</section>\n");
}

static int
put_sections(const struct page *p, struct tmo_buffer *out, struct tmo_error *err)
{
	if (tmo_buffer_printf(out, err, "<h2>Where the weights lie</h2>\n" PAGE_LEGEND "<div class=\"charts\">\n",
	                      p->r->has_reference ? PAGE_LEGEND_COMPARED : PAGE_LEGEND_ALONE) < 0)
		return -1;
	for (size_t i = 0; i < p->r->count; i++)
		if (p->chart[p->order[i]] && put_section(p, p->order[i], out, err) < 0)
			return -1;
	if (tmo_buffer_printf(out, err, "</div>\n") < 0)
		return -1;
	if (p->left_out == 0)
		return 0;
	return tmo_buffer_printf(out, err, "<p>The %d largest tensors have a picture, %zu more have "
	                         "not.</p>\n", CHARTS_MAX, p->left_out);
}

static int
put_removed(const struct report *r, struct tmo_buffer *out, struct tmo_error *err)
{
	if (r->removed.count > 0 && tmo_buffer_printf(out, err, "<p>Only in the reference:") < 0)
		return -1;
	for (size_t i = 0; i < r->removed.count; i++) {
		char *const name = tmo_name_shown(r->removed.item[i], err);
		int status = name != NULL ? tmo_buffer_printf(out, err, i > 0 ? ", " : " ") : -1;

		if (status == 0)
			status = eval_put_text(name, out, err);
		free(name);
		if (status < 0)
			return -1;
	}
	return r->removed.count > 0 ? tmo_buffer_printf(out, err, "</p>\n") : 0;
}

/* What rows are put into order by. */
struct rank {
	size_t place;
	bool compared;
	double sqnr;
	uint64_t elements, bytes;
};

/* The farthest from the reference first; those that are not compared last; else the largest first. */
static int
by_worst(const void *a, const void *b)
{
	const struct rank *const x = a, *const y = b;

	if (x->compared != y->compared)
		return x->compared ? -1 : 1;
	if (x->compared && (x->sqnr < y->sqnr || x->sqnr > y->sqnr))
		return x->sqnr < y->sqnr ? -1 : 1;
	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return x->place < y->place ? -1 : x->place > y->place;
}

static int
by_size(const void *a, const void *b)
{
	const struct rank *const x = a, *const y = b;

	if (x->elements != y->elements)
		return x->elements < y->elements ? 1 : -1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* In which order rows stand, and which get a picture: all that have a histogram, of many the largest. */
static int
arrange(struct page *p, struct tmo_error *err)
{
	const size_t count = p->r->count;
	struct rank *const rank = tmo_alloc(count + 1, sizeof(*rank), err);
	size_t pictures = 0;

	if (rank == NULL)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct row *const row = &p->r->row[i];

		rank[i] = (struct rank){
			.place = i, .compared = row->compared, .elements = row->elements, .bytes = row->bytes,
			.sqnr = row->compared ? eval_report_value(p->r, row, KEY_SQNR) : 0,
		};
	}
	qsort(rank, count, sizeof(*rank), by_size);
	for (size_t i = 0; i < count; i++)
		if (p->r->row[rank[i].place].histogram != NULL && pictures++ < CHARTS_MAX)
			p->chart[rank[i].place] = true;
	p->left_out = pictures > CHARTS_MAX ? pictures - CHARTS_MAX : 0;
	qsort(rank, count, sizeof(*rank), by_worst);
	for (size_t i = 0; i < count; i++)
		p->order[i] = rank[i].place;
	free(rank);
	return 0;
}

static int
show_names(struct page *p, struct tmo_error *err)
{
	size_t same;

	for (size_t i = 0; i < p->r->count; i++)
		if ((p->name[i] = tmo_name_shown(p->r->row[i].name, err)) == NULL)
			return -1;
	return tmo_text_choose_cut((const char *const *)p->name, p->r->count, PAGE_NAME, &p->head, &same, err);
}

static void
free_page(struct page *p)
{
	for (size_t i = 0; p->name != NULL && i < p->r->count; i++)
		free(p->name[i]);
	free(p->name);
	free(p->chart);
	free(p->order);
}

int
eval_report_html(const struct report *r, struct tmo_buffer *out, struct tmo_error *err)
{
	struct page p = {
		.r = r, .chart = tmo_alloc(r->count + 1, sizeof(bool), err),
		.order = tmo_alloc(r->count + 1, sizeof(size_t), err),
		.name = tmo_alloc(r->count + 1, sizeof(char *), err),
	};
	int status = -1;

	if (p.chart != NULL && p.order != NULL && p.name != NULL && show_names(&p, err) == 0 &&
	    arrange(&p, err) == 0 && put_head(r, out, err) == 0 && put_cards(r, out, err) == 0 &&
	    put_stages(r, out, err) == 0 && tmo_buffer_printf(out, err, "<h2>Tensors</h2>\n") == 0 &&
	    eval_put_table(&p, out, err) == 0 && put_removed(r, out, err) == 0 &&
	    put_sections(&p, out, err) == 0)
		status = tmo_buffer_printf(out, err, "</main>\n%s</body>\n</html>\n", PAGE_SCRIPT);
	free_page(&p);
	return status;
}
