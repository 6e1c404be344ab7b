/* SPDX-License-Identifier: Apache-2.0 */
/* unique.c: Unique: elements, or slices along an axis, that differ. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/op/op.h"
#include "net/order_keys.h"
#include "net/step_run.h"

/* The input as [outer, n, inner]: item i is the outer * inner elements of index i. Without an axis [1, n, 1]. */
struct items {
	size_t outer, n, inner;
	int axis;			/* -1: none */
	uint64_t *keys;			/* of item i at i * outer * inner */
	struct item *item;		/* sorted; then those that differ, the first of each, in the order of the result */
	size_t *group;			/* of each item: which of those it is */
	size_t *count;			/* of each of those: how many items it is */
	size_t groups;
};

struct item {
	const uint64_t *keys;
	size_t length, index;
	size_t group;
};

static int
compare_keys(const struct item *x, const struct item *y)
{
	for (size_t i = 0; i < x->length; i++)
		if (x->keys[i] != y->keys[i])
			return x->keys[i] < y->keys[i] ? -1 : 1;
	return 0;
}

static int
compare_indices(const void *a, const void *b)
{
	const struct item *const x = a, *const y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

static int
compare_items(const void *a, const void *b)
{
	const int order = compare_keys(a, b);

	return order != 0 ? order : compare_indices(a, b);
}

int
tmo_shape_unique(struct tmo_step *step, struct tmo_error *err)
{
	int axis;

	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	if (tmo_node_attribute(step->node, "axis") != NULL &&
	    tmo_step_axis(tmo_node_number(step->node, "axis", 0), step->input[0].rank, &axis, err) < 0)
		return -1;
	tmo_step_give(step, 0, step->input[0].type, 0, NULL);
	for (size_t i = 1; i < step->output_count; i++)
		tmo_step_give(step, i, TMO_I64, 0, NULL);
	return 0;
}

static int
list_items(const struct tmo_step *step, const struct tmo_array *x, struct items *items, struct tmo_error *err)
{
	size_t length;

	*items = (struct items){.outer = 1, .n = x->count, .inner = 1, .axis = -1};
	if (tmo_node_attribute(step->node, "axis") != NULL) {
		if (tmo_step_axis(tmo_node_number(step->node, "axis", 0), x->rank, &items->axis, err) < 0)
			return -1;
		items->n = x->shape[items->axis];
		for (int i = 0; i < items->axis; i++)
			items->outer *= x->shape[i];
		for (int i = items->axis + 1; i < x->rank; i++)
			items->inner *= x->shape[i];
	}
	length = x->count == 0 ? 0 : items->outer * items->inner;
	items->keys = tmo_alloc(x->count + 1, sizeof(*items->keys), err);
	items->item = tmo_alloc(items->n + 1, sizeof(*items->item), err);
	items->group = tmo_alloc(items->n + 1, sizeof(*items->group), err);
	items->count = tmo_alloc(items->n + 1, sizeof(*items->count), err);
	if (items->keys == NULL || items->item == NULL || items->group == NULL || items->count == NULL)
		return -1;
	for (size_t i = 0; i < items->n; i++) {
		uint64_t *const keys = items->keys + i * length;

		for (size_t k = 0; length > 0 && k < items->outer; k++)
			tmo_order_keys(x, (k * items->n + i) * items->inner, 1, items->inner, keys + k * items->inner);
		items->item[i] = (struct item){keys, length, i, 0};
	}
	return 0;
}

/* Finds those that differ: the first of each, by their numbers or by where they are. */
static void
group_items(struct items *items, bool sorted)
{
	struct item *const item = items->item;
	size_t *const new_number = items->count;	/* until it has its counts */
	size_t groups = 0;

	qsort(item, items->n, sizeof(*item), compare_items);
	for (size_t i = 0; i < items->n; i++) {
		if (i == 0 || compare_keys(&item[groups - 1], &item[i]) != 0)
			item[groups++] = item[i];
		item[groups - 1].group = groups - 1;
		items->group[item[i].index] = groups - 1;
	}
	items->groups = groups;
	if (!sorted)
		qsort(item, groups, sizeof(*item), compare_indices);
	for (size_t i = 0; i < groups; i++)
		new_number[item[i].group] = i;
	for (size_t i = 0; i < items->n; i++)
		items->group[i] = new_number[items->group[i]];
	memset(items->count, 0, items->n * sizeof(*items->count));
	for (size_t i = 0; i < items->n; i++)
		items->count[items->group[i]]++;
}

static int
put_values(const struct items *items, const struct tmo_array *x, struct tmo_array *y, struct tmo_error *err)
{
	const size_t size = items->inner * tmo_type_size(x->type);
	size_t shape[TMO_RANK_MAX];

	memcpy(shape, x->shape, sizeof(shape));
	shape[items->axis < 0 ? 0 : items->axis] = items->groups;
	if (tmo_array_new_spare(y, x->type, items->axis < 0 ? 1 : x->rank, shape, err) < 0)
		return -1;
	for (size_t k = 0; y->count > 0 && k < items->outer; k++)
		for (size_t i = 0; i < items->groups; i++)
			memcpy((char *)y->data + (k * items->groups + i) * size,
			       (const char *)x->data + (k * items->n + items->item[i].index) * size, size);
	return 0;
}

/* Where each came first, which of them each item is, how many items each is. */
static int
put_numbers(const struct items *items, size_t output, struct tmo_array *y, struct tmo_error *err)
{
	const size_t n = output == 2 ? items->n : items->groups;

	if (tmo_array_new_spare(y, TMO_I64, 1, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		((int64_t *)y->data)[i] = (int64_t)(output == 1 ? items->item[i].index :
		                                    output == 2 ? items->group[i] : items->count[i]);
	return 0;
}

int
tmo_run_unique(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	struct items items = {0};
	int status = list_items(step, work->input[0], &items, err);

	if (status == 0)
		group_items(&items, tmo_node_number(step->node, "sorted", 1) != 0);
	for (size_t i = 0; status == 0 && i < step->output_count; i++)
		if (work->output[i] != NULL)
			status = i == 0 ? put_values(&items, work->input[0], work->output[0], err) :
			         put_numbers(&items, i, work->output[i], err);
	free(items.keys);
	free(items.item);
	free(items.group);
	free(items.count);
	return status;
}
