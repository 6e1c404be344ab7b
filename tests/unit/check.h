/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.h: what the programs of tests/unit share: checks that are counted, random numbers that are the
 * same each time, files of published numbers. State is inside of functions, so that a program is not
 * warned of what it does not use.
 */
#ifndef UNIT_CHECK_H
#define UNIT_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct check_counts {
	long checks, failures;
};

static inline struct check_counts *
check_counts(void)
{
	static struct check_counts counts;

	return &counts;
}

static inline bool
check_fails(bool ok)
{
	struct check_counts *const c = check_counts();

	c->checks++;
	return !ok && c->failures++ < 20;
}

/* CHECK(what must be true, "what is wrong if it is not, %d", ...): the first twenty are printed. */
#define CHECK(ok, ...) \
	do { \
		if (check_fails(ok)) { \
			printf("%s:%d: ", __FILE__, __LINE__); \
			printf(__VA_ARGS__); \
			printf("\n"); \
		} \
	} while (0)

/* What main returns. A program that came to no check has failed. */
static inline int
check_status(void)
{
	const struct check_counts *const c = check_counts();

	if (c->checks == 0 || c->failures > 0)
		printf("%ld of %ld checks failed\n", c->failures, c->checks);
	return c->checks == 0 || c->failures > 0;
}

/* ---- random numbers: not libcommon's, which are under test themselves ---- */

static inline uint64_t
random_bits(void)
{
	static uint64_t state = 2;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (state ^ state >> 29) * 0xbf58476d1ce4e5b9u;
}

static inline uint64_t
random_below(uint64_t n)
{
	return (random_bits() >> 16) % n;
}

/* In [0, 1). */
static inline double
random_uniform(void)
{
	return (double)(random_bits() >> 11) * 0x1p-53;
}

/* About normal, within 6 of 0. */
static inline double
random_normal(void)
{
	double sum = -6.0;

	for (int i = 0; i < 12; i++)
		sum += random_uniform();
	return sum;
}

/* ---- tests/vectors ---- */

static inline FILE *
check_open(const char *path)
{
	FILE *const f = fopen(path, "r");

	CHECK(f != NULL, "%s cannot be read", path);
	return f;
}

/* The next line that is neither empty nor a comment; after the last one the file is closed. */
static inline bool
check_line(FILE *f, char *line, int size)
{
	while (f != NULL && fgets(line, size, f) != NULL)
		if (line[0] != '#' && line[0] != '\n')
			return true;
	if (f != NULL)
		fclose(f);
	return false;
}

#endif
