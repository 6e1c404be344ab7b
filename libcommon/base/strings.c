/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/spelling.h"
#include "base/strings.h"

int
tmo_strings_add(struct tmo_strings *list, const char *text, struct tmo_error *err)
{
	/* count + 1: the NULL behind the last wants its room too. */
	if (tmo_grow(&list->item, list->count + 1, &list->room, sizeof(*list->item), err) < 0)
		return -1;
	list->item[list->count] = tmo_copy_string(text, err);
	if (list->item[list->count] == NULL)
		return -1;
	list->item[++list->count] = NULL;
	return 0;
}

int
tmo_strings_printf(struct tmo_strings *list, struct tmo_error *err, const char *format, ...)
{
	va_list args;
	int size, status = -1;
	char *text;

	va_start(args, format);
	size = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (size < 0)
		return tmo_fail_memory(err, 0);
	text = tmo_alloc((size_t)size + 1, 1, err);
	if (text == NULL)
		return -1;
	va_start(args, format);
	vsnprintf(text, (size_t)size + 1, format, args);
	va_end(args);
	status = tmo_strings_add(list, text, err);
	free(text);
	return status;
}

bool
tmo_strings_has(const struct tmo_strings *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->item[i], text) == 0)
			return true;
	return false;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
tmo_strings_sort(struct tmo_strings *list)
{
	if (list->count > 1)
		qsort(list->item, list->count, sizeof(*list->item), compare);
}

void
tmo_strings_free(struct tmo_strings *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->item[i]);
	free(list->item);
	*list = (struct tmo_strings){0};
}

const char *
tmo_strings_hint(const struct tmo_strings *list, const char *text, char *out, size_t size)
{
	const char *nearest = NULL;

	if (list->count > 0)
		nearest = tmo_nearest_word(text, (const char *const *)list->item);
	if (nearest == NULL)
		out[0] = '\0';
	else
		snprintf(out, size, "; did you mean \"%s\"", nearest);
	return out;
}
