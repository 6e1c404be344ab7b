/* SPDX-License-Identifier: Apache-2.0 */
#include "diff.h"

#include <string.h>

const char *const eval_change_names[CHANGES] = {
	[SAME] = "same", [REENCODED] = "re-encoded", [CHANGED] = "changed", [ADDED] = "added",
};

static bool
same_array(const struct tmo_array *a, const struct tmo_array *b)
{
	if (a->data == NULL || b->data == NULL)
		return a->data == b->data;
	return a->type == b->type && a->rank == b->rank &&
	       memcmp(a->shape, b->shape, (size_t)a->rank * sizeof(*a->shape)) == 0 &&
	       memcmp(a->data, b->data, a->count * tmo_type_size(a->type)) == 0;
}

static bool
same_blocks(const struct tmo_tensor *a, const struct tmo_tensor *b)
{
	return a->blocked == b->blocked &&
	       (!a->blocked || memcmp(a->block, b->block, (size_t)a->rank * sizeof(*a->block)) == 0);
}

bool
eval_same_form(const struct tmo_tensor *a, const struct tmo_tensor *b)
{
	if (!tmo_is_encoded(a) || !tmo_is_encoded(b))
		return tmo_is_encoded(a) == tmo_is_encoded(b);
	return a->code == b->code && a->bits == b->bits && same_blocks(a, b) &&
	       same_array(&a->codes, &b->codes) && same_array(&a->codebook, &b->codebook) &&
	       same_array(&a->scale, &b->scale) && same_array(&a->zero_point, &b->zero_point);
}
