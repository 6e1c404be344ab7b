/* SPDX-License-Identifier: Apache-2.0 */
/*
 * driver.c: main for a fuzz target without a fuzzer. Hands each FILE to the target, and then
 * -mutations=N changed copies of each, the same ones on every run. A crash says which: with
 * -dump=FILE the last input is left there.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_MAX_FILE (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t
draw(uint64_t *state, uint64_t below)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (z ^ z >> 31) % below;
}

/* One change: a bit, a byte, a telling number, a cut, a piece copied elsewhere, digits. */
static size_t
mutate(uint8_t *data, size_t size, uint64_t *state)
{
	static const uint8_t telling[] = {0, 1, 0x7f, 0x80, 0xff, '0', '9', '-', '\n', '"', '[', '{', '%'};
	const size_t at = draw(state, size), other = draw(state, size);
	size_t length = 1 + draw(state, 32);

	if (length > size - at)
		length = size - at;
	if (length > size - other)
		length = size - other;
	switch (draw(state, 8)) {
	case 0:
		data[at] ^= (uint8_t)(1u << draw(state, 8));
		return size;
	case 1:
		data[at] = (uint8_t)draw(state, 256);
		return size;
	case 2:
		return at + 1;
	case 3:
		memmove(data + at, data + other, length);
		return size;
	case 4:
		memmove(data + at, data + at + length, size - at - length);
		return size - length > 0 ? size - length : size;
	case 5:
		memset(data + at, telling[draw(state, sizeof telling)], length);
		return size;
	case 6:
		for (size_t i = at; i < size && i < at + 600; i++)
			if (data[i] >= '0' && data[i] <= '9') {
				data[i] = (uint8_t)('0' + draw(state, 10));
				break;
			}
		return size;
	default:
		data[at] = telling[draw(state, sizeof telling)];
		return size;
	}
}

static void
hand_over(const uint8_t *data, size_t size, const char *dump)
{
	/* a copy of the exact size, so that a sanitizer sees every byte read past its end */
	uint8_t *copy = malloc(size > 0 ? size : 1);
	FILE *f = dump != NULL ? fopen(dump, "wb") : NULL;

	if (copy == NULL)
		exit(1);
	if (f != NULL) {
		fwrite(data, 1, size, f);
		fclose(f);
	}
	if (size > 0)
		memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void
replay(const char *path, long mutations, const char *dump)
{
	static uint8_t original[SIZE_MAX_FILE], data[SIZE_MAX_FILE];
	FILE *f = fopen(path, "rb");
	uint64_t state = 0;
	size_t size;

	if (f == NULL) {
		perror(path);
		exit(1);
	}
	size = fread(original, 1, sizeof original, f);
	fclose(f);
	hand_over(original, size, dump);
	for (long i = 0; i < mutations && size > 0; i++) {
		size_t now = size;

		memcpy(data, original, size);
		for (uint64_t n = 1 + draw(&state, 4); n > 0; n--)
			now = mutate(data, now, &state);
		hand_over(data, now, dump);
	}
}

int
main(int argc, char **argv)
{
	const char *dump = NULL;
	long mutations = 0;

	for (int i = 1; i < argc; i++)
		if (strncmp(argv[i], "-mutations=", 11) == 0)
			mutations = strtol(argv[i] + 11, NULL, 10);
		else if (strncmp(argv[i], "-dump=", 6) == 0)
			dump = argv[i] + 6;
		else
			replay(argv[i], mutations, dump);
	return 0;
}
