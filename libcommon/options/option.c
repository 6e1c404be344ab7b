/* SPDX-License-Identifier: Apache-2.0 */
/* One option and its value: text into the field, and back. */
#include "base/buffer.h"
#include "base/memory.h"
#include "options/options.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
field_of(const struct tmo_option *o, void *options)
{
	return (char *)options + o->offset;
}

/* "a number from 0 to 1" and the like. */
static const char *
range_text(const struct tmo_option *o, char *text, size_t size)
{
	const char *what = o->type == TMO_OPTION_INT ? "a whole number" : "a number";

	if (isinf(o->low) && isinf(o->high))
		snprintf(text, size, "%s", what);
	else if (isinf(o->high))
		snprintf(text, size, "%s from %.15g on", what, o->low);
	else if (isinf(o->low))
		snprintf(text, size, "%s up to %.15g", what, o->high);
	else
		snprintf(text, size, "%s from %.15g to %.15g", what, o->low, o->high);
	return text;
}

static int
fail_number(const struct tmo_option *o, const char *value, struct tmo_error *err)
{
	char range[96];

	return tmo_fail_usage(err, "--%s is \"%.60s\"; it must be %s", o->name, value,
	                      range_text(o, range, sizeof range));
}

/* strtod takes also hexadecimal, "nan" and leading space: none is meant. */
static bool
read_real(const char *text, double *value)
{
	char *end;

	if (*text == '\0' || text[strspn(text, "0123456789+-.eE")] != '\0')
		return false;
	*value = strtod(text, &end);
	return *end == '\0' && isfinite(*value);
}

static bool
read_whole(const char *text, int64_t *value)
{
	const char *p = text + (*text == '-' || *text == '+');
	uint64_t sum = 0;

	if (*p == '\0')
		return false;
	for (; *p != '\0'; p++) {
		if (*p < '0' || *p > '9' || sum > (INT64_MAX - (uint64_t)(*p - '0')) / 10)
			return false;
		sum = sum * 10 + (uint64_t)(*p - '0');
	}
	*value = *text == '-' ? -(int64_t)sum : (int64_t)sum;
	return true;
}

static int
set_int(const struct tmo_option *o, int64_t *field, const char *value, struct tmo_error *err)
{
	int64_t number;

	if (!read_whole(value, &number) || (double)number < o->low || (double)number > o->high)
		return fail_number(o, value, err);
	*field = number;
	return 0;
}

static int
set_real(const struct tmo_option *o, double *field, const char *value, struct tmo_error *err)
{
	double number;

	if (!read_real(value, &number) || number < o->low || number > o->high)
		return fail_number(o, value, err);
	*field = number;
	return 0;
}

/* The number of a word such as "group:N" (N: whole, from 1 on) or "percentile:P" (any). */
static bool
read_choice_number(const char *letter, const char *text, double *number)
{
	int64_t whole;

	if (*letter != 'N')
		return read_real(text, number);
	if (!read_whole(text, &whole) || whole < 1 || whole > (int64_t)1 << 53)
		return false;
	*number = (double)whole;
	return true;
}

static int
set_choice(const struct tmo_option *o, struct tmo_choice *field, const char *value,
           struct tmo_error *err)
{
	const char *word = o->arg;

	for (int index = 0; *word != '\0'; index++) {
		const size_t whole = strcspn(word, "|"), length = strcspn(word, "|:");
		const char *letter = length < whole ? word + length + 1 : NULL;

		if (strncmp(value, word, length) == 0) {
			double number = 0;

			if (letter == NULL ? value[length] == '\0'
			    : value[length] == ':'
			      && read_choice_number(letter, value + length + 1, &number)) {
				*field = (struct tmo_choice){.index = index, .number = number};
				return 0;
			}
		}
		word += whole + (word[whole] == '|');
	}
	return tmo_fail_usage(err, "--%s is \"%.60s\"; it must be one of %s%s", o->name, value, o->arg,
	                      strstr(o->arg, ":N") != NULL ? ", N a whole number from 1 on" : "");
}

static int
set_truth(const struct tmo_option *o, void *field, const char *value, struct tmo_error *err)
{
	const bool yes = strcmp(value, "true") == 0;

	if (!yes && strcmp(value, "false") != 0)
		return tmo_fail_usage(err, "--%s is \"%.60s\"; it must be true or false", o->name, value);
	if (o->type == TMO_OPTION_SWITCH)
		*(int *)field = yes;
	else
		*(bool *)field = yes;
	return 0;
}

static int
add_item(const struct tmo_option *o, struct tmo_list *list, const char *value,
         struct tmo_error *err)
{
	struct tmo_list_item *items;
	size_t bytes;

	if (tmo_mul_size(list->count + 1, sizeof *items, &bytes, err) < 0)
		return -1;
	if ((items = realloc(list->items, bytes)) == NULL)
		return tmo_fail_memory(err, 0);
	items[list->count++] = (struct tmo_list_item){.tag = o->tag, .text = value};
	list->items = items;
	return 0;
}

int
tmo_option_set(const struct tmo_option *o, void *options, const char *value,
               struct tmo_error *err)
{
	void *field = field_of(o, options);

