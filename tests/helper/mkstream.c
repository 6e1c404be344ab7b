/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mkstream SPEC... [--seed N] >stream: a tensor stream for tests, the same on every machine.
 * SPEC is NAME:DTYPE:SHAPE:DIST, such as conv1.weight:f4:16x3x3x3:normal; NAME may hold colons.
 * DTYPE: f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1. SHAPE: 16x3x3, - for rank 0; a side may be 0.
 * DIST: normal (mean 0, deviation 1; integers: 20), uniform ([-1, 1); integers: any), zeros, ones,
 * ramp (0, 1, 2, ...), sparse (normal, half of it exact zeros), nan, inf (normal but for index 0).
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/sink.h"
#include "stream/stream.h"

static const struct {
	const char *name;
	enum tmo_type type;
} dtypes[] = {
	{"f2", TMO_F16}, {"f4", TMO_F32}, {"f8", TMO_F64}, {"b1", TMO_BOOL},
	{"i1", TMO_I8}, {"i2", TMO_I16}, {"i4", TMO_I32}, {"i8", TMO_I64},
	{"u1", TMO_U8}, {"u2", TMO_U16}, {"u4", TMO_U32}, {"u8", TMO_U64},
};

static const char *const dists[] = {
	"normal", "uniform", "zeros", "ones", "ramp", "sparse", "nan", "inf",
};
enum dist { NORMAL, UNIFORM, ZEROS, ONES, RAMP, SPARSE, NOT_A_NUMBER, INFINITE, DISTS };

