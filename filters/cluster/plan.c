/* SPDX-License-Identifier: Apache-2.0 */
#include "plan.h"

#include <stdlib.h>

static int
make_room(struct plan *plan, struct tmo_error *err)
{
	plan->book = calloc(plan->groups, sizeof(*plan->book));
	plan->failed = calloc(plan->groups, sizeof(*plan->failed));
	if (plan->book != NULL && plan->failed != NULL)
		return 0;
	tmo_fail(err, "out of memory for %zu codebooks; use --granularity tensor", plan->groups);
	plan_free(plan);
	return -1;
}

int
plan_groups(struct plan *plan, const struct tmo_tensor *t, bool channels, int threads,
            struct tmo_error *err)
{
	const int axis = channels ? t->output_axis : -1;
	size_t outer = 1, run = 1;

	*plan = (struct plan){ 0 };
	plan->whole = (struct group){ t->data, t->data64, 0, 1, t->count, t->count };
	plan->first = plan->whole;
	plan->groups = 1;
	plan->axis = axis;
	plan->outside = 1;
	plan->inside = threads;
	if (axis < 0)
		return make_room(plan, err);
	for (int i = 0; i < axis; i++)
		outer *= t->shape[i];
	for (int i = axis + 1; i < t->rank; i++)
		run *= t->shape[i];
	plan->groups = t->shape[axis];
	plan->first = (struct group){ t->data, t->data64, 0, outer, run, run * plan->groups };
	if (plan->groups > 1) {
		plan->outside = threads;
		plan->inside = 1;
	}
	return make_room(plan, err);
}

void
plan_free(struct plan *plan)
{
	for (size_t i = 0; plan->book != NULL && i < plan->groups; i++)
		book_free(&plan->book[i]);
	free(plan->book);
	free(plan->failed);
}

static struct group
group_at(const struct plan *plan, size_t i)
{
	struct group g = plan->first;

	g.start = i * g.run;
	return g;
}

static void
make_book(void *arg, size_t i)
{
	struct plan *plan = arg;
	const struct group g = group_at(plan, i);
	struct tmo_error ignored = { 0 };

	plan->failed[i] = book_make(&plan->book[i], &g, plan->most, plan->keep_zeros, plan->inside,
	                            &ignored) < 0;
}

int
plan_make_books(struct plan *plan, struct tmo_error *err)
{
	tmo_parallel_for(plan->outside, plan->groups, make_book, plan);
	for (size_t i = 0; i < plan->groups; i++) {
		const struct group g = group_at(plan, i);

		/* Alone it may have the memory that it lacked; or it says what it lacks. */
		if (plan->failed[i] && book_make(&plan->book[i], &g, plan->most, plan->keep_zeros, 1,
		                                 err) < 0)
			return -1;
	}
	return 0;
}

static int
put_codebook(struct tmo_tensor *t, const struct plan *plan, size_t values, struct tmo_error *err)
{
	const enum tmo_type type = t->data64 != NULL ? TMO_F64 : TMO_F32;
	size_t shape[TMO_RANK_MAX];

	for (int i = 0; i < t->rank; i++)
		shape[i] = i == plan->axis ? t->shape[i] : 1;
	shape[t->rank] = values;
	if (tmo_array_new(&t->codebook, type, t->rank + 1, shape, err) < 0)
		return -1;
	for (size_t g = 0; g < plan->groups; g++) {
		const struct book *b = &plan->book[g];

		for (size_t i = 0; i < values; i++) {
			const double value = b->value[i < b->count ? i : b->count - 1];

			if (type == TMO_F64)
				((double *)t->codebook.data)[g * values + i] = value;
			else
				((float *)t->codebook.data)[g * values + i] = (float)value;
		}
	}
	return 0;
}

struct coding {
	const struct plan *plan;
	uint8_t *codes8;
	uint16_t *codes16;
};

static void
write_codes(void *arg, size_t i)
{
	const struct coding *c = arg;
	const struct group g = group_at(c->plan, i);

	book_codes(&c->plan->book[i], &g, c->codes8, c->codes16, c->plan->inside);
}

int
plan_encode(const struct plan *plan, struct tmo_tensor *t, struct tmo_error *err)
{
	struct coding c = { .plan = plan };
	size_t values = 1;
	int bits = 1;

	for (size_t i = 0; i < plan->groups; i++)
		if (plan->book[i].count > values)
			values = plan->book[i].count;
	while (((size_t)1 << bits) < values)
		bits++;
	if (tmo_array_new(&t->codes, values <= 256 ? TMO_U8 : TMO_U16, t->rank, t->shape, err) < 0 ||
	    put_codebook(t, plan, values, err) < 0)
		return -1;
	t->bits = bits;
	if (t->codes.type == TMO_U8)
		c.codes8 = t->codes.data;
	else
		c.codes16 = t->codes.data;
	tmo_parallel_for(plan->outside, plan->groups, write_codes, &c);
	return 0;
}