	switch (o->type) {
	case TMO_OPTION_FLAG:
	case TMO_OPTION_SWITCH:
		return set_truth(o, field, value, err);
	case TMO_OPTION_INT:
		return set_int(o, field, value, err);
	case TMO_OPTION_REAL:
		return set_real(o, field, value, err);
	case TMO_OPTION_CHOICE:
		return set_choice(o, field, value, err);
	case TMO_OPTION_LIST:
		return add_item(o, field, value, err);
	case TMO_OPTION_FILE:
	case TMO_OPTION_TEXT:
		if (o->type == TMO_OPTION_FILE && *value == '\0')
			return tmo_fail_usage(err, "--%s is empty; it must name a file", o->name);
		*(const char **)field = value;
		return 0;
	case TMO_OPTION_END:
		break;
	}
	return tmo_fail_usage(err, "no option");
}

/* The fewest digits that read back as the same number. */
static int
real_text(double value, struct tmo_buffer *out, struct tmo_error *err)
{
	char text[40];

	for (int digits = 1; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	return tmo_buffer_append(out, text, strlen(text), err);
}

static int
choice_text(const struct tmo_option *o, const struct tmo_choice *c, struct tmo_buffer *out,
            struct tmo_error *err)
{
	const char *word = o->arg;

	for (int i = 0; i < c->index; i++)
		word += strcspn(word, "|") + 1;
	if (tmo_buffer_append(out, word, strcspn(word, "|:"), err) < 0)
		return -1;
	if (word[strcspn(word, "|:")] != ':')
		return 0;
	return tmo_buffer_append(out, ":", 1, err) < 0 ? -1 : real_text(c->number, out, err);
}

static int
list_text(const struct tmo_option *o, const struct tmo_list *list, struct tmo_buffer *out,
          struct tmo_error *err)
{
	const char *comma = "";

	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].tag != o->tag)
			continue;
		if (tmo_buffer_printf(out, err, "%s%s", comma, list->items[i].text) < 0)
			return -1;
		comma = ",";
	}
	return 0;
}

static int
text_of(const struct tmo_option *o, const void *field, struct tmo_buffer *out,
        struct tmo_error *err)
{
	const char *text = "";

	switch (o->type) {
	case TMO_OPTION_FLAG:
		text = *(const bool *)field ? "true" : "false";
		break;
	case TMO_OPTION_SWITCH:
		text = *(const int *)field > 0 ? "true" : "false";
		break;
	case TMO_OPTION_INT:
		return tmo_buffer_printf(out, err, "%" PRId64, *(const int64_t *)field);
	case TMO_OPTION_REAL:
		return real_text(*(const double *)field, out, err);
	case TMO_OPTION_CHOICE:
		return choice_text(o, field, out, err);
	case TMO_OPTION_LIST:
		return list_text(o, field, out, err);
	case TMO_OPTION_TEXT:
	case TMO_OPTION_FILE:
		if (*(const char *const *)field != NULL)
			text = *(const char *const *)field;
		break;
	case TMO_OPTION_END:
		break;
	}
	return tmo_buffer_append(out, text, strlen(text), err);
}

/* Whether the field holds what it does when nobody gives the option. */
static bool
at_default(const struct tmo_option *o, const void *field)
{
	struct tmo_error ignored = {0};
	union { int64_t whole; double real; struct tmo_choice choice; } initial;
	const struct tmo_option origin = {.type = o->type, .name = o->name, .arg = o->arg,
	                                  .low = o->low, .high = o->high};
	const struct tmo_list *list = field;
	const char *text;

	memset(&initial, 0, sizeof initial);
	switch (o->type) {
	case TMO_OPTION_FLAG:
		return !*(const bool *)field;
	case TMO_OPTION_SWITCH:
		return *(const int *)field < 0;
	case TMO_OPTION_LIST:
		for (size_t i = 0; i < list->count; i++)
			if (list->items[i].tag == o->tag)
				return false;
		return true;
	case TMO_OPTION_TEXT:
	case TMO_OPTION_FILE:
		text = *(const char *const *)field;
		return text == o->initial
		       || (text != NULL && o->initial != NULL && strcmp(text, o->initial) == 0);
	default:
		break;
	}
	if (o->initial != NULL && tmo_option_set(&origin, &initial, o->initial, &ignored) < 0)
		return false;
	if (o->type == TMO_OPTION_INT)
		return *(const int64_t *)field == initial.whole;
	if (o->type == TMO_OPTION_REAL)
		return *(const double *)field == initial.real;
	return ((const struct tmo_choice *)field)->index == initial.choice.index
	       && ((const struct tmo_choice *)field)->number == initial.choice.number;
}

int
tmo_option_text(const struct tmo_option *o, const void *options, struct tmo_buffer *out,
                bool *is_default, struct tmo_error *err)
{
	const void *field = (const char *)options + o->offset;

	*is_default = at_default(o, field);
	return text_of(o, field, out, err);
}

const struct tmo_option *
tmo_option_find(const struct tmo_option *table, const char *name, size_t length)
{
	for (; table != NULL && table->type != TMO_OPTION_END; table++)
		if (strncmp(table->name, name, length) == 0 && table->name[length] == '\0')
			return table;
	return NULL;
}

void
tmo_option_reset(const struct tmo_option *o, void *options)
{
	struct tmo_error ignored = {0};
	void *const field = field_of(o, options);

	if (o->type == TMO_OPTION_FLAG)
		*(bool *)field = false;
	else if (o->type == TMO_OPTION_SWITCH)
		*(int *)field = -1;
	else if (o->type == TMO_OPTION_TEXT || o->type == TMO_OPTION_FILE)
		*(const char **)field = o->initial;
	else if (o->type != TMO_OPTION_LIST && o->initial != NULL)
		(void)tmo_option_set(o, options, o->initial, &ignored);
}
