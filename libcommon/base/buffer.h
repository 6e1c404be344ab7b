/* SPDX-License-Identifier: Apache-2.0 */
/* buffer.h: a string of bytes that grows. */
#ifndef TMO_BUFFER_H
#define TMO_BUFFER_H

#include "tmo.h"

/* A growing byte string. {0} is empty; data is owned, freed by tmo_buffer_free. */
struct tmo_buffer {
	unsigned char *data;
	size_t size, room;
};
int tmo_buffer_append(struct tmo_buffer *b, const void *data, size_t size, struct tmo_error *err);
int tmo_buffer_reserve(struct tmo_buffer *b, size_t more, struct tmo_error *err);
int tmo_buffer_printf(struct tmo_buffer *b, struct tmo_error *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void tmo_buffer_free(struct tmo_buffer *b);

#endif
