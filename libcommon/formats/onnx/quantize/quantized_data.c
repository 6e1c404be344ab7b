/* SPDX-License-Identifier: Apache-2.0 */
/* quantized_data.c: what a tensor's form needs to know of its arrays, and their bytes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/minifloat.h"
#include "codec/bit_packing.h"
#include "formats/onnx/onnx_dtype.h"
#include "formats/onnx/quantize/quantized_form.h"
#include "tensor/blocks.h"

enum { SOME = 256 };		/* elements that are converted at a time */

/* The array without its data; TMO_NONE if there is none. */
static struct tmo_array
head_of(const struct tmo_array *a)
{
	struct tmo_array head = {0};

	if (a->data == NULL)
		return head;
	head = *a;
	head.data = NULL;
	return head;
}

static const void *
element(const struct tmo_array *a, size_t i)
{
	return (const char *)a->data + i * tmo_type_size(a->type);
}

/* A code that the codebook does not have would make Gather fail, later and elsewhere. */
static int
check_codes(const struct tmo_tensor *t, struct tmo_error *err)
{
	const double values = (double)t->codebook.shape[t->rank];
	double code[SOME];

	for (size_t i = 0; i < t->codes.count; i += SOME) {
		const size_t n = t->codes.count - i < SOME ? t->codes.count - i : SOME;

		tmo_to_f64(code, t->codes.type, element(&t->codes, i), n);
		for (size_t j = 0; j < n; j++)
			if (code[j] < 0 || code[j] >= values)
				return tmo_fail(err, "code %.0f at index %zu is outside the codebook of "
				                "%.0f values; write the tensor again", code[j], i + j,
				                values);
	}
	return 0;
}

static void
look_at_zero_point(const struct tmo_array *z, struct tmo_onnx_facts *f)
{
	double x[SOME];

	f->zero_whole = true;
	for (size_t i = 0; i < z->count; i += SOME) {
		const size_t n = z->count - i < SOME ? z->count - i : SOME;

		tmo_to_f64(x, z->type, element(z, i), n);
		for (size_t j = 0; j < n; j++) {
			f->zero_whole = f->zero_whole && rint(x[j]) == x[j];
			if ((i == 0 && j == 0) || x[j] < f->zero_low)
				f->zero_low = x[j];
			if ((i == 0 && j == 0) || x[j] > f->zero_high)
				f->zero_high = x[j];
		}
	}
}

int
tmo_onnx_facts(const struct tmo_tensor *t, struct tmo_onnx_facts *facts, struct tmo_error *err)
{
	*facts = (struct tmo_onnx_facts){
		.t = {
			.dtype = t->dtype, .rank = t->rank, .count = t->count, .code = t->code,
			.bits = t->bits, .blocked = t->blocked, .codes = head_of(&t->codes),
			.codebook = head_of(&t->codebook), .scale = head_of(&t->scale),
			.zero_point = head_of(&t->zero_point),
		},
	};
	memcpy(facts->t.shape, t->shape, sizeof(t->shape));
	memcpy(facts->t.block, t->block, sizeof(t->block));
	if (t->codebook.data != NULL && check_codes(t, err) < 0)
		return -1;
	if (t->code == TMO_NONE)
		facts->width = tmo_bits_width(t->codes.data, t->codes.type, t->codes.count);
	if (t->zero_point.data != NULL)
		look_at_zero_point(&t->zero_point, facts);
	return 0;
}

/* Numbers into a type that a parameter can have. */
static void
store(void *out, int32_t type, size_t i, double x)
{
	switch (type) {
	case TMO_ONNX_UINT8:
		((uint8_t *)out)[i] = (uint8_t)x;
		break;
	case TMO_ONNX_INT8:
		((int8_t *)out)[i] = (int8_t)x;
		break;
	case TMO_ONNX_UINT16:
		((uint16_t *)out)[i] = (uint16_t)x;
		break;
	case TMO_ONNX_INT16:
		((int16_t *)out)[i] = (int16_t)x;
		break;
	case TMO_ONNX_INT32:
		((int32_t *)out)[i] = (int32_t)x;
		break;
	case TMO_ONNX_FLOAT16:
		((uint16_t *)out)[i] = tmo_f64_to_f16(x);
		break;
	case TMO_ONNX_DOUBLE:
		((double *)out)[i] = x;
		break;
	default:
		((float *)out)[i] = (float)x;
	}
}

