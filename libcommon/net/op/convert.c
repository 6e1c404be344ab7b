/* SPDX-License-Identifier: Apache-2.0 */
/* convert.c: values in another type. */
#include <string.h>

#include "base/math/float_bits.h"
#include "base/minifloat.h"
#include "net/op/op.h"
#include "net/step_run.h"
#include "tensor/tensor.h"

static int
run_float_conversion(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	(void)step;
	(void)err;
	tmo_array_convert(work->input[0], work->output[0]);
	return 0;
}

const struct tmo_version tmo_float_conversion = { .since = 1, .run = run_float_conversion };

const struct tmo_node tmo_float_conversion_node = {
	.domain = "", .type = "Cast", .name = "", .input_count = 1, .output_count = 1,
	.input = (size_t[]){0}, .output = (size_t[]){0},
};

/* ---- Cast, CastLike ---- */

int
tmo_shape_cast(struct tmo_step *step, struct tmo_error *err)
{
	const enum tmo_type type = tmo_node_type(step->node, "to", TMO_NONE);

	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	if (type == TMO_NONE)
		return tmo_fail_unsupported(err, "a cast to type %jd of ONNX", (intmax_t)tmo_node_number(step->node, "to", 0));
	tmo_step_give(step, 0, type, step->input[0].rank, step->input[0].shape);
	return 0;
}

int
tmo_shape_cast_like(struct tmo_step *step, struct tmo_error *err)
{
	if (tmo_step_expect(step, 2, err) < 0)
		return -1;
	tmo_step_give(step, 0, step->input[1].type, step->input[0].rank, step->input[0].shape);
	return 0;
}

#define PIECE 256

static void
put_integers(const int64_t *from, enum tmo_type type, void *to, size_t n)
{
	switch (tmo_type_size(type)) {
	case 1:
		for (size_t i = 0; i < n; i++)
			((uint8_t *)to)[i] = (uint8_t)from[i];
		break;
	case 2:
		for (size_t i = 0; i < n; i++)
			((uint16_t *)to)[i] = (uint16_t)from[i];
		break;
	case 4:
		for (size_t i = 0; i < n; i++)
			((uint32_t *)to)[i] = (uint32_t)from[i];
		break;
	default:
		memcpy(to, from, n * sizeof(*from));
		break;
	}
}

/* The fraction is cut off; what is beyond the type is its nearest number, NaN is 0: where C leaves it open. */
static int64_t
cut_to_integer(double x, enum tmo_type type)
{
	const int bits = 8 * (int)tmo_type_size(type) - tmo_type_is_signed(type);
	const double above = (bits == 64 ? 0x1p64 : (double)((uint64_t)1 << bits));
	const double below = tmo_type_is_signed(type) ? -above : 0.0;
	const uint64_t largest = UINT64_MAX >> (64 - bits);

	if (x != x)
		return 0;
	if (x >= above)
		return (int64_t)largest;
	if (x <= below)
		return tmo_type_is_signed(type) ? -(int64_t)largest - 1 : 0;
	return x < 0x1p63 ? (int64_t)x : (int64_t)(uint64_t)x;
}

/*
 * For the 8-bit floats: with `saturate` what is beyond the largest number is that number, infinity too;
 * without, it is NaN or infinity. Any NaN becomes one NaN.
 */
static void
put_floats(double *from, enum tmo_type type, bool saturate, void *to, size_t n)
{
	const double most = tmo_type_max(type);

	for (size_t i = 0; i < n; i++) {
		const double x = from[i];

		if (x != x)
			from[i] = tmo_f64_of_bits(UINT64_C(0x7ff8000000000000));
		else if (saturate && (x > most || x < -most))
			from[i] = x > 0 ? most : -most;
	}
	tmo_from_f64(to, type, from, n);
}

static void
cast_floats(const struct tmo_array *x, const void *in, enum tmo_type type, bool saturate, void *out, size_t n)
{
	double number[PIECE];
	int64_t integer[PIECE];

	tmo_to_f64(number, x->type, in, n);
	if (tmo_type_is_float(type)) {
		put_floats(number, type, saturate, out, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		integer[i] = type == TMO_BOOL ? number[i] != 0 : cut_to_integer(number[i], type);
	put_integers(integer, type, out, n);
}

/* Integers wrap around; one of 64 bits becomes an f32 in one rounding, which two, by way of f64, might miss. */
static void
cast_integers(const struct tmo_array *x, size_t first, enum tmo_type type, bool saturate, void *out, size_t n)
{
	int64_t integer[PIECE];
	double number[PIECE];

	for (size_t i = 0; i < n; i++) {
		integer[i] = tmo_array_integer(x, first + i);
		if (x->type == TMO_BOOL || type == TMO_BOOL)
			integer[i] = integer[i] != 0;
		number[i] = x->type == TMO_U64 ? (double)(uint64_t)integer[i] : (double)integer[i];
		if (type == TMO_F32)
			((float *)out)[i] = x->type == TMO_U64 ? (float)(uint64_t)integer[i] : (float)integer[i];
	}
	if (!tmo_type_is_float(type))
		put_integers(integer, type, out, n);
	else if (type != TMO_F32)
		put_floats(number, type, saturate, out, n);
}

int
tmo_run_cast(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const x = work->input[0], *const y = work->output[0];
	const size_t size = tmo_type_size(x->type);
	const bool is_8_bit = y->type == TMO_F8E4M3 || y->type == TMO_F8E5M2;
	const bool saturate = is_8_bit && tmo_node_number(step->node, "saturate", 1) != 0;

	(void)err;
	if (x->type == y->type) {
		memcpy(y->data, x->data, x->count * size);
		return 0;
	}
	for (size_t i = 0; i < x->count; i += PIECE) {
		const size_t n = x->count - i < PIECE ? x->count - i : PIECE;
		void *const out = (char *)y->data + i * tmo_type_size(y->type);

		if (tmo_type_is_float(x->type))
			cast_floats(x, (const char *)x->data + i * size, y->type, saturate, out, n);
		else
			cast_integers(x, i, y->type, saturate, out, n);
	}
	return 0;
}
