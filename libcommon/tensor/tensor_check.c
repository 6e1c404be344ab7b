/* SPDX-License-Identifier: Apache-2.0 */
/* Whether what a tensor says of itself belongs together, before it is written. */
#include <string.h>

#include "base/element_type.h"
#include "tensor/encoding.h"

static bool
is_type(enum tmo_type type)
{
	return type >= TMO_BOOL && type <= TMO_F8E5M2;
}

/* A type, a rank, and as many elements as the shape says; an array that is absent is right. */
static int
check_array(const struct tmo_array *a, const char *what, struct tmo_error *err)
{
	char shape[80];
	size_t count;

	if (a->data == NULL)
		return 0;
	if (!is_type(a->type))
		return tmo_fail(err, "%s has no element type; make it with tmo_array_new", what);
	if (a->rank < 0 || a->rank > TMO_RANK_MAX)
		return tmo_fail(err, "%s has rank %d, 0 to %d are possible; make it with tmo_array_new",
		                what, a->rank, TMO_RANK_MAX);
	if (tmo_shape_count(a->rank, a->shape, tmo_type_size(a->type), &count, err) < 0)
		return -1;
	if (a->count != count)
		return tmo_fail(err, "%s has %zu elements, its shape %s makes %zu; make it with "
		                "tmo_array_new", what, a->count,
		                tmo_shape_text(a->rank, a->shape, shape, sizeof(shape)), count);
	return 0;
}

static int
check_parameter(const struct tmo_array *a, const char *what, struct tmo_error *err)
{
	if (check_array(a, what, err) < 0)
		return -1;
	if (a->data != NULL && !tmo_type_has_npy(a->type))
		return tmo_fail(err, "%s is %s, which .npy has no name for; make it f32", what,
		                tmo_type_name(a->type));
	return 0;
}

static int
check_encoding(const struct tmo_tensor *t, struct tmo_error *err)
{
	if (t->bits < 1 || t->bits > 64)
		return tmo_fail(err, "bits is %d, 1 to 64 are possible; set it", t->bits);
	if (check_parameter(&t->codes, "codes", err) < 0 ||
	    check_parameter(&t->codebook, "codebook", err) < 0 ||
	    check_parameter(&t->scale, "scale", err) < 0 ||
	    check_parameter(&t->zero_point, "zero_point", err) < 0)
		return -1;
	if (t->code != TMO_NONE && !(is_type(t->code) && tmo_type_is_float(t->code)))
		return tmo_fail(err, "code is no float type; set it to one, or to TMO_NONE");
	return tmo_encoding_check(t, err);
}

/* Whether values of this type can be rounded to the tensor's, or are of it. */
static bool
can_become(enum tmo_type type, enum tmo_type dtype)
{
	return type == dtype || (type == TMO_F32 && tmo_type_is_float(dtype) && dtype != TMO_F64);
}

static int
check_values(const struct tmo_tensor *t, struct tmo_error *err)
{
	const struct tmo_array *const v = &t->values;
	char its[80], wanted[80];

	if (v->data == NULL)
		return tmo_fail(err, "neither values nor codes; keep the values, or fill codes");
	if (check_array(v, "values", err) < 0)
		return -1;
	if (v->rank != t->rank || memcmp(v->shape, t->shape, sizeof(size_t) * (size_t)t->rank) != 0)
		return tmo_fail(err, "values of shape %s, the tensor's is %s; change both",
		                tmo_shape_text(v->rank, v->shape, its, sizeof(its)),
		                tmo_shape_text(t->rank, t->shape, wanted, sizeof(wanted)));
	if (!can_become(v->type, t->dtype))
		return tmo_fail(err, "values are %s, the tensor is %s; change both",
		                tmo_type_name(v->type), tmo_type_name(t->dtype));
	if ((t->data != NULL && (void *)t->data != v->data) ||
	    (t->data64 != NULL && (void *)t->data64 != v->data))
		return tmo_fail(err, "data is not that of values; change the numbers where they are");
	return 0;
}

int
tmo_tensor_check(const struct tmo_tensor *t, struct tmo_error *err)
{
	char shape[80];
	size_t count;

	if (t->name == NULL)
		return tmo_fail(err, "no name; keep the one that it came with, or set another");
	if (!is_type(t->dtype))
		return tmo_fail(err, "no dtype; keep the one that it came with");
	if (t->rank < 0 || t->rank > TMO_RANK_MAX)
		return tmo_fail(err, "rank %d, 0 to %d are possible; set it", t->rank, TMO_RANK_MAX);
	if (tmo_shape_count(t->rank, t->shape, sizeof(double), &count, err) < 0)
		return -1;
	if (t->count != count)
		return tmo_fail(err, "count is %zu, its shape %s makes %zu; set both", t->count,
		                tmo_shape_text(t->rank, t->shape, shape, sizeof(shape)), count);
	return tmo_is_encoded(t) ? check_encoding(t, err) : check_values(t, err);
}
