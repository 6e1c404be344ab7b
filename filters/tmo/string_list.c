/* SPDX-License-Identifier: Apache-2.0 */
/* string_list.c: lists of strings, and messages. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/read_write.h"
#include "base/spelling.h"
#include "base/text.h"
#include "driver.h"

int
tmo_strings_add(struct tmo_strings *w, const char *text, struct tmo_error *err)
{
	char **grown = realloc(w->item, (w->count + 2) * sizeof(*grown));

	if (grown == NULL)
		return tmo_fail_memory(err, 0);
	w->item = grown;
	w->item[w->count + 1] = NULL;
	w->item[w->count] = tmo_copy_string(text, err);
	if (w->item[w->count] == NULL)
		return -1;
	w->count++;
	return 0;
}

int
tmo_strings_printf(struct tmo_strings *w, struct tmo_error *err, const char *format, ...)
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
	status = tmo_strings_add(w, text, err);
	free(text);
	return status;
}

bool
tmo_strings_has(const struct tmo_strings *w, const char *text)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->item[i], text) == 0)
			return true;
	return false;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
tmo_strings_sort(struct tmo_strings *w)
{
	if (w->count > 1)
		qsort(w->item, w->count, sizeof(*w->item), compare);
}

void
tmo_strings_free(struct tmo_strings *w)
{
	for (size_t i = 0; i < w->count; i++)
		free(w->item[i]);
	free(w->item);
	*w = (struct tmo_strings){0};
}

const char *
driver_hint(const char *text, const struct tmo_strings *candidates, char *out, size_t size)
{
	const char *nearest = NULL;

	if (candidates->count > 0)
		nearest = tmo_nearest_word(text, (const char *const *)candidates->item);
	if (nearest == NULL)
		out[0] = '\0';
	else
		snprintf(out, size, "; did you mean \"%s\"", nearest);
	return out;
}

int
driver_complain(const struct tmo_error *err)
{
	char line[sizeof(err->where) + sizeof(err->text) + 8], shown[sizeof(line)];
	struct tmo_error ignored = {0};
	size_t length;

	snprintf(line, sizeof(line), "tmo: %s%s%s", err->where, err->where[0] ? ": " : "",
	         err->text);
	length = strlen(tmo_printable(line, shown, sizeof(shown) - 1));
	shown[length++] = '\n';
	(void)tmo_write_full(STDERR_FILENO, shown, length, &ignored);
	return err->kind == TMO_ERROR_USAGE ? 2 : 1;
}
