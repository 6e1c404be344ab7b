/* SPDX-License-Identifier: Apache-2.0 */
/* report_markup.h: what the files that make the HTML report share. All append to out. */
#ifndef EVAL_REPORT_MARKUP_H
#define EVAL_REPORT_MARKUP_H

#include "base/buffer.h"
#include "report.h"

/* The page in the making: in which order rows stand, how their names are shown, which have pictures. */
struct page {
	const struct report *r;
	size_t *order;			/* owned; places of rows, worst first */
	char **name;			/* owned, UTF-8; of each row */
	size_t head;			/* where names are cut that are longer than PAGE_NAME */
	bool *chart;			/* owned; of each row */
	size_t left_out;		/* rows with a histogram that get no picture */
};
#define PAGE_NAME 36			/* columns of a name in the table */

/* Text that XML and HTML read as it is; control bytes as '?'. */
int eval_put_text(const char *text, struct tmo_buffer *out, struct tmo_error *err);
/* "12.34", "same" or "-": a row's SQNR. Returns text. */
const char *eval_decibels(const struct report *r, const struct row *row, char *text, size_t room);

/* The table, a row a tensor, with links to the pictures. */
int eval_put_table(const struct page *p, struct tmo_buffer *out, struct tmo_error *err);

/* A row's histograms as SVG: the picture of a section, and one that fits into a line of the table. */
int eval_put_chart(const struct row *row, struct tmo_buffer *out, struct tmo_error *err);
int eval_put_small_chart(const struct row *row, struct tmo_buffer *out, struct tmo_error *err);

#endif
