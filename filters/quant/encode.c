/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "affine.h"
#include "base/memory.h"
#include "base/minifloat.h"
#include "cast.h"
#include "codebook_usage.h"
#include "encode.h"
#include "nonfinite.h"
#include "nonuniform.h"

/* The arrays beside the codes, and the work. */
static int
run_affine(struct tmo_tensor *t, struct affine *a, int threads, struct tmo_error *err)
{
	const size_t *const shape = a->blocks->entries_along;

	if (tmo_array_new(&t->scale, a->wide ? TMO_F64 : TMO_F32, t->rank, shape, err) < 0)
		return -1;
	if (!a->fit.codes.symmetric &&
	    tmo_array_new(&t->zero_point, TMO_U8, t->rank, shape, err) < 0)
		return -1;
	a->scale = t->scale.data;
	a->zero_point = t->zero_point.data;
	return quant_affine(a, threads, err);
}

static struct fit
fit_of(const struct tmo_tensor *t, const struct coding *how)
{
	/* Of the narrow types a number a little beyond the largest rounds to it, not to infinity. */
	const double slack = tmo_type_size(t->dtype) < sizeof(float) ? 1 + 0x1p-12 : 1;
	const double limit = tmo_type_max(t->dtype) * slack;
	struct fit fit = {
		.method = how->method, .percentile = how->percentile, .pow2 = how->pow2,
		.tell = how->tell, .tell_arg = how->tell_arg,
		.codes = how->kind == CODE_INT ? quant_code_range(how->bits, how->symmetric, limit) :
			quant_code_range_of(how->kind, limit),
	};

	fit.codes.away = how->away;
	fit.codes.by_factor = how->by_factor;
	fit.codes.precise = how->precise;
	fit.codes.blocked = how->blocked;
	if (how->lowest) {
		fit.codes.low--;
		fit.codes.steps += 0.5;
	}
	return fit;
}

/* The float type of the codes; TMO_NONE: they are integers. */
static enum tmo_type
code_type(enum code_kind kind)
{
	return kind == CODE_F8E4M3 ? TMO_F8E4M3 : kind == CODE_F8E5M2 ? TMO_F8E5M2 : TMO_NONE;
}

int
quant_code_bits(const struct coding *how)
{
	static const int bits[] = {
		[CODE_F8E4M3] = 8, [CODE_F8E5M2] = 8, [CODE_NF4] = 4, [CODE_TERNARY] = 2,
		[CODE_BINARY] = 1,
	};

	return how->kind == CODE_INT ? how->bits : bits[how->kind];
}

/* The codebook of nf4 and of binary codes, which all tensors share. */
static int
add_codebook(struct tmo_tensor *t, enum code_kind kind, struct tmo_error *err)
{
	const size_t n = kind == CODE_NF4 ? 16 : 2;
	size_t shape[TMO_RANK_MAX];

	if (kind != CODE_NF4 && kind != CODE_BINARY)
		return 0;
	if (t->rank == TMO_RANK_MAX)
		return tmo_fail(err, "no axis is left for a codebook; take --type int");
	for (int i = 0; i < t->rank; i++)
		shape[i] = 1;
	shape[t->rank] = n;
	if (tmo_array_new(&t->codebook, TMO_F32, t->rank + 1, shape, err) < 0)
		return -1;
	memcpy(t->codebook.data, kind == CODE_NF4 ? quant_nf4 : quant_binary, n * sizeof(float));
	return 0;
}

int
quant_encode_values(struct tmo_tensor *t, const struct coding *how, int threads,
                    struct tmo_error *err)
{
	const bool is_signed = how->kind == CODE_TERNARY || (how->kind == CODE_INT && how->symmetric);
	struct tmo_blocks blocks;
	struct affine a = {
		.blocks = &blocks, .fit = fit_of(t, how), .wide = t->data64 != NULL, .what = "index",
	};
	struct nonfinite taken = {0};
	void *const x = a.wide ? (void *)t->data64 : (void *)t->data;
	int status = -1;

	tmo_blocks_of_granularity(&blocks, t, how->granularity, how->group);
	tmo_blocks_tell(&blocks, t);
	a.x = x;
	if (how->keep && quant_nonfinite_take(x, a.wide, t->count, true, &taken, err) < 0)
		return -1;
	if (tmo_array_new(&t->codes, is_signed ? TMO_I8 : TMO_U8, t->rank, t->shape, err) < 0 ||
	    add_codebook(t, how->kind, err) < 0)
		goto out;
	a.codes = t->codes.data;
	t->code = code_type(how->kind);
	t->bits = quant_code_bits(how);
	status = run_affine(t, &a, threads, err);
	if (status == 0)
		quant_nonfinite_encode(&taken, t->code, a.codes);
out:
	quant_nonfinite_restore(&taken, x, a.wide);
	free(taken.list);
	return status;
}

