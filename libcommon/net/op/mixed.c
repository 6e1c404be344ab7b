/* SPDX-License-Identifier: Apache-2.0 */
#include "net/op/mixed.h"

#include "base/element_type.h"
#include "base/minifloat.h"
#include "kernel/integers.h"
#include "tensor/tensor.h"

enum { PIECE = 256 };

/* Elements i … i + n - 1 of an operand as doubles. */
static void
doubles_of(enum tmo_type type, struct tmo_side x, size_t i, size_t n, double *out)
{
	const char *const at = (const char *)x.data + i * x.step * tmo_type_size(type);

	if (x.step != 0) {
		tmo_to_f64(out, type, at, n);
		return;
	}
	tmo_to_f64(out, type, at, 1);
	for (size_t k = 1; k < n; k++)
		out[k] = out[0];
}

static void
floats_of(enum tmo_type type, struct tmo_side x, size_t i, size_t n, float *out)
{
	double wide[PIECE];

	doubles_of(type, x, i, n, wide);
	for (size_t k = 0; k < n; k++)
		out[k] = (float)wide[k];
}

/* The least and the largest number of a type that has so many bits, as floats that it can have. */
#define NEAREST(c_type, least, beyond, largest) { \
		c_type *const out = y; \
		for (size_t i = 0; i < n; i++) \
			out[i] = x[i] >= beyond ? largest : x[i] <= least ? (c_type)least : \
			         x[i] == x[i] ? (c_type)x[i] : 0; \
		break; \
	}

void
tmo_integers_of(enum tmo_type type, const float *x, void *y, size_t n)
{
	switch (type) {
	case TMO_U8: NEAREST(uint8_t, 0.0f, 0x1p8f, UINT8_MAX)
	case TMO_U16: NEAREST(uint16_t, 0.0f, 0x1p16f, UINT16_MAX)
	case TMO_U32: NEAREST(uint32_t, 0.0f, 0x1p32f, UINT32_MAX)
	case TMO_U64: NEAREST(uint64_t, 0.0f, 0x1p64f, UINT64_MAX)
	case TMO_I8: NEAREST(int8_t, -0x1p7f, 0x1p7f, INT8_MAX)
	case TMO_I16: NEAREST(int16_t, -0x1p15f, 0x1p15f, INT16_MAX)
	case TMO_I32: NEAREST(int32_t, -0x1p31f, 0x1p31f, INT32_MAX)
	case TMO_I64: NEAREST(int64_t, -0x1p63f, 0x1p63f, INT64_MAX)
	default: break;
	}
}

static void
power_of_floats(const struct tmo_kernels *kernels, enum tmo_type a_type, struct tmo_side a, enum tmo_type b_type,
                struct tmo_side b, void *y, size_t n)
{
	float u[PIECE], v[PIECE];

	for (size_t i = 0; i < n; i += PIECE) {
		const size_t part = n - i < PIECE ? n - i : PIECE;
		char *const out = (char *)y + i * tmo_type_size(a_type);

		floats_of(a_type, a, i, part, u);
		floats_of(b_type, b, i, part, v);
		tmo_binary(kernels, TMO_BINARY_POWER, 1, part, (struct tmo_operand){u, 0, 1}, (struct tmo_operand){v, 0, 1}, u, 0);
		if (a_type == TMO_F32)
			tmo_from_f32(out, TMO_F32, u, part);
		else
			tmo_integers_of(a_type, u, out, part);
	}
}

/* Element i of an operand; what is too large for int64_t wraps around. */
static int64_t
integer_at(enum tmo_type type, struct tmo_side x, size_t i)
{
	const struct tmo_array array = { .type = type, .data = (void *)(uintptr_t)x.data };

	return tmo_array_integer(&array, i * x.step);
}

void
tmo_store_integer(enum tmo_type type, void *y, size_t i, uint64_t number)
{
	switch (tmo_type_size(type)) {
	case 1: ((uint8_t *)y)[i] = (uint8_t)number; break;
	case 2: ((uint16_t *)y)[i] = (uint16_t)number; break;
	case 4: ((uint32_t *)y)[i] = (uint32_t)number; break;
	default: ((uint64_t *)y)[i] = number; break;
	}
}

void
tmo_power_mixed(const struct tmo_kernels *kernels, enum tmo_type a_type, struct tmo_side a,
                enum tmo_type b_type, struct tmo_side b, void *y, size_t n)
{
	if (tmo_type_is_float(a_type) || tmo_type_is_float(b_type)) {
		power_of_floats(kernels, a_type, a, b_type, b, y, n);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const int64_t base = integer_at(a_type, a, i), exponent = integer_at(b_type, b, i);
		int64_t power;

		tmo_integer_pair(TMO_BINARY_POWER, b_type == TMO_U64 ? TMO_U64 : TMO_I64, (struct tmo_side){&base, 0},
		                 (struct tmo_side){&exponent, 0}, &power, 1);
		tmo_store_integer(a_type, y, i, (uint64_t)power);
	}
}

#define COMPARE(function, comparison) \
	case function: \
		for (size_t k = 0; k < part; k++) \
			y[i + k] = u[k] comparison v[k]; \
		break;

void
tmo_compare_floats(enum tmo_comparison f, enum tmo_type type, struct tmo_side a, struct tmo_side b,
                   uint8_t *y, size_t n)
{
	double u[PIECE], v[PIECE];

	for (size_t i = 0; i < n; i += PIECE) {
		const size_t part = n - i < PIECE ? n - i : PIECE;

		doubles_of(type, a, i, part, u);
		doubles_of(type, b, i, part, v);
		switch (f) {
		COMPARE(TMO_COMPARE_EQUAL, ==)
		COMPARE(TMO_COMPARE_LESS, <)
		COMPARE(TMO_COMPARE_LESS_OR_EQUAL, <=)
		COMPARE(TMO_COMPARE_GREATER, >)
		COMPARE(TMO_COMPARE_GREATER_OR_EQUAL, >=)
		default: break;
		}
	}
}
