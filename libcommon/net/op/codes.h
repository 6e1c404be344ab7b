/* SPDX-License-Identifier: Apache-2.0 */
/* codes.h: elements of any type as floats or integers, and back: what operators over integers read and write. */
#ifndef TMO_CODES_H
#define TMO_CODES_H

#include "net/step.h"

/* Elements first … first + count - 1 as f32. */
void tmo_read_reals(const struct tmo_array *a, size_t first, size_t count, float *out);
/* The same of integers of at most 32 bits, as i32 (of u32: its bits). */
void tmo_read_codes(const struct tmo_array *a, size_t first, size_t count, int32_t *out);
/* Into elements of any type: of a float rounded; of an integer rounded half to even, and saturated (NaN: the least). */
void tmo_write_reals(struct tmo_array *a, size_t first, size_t count, const float *in);

/* Element i of input number `input`, which may be left out (-1 or not there): then it is `otherwise`. */
float tmo_real_of(const struct tmo_step *step, const struct tmo_work *work, int input, size_t i, float otherwise);
int32_t tmo_code_of(const struct tmo_step *step, const struct tmo_work *work, int input, size_t i);

/* The type that an attribute has by ONNX's number of it; TMO_NONE: there is no such attribute, or no such type here. */
enum tmo_type tmo_attribute_type(const struct tmo_step *step, const char *name);

/* Codes as weights and pictures have them: of 8 bits. */
static inline bool
tmo_type_is_code(enum tmo_type type)
{
	return type == TMO_U8 || type == TMO_I8;
}

/*
 * A sum of products of codes, exact as long as 32 bits hold it: y[rows][columns] = a[rows][depth] * b[depth][columns].
 */
void tmo_codes_multiply(const int32_t *a, const int32_t *b, size_t rows, size_t depth, size_t columns, int32_t *y);

#endif
