/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flips FILE all|COUNT: reads a packed stream, plain or under zstd, again and again, each time with
 * one bit of it flipped (every one, or COUNT at places drawn from a fixed seed), then cut off (after
 * every byte, or at COUNT places). Each time, what the reader hands out must be what it hands out of
 * the whole file, and if it comes to the end without an error, all of it. Prints what was not so,
 * and "N passed, N failed".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/source.h"
#include "stream/stream.h"

/* What a reading gave: a running check sum after each member, in order. */
struct seen {
	size_t count, room;
	uint64_t *sum;
};

static uint64_t
mix(uint64_t sum, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < size; i++)
		sum = (sum ^ bytes[i]) * 0x100000001B3u;
	return (sum ^ size) * 0x100000001B3u;
}

static void
note(struct seen *s, const struct tmo_member *p)
{
	uint64_t sum = s->count > 0 ? s->sum[s->count - 1] : 0xCBF29CE484222325u;

	sum = mix(sum, p->path, strlen(p->path));
	sum = mix(sum, p->head, p->head_bytes);
	sum = mix(sum, p->data, p->bytes);
	if (s->count == s->room) {
		s->room = 2 * s->room + 64;
		s->sum = realloc(s->sum, s->room * sizeof(*s->sum));
		if (s->sum == NULL)
			exit(2);
	}
	s->sum[s->count++] = sum;
}

/* Reads all that there is, up to an error. Returns whether it came to the end. */
static bool
read_all(const unsigned char *data, size_t size, struct seen *s)
{
	struct tmo_error err = {0};
	struct tmo_source *source = tmo_source_memory(data, size, &err);
	struct tmo_reader *reader = source != NULL ? tmo_reader_open(source, NULL, &err) : NULL;
	struct tmo_members parts = {0};
	struct tmo_item item;
	bool at_end = false;

	s->count = 0;
	if (reader != NULL) {
		const struct tmo_members *const head = tmo_reader_head(reader);

		for (size_t i = 0; i < head->count; i++)
			note(s, &head->member[i]);
	}
	while (reader != NULL && tmo_reader_next(reader, &item, &err) == 0) {
		if (item.kind == TMO_ITEM_END) {
			at_end = true;
			break;
		}
		if (tmo_reader_members(reader, &parts, &err) < 0)
			break;
		for (size_t i = 0; i < parts.count; i++)
			note(s, &parts.member[i]);
		tmo_members_free(&parts);
	}
	tmo_reader_close(reader);
	tmo_source_close(source);
	return at_end;
}

/* Whether what came first of the whole is all that was seen. */
static bool
begins(const struct seen *whole, const struct seen *s)
{
	return s->count == 0 || (s->count <= whole->count &&
	                         memcmp(s->sum, whole->sum, s->count * sizeof(*s->sum)) == 0);
}

/* Whether the damaged copy was found out, or made no difference. */
static bool
holds(const unsigned char *data, size_t size, const struct seen *whole, struct seen *s)
{
	const bool at_end = read_all(data, size, s);

	return begins(whole, s) && (!at_end || s->count == whole->count);
}

static unsigned char *
read_file(const char *name, size_t *size)
{
	FILE *file = fopen(name, "rb");
	unsigned char *data = malloc((size_t)64 << 20);

	if (file == NULL || data == NULL)
		return NULL;
	*size = fread(data, 1, (size_t)64 << 20, file);
	fclose(file);
	return data;
}

int
main(int argc, char **argv)
{
	struct seen whole = {0}, s = {0};
	unsigned char *data, *copy;
	size_t size, tries, bad = 0, done = 0;
	struct tmo_rng random;

	if (argc != 3 || (data = read_file(argv[1], &size)) == NULL || size == 0) {
		fprintf(stderr, "usage: flips FILE all|COUNT\n");
		return 2;
	}
	if (!read_all(data, size, &whole)) {
		fprintf(stderr, "flips: %s cannot be read\n", argv[1]);
		return 2;
	}
	copy = malloc(size);
	if (copy == NULL)
		return 2;
	memcpy(copy, data, size);
	tmo_rng_start(&random, 0, 0);
	tries = strcmp(argv[2], "all") == 0 ? 0 : strtoul(argv[2], NULL, 10);
	for (size_t i = 0; i < (tries > 0 ? tries : 8 * size); i++, done++) {
		const size_t bit = tries > 0 ? (size_t)tmo_rng_below(&random, 8 * size) : i;

		copy[bit / 8] = (unsigned char)(copy[bit / 8] ^ 1u << bit % 8);
		if (!holds(copy, size, &whole, &s)) {
			printf("not ok: bit %zu of byte %zu makes a difference\n", bit % 8, bit / 8);
			bad++;
		}
		copy[bit / 8] = data[bit / 8];
	}
	for (size_t i = 0; i < (tries > 0 ? tries : size); i++, done++) {
		const size_t end = tries > 0 ? (size_t)tmo_rng_below(&random, size) : i;

		if (read_all(data, end, &s) || !begins(&whole, &s)) {
			printf("not ok: %zu of %zu bytes pass for the whole\n", end, size);
			bad++;
		}
	}
	printf("%zu passed, %zu failed\n", done - bad, bad);
	free(copy);
	free(data);
	free(whole.sum);
	free(s.sum);
	return bad > 0;
}
