/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "affine.h"
#include "cast.h"
#include "encode.h"
#include "float.h"
#include "io.h"

/* Which elements share a scale, and the shape of the scales. */
static struct layout
lay_out(struct tmo_tensor *t, const struct integers *how, size_t *shape)
{
	const int axis = how->granularity == PER_GROUP ? t->input_axis : t->output_axis;

	for (int a = 0; a < t->rank; a++)
		shape[a] = 1;
	if (how->granularity == PER_TENSOR)
		return quant_layout_whole(t->count);
	if (how->granularity == PER_CHANNEL) {
		shape[axis] = t->shape[axis];
		return quant_layout_channels(t->rank, t->shape, axis);
	}
	for (int a = 0; a < t->rank; a++)
		shape[a] = t->shape[a];
	shape[axis] = (t->shape[axis] - 1) / how->group + 1;
	/* One group of all, or groups of one, are plain entries. */
	if (how->group > 1 && how->group < t->shape[axis]) {
		t->blocked = true;
		for (int a = 0; a < t->rank; a++)
			t->block[a] = 1;
		t->block[axis] = how->group;
	}
	return quant_layout_groups(t->rank, t->shape, axis, how->group);
}

/* The arrays beside the codes, and the work. */
static int
run_affine(struct tmo_tensor *t, struct affine *a, const size_t *shape, int threads,
           struct tmo_error *err)
{
	if (tmo_array_new(&t->scale, a->wide ? TMO_F64 : TMO_F32, t->rank, shape, err) < 0)
		return -1;
	if (!a->range.symmetric &&
	    tmo_array_new(&t->zero_point, TMO_U8, t->rank, shape, err) < 0)
		return -1;
	a->scale = t->scale.data;
	a->zero_point = t->zero_point.data;
	return quant_affine(a, threads, err);
}

/* Of the narrow types a number a little beyond the largest rounds to it, not to infinity. */
static struct code_range
code_range(const struct tmo_tensor *t, const struct integers *how)
{
	const double slack = tmo_type_size(t->dtype) < sizeof(float) ? 1 + 0x1p-12 : 1;

	return quant_code_range(how->bits, how->symmetric, tmo_type_max(t->dtype) * slack);
}

int
encode_integers(struct tmo_tensor *t, const struct integers *how, int threads,
                struct tmo_error *err)
{
	size_t shape[TMO_RANK_MAX];
	const struct layout layout = lay_out(t, how, shape);
	struct affine a = {
		.layout = &layout, .range = code_range(t, how),
		.wide = t->data64 != NULL, .what = "index",
	};

	a.x = a.wide ? (const void *)t->data64 : (const void *)t->data;
	if (tmo_array_new(&t->codes, how->symmetric ? TMO_I8 : TMO_U8, t->rank, t->shape, err) < 0)
		return -1;
	a.codes = t->codes.data;
	t->code = TMO_NONE;
	t->bits = how->bits;
	return run_affine(t, &a, shape, threads, err);
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

int
encode_codebook(struct tmo_tensor *t, const struct integers *how, struct tmo_error *err)
{
	const struct tmo_array *const c = &t->codebook;
	const bool whole = how->granularity == PER_TENSOR;
	const struct layout layout =
		quant_layout_rows(c->count, whole ? c->count : c->shape[t->rank]);
	struct affine a = {
		.layout = &layout, .range = code_range(t, how),
		.wide = t->dtype == TMO_F64, .what = "codebook index",
	};
	struct tmo_array values = {0};
	size_t shape[TMO_RANK_MAX];
	void *const x = codebook_values(t, a.wide, err);
	int status = -1;

	if (x == NULL || tmo_array_new(&values, how->symmetric ? TMO_I8 : TMO_U8, c->rank, c->shape,
	                               err) < 0)
		goto out;
	for (int i = 0; i < t->rank; i++)
		shape[i] = whole ? 1 : c->shape[i];
	a.x = x;
	a.codes = values.data;
	if (run_affine(t, &a, shape, 1, err) < 0)
		goto out;
	replace_codebook(t, &values);
	status = 0;
out:
	free(x);
	tmo_array_free(&values);
	return status;
}

static int
cast_codebook(struct tmo_tensor *t, enum tmo_type type, bool saturate, struct tmo_error *err)
{
	const struct tmo_array *const c = &t->codebook;
	const bool wide = t->dtype == TMO_F64;
	struct tmo_array half = {0}, values = {0};
	void *const x = codebook_values(t, wide, err);
	int status = -1;

	if (x == NULL || tmo_array_new(&half, TMO_F16, c->rank, c->shape, err) < 0 ||
	    quant_cast(x, wide, c->count, type, saturate, half.data, 1, err) < 0)
		goto out;
	/* No .npy holds bf16: such values are kept as f32. */
	if (type == TMO_BF16) {
		if (tmo_array_new(&values, TMO_F32, c->rank, c->shape, err) < 0)
			goto out;
		tmo_to_f32(values.data, TMO_BF16, half.data, half.count);
		replace_codebook(t, &values);
	} else {
		replace_codebook(t, &half);
	}
	status = 0;
out:
	free(x);
	tmo_array_free(&half);
	return status;
}

int
encode_floats(struct tmo_tensor *t, enum tmo_type type, bool saturate, int threads,
              struct tmo_error *err)
{
	const bool wide = t->data64 != NULL;

	if (t->codebook.data != NULL)
		return cast_codebook(t, type, saturate, err);
	if (tmo_array_new(&t->codes, TMO_U16, t->rank, t->shape, err) < 0)
		return -1;
	t->code = type;
	t->bits = 16;
	return quant_cast(wide ? (const void *)t->data64 : (const void *)t->data, wide, t->count,
	                  type, saturate, t->codes.data, threads, err);
}
