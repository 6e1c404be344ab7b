/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/minifloat.h"
#include "tensor/blocks.h"
#include "tensor/encoding.h"

#define CHUNK ((size_t)1 << 16)		/* elements that one thread decodes at a time */

/* Whether p has the tensor's rank (and `more` axes), with 1, n or ceil(n / block) entries each. */
static int
check_shape(const struct tmo_tensor *t, const struct tmo_array *p, const char *what, int more,
            struct tmo_error *err)
{
	if (p->data == NULL)
		return 0;
	if (p->rank != t->rank + more)
		return tmo_fail(err, "%s has rank %d, the tensor %d; write it again", what, p->rank,
		                t->rank);
	for (int a = 0; a < t->rank; a++) {
		const size_t n = t->shape[a], b = t->blocked ? t->block[a] : 1;
		const size_t blocks = n / b + (n % b != 0);

		if (p->shape[a] != 1 && p->shape[a] != n && p->shape[a] != blocks)
			return tmo_fail(err, "%s has %zu entries along axis %d of %zu; write it again",
			                what, p->shape[a], a, n);
	}
	return 0;
}

static int
check_codes(const struct tmo_tensor *t, struct tmo_error *err)
{
	const struct tmo_array *c = &t->codes;

	if (c->data == NULL)
		return tmo_fail(err, "codes.npy is missing; write the tensor again");
	if (c->rank != t->rank || memcmp(c->shape, t->shape, sizeof(size_t) * (size_t)t->rank) != 0)
		return tmo_fail(err, "codes have another shape than tensor.yaml says; write it again");
	if (!tmo_type_is_integer(c->type))
		return tmo_fail(err, "codes are %s, not integers; write the tensor again",
		                tmo_type_name(c->type));
	if (t->code != TMO_NONE && (tmo_type_is_signed(c->type) ||
	    tmo_type_size(c->type) != tmo_type_size(t->code)))
		return tmo_fail(err, "codes are %s, which %s bit patterns do not fit; write it again",
		                tmo_type_name(c->type), tmo_type_name(t->code));
	return 0;
}

int
tmo_encoding_check(const struct tmo_tensor *t, struct tmo_error *err)
{
	if (check_codes(t, err) < 0)
		return -1;
	if (!tmo_type_is_float(t->dtype))
		return tmo_fail(err, "dtype %s cannot be encoded; only floats can",
		                tmo_type_name(t->dtype));
	if (t->blocked)
		for (int a = 0; a < t->rank; a++)
			if (t->block[a] == 0)
				return tmo_fail(err, "block of 0 along axis %d; write it again", a);
	if (t->code != TMO_NONE && t->codebook.data != NULL)
		return tmo_fail(err, "a codebook needs integer codes, not %s; write it again",
		                tmo_type_name(t->code));
	if (t->codebook.data != NULL && t->codebook.rank > 0 &&
	    t->codebook.shape[t->codebook.rank - 1] == 0 && t->count != 0)
		return tmo_fail(err, "the codebook is empty; write the tensor again");
	if (check_shape(t, &t->codebook, "codebook", 1, err) < 0 ||
	    check_shape(t, &t->scale, "scale", 0, err) < 0)
		return -1;
	return check_shape(t, &t->zero_point, "zero_point", 0, err);
}

/* One decoding, in f32 or f64: `wide` says which of the pointers hold. */
struct decoding {
	const struct tmo_tensor *t;
	bool wide;
	void *codebook, *scale, *zero_point;	/* float or double each; NULL: absent */
	struct tmo_blocks codebook_blocks, scale_blocks, zero_blocks;
	size_t values;				/* in one codebook */
	size_t *bad;				/* per chunk: 1 + index of a code beyond it, or 0 */
};

#define REAL float
#define NAME(x) x##_f32
#include "tensor/decode_body.h"
#undef REAL
#undef NAME
#define REAL double
#define NAME(x) x##_f64
#include "tensor/decode_body.h"
#undef REAL
#undef NAME

static void
decode_chunk(void *arg, size_t i)
{
	struct decoding *d = arg;
	const size_t start = i * CHUNK;
	const size_t end = d->t->count - start < CHUNK ? d->t->count : start + CHUNK;

	if (d->wide)
		decode_f64(d, (double *)d->t->values.data, start, end);
	else
		decode_f32(d, (float *)d->t->values.data, start, end);
}

