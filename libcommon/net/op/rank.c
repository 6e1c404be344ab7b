/* SPDX-License-Identifier: Apache-2.0 */
/* rank.c: the largest and smallest along an axis: TopK, ArgMax, ArgMin. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/op/op.h"
#include "net/order_keys.h"

static const char damaged[] = "; the model is damaged";

/* An array as lines of n elements along an axis; element i of a line is i * step behind its first one. */
struct lines {
	size_t count, n, step;
};

static struct lines
lines_of(const struct tmo_array *x, int axis)
{
	struct lines lines = {.n = x->shape[axis], .step = 1};

	for (int i = axis + 1; i < x->rank; i++)
		lines.step *= x->shape[i];
	lines.count = x->count == 0 ? 0 : x->count / lines.n;
	return lines;
}

/* Where line i begins, each line of a line's elements having n places. */
static size_t
first_of(const struct lines *lines, size_t i, size_t n)
{
	return i / lines->step * lines->step * n + i % lines->step;
}

/* ---- TopK ---- */

struct ranked {
	uint64_t key;
	size_t index;
};

/* The least key first; of equal ones the lower index. */
static int
compare(const void *a, const void *b)
{
	const struct ranked *const x = a, *const y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static int
top_k_axis(const struct tmo_step *step, int *axis, struct tmo_error *err)
{
	return tmo_step_axis(tmo_node_number(step->node, "axis", -1), step->input[0].rank, axis, err);
}

int
tmo_shape_top_k(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_attribute *const attribute = tmo_node_attribute(step->node, "k");
	struct tmo_integers k = {.count = 1};
	struct tmo_fact y;
	int axis;

	if (tmo_step_expect(step, 1, err) < 0 || top_k_axis(step, &axis, err) < 0)
		return -1;
	y = step->input[0];
	if (attribute != NULL)
		k.value[0] = tmo_node_number(step->node, "k", -1);
	else if (!tmo_step_integers(step, NULL, 1, &k))
		return tmo_fail(err, "it is not said how many are wanted%s", damaged);
	if (k.count != 1 || k.value[0] < 0 || (uint64_t)k.value[0] > y.shape[axis])
		return tmo_fail(err, "%jd of the %zu on axis %d are wanted; give data of the shapes that the network wants",
		                (intmax_t)k.value[0], y.shape[axis], axis);
	y.shape[axis] = (size_t)k.value[0];
	tmo_step_give(step, 0, y.type, y.rank, y.shape);
	tmo_step_give(step, 1, TMO_I64, y.rank, y.shape);
	return 0;
}

/* Room for a line: its keys, and the keys with their indices. */
int
tmo_prepare_top_k(struct tmo_step *step, struct tmo_error *err)
{
	int axis;

	if (top_k_axis(step, &axis, err) < 0)
		return -1;
	return tmo_mul_size(step->input[0].shape[axis], sizeof(struct ranked) + sizeof(uint64_t), &step->scratch, err);
}

int
tmo_run_top_k(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const bool largest = tmo_node_number(step->node, "largest", 1) != 0;
	const struct tmo_array *const x = work->input[0];
	const size_t size = tmo_type_size(x->type);
	struct lines lines;
	struct ranked *ranked;
	uint64_t *keys;
	size_t k;
	int axis;

	if (top_k_axis(step, &axis, err) < 0)
		return -1;
	lines = lines_of(x, axis);
	k = step->output[0].shape[axis];
	ranked = work->scratch;
	keys = (uint64_t *)(ranked + lines.n);
	for (size_t i = 0; i < lines.count; i++) {
		const size_t from = first_of(&lines, i, lines.n), to = first_of(&lines, i, k);

		tmo_order_keys(x, from, lines.step, lines.n, keys);
		for (size_t j = 0; j < lines.n; j++)
			ranked[j] = (struct ranked){largest ? ~keys[j] : keys[j], j};
		qsort(ranked, lines.n, sizeof(*ranked), compare);
		for (size_t j = 0; j < k; j++) {
			if (work->output[0] != NULL)
				memcpy((char *)work->output[0]->data + (to + j * lines.step) * size,
				       (const char *)x->data + (from + ranked[j].index * lines.step) * size, size);
			if (step->output_count > 1 && work->output[1] != NULL)
				((int64_t *)work->output[1]->data)[to + j * lines.step] = (int64_t)ranked[j].index;
		}
	}
	return 0;
}

/* ---- ArgMax, ArgMin ---- */

static int
arg_axis(const struct tmo_step *step, int *axis, struct tmo_error *err)
{
	return tmo_step_axis(tmo_node_number(step->node, "axis", 0), step->input[0].rank, axis, err);
}

int
tmo_shape_arg(struct tmo_step *step, struct tmo_error *err)
{
	const bool keeps = tmo_node_number(step->node, "keepdims", 1) != 0;
	const struct tmo_fact *const x = &step->input[0];
	size_t shape[TMO_RANK_MAX];
	int axis, rank = 0;

	if (tmo_step_expect(step, 1, err) < 0 || arg_axis(step, &axis, err) < 0)
		return -1;
	if (x->shape[axis] == 0)
		return tmo_fail(err, "nothing is on axis %d; give data of the shapes that the network wants", axis);
	for (int i = 0; i < x->rank; i++)
		if (i != axis || keeps)
			shape[rank++] = i == axis ? 1 : x->shape[i];
	tmo_step_give(step, 0, TMO_I64, rank, shape);
	return 0;
}

int
tmo_prepare_arg(struct tmo_step *step, struct tmo_error *err)
{
	int axis;

	if (arg_axis(step, &axis, err) < 0)
		return -1;
	return tmo_mul_size(step->input[0].shape[axis], sizeof(uint64_t), &step->scratch, err);
}

int
tmo_run_arg(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const uint64_t flip = step->version->function == TMO_ARG_MIN ? UINT64_MAX : 0;
	const bool last = tmo_node_number(step->node, "select_last_index", 0) != 0;
	const struct tmo_array *const x = work->input[0];
	int64_t *const y = work->output[0]->data;
	uint64_t *const keys = work->scratch;
	struct lines lines;
	int axis;

	if (arg_axis(step, &axis, err) < 0)
		return -1;
	lines = lines_of(x, axis);
	for (size_t i = 0; i < lines.count; i++) {
		size_t best = 0;

		tmo_order_keys(x, first_of(&lines, i, lines.n), lines.step, lines.n, keys);
		for (size_t j = 1; j < lines.n; j++)
			if ((keys[j] ^ flip) > (keys[best] ^ flip) || (last && keys[j] == keys[best]))
				best = j;
		y[i] = (int64_t)best;
	}
	return 0;
}
