/* SPDX-License-Identifier: Apache-2.0 */
/* Buffers, checked sizes and whole reads and writes. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io.h"

#define TAKE_STEP ((uint64_t)64 << 20)	/* memory for what is only a claim so far */

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
		tmo_fail(err, "out of memory for %zu times %zu bytes; use a machine with more", count,
		         size);
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
		return tmo_fail(err, "out of memory for %zu bytes; use a machine with more", bytes);
	memcpy(array, &p, sizeof(p));
	*room = more;
	return 0;
}

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
		return tmo_fail(err, "out of memory for %zu bytes; use a machine with more", room);
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

int
tmo_read_full(int fd, void *data, size_t size, size_t *got, struct tmo_error *err)
{
	*got = 0;
	while (*got < size) {
		const ssize_t n = read(fd, (char *)data + *got, size - *got);

		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return tmo_fail(err, "cannot read: %s", strerror(errno));
		if (n > 0)
			*got += (size_t)n;
	}
	return 0;
}

int
tmo_take(uint64_t size, int (*read)(void *arg, void *data, size_t size, struct tmo_error *err),
         void *arg, void **data, struct tmo_error *err)
{
	uint64_t room = size < TAKE_STEP ? size : TAKE_STEP, at = 0;
	unsigned char *bytes = NULL;

	*data = NULL;
	if (size > SIZE_MAX / 4)
		return tmo_fail(err, "%ju bytes are too many for this machine", (uintmax_t)size);
	for (;;) {
		unsigned char *const grown = realloc(bytes, (size_t)room + 1);

		if (grown == NULL) {
			free(bytes);
			return tmo_fail(err, "out of memory for %ju bytes; use a machine with more",
			                (uintmax_t)room);
		}
		bytes = grown;
		if (read(arg, bytes + at, (size_t)(room - at), err) < 0) {
			free(bytes);
			return -1;
		}
		if (room == size)
			break;
		at = room;
		room = size - room < room ? size : 2 * room;
	}
	*data = bytes;
	return 0;
}

int
tmo_pread_full(int fd, void *data, size_t size, uint64_t offset, size_t *got,
               struct tmo_error *err)
{
	*got = 0;
	if (offset > INT64_MAX || size > (uint64_t)INT64_MAX - offset)
		return tmo_fail(err, "offset %ju is too large; the data must be damaged",
		                (uintmax_t)offset);
	while (*got < size) {
		const ssize_t n = pread(fd, (char *)data + *got, size - *got, (off_t)(offset + *got));

		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return tmo_fail(err, "cannot read: %s", strerror(errno));
		if (n > 0)
			*got += (size_t)n;
	}
	return 0;
}

int
tmo_write_full(int fd, const void *data, size_t size, struct tmo_error *err)
{
	const char *p = data;

	while (size > 0) {
		const ssize_t n = write(fd, p, size);

		if (n < 0 && errno != EINTR)
			return tmo_fail(err, "cannot write: %s", strerror(errno));
		if (n > 0) {
			p += n;
			size -= (size_t)n;
		}
	}
	return 0;
}

int
tmo_temporary(const char *dir, struct tmo_error *err)
{
	struct tmo_buffer path = {0};
	int fd = -1;

	if (dir == NULL || dir[0] == '\0')
		dir = "/tmp";
	if (tmo_buffer_printf(&path, err, "%s/tmo-XXXXXX", dir) < 0)
		return -1;
	fd = mkstemp((char *)path.data);
	if (fd < 0)
		tmo_fail(err, "cannot make a temporary file in %s: %s; set TMPDIR", dir,
		         strerror(errno));
	else
		unlink((char *)path.data);
	if (fd >= 0)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	tmo_buffer_free(&path);
	return fd;
}

int
tmo_copy_to_temporary(int fd, const char *dir, struct tmo_error *err)
{
	void *const block = tmo_alloc(TMO_IO_BLOCK, 1, err);
	const int copy = block != NULL ? tmo_temporary(dir, err) : -1;
	int status = copy < 0 ? -1 : 0;
	size_t got = 1;

	while (status == 0 && got > 0) {
		status = tmo_read_full(fd, block, TMO_IO_BLOCK, &got, err);
		if (status == 0)
			status = tmo_write_full(copy, block, got, err);
	}
	if (status == 0 && lseek(copy, 0, SEEK_SET) != 0)
		status = tmo_fail(err, "cannot go back in a temporary file: %s", strerror(errno));
	free(block);
	if (status == 0)
		return copy;
	if (copy >= 0)
		close(copy);
	return -1;
}
