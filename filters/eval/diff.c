/* SPDX-License-Identifier: Apache-2.0 */
#include "diff.h"

#include <stdio.h>
#include <string.h>

const char *const eval_change_names[CHANGES] = {
	[SAME] = "same", [REENCODED] = "re-encoded", [CHANGED] = "changed", [ADDED] = "added",
};

const char *
eval_encoding_name(const struct tmo_tensor *t)
{
	const bool affine = t->scale.data != NULL || t->zero_point.data != NULL;

	if (!tmo_is_encoded(t))
		return "plain";
	if (t->codebook.data != NULL)
		return affine ? "codebook+affine" : "codebook";
	return affine ? "affine" : "cast";
}

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

void
eval_form_text(const struct tmo_tensor *t, char *text)
{
	const size_t entries = t->scale.data != NULL ? t->scale.count :
	                       t->codebook.data != NULL && t->codebook.rank > 0 ?
	                       t->codebook.count / t->codebook.shape[t->codebook.rank - 1] : 1;
	int n;

	if (!tmo_is_encoded(t)) {
		snprintf(text, FORM_MAX, "plain");
		return;
	}
	n = snprintf(text, FORM_MAX, "%s", eval_encoding_name(t));
	if (t->code != TMO_NONE)
		n += snprintf(text + n, FORM_MAX - (size_t)n, " %s", tmo_type_name(t->code));
	else
		n += snprintf(text + n, FORM_MAX - (size_t)n, " %d bits", t->bits);
	if (entries != 1)
		snprintf(text + n, FORM_MAX - (size_t)n, ", %zu %s", entries,
		         t->scale.data != NULL ? "scales" : "codebooks");
}