/* The codebook's values as float, or double for an f64 tensor. NULL: no memory. */
static void *
codebook_values(const struct tmo_tensor *t, bool wide, struct tmo_error *err)
{
	const struct tmo_array *const c = &t->codebook;
	void *const x = tmo_alloc(c->count, wide ? sizeof(double) : sizeof(float), err);

	if (x == NULL)
		return NULL;
	if (wide)
		tmo_to_f64(x, c->type, c->data, c->count);
	else
		tmo_to_f32(x, c->type, c->data, c->count);
	return x;
}

/* Puts an array of the same shape in the codebook's place; values is taken over. */
static void
replace_codebook(struct tmo_tensor *t, struct tmo_array *values)
{
	tmo_array_free(&t->codebook);
	t->codebook = *values;
	*values = (struct tmo_array){0};
}

/* fp8 codes, which no .npy names, as the halves of the same value, in place of the codes. */
static int
codes_to_f16(struct tmo_array *codes, enum tmo_type type, struct tmo_error *err)
{
	const uint8_t *const from = codes->data;
	struct tmo_array half = {0};

	if (tmo_array_new(&half, TMO_F16, codes->rank, codes->shape, err) < 0)
		return -1;
	for (size_t i = 0; i < codes->count; i++) {
		float x;

		tmo_to_f32(&x, type, from + i, 1);
		((uint16_t *)half.data)[i] = tmo_f32_to_f16(x);
	}
	tmo_array_free(codes);
	*codes = half;
	return 0;
}

int
quant_encode_codebook(struct tmo_tensor *t, const struct coding *how, struct tmo_error *err)
{
	const struct tmo_array *const c = &t->codebook;
	const bool whole = how->granularity == TMO_PER_TENSOR;
	const enum tmo_type type = code_type(how->kind);
	struct tmo_blocks blocks;
	struct affine a = {
		.blocks = &blocks, .fit = fit_of(t, how), .wide = t->dtype == TMO_F64,
		.what = "codebook index",
	};
	struct tmo_array values = {0};
	size_t block[TMO_RANK_MAX];
	double *times = NULL;
	void *const x = codebook_values(t, a.wide, err);
	int status = -1;

	if (x == NULL || tmo_array_new(&values, type == TMO_NONE && how->symmetric ? TMO_I8 : TMO_U8,
	                               c->rank, c->shape, err) < 0)
		goto out;
	if (how->method != FIT_MINMAX && (times = quant_count_uses(t, err)) == NULL)
		goto out;
	for (int i = 0; i < t->rank; i++)
		block[i] = whole ? 0 : 1;
	block[t->rank] = 0;
	tmo_blocks_init(&blocks, c->rank, c->shape, block);
	a.fit.times = times;
	a.x = x;
	a.codes = values.data;
	if (run_affine(t, &a, 1, err) < 0 ||
	    (type != TMO_NONE && codes_to_f16(&values, type, err) < 0))
		goto out;
	replace_codebook(t, &values);
	status = 0;
out:
	free(x);
	free(times);
	tmo_array_free(&values);
	return status;
}

/* No .npy holds bf16 or fp8: such values are kept as f32, or as f16, which holds all of fp8. */
static int
cast_codebook(struct tmo_tensor *t, const struct cast *how, struct tmo_error *err)
{
	const struct tmo_array *const c = &t->codebook;
	const bool wide = t->dtype == TMO_F64;
	struct tmo_array codes = {0}, values = {0};
	void *const x = codebook_values(t, wide, err);
	int status = -1;

	if (x == NULL ||
	    tmo_array_new(&codes, tmo_type_size(how->type) == 2 ? TMO_F16 : TMO_U8, c->rank, c->shape,
	                  err) < 0 ||
	    quant_cast(how, x, wide, c->count, codes.data, 1, err) < 0)
		goto out;
	if (how->type == TMO_BF16) {
		if (tmo_array_new(&values, TMO_F32, c->rank, c->shape, err) < 0)
			goto out;
		tmo_to_f32(values.data, TMO_BF16, codes.data, codes.count);
		replace_codebook(t, &values);
	} else {
		if (how->type != TMO_F16 && codes_to_f16(&codes, how->type, err) < 0)
			goto out;
		replace_codebook(t, &codes);
	}
	status = 0;
out:
	free(x);
	tmo_array_free(&codes);
	return status;
}

int
quant_encode_floats(struct tmo_tensor *t, const struct cast *how, int threads,
                    struct tmo_error *err)
{
	const bool wide = t->data64 != NULL, small = tmo_type_size(how->type) == 1;

	if (t->codebook.data != NULL)
		return cast_codebook(t, how, err);
	if (tmo_array_new(&t->codes, small ? TMO_U8 : TMO_U16, t->rank, t->shape, err) < 0)
		return -1;
	t->code = how->type;
	t->bits = small ? 8 : 16;
	return quant_cast(how, wide ? (const void *)t->data64 : (const void *)t->data, wide, t->count,
	                  t->codes.data, threads, err);
}
