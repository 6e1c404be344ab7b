/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/minifloat.h"
#include "tensor/tensor.h"

int
tmo_shape_count(int rank, const size_t *shape, size_t size, size_t *count, struct tmo_error *err)
{
	size_t bytes;

	*count = 1;
	/* A zero makes the product 0 whatever stands beside it. */
	for (int i = 0; i < rank; i++)
		if (shape[i] == 0)
			*count = 0;
	if (*count == 0)
		return 0;
	for (int i = 0; i < rank; i++)
		if (tmo_mul_size(*count, shape[i], count, err) < 0)
			return -1;
	return tmo_mul_size(*count, size, &bytes, err);
}

char *
tmo_shape_text(int rank, const size_t *shape, char *text, size_t size)
{
	size_t at = 0;

	if (size < 8)
		return text;
	text[at++] = '[';
	for (int i = 0; i < rank; i++) {
		char number[32];
		const int n = snprintf(number, sizeof(number), "%s%zu", i > 0 ? ", " : "", shape[i]);

		if (at + (size_t)n + 5 > size) {
			memcpy(text + at, "...", 3);
			at += 3;
			break;
		}
		memcpy(text + at, number, (size_t)n);
		at += (size_t)n;
	}
	text[at++] = ']';
	text[at] = '\0';
	return text;
}

char *
tmo_shape_short(int rank, const size_t *shape, char *text, size_t size)
{
	size_t at = 0;

	snprintf(text, size, "-");
	for (int i = 0; i < rank; i++) {
		char number[32];
		const int n = snprintf(number, sizeof(number), "%s%zu", i > 0 ? "x" : "", shape[i]);

		if (at + (size_t)n + 4 > size) {
			snprintf(text + at, size - at, "...");
			break;
		}
		memcpy(text + at, number, (size_t)n + 1);
		at += (size_t)n;
	}
	return text;
}

int
tmo_array_new(struct tmo_array *a, enum tmo_type type, int rank, const size_t *shape,
              struct tmo_error *err)
{
	size_t count;
	void *data;

	if (type < TMO_BOOL || type > TMO_F8E5M2)
		return tmo_fail(err, "an array of no element type; name one, such as TMO_F32");
	if (rank < 0 || rank > TMO_RANK_MAX)
		return tmo_fail_unsupported(err, "rank %d; at most %d is supported", rank, TMO_RANK_MAX);
	if (tmo_shape_count(rank, shape, tmo_type_size(type), &count, err) < 0)
		return -1;
	data = tmo_alloc(count, tmo_type_size(type), err);
	if (data == NULL)
		return -1;
	*a = (struct tmo_array){.type = type, .rank = rank, .count = count, .data = data};
	for (int i = 0; i < rank; i++)
		a->shape[i] = shape[i];
	return 0;
}

int64_t
tmo_array_integer(const struct tmo_array *a, size_t i)
{
	switch (a->type) {
	case TMO_I64:
	case TMO_U64:
		return ((const int64_t *)a->data)[i];
	case TMO_I32:
		return ((const int32_t *)a->data)[i];
	case TMO_U32:
		return ((const uint32_t *)a->data)[i];
	case TMO_I16:
		return ((const int16_t *)a->data)[i];
	case TMO_U16:
		return ((const uint16_t *)a->data)[i];
	case TMO_I8:
		return ((const int8_t *)a->data)[i];
	default:
		return ((const uint8_t *)a->data)[i];
	}
}

void
tmo_array_set_integer(const struct tmo_array *a, size_t i, uint64_t number)
{
	const size_t size = tmo_type_size(a->type);
	const double real = (double)(int64_t)number;

	if (tmo_type_is_float(a->type))
		tmo_from_f64((char *)a->data + i * size, a->type, &real, 1);
	else if (size == 1)
		((uint8_t *)a->data)[i] = (uint8_t)number;
	else if (size == 2)
		((uint16_t *)a->data)[i] = (uint16_t)number;
	else if (size == 4)
		((uint32_t *)a->data)[i] = (uint32_t)number;
	else
		((uint64_t *)a->data)[i] = number;
}

void
tmo_array_free(struct tmo_array *a)
{
	free(a->data);
	*a = (struct tmo_array){0};
}

void
tmo_forget_encoding(struct tmo_tensor *t)
{
	tmo_array_free(&t->codes);
	tmo_array_free(&t->codebook);
	tmo_array_free(&t->scale);
	tmo_array_free(&t->zero_point);
	free(t->extra);
	t->extra = NULL;
	t->code = TMO_NONE;
	t->bits = 0;
	t->blocked = false;
}

void
tmo_tensor_free(struct tmo_tensor *t)
{
	tmo_forget_encoding(t);
	tmo_array_free(&t->values);
	free(t->name);
	*t = (struct tmo_tensor){0};
}
