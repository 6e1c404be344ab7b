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
words_add(struct words *w, const char *text, struct tmo_error *err)
{
	char **grown = realloc(w->word, (w->count + 2) * sizeof(*grown));

	if (grown == NULL)
		return tmo_fail(err, "out of memory");
	w->word = grown;
	w->word[w->count + 1] = NULL;
	w->word[w->count] = tmo_copy_string(text, err);
	if (w->word[w->count] == NULL)
		return -1;
	w->count++;
	return 0;
}

int
words_printf(struct words *w, struct tmo_error *err, const char *format, ...)
{
	va_list args;
	int size, status = -1;
	char *text;

	va_start(args, format);
	size = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (size < 0)
		return tmo_fail(err, "out of memory");
	text = tmo_alloc((size_t)size + 1, 1, err);
	if (text == NULL)
		return -1;
	va_start(args, format);
	vsnprintf(text, (size_t)size + 1, format, args);
	va_end(args);
	status = words_add(w, text, err);
	free(text);
	return status;
}

bool
words_have(const struct words *w, const char *text)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->word[i], text) == 0)
			return true;
	return false;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
words_sort(struct words *w)
{
	if (w->count > 1)
		qsort(w->word, w->count, sizeof(*w->word), compare);
}

void
words_free(struct words *w)
{
	for (size_t i = 0; i < w->count; i++)
		free(w->word[i]);
	free(w->word);
	*w = (struct words){0};
}

const char *
hint(const char *text, const struct words *candidates, char *out, size_t size)
{
	const char *nearest = NULL;

	if (candidates->count > 0)
		nearest = tmo_nearest_word(text, (const char *const *)candidates->word);
	if (nearest == NULL)
		out[0] = '\0';
	else
		snprintf(out, size, "; did you mean \"%s\"", nearest);
	return out;
}

int
complain(const struct tmo_error *err)
{
	char line[sizeof(err->where) + sizeof(err->text) + 8], shown[sizeof(line)];
	struct tmo_error ignored = {0};
	size_t length;

	snprintf(line, sizeof(line), "tmo: %s%s%s", err->where, err->where[0] ? ": " : "",
	         err->text);
	length = strlen(tmo_printable(line, shown, sizeof(shown) - 1));
	shown[length++] = '\n';
	(void)tmo_write_full(STDERR_FILENO, shown, length, &ignored);
	return err->usage ? 2 : 1;
}
