/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"

int
tmo_buffer_reserve(struct tmo_buffer *b, size_t more, struct tmo_error *err)
{
	size_t need = 0, room;
	unsigned char *data;

	if (tmo_add_size(b->size, more, &need, err) < 0)
		return -1;
	if (need <= b->room && b->data != NULL)
		return 0;
	room = need < 256 ? 256 : need;
	if (room < SIZE_MAX / 2 && room < b->room * 2)
		room = b->room * 2;
	data = realloc(b->data, room);
	if (data == NULL)
		return tmo_fail_memory(err, room);
	b->data = data;
	b->room = room;
	return 0;
}

int
tmo_buffer_append(struct tmo_buffer *b, const void *data, size_t size, struct tmo_error *err)
{
	if (tmo_buffer_reserve(b, size, err) < 0)
		return -1;
	if (size > 0)
		memcpy(b->data + b->size, data, size);
	b->size += size;
	return 0;
}

int
tmo_buffer_printf(struct tmo_buffer *b, struct tmo_error *err, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		return tmo_fail(err, "text cannot be formatted; report this as a bug");
	if (tmo_buffer_reserve(b, (size_t)n + 1, err) < 0)
		return -1;
	va_start(args, format);
	vsnprintf((char *)b->data + b->size, (size_t)n + 1, format, args);
	va_end(args);
	b->size += (size_t)n;
	return 0;
}

void
tmo_buffer_free(struct tmo_buffer *b)
{
	free(b->data);
	*b = (struct tmo_buffer){0};
}