/* p's numbers as float or double; *out stays NULL if p is absent. */
static int
parameter(const struct tmo_array *p, bool wide, void **out, struct tmo_error *err)
{
	double *numbers;

	if (p->data == NULL)
		return 0;
	numbers = tmo_alloc(p->count, sizeof(double), err);
	if (numbers == NULL)
		return -1;
	tmo_to_f64(numbers, p->type, p->data, p->count);
	/* In place from the front: a float never stands behind the double that it comes from. */
	for (size_t i = 0; i < p->count && !wide; i++) {
		const float x = (float)numbers[i];

		memcpy((char *)numbers + i * sizeof(x), &x, sizeof(x));
	}
	*out = numbers;
	return 0;
}

static void
point_data(struct tmo_tensor *t)
{
	t->data = t->values.type == TMO_F32 ? t->values.data : NULL;
	t->data64 = t->values.type == TMO_F64 ? t->values.data : NULL;
}

/* Rounds f32 values to what t->dtype can hold; they stay f32. */
static void
round_to_dtype(struct tmo_tensor *t)
{
	uint16_t narrow[256];

	if (t->data == NULL || t->dtype == TMO_F32)
		return;
	for (size_t i = 0; i < t->count; i += 256) {
		const size_t n = t->count - i < 256 ? t->count - i : 256;

		tmo_from_f32(narrow, t->dtype, t->data + i, n);
		tmo_to_f32(t->data + i, t->dtype, narrow, n);
	}
}

int
tmo_tensor_decode(struct tmo_tensor *t, int threads, struct tmo_error *err)
{
	const size_t chunks = t->count / CHUNK + 1;
	struct decoding d = {.t = t, .wide = t->dtype == TMO_F64};
	int status = -1;

	assert(tmo_is_encoded(t) && t->codes.count == t->count && tmo_type_is_float(t->dtype));
	tmo_array_free(&t->values);
	if (tmo_array_new(&t->values, d.wide ? TMO_F64 : TMO_F32, t->rank, t->shape, err) < 0)
		return -1;
	d.bad = tmo_alloc(chunks, sizeof(*d.bad), err);
	if (d.bad == NULL || parameter(&t->codebook, d.wide, &d.codebook, err) < 0 ||
	    parameter(&t->scale, d.wide, &d.scale, err) < 0 ||
	    parameter(&t->zero_point, d.wide, &d.zero_point, err) < 0)
		goto out;
	if (d.codebook != NULL)
		tmo_blocks_of_encoding(&d.codebook_blocks, t, &t->codebook);
	if (d.scale != NULL)
		tmo_blocks_of_encoding(&d.scale_blocks, t, &t->scale);
	if (d.zero_point != NULL)
		tmo_blocks_of_encoding(&d.zero_blocks, t, &t->zero_point);
	d.values = d.codebook != NULL ? t->codebook.shape[t->rank] : 0;
	if (t->count > 0)
		tmo_parallel_for(threads, (t->count + CHUNK - 1) / CHUNK, decode_chunk, &d);
	point_data(t);
	status = 0;
	for (size_t i = 0; i < chunks && status == 0; i++)
		if (d.bad[i] != 0)
			status = tmo_fail(err, "code at index %zu is beyond the codebook of %zu values; "
			                  "write the tensor again", d.bad[i] - 1, d.values);
	if (status == 0)
		round_to_dtype(t);
out:
	free(d.bad);
	free(d.codebook);
	free(d.scale);
	free(d.zero_point);
	return status;
}

int
tmo_tensor_widen(struct tmo_tensor *t, struct tmo_error *err)
{
	struct tmo_array wide = {0};

	if (!tmo_type_is_float(t->dtype) || t->values.data == NULL)
		return 0;
	if (t->values.type != TMO_F32 && t->values.type != TMO_F64) {
		if (tmo_array_new(&wide, TMO_F32, t->rank, t->shape, err) < 0)
			return -1;
		tmo_to_f32(wide.data, t->values.type, t->values.data, t->count);
		tmo_array_free(&t->values);
		t->values = wide;
	}
	point_data(t);
	return 0;
}

int
tmo_make_plain(struct tmo_tensor *t, int threads, struct tmo_error *err)
{
	if (!tmo_is_encoded(t))
		return 0;
	if (tmo_tensor_decode(t, threads, err) < 0)
		return -1;
	tmo_forget_encoding(t);
	return 0;
}

int
tmo_tensor_narrow(struct tmo_tensor *t, struct tmo_error *err)
{
	struct tmo_array narrow = {0};

	if (t->values.type != t->dtype) {
		if (tmo_array_new(&narrow, t->dtype, t->rank, t->shape, err) < 0)
			return -1;
		tmo_from_f32(narrow.data, t->dtype, (const float *)t->values.data, t->count);
		tmo_array_free(&t->values);
		t->values = narrow;
	}
	point_data(t);
	return 0;
}
