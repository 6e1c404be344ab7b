/* SPDX-License-Identifier: Apache-2.0 */
#include "net/op/codes.h"

#include <math.h>
#include <string.h>

#include "base/minifloat.h"
#include "tensor/tensor.h"

enum { PIECE = 256 };

void
tmo_read_reals(const struct tmo_array *a, size_t first, size_t count, float *out)
{
	const char *const data = (const char *)a->data + first * tmo_type_size(a->type);
	double wide[PIECE];

	if (a->type == TMO_F32) {
		memcpy(out, data, count * sizeof(*out));
		return;
	}
	for (size_t i = 0; i < count; i += PIECE) {
		const size_t n = count - i < PIECE ? count - i : PIECE;

		tmo_to_f64(wide, a->type, data + i * tmo_type_size(a->type), n);
		for (size_t k = 0; k < n; k++)
			out[i + k] = (float)wide[k];
	}
}

void
tmo_read_codes(const struct tmo_array *a, size_t first, size_t count, int32_t *out)
{
	switch (a->type) {
#define READ(name, type) \
	case name: \
		for (size_t i = 0; i < count; i++) \
			out[i] = (int32_t)((const type *)a->data)[first + i]; \
		break;
	READ(TMO_U8, uint8_t)
	READ(TMO_I8, int8_t)
	READ(TMO_U16, uint16_t)
	READ(TMO_I16, int16_t)
	READ(TMO_U32, uint32_t)
	READ(TMO_I32, int32_t)
#undef READ
	default:
		memset(out, 0, count * sizeof(*out));
	}
}

void
tmo_write_reals(struct tmo_array *a, size_t first, size_t count, const float *in)
{
	switch (a->type) {
#define WRITE(name, type, low, high) \
	case name: \
		for (size_t i = 0; i < count; i++) { \
			const float near = rintf(in[i]); \
 \
			((type *)a->data)[first + i] = !(near > (float)(low)) ? (low) : near >= (float)(high) ? (high) : (type)near; \
		} \
		break;
	WRITE(TMO_BOOL, uint8_t, 0, 1)
	WRITE(TMO_U8, uint8_t, 0, UINT8_MAX)
	WRITE(TMO_I8, int8_t, INT8_MIN, INT8_MAX)
	WRITE(TMO_U16, uint16_t, 0, UINT16_MAX)
	WRITE(TMO_I16, int16_t, INT16_MIN, INT16_MAX)
	WRITE(TMO_U32, uint32_t, 0, UINT32_MAX)
	WRITE(TMO_I32, int32_t, INT32_MIN, INT32_MAX)
	WRITE(TMO_U64, uint64_t, 0, UINT64_MAX)
	WRITE(TMO_I64, int64_t, INT64_MIN, INT64_MAX)
#undef WRITE
	default:
		tmo_from_f32((char *)a->data + first * tmo_type_size(a->type), a->type, in, count);
	}
}

float
tmo_real_of(const struct tmo_step *step, const struct tmo_work *work, int input, size_t i, float otherwise)
{
	float x = otherwise;

	if (input >= 0 && tmo_step_has_input(step, (size_t)input) && i < work->input[input]->count)
		tmo_read_reals(work->input[input], i, 1, &x);
	return x;
}

int32_t
tmo_code_of(const struct tmo_step *step, const struct tmo_work *work, int input, size_t i)
{
	int32_t code = 0;

	if (input >= 0 && tmo_step_has_input(step, (size_t)input) && i < work->input[input]->count)
		tmo_read_codes(work->input[input], i, 1, &code);
	return code;
}

enum tmo_type
tmo_attribute_type(const struct tmo_step *step, const char *name)
{
	static const enum tmo_type types[] = {
		[1] = TMO_F32, [2] = TMO_U8, [3] = TMO_I8, [4] = TMO_U16, [5] = TMO_I16, [6] = TMO_I32, [10] = TMO_F16,
		[11] = TMO_F64, [16] = TMO_BF16, [17] = TMO_F8E4M3, [19] = TMO_F8E5M2,
	};
	const int64_t number = tmo_node_number(step->node, name, 0);

	return number >= 0 && (size_t)number < sizeof(types) / sizeof(types[0]) ? types[number] : TMO_NONE;
}

void
tmo_codes_multiply(const int32_t *a, const int32_t *b, size_t rows, size_t depth, size_t columns, int32_t *y)
{
	memset(y, 0, rows * columns * sizeof(*y));
	for (size_t i = 0; i < rows; i++)
		for (size_t k = 0; k < depth; k++) {
			const uint32_t factor = (uint32_t)a[i * depth + k];
			const int32_t *const row = b + k * columns;
			int32_t *const sums = y + i * columns;

			for (size_t j = 0; factor != 0 && j < columns; j++)
				sums[j] = (int32_t)((uint32_t)sums[j] + factor * (uint32_t)row[j]);
		}
}