/* Which entry of a counts for each number of the part: along an axis a has all of them or one. */
static void
share_entries(const struct tmo_onnx_part *p, const struct tmo_array *a, struct tmo_blocks *b)
{
	size_t block[TMO_RANK_MAX];

	for (int axis = 0; axis < p->rank; axis++)
		block[axis] = a->shape[axis] > 1 ? 1 : 0;
	tmo_blocks_init(b, p->rank, p->entries, block);
}

static int
parameter_data(const struct tmo_onnx_part *p, const struct tmo_array *a, void *out,
               struct tmo_error *err)
{
	const int bits = tmo_onnx_type_bits(p->type);
	struct tmo_blocks b;
	int8_t *small = NULL;
	double x;

	share_entries(p, a, &b);
	if (bits < 8) {
		small = tmo_alloc(p->count, 1, err);
		if (small == NULL)
			return -1;
	}
	for (size_t i = 0; i < p->count; i++) {
		tmo_to_f64(&x, a->type, element(a, p->kind == TMO_ONNX_CODEBOOK ? i :
		                                   tmo_blocks_entry(&b, i)), 1);
		store(small != NULL ? (void *)small : out, small != NULL ? TMO_ONNX_INT8 : p->type, i,
		      x);
	}
	if (small != NULL)
		tmo_bits_pack(small, TMO_I8, p->count, bits, out);
	free(small);
	return 0;
}

/* The first value of each codebook, as a place in all of them. */
static void
offset_data(const struct tmo_onnx_part *p, const struct tmo_tensor *t, void *out)
{
	const size_t values = t->codebook.shape[t->rank];

	for (size_t i = 0; i < p->count; i++)
		store(out, p->type, i, (double)(i * values));
}

/* The block that each place along the axis is in. */
static void
block_data(const struct tmo_onnx_part *p, const struct tmo_tensor *t, void *out)
{
	for (size_t i = 0; i < p->count; i++)
		store(out, p->type, i, (double)(i / t->block[p->axis]));
}

/* The array as rows of what it has as columns; what rows have beyond those stays 0, as quantizers leave it. */
static void
turn(const struct tmo_onnx_part *p, const struct tmo_array *a, unsigned char *out)
{
	const size_t size = tmo_type_size(a->type), rows = p->turned.rows, keep = a->count / rows;
	const unsigned bits = (unsigned)p->turned.bits, mask = (1u << bits) - 1;
	const unsigned char *in = a->data;

	for (size_t r = 0; r < rows; r++)
		for (size_t k = 0; k < keep; k++) {
			const size_t at = r * p->turned.row + k;

			if (bits == 0)
				memcpy(out + at * size, in + (k * rows + r) * size, size);
			else
				out[at * bits / 8] |= (unsigned char)
					(((in[k * rows + r] + p->turned.less) & mask) << (at * bits % 8));
		}
}

int
tmo_onnx_part_data(const struct tmo_onnx_part *part, const struct tmo_tensor *t, void **data,
                   struct tmo_error *err)
{
	*data = tmo_alloc((size_t)part->bytes, 1, err);
	if (*data == NULL)
		return -1;
	if (part->turned.rows > 0) {
		turn(part, part->kind == TMO_ONNX_CODES ? &t->codes : &t->scale, *data);
		return 0;
	}
	switch (part->kind) {
	case TMO_ONNX_CODES:
		tmo_bits_pack(t->codes.data, t->codes.type, part->count,
		              tmo_onnx_type_bits(part->type), *data);
		return 0;
	case TMO_ONNX_OFFSETS:
		offset_data(part, t, *data);
		return 0;
	case TMO_ONNX_BLOCKS:
		block_data(part, t, *data);
		return 0;
	case TMO_ONNX_CODEBOOK:
		return parameter_data(part, &t->codebook, *data, err);
	case TMO_ONNX_SCALE:
		return parameter_data(part, &t->scale, *data, err);
	default:
		return parameter_data(part, &t->zero_point, *data, err);
	}
}