/* splitmix64: what a counter becomes when its bits are mixed well. */
static uint64_t
draw(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* Twelve uniform numbers of 16 bits less their mean: nearly normal, and nothing but additions. */
static double
draw_normal(uint64_t *state)
{
	int64_t sum = 0;

	for (int i = 0; i < 3; i++)
		for (uint64_t bits = draw(state), j = 0; j < 4; j++, bits >>= 16)
			sum += (int64_t)(bits & 0xffff);
	return (double)(2 * sum - 12 * 65535) / 131072.0;
}

static double
draw_value(enum dist dist, size_t index, uint64_t *state)
{
	switch (dist) {
	case UNIFORM: return (double)(draw(state) >> 11) / 4503599627370496.0 - 1.0;
	case ONES: return 1;
	case RAMP: return (double)index;
	case SPARSE: return draw(state) & 1 ? draw_normal(state) : 0;
	case NOT_A_NUMBER: return index == 0 ? NAN : draw_normal(state);
	case INFINITE: return index == 0 ? INFINITY : draw_normal(state);
	case NORMAL: return draw_normal(state);
	default: return 0;
	}
}

static uint64_t
draw_integer(enum dist dist, size_t index, uint64_t *state)
{
	double value;

	if (dist == UNIFORM)
		return draw(state);
	value = draw_value(dist, index, state);
	if (!isfinite(value))
		value = 0;
	if (dist == NORMAL || dist == SPARSE)
		value = rint(20 * value);
	return (uint64_t)(int64_t)value;
}

/* Element `index` of an array of integers of `size` bytes: the low bytes of v, native order. */
static void
store_integer(void *data, size_t size, size_t index, uint64_t v)
{
	const uint8_t v8 = (uint8_t)v;
	const uint16_t v16 = (uint16_t)v;
	const uint32_t v32 = (uint32_t)v;

	memcpy((unsigned char *)data + index * size,
	       size == 1 ? (const void *)&v8 : size == 2 ? (const void *)&v16 :
	       size == 4 ? (const void *)&v32 : (const void *)&v, size);
}

static void
fill(struct tmo_array *a, enum tmo_type dtype, enum dist dist, uint64_t seed)
{
	const size_t size = tmo_type_size(a->type);
	uint64_t state = seed;

	for (size_t i = 0; i < a->count; i++) {
		if (a->type == TMO_F32)
			((float *)a->data)[i] = (float)draw_value(dist, i, &state);
		else if (a->type == TMO_F64)
			((double *)a->data)[i] = draw_value(dist, i, &state);
		else
			store_integer(a->data, size, i, dtype == TMO_BOOL
			              ? draw_integer(dist, i, &state) & 1
			              : draw_integer(dist, i, &state));
	}
}

/* "16x3x3" or "-"; -1 if it is neither. */
static int
parse_shape(const char *text, size_t *shape)
{
	int rank = 0;
	char *end;

	if (strcmp(text, "-") == 0)
		return 0;
	for (;; text = end + 1) {
		if (*text < '0' || *text > '9' || rank == TMO_RANK_MAX)
			return -1;
		shape[rank++] = (size_t)strtoull(text, &end, 10);
		if (*end == '\0')
			return rank;
		if (*end != 'x')
			return -1;
	}
}

/* Cuts the last field off text: what stands behind the last colon. */
static char *
last_field(char *text)
{
	char *colon = strrchr(text, ':');

	if (!colon)
		return NULL;
	*colon = '\0';
	return colon + 1;
}

/* Takes the spec apart, from its end since the name may hold colons; t gets zeroed values. */
static int
parse(char *spec, struct tmo_tensor *t, enum dist *dist, struct tmo_error *err)
{
	const char *dist_name = last_field(spec), *shape = last_field(spec), *dtype = last_field(spec);
	int d = 0;

	if (!dtype)
		return tmo_fail_usage(err, "%s: want NAME:DTYPE:SHAPE:DIST", spec);
	for (size_t i = 0; i < sizeof(dtypes) / sizeof(dtypes[0]); i++)
		if (strcmp(dtypes[i].name, dtype) == 0)
			t->dtype = dtypes[i].type;
	while (d < DISTS && strcmp(dists[d], dist_name) != 0)
		d++;
	t->rank = parse_shape(shape, t->shape);
	if (t->dtype == TMO_NONE || d == DISTS || t->rank < 0)
		return tmo_fail_usage(err, "%s: no such type, shape or distribution", spec);
	*dist = (enum dist)d;
	t->name = tmo_copy_string(spec, err);
	if (!t->name || tmo_array_new(&t->values, t->dtype == TMO_F16 ? TMO_F32 : t->dtype, t->rank,
	                              t->shape, err) < 0)
		return -1;
	t->count = t->values.count;
	return 0;
}

static int
write_tensor(struct tmo_writer *w, char *spec, uint64_t seed, struct tmo_error *err)
{
	struct tmo_tensor t = {.output_axis = -1, .input_axis = -1};
	enum dist dist = ZEROS;
	int result = -1;

	if (parse(spec, &t, &dist, err) == 0) {
		fill(&t.values, t.dtype, dist, seed);
		if (t.values.type == TMO_F32)
			t.data = t.values.data;
		else if (t.values.type == TMO_F64)
			t.data64 = t.values.data;
		result = tmo_writer_tensor(w, &t, NULL, err);
	}
	tmo_tensor_free(&t);
	return result;
}

static int
write_stream(int argc, char **argv, struct tmo_error *err)
{
	struct tmo_sink *sink = tmo_sink_fd(STDOUT_FILENO, err);
	struct tmo_writer *w = sink ? tmo_writer_open(sink, NULL, err) : NULL;
	uint64_t seed = 0;
	int result = w ? 0 : -1;

	for (int i = 1; i < argc - 1; i++)
		if (strcmp(argv[i], "--seed") == 0)
			seed = strtoull(argv[i + 1], NULL, 10);
	for (int i = 1; i < argc && result == 0; i++) {
		if (strcmp(argv[i], "--seed") == 0)
			i++;
		else
			result = write_tensor(w, argv[i], seed * 1000003 + (uint64_t)i, err);
	}
	if (result == 0 && (tmo_writer_finish(w, err) < 0 || tmo_sink_finish(sink, err) < 0))
		result = -1;
	if (w)
		tmo_writer_close(w);
	if (sink)
		tmo_sink_close(sink);
	return result;
}

int
main(int argc, char **argv)
{
	struct tmo_error err = {0};

	if (write_stream(argc, argv, &err) == 0)
		return 0;
	fprintf(stderr, "mkstream: %s\n", err.text);
	return err.kind == TMO_ERROR_USAGE ? 2 : 1;
}
