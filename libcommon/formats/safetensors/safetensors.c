/* SPDX-License-Identifier: Apache-2.0 */
/* The types of safetensors, and what they are in a stream. */
#include <stdlib.h>
#include <string.h>

#include "formats/safetensors/safetensors.h"

/* In the order of the library, by which it lays out data: the last come first. */
static const struct tmo_st_dtype dtypes[] = {
	{ "BOOL", 8, TMO_BOOL },
	{ "F4", 4, TMO_NONE },
	{ "F6_E2M3", 6, TMO_NONE },
	{ "F6_E3M2", 6, TMO_NONE },
	{ "U8", 8, TMO_U8 },
	{ "I8", 8, TMO_I8 },
	{ "F8_E5M2", 8, TMO_F8E5M2 },
	{ "F8_E4M3", 8, TMO_F8E4M3 },
	{ "F8_E8M0", 8, TMO_NONE },
	{ "F8_E4M3FNUZ", 8, TMO_NONE },
	{ "F8_E5M2FNUZ", 8, TMO_NONE },
	{ "I16", 16, TMO_I16 },
	{ "U16", 16, TMO_U16 },
	{ "F16", 16, TMO_F16 },
	{ "BF16", 16, TMO_BF16 },
	{ "I32", 32, TMO_I32 },
	{ "U32", 32, TMO_U32 },
	{ "F32", 32, TMO_F32 },
	{ "C64", 64, TMO_NONE },
	{ "F64", 64, TMO_F64 },
	{ "I64", 64, TMO_I64 },
	{ "U64", 64, TMO_U64 },
};

#define DTYPES (sizeof(dtypes) / sizeof(dtypes[0]))

const struct tmo_st_dtype *
tmo_st_dtype_named(const char *name)
{
	for (size_t i = 0; i < DTYPES; i++)
		if (strcmp(dtypes[i].name, name) == 0)
			return &dtypes[i];
	return NULL;
}

const struct tmo_st_dtype *
tmo_st_dtype_of(enum tmo_type type)
{
	for (size_t i = 0; i < DTYPES; i++)
		if (dtypes[i].type == type && type != TMO_NONE)
			return &dtypes[i];
	return NULL;
}

void
tmo_st_stored(const struct tmo_st_tensor *t, enum tmo_type *type, int *rank, size_t *shape)
{
	const bool known = t->dtype != NULL && t->dtype->type != TMO_NONE;

	*type = known ? t->dtype->type : TMO_U8;
	if (known || (t->dtype != NULL && t->dtype->bits == 8)) {
		*rank = t->rank;
		memcpy(shape, t->shape, (size_t)t->rank * sizeof(*shape));
	} else {
		*rank = 1;
		shape[0] = (size_t)(t->end - t->start);
	}
}

/* A type that is not known here comes last: nobody knows its alignment. */
static int
by_layout(const void *left, const void *right)
{
	const struct tmo_st_tensor *a = left, *b = right;

	if (a->dtype != b->dtype) {
		if (a->dtype == NULL || b->dtype == NULL)
			return a->dtype == NULL ? 1 : -1;
		return a->dtype > b->dtype ? -1 : 1;
	}
	return strcmp(a->name, b->name);
}

void
tmo_st_arrange(struct tmo_st_tensor *tensors, size_t count)
{
	uint64_t at = 0;

	if (count > 1)
		qsort(tensors, count, sizeof(*tensors), by_layout);
	for (size_t i = 0; i < count; i++) {
		tensors[i].end = at + (tensors[i].end - tensors[i].start);
		tensors[i].start = at;
		at = tensors[i].end;
	}
}

bool
tmo_st_is_arranged(const struct tmo_st_tensor *tensors, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (by_layout(&tensors[i - 1], &tensors[i]) > 0)
			return false;
	return true;
}

void
tmo_st_free(struct tmo_st_header *h)
{
	json_decref(h->root);
	free(h->tensor);
	*h = (struct tmo_st_header){0};
}
