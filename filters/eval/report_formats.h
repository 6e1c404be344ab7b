/* SPDX-License-Identifier: Apache-2.0 */
/* report_formats.h: the report as text, JSON and HTML, each in a file of its own; all append to out. */
#ifndef EVAL_REPORT_FORMATS_H
#define EVAL_REPORT_FORMATS_H

#include "base/buffer.h"
#include "report.h"

/* A table, a line a tensor, for people. */
int eval_report_text(const struct report *r, struct tmo_buffer *out, struct tmo_error *err);
/* What changed against the reference, a line a tensor, in place of the table. */
int eval_report_diff(const struct report *r, struct tmo_buffer *out, struct tmo_error *err);
/* One object: see tmo-eval(1). */
int eval_report_json(const struct report *r, struct tmo_buffer *out, struct tmo_error *err);
/* One page that needs no other file, with pictures of the rows' histograms. */
int eval_report_html(const struct report *r, struct tmo_buffer *out, struct tmo_error *err);

#endif
