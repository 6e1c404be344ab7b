/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/npz/zip_names.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/read_write.h"

#define END_BYTES 22			/* of the record at the archive's end, without its comment */
#define LOCATOR_BYTES 20		/* of zip64's, in front of it */
#define END64_BYTES 56
#define ENTRY_BYTES 46			/* of a member in the directory, before its name */
#define TAIL_MAX (END_BYTES + 65535 + LOCATOR_BYTES)

/* A number of so many bytes, little-endian. */
static uint64_t
number(const unsigned char *bytes, size_t size)
{
	uint64_t value = 0;

	while (size-- > 0)
		value = value << 8 | bytes[size];
	return value;
}

/* Where the directory is; *size is 0 if that is not found. */
static int
find_directory(int fd, uint64_t *start, uint64_t *size, struct tmo_error *err)
{
	const off_t end = lseek(fd, 0, SEEK_END);
	const size_t room = end > (off_t)TAIL_MAX ? TAIL_MAX : end > 0 ? (size_t)end : 0;
	unsigned char *tail = tmo_alloc(room + 1, 1, err), end64[END64_BYTES];
	size_t got = 0, at;
	int status = tail == NULL ? -1 : tmo_pread_full(fd, tail, room, (uint64_t)end - room, &got, err);

	*size = 0;
	for (at = got >= END_BYTES ? got - END_BYTES + 1 : 0; status == 0 && at-- > 0;) {
		if (memcmp(tail + at, "PK\5\6", 4) != 0)
			continue;
		*size = number(tail + at + 12, 4);
		*start = (uint64_t)end - got + at - *size;
		if (at < LOCATOR_BYTES || memcmp(tail + at - LOCATOR_BYTES, "PK\6\7", 4) != 0)
			break;
		status = tmo_pread_full(fd, end64, sizeof(end64), number(tail + at - 12, 8) & INT64_MAX, &got, err);
		if (status == 0 && got == sizeof(end64) && memcmp(end64, "PK\6\6", 4) == 0) {
			*size = number(end64 + 40, 8);
			*start = number(end64 + 48, 8);
		}
		break;
	}
	free(tail);
	if (*size > (uint64_t)end || *start > (uint64_t)end - *size)
		*size = 0;
	return status;
}

/* Backslashes of a name that has no slash; else 0. */
static size_t
count_backslashes(const unsigned char *name, size_t size)
{
	size_t count = 0;

	for (size_t i = 0; i < size; i++) {
		if (name[i] == '/')
			return 0;
		count += name[i] == '\\';
	}
	return count;
}

/* Where a member is: in zip64 the directory's own field is full, and the first of its extra ones of 8 bytes counts. */
static uint64_t
member_offset(const unsigned char *entry, size_t name_size, size_t extra_size)
{
	const unsigned char *extra = entry + ENTRY_BYTES + name_size, *const end = extra + extra_size;
	const uint64_t offset = number(entry + 42, 4);
	size_t before = 0;

	if (offset != UINT32_MAX)
		return offset;
	before += number(entry + 24, 4) == UINT32_MAX ? 8 : 0;
	before += number(entry + 20, 4) == UINT32_MAX ? 8 : 0;
	while (end - extra >= 4) {
		const size_t size = (size_t)number(extra + 2, 2);

		if (size > (size_t)(end - extra) - 4)
			break;
		if (number(extra, 2) == 1 && size >= before + 8)
			return number(extra + 4 + before, 8);
		extra += 4 + size;
	}
	return offset;
}

static int
by_offset(const void *left, const void *right)
{
	const struct tmo_zip_name *a = left, *b = right;

	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static int
take_names(struct tmo_zip_names *names, const unsigned char *at, const unsigned char *end, struct tmo_error *err)
{
	size_t room = 0;

	while (end - at >= ENTRY_BYTES && memcmp(at, "PK\1\2", 4) == 0) {
		const size_t name = (size_t)number(at + 28, 2), extra = (size_t)number(at + 30, 2);
		const size_t all = ENTRY_BYTES + name + extra + (size_t)number(at + 32, 2);

		if (all > (size_t)(end - at))
			break;
		if (tmo_grow(&names->name, names->count, &room, sizeof(*names->name), err) < 0)
			return -1;
		names->name[names->count++] = (struct tmo_zip_name){
			.offset = member_offset(at, name, extra),
			.backslashes = count_backslashes(at + ENTRY_BYTES, name),
		};
		at += all;
	}
	if (names->count > 1)
		qsort(names->name, names->count, sizeof(*names->name), by_offset);
	return 0;
}

int
tmo_zip_names_read(int fd, struct tmo_zip_names *names, struct tmo_error *err)
{
	uint64_t start = 0, size = 0;
	unsigned char *directory;
	size_t got = 0;
	int status = -1;

	*names = (struct tmo_zip_names){0};
	if (find_directory(fd, &start, &size, err) < 0)
		return -1;
	if (size == 0)
		return 0;
	directory = tmo_alloc((size_t)size, 1, err);
	if (directory != NULL && tmo_pread_full(fd, directory, (size_t)size, start, &got, err) == 0)
		status = take_names(names, directory, directory + got, err);
	free(directory);
	return status;
}

void
tmo_zip_names_free(struct tmo_zip_names *names)
{
	free(names->name);
	*names = (struct tmo_zip_names){0};
}

void
tmo_zip_names_restore(const struct tmo_zip_names *names, size_t i, char *path)
{
	size_t slashes = 0;

	for (const char *p = path; *p != '\0'; p++)
		slashes += *p == '/';
	if (i >= names->count || slashes == 0 || names->name[i].backslashes != slashes)
		return;
	for (char *p = path; *p != '\0'; p++)
		if (*p == '/')
			*p = '\\';
}
