/* SPDX-License-Identifier: Apache-2.0 */
/* report_save.h: the report in a file, in the format that the file's name asks for. */
#ifndef EVAL_REPORT_SAVE_H
#define EVAL_REPORT_SAVE_H

#include "report.h"

/*
 * Writes the report beside path and renames it: as JSON or HTML if path ends in .json or .html, else as
 * text.
 */
int eval_report_save(const struct report *r, const char *path, struct tmo_error *err);

#endif
