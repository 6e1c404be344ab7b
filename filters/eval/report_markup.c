/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report_markup.h"

/* What stands for the character at `at`, or NULL: XML wants some escaped and cannot say others at all. */
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
	if ((unsigned char)*at < ' ' || *at == 127)
		return "?";
	if (strncmp(at, "\xef\xbf\xbe", 3) != 0 && strncmp(at, "\xef\xbf\xbf", 3) != 0)
		return NULL;
	*length = 3;
	return "?";
}

int
eval_put_text(const char *text, struct tmo_buffer *out, struct tmo_error *err)
{
	int status = 0;
	size_t length;

	for (const char *at = text; status == 0 && *at != '\0'; at += length) {
		const char *const instead = escape(at, &length);

		status = tmo_buffer_append(out, instead != NULL ? instead : at,
		                           instead != NULL ? strlen(instead) : 1, err);
	}
	return status;
}

const char *
eval_decibels(const struct report *r, const struct row *row, char *text, size_t room)
{
	const double sqnr = eval_report_value(r, row, KEY_SQNR);

	if (!row->compared)
		snprintf(text, room, "-");
	else
		snprintf(text, room, isinf(sqnr) && sqnr > 0 ? "same" : "%.2f", sqnr);
	return text;
}
