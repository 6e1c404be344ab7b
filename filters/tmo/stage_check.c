/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stage_check.c: an option's value in a pipeline against its entry in the program's description. The
 * entry becomes a row of an option table, so that a value is right here if the program takes it.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/strings.h"
#include "options/option_yaml.h"
#include "pipeline.h"
#include "run/program_description.h"

int
driver_wrong(struct tmo_error *err, const struct tmo_yaml *at, const char *format, ...)
{
	char text[sizeof(err->text)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (at->line == 0)
		return tmo_fail_usage(err, "%s", text);
	return tmo_fail_usage(err, "line %d, column %d: %s", at->line, at->column, text);
}

/* An unknown type, of a plugin newer than this, is as good as text. */
static enum tmo_option_type
type_of(const struct tmo_yaml *entry)
{
	static const struct { const char *name; enum tmo_option_type type; } types[] = {
		{ "flag", TMO_OPTION_FLAG }, { "switch", TMO_OPTION_SWITCH },
		{ "int", TMO_OPTION_INT }, { "real", TMO_OPTION_REAL },
		{ "file", TMO_OPTION_FILE }, { "choice", TMO_OPTION_CHOICE },
		{ "list", TMO_OPTION_LIST },
	};
	const char *name = tmo_yaml_text(entry, "type");

	for (size_t i = 0; name != NULL && i < sizeof(types) / sizeof(*types); i++)
		if (strcmp(types[i].name, name) == 0)
			return types[i].type;
	return TMO_OPTION_TEXT;
}

static double
bound(const struct tmo_yaml *entry, const char *key, double otherwise)
{
	const char *text = tmo_yaml_text(entry, key);
	char *end;
	double value;

	if (text == NULL)
		return otherwise;
	value = strtod(text, &end);
	return *end == '\0' && end != text ? value : otherwise;
}

/* The words of a choice as a table has them: "tensor|channel|group:N". */
static int
join_values(const struct tmo_yaml *entry, struct tmo_buffer *out, struct tmo_error *err)
{
	const struct tmo_yaml *values = tmo_yaml_get(entry, "values");
	const char *bar = "";

	for (values = values != NULL ?
	     values->first : NULL; values != NULL; values = values->next) {
		if (values->kind == TMO_YAML_SCALAR &&
		    tmo_buffer_printf(out, err, "%s%s", bar, values->text) < 0)
			return -1;
		bar = "|";
	}
	return tmo_buffer_append(out, "", 1, err);
}

static int
check_value(const struct stage *s, const struct tmo_option *row, const struct tmo_yaml *value,
            struct tmo_error *err)
{
	union { bool flag; int truth; int64_t whole; double real; struct tmo_choice choice;
	        const char *text; struct tmo_list list; } field = {0};
	struct tmo_error why = {0};
	int status = 0;

	if (tmo_option_set_yaml(row, value, &field, &why) < 0)
		status = driver_wrong(err, value, "%s: %s", s->name, why.text);
	if (row->type == TMO_OPTION_LIST)
		free(field.list.items);
	return status;
}

static int
unknown_option(const struct stage *s, const struct tmo_yaml *value, struct tmo_error *err)
{
	struct tmo_strings names = {0};
	char near[160];
	int status = tmo_description_names(s->about, &names, err);

	if (status == 0)
		status = driver_wrong(err, value, "unknown option \"%s\" of %s%s", value->key,
		                      s->name,
		                      tmo_strings_hint(&names, value->key, near, sizeof(near)));
	tmo_strings_free(&names);
	return status;
}

int
driver_check_stage_option(const struct stage *s, const struct tmo_yaml *value,
                          struct tmo_error *err)
{
	const struct tmo_yaml *entry = tmo_description_option(s->about, value->key);
	struct tmo_buffer words = {0};
	struct tmo_option row;
	int status;

	if (strcmp(value->key, "output") == 0)
		return driver_wrong(err, value,
		                    "a stage has no output of its own; use tmo run -o FILE");
	if (entry == NULL)
		return unknown_option(s, value, err);
	status = join_values(entry, &words, err);
	row = (struct tmo_option){
		.type = type_of(entry), .name = value->key, .arg = (const char *)words.data,
		.low = bound(entry, "min", -INFINITY), .high = bound(entry, "max", INFINITY),
	};
	if (status == 0)
		status = check_value(s, &row, value, err);
	tmo_buffer_free(&words);
	return status;
}
