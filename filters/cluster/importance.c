/* SPDX-License-Identifier: Apache-2.0 */
#include "importance.h"

#include <math.h>
#include <string.h>
#include "base/minifloat.h"
#include "tensor/encoding.h"

size_t
cluster_importance_invalid(const float *data, const double *data64, size_t n)
{
	size_t i = 0;

	while (i < n && (data != NULL ? data[i] >= 0.0f && data[i] < INFINITY
	                              : data64[i] >= 0.0 && data64[i] < (double)INFINITY))
		i++;
	return i;
}

/* Integers and bools as f64, floats as their own width asks for. */
static int
make_real(struct tmo_tensor *i, struct tmo_error *err)
{
	struct tmo_array wide = { 0 };

	if (tmo_type_is_float(i->values.type))
		return tmo_tensor_widen(i, err);
	if (tmo_array_new(&wide, TMO_F64, i->rank, i->shape, err) < 0)
		return -1;
	tmo_to_f64(wide.data, i->values.type, i->values.data, i->count);
	tmo_array_free(&i->values);
	i->values = wide;
	i->data64 = wide.data;
	return 0;
}

int
cluster_importance_load(struct tmo_lookup *r, const struct tmo_tensor *t, struct tmo_tensor *i,
                        int threads, struct tmo_error *err)
{
	char here[128], there[128];
	size_t odd;
	bool found;

	if (tmo_lookup_find(r, t->name, i, &found, threads, err) < 0)
		return -1;
	if (!found)
		return tmo_fail(err, "the importance stream has no tensor of this name; add it, or "
		                "--skip this one");
	if (i->rank != t->rank || memcmp(i->shape, t->shape, (size_t)t->rank * sizeof(*t->shape)) != 0)
		return tmo_fail(err, "shape %s, in the importance stream %s; name the one that was "
		                "made for this network",
		                tmo_shape_text(t->rank, t->shape, here, sizeof(here)),
		                tmo_shape_text(i->rank, i->shape, there, sizeof(there)));
	if (make_real(i, err) < 0)
		return -1;
	odd = cluster_importance_invalid(i->data, i->data64, i->count);
	if (odd < i->count)
		return tmo_fail(err, "importance %g at index %zu; importances are finite and not "
		                "negative: repair the importance stream",
		                i->data != NULL ? (double)i->data[odd] : i->data64[odd], odd);
	return 0;
}
