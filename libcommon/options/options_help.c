/* SPDX-License-Identifier: Apache-2.0 */
/* --help, printed from the table, to fit a screen of 24 lines of 80 columns. */
#include "base/buffer.h"
#include "options/options.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS 79
#define HELP_COLUMN 25

/*
 * Appends words, broken between them so that no line passes COLUMNS; column is where the first one
 * starts, later lines start at indent.
 */
static int
add_wrapped(struct tmo_buffer *out, const char *text, size_t column, size_t indent,
            struct tmo_error *err)
{
	while (*text != '\0') {
		const size_t length = strcspn(text, " ");

		if (column > indent && column + 1 + length > COLUMNS) {
			if (tmo_buffer_printf(out, err, "\n%*s", (int)indent, "") < 0)
				return -1;
			column = indent;
		} else if (column > indent) {
			if (tmo_buffer_append(out, " ", 1, err) < 0)
				return -1;
			column++;
		}
		if (tmo_buffer_append(out, text, length, err) < 0)
			return -1;
		column += length;
		text += length + strspn(text + length, " ");
	}
	return tmo_buffer_append(out, "\n", 1, err);
}

/* "lower … [8]": the help with its default, as a real or a text is typed. */
static void
help_with_default(const struct tmo_option *o, char *text, size_t size)
{
	const char *initial = o->initial;
	char number[32];

	if (o->type == TMO_OPTION_REAL && initial != NULL) {
		double value = 0;

		if (sscanf(initial, "%lf", &value) == 1) {
			snprintf(number, sizeof number, "%.10g", value);
			initial = number;
		}
	}
	if (initial != NULL && *initial != '\0')
		snprintf(text, size, "%s [%s]", o->help, initial);
	else
		snprintf(text, size, "%s", o->help);
}

static int
add_option(const struct tmo_option *o, struct tmo_buffer *out, struct tmo_error *err)
{
	const bool value = o->type != TMO_OPTION_FLAG && o->type != TMO_OPTION_SWITCH;
	char left[256], help[512];
	int column = snprintf(left, sizeof left, "  %c%c%s --%s%s%s%s", o->letter != 0 ? '-' : ' ',
	                      o->letter != 0 ? o->letter : ' ', o->letter != 0 ? "," : " ",
	                      o->type == TMO_OPTION_SWITCH ? "[no-]" : "", o->name,
	                      value ? "=" : "", value ? o->arg : "");

	if (tmo_buffer_printf(out, err, "%s", left) < 0)
		return -1;
	help_with_default(o, help, sizeof help);
	/* What reaches into the column of the help has it behind, if there is room, or below. */
	if (column > HELP_COLUMN - 2 && column + 2 + (int)strlen(help) <= COLUMNS)
		return tmo_buffer_printf(out, err, "  %s\n", help);
	if (column > HELP_COLUMN - 2) {
		if (tmo_buffer_append(out, "\n", 1, err) < 0)
			return -1;
		column = 0;
	}
	if (tmo_buffer_printf(out, err, "%*s", HELP_COLUMN - column, "") < 0)
		return -1;
	return add_wrapped(out, help, HELP_COLUMN, HELP_COLUMN, err);
}

/* A command that is too long for a line is broken behind a "|", where it can still be pasted. */
static int
add_example(const char *example, struct tmo_buffer *out, struct tmo_error *err)
{
	size_t column = strlen("Example: ");

	if (tmo_buffer_printf(out, err, "Example: ") < 0)
		return -1;
	while (*example != '\0') {
		const size_t to_bar = strcspn(example, "|");
		const size_t length = to_bar + (example[to_bar] == '|');

		if (column > 9 && column + length > COLUMNS) {
			if (tmo_buffer_printf(out, err, "\n        ") < 0)
				return -1;
			column = 9;
			example += *example == ' ';
			continue;
		}
		if (tmo_buffer_append(out, example, length, err) < 0)
			return -1;
		column += length;
		example += length;
	}
	return tmo_buffer_append(out, "\n", 1, err);
}

int
tmo_options_help(const struct tmo_filter *f, struct tmo_buffer *out, struct tmo_error *err)
{
	if (tmo_buffer_printf(out, err, "usage: tmo-%s [options] %s\n%s\n", f->name,
	                      f->operands != NULL ? f->operands : "[FILE]", f->summary) < 0)
		return -1;
	if (f->options != NULL && f->options->type != TMO_OPTION_END
	    && tmo_buffer_append(out, "\n", 1, err) < 0)
		return -1;
	for (const struct tmo_option *o = f->options; o != NULL && o->type != TMO_OPTION_END; o++)
		if (add_option(o, out, err) < 0)
			return -1;
	if ((f->accepts & TMO_TAKES_MAP) != 0 && add_option(tmo_map_options, out, err) < 0)
		return -1;
	if (tmo_buffer_printf(out, err, "\nCommon options: -h -q -v -j N -o FILE%s (see man tmo)\n",
	                      (f->traits & TMO_NO_SELECTION) != 0 ? "" : " --only GLOB --skip GLOB") < 0)
		return -1;
	return f->example != NULL ? add_example(f->example, out, err) : 0;
}
