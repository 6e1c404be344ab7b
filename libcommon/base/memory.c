/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

int
tmo_mul_size(size_t a, size_t b, size_t *out, struct tmo_error *err)
{
	if (a != 0 && b > SIZE_MAX / a)
		return tmo_fail(err, "%zu times %zu is too large; the data must be damaged", a, b);
	*out = a * b;
	return 0;
}

int
tmo_add_size(size_t a, size_t b, size_t *out, struct tmo_error *err)
{
	if (b > SIZE_MAX - a)
		return tmo_fail(err, "%zu plus %zu is too large; the data must be damaged", a, b);
	*out = a + b;
	return 0;
}

void *
tmo_alloc(size_t count, size_t size, struct tmo_error *err)
{
	void *p = calloc(count != 0 ? count : 1, size != 0 ? size : 1);

	if (p == NULL)
		tmo_fail_memory(err, size != 0 && count > SIZE_MAX / size ? SIZE_MAX : count * size);
	return p;
}

char *
tmo_copy_string(const char *text, struct tmo_error *err)
{
	const size_t size = strlen(text) + 1;
	char *copy = tmo_alloc(size, 1, err);

	if (copy != NULL)
		memcpy(copy, text, size);
	return copy;
}

int
tmo_grow(void *array, size_t count, size_t *room, size_t size, struct tmo_error *err)
{
	size_t more = 0, bytes = 0;
	void *p;

	if (count < *room)
		return 0;
	if (tmo_add_size(*room, *room == 0 ? 16 : *room, &more, err) < 0 ||
	    tmo_mul_size(more, size, &bytes, err) < 0)
		return -1;
	memcpy(&p, array, sizeof(p));	/* of whatever type it is: no alias is made */
	p = realloc(p, bytes);
	if (p == NULL)
		return tmo_fail_memory(err, bytes);
	memcpy(array, &p, sizeof(p));
	*room = more;
	return 0;
}
