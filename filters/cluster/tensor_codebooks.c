/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"
#include "base/parallel.h"
#include "tensor_codebooks.h"

#include <stdlib.h>
#include <string.h>

/* Weights that one thread is done with before another has helped: measured, 10,000 x 100 took 3 x. */
#define FEW ((size_t)1 << 12)

/* Where the groups of a tensor lie, for each kind of sharing, and the shape of their books. */
static void
lay_out(struct plan *plan, const struct tmo_tensor *t, enum sharing by, size_t block, size_t *shape)
{
	size_t outer = 1, inner = 1;

	plan->axis = by == SHARED_BY_CHANNEL ? t->output_axis
	             : by == SHARED_BY_BLOCK ? t->input_axis : -1;
	for (int i = 0; i < t->rank; i++)
		shape[i] = by == SHARED_BY_BLOCK ? t->shape[i] : 1;
	if (plan->axis < 0)
		return;
	for (int i = 0; i < plan->axis; i++)
		outer *= t->shape[i];
	for (int i = plan->axis + 1; i < t->rank; i++)
		inner *= t->shape[i];
	plan->length = t->shape[plan->axis];
	plan->inner = inner;
	if (by == SHARED_BY_CHANNEL) {
		plan->groups = plan->length;
		plan->first = plan->whole;
		plan->first.outer = outer;
		plan->first.run = inner;
		plan->first.step = inner * plan->length;
	} else {
		plan->block = block < plan->length ? block : plan->length;
		plan->groups = outer * inner * ((plan->length - 1) / plan->block + 1);
	}
	shape[plan->axis] = by == SHARED_BY_CHANNEL ? plan->length
	                                            : (plan->length - 1) / plan->block + 1;
}

int
cluster_plan_groups(struct plan *plan, const struct tmo_tensor *t, enum sharing by, size_t block,
                    size_t most, int threads, struct tmo_error *err)
{
	size_t shape[TMO_RANK_MAX], largest;

	if (t->count <= FEW)
		threads = 1;
	*plan = (struct plan){ .groups = 1, .outside = 1, .inside = threads };
	plan->whole = (struct group){
		.x = t->data, .x64 = t->data64, .outer = 1, .run = t->count, .step = t->count,
	};
	plan->first = plan->whole;
	lay_out(plan, t, by, block, shape);
	largest = plan->block > 0 ? plan->block : t->count / plan->groups;
	plan->room = largest < most ? largest : most;
	if (plan->groups > 1) {
		plan->outside = threads;
		plan->inside = 1;
	}
	shape[t->rank] = plan->room;
	plan->summary = tmo_alloc(plan->groups, sizeof(*plan->summary), err);
	if (plan->summary == NULL ||
	    tmo_array_new(&plan->books, t->data64 != NULL ? TMO_F64 : TMO_F32, t->rank + 1, shape,
	                  err) < 0) {
		cluster_plan_free(plan);
		return -1;
	}
	return 0;
}

void
cluster_plan_free(struct plan *plan)
{
	tmo_array_free(&plan->books);
	free(plan->summary);
	plan->summary = NULL;
}

static struct group
group_at(const struct plan *plan, size_t i)
{
	struct group g = plan->first;

	g.number = i;
	if (plan->block > 0) {
		/* Numbered as the books lie: by what is before the axis, block, what is after. */
		const size_t blocks = (plan->length - 1) / plan->block + 1;
		const size_t at = i / plan->inner % blocks * plan->block;
		const size_t n = plan->length - at < plan->block ? plan->length - at : plan->block;

		g.start = (i / plan->inner / blocks * plan->length + at) * plan->inner +
		          i % plan->inner;
		g.outer = plan->inner > 1 ? n : 1;
		g.run = plan->inner > 1 ? 1 : n;
		g.step = plan->inner;
	} else if (plan->axis >= 0) {
		g.start = i * g.run;
	}
	return g;
}

static void
keep_book(struct plan *plan, size_t i, const struct codebook *b)
{
	const size_t at = i * plan->room;

	plan->summary[i] = (struct codebook_summary){
		.count = (uint32_t)b->count, .has_zero = b->zero >= 0, .zero_alone = b->zero_alone,
		.zero = (uint16_t)(b->zero >= 0 ? b->zero : 0),
	};
	for (size_t j = 0; j < b->count; j++)
		if (plan->books.type == TMO_F64)
			((double *)plan->books.data)[at + j] = b->value[j];
		else
			((float *)plan->books.data)[at + j] = (float)b->value[j];
}

static int
make_book(void *arg, size_t i, struct tmo_error *err)
{
	struct plan *const plan = arg;
	const struct group g = group_at(plan, i);
	struct codebook b;

	if (cluster_codebook_make(&b, &g, plan->method, plan->inside, err) < 0)
		return -1;
	keep_book(plan, i, &b);
	cluster_codebook_free(&b);
	return 0;
}

/* fn for each group. Alone a group may have the memory that it lacked; or it says what it lacks. */
static int
try_groups(const struct plan *plan, int (*fn)(void *arg, size_t i, struct tmo_error *err), void *arg,
           struct tmo_error *err)
{
	struct tmo_error ignored = { 0 };

	if (tmo_parallel_try(plan->outside, plan->groups, fn, arg, &ignored) == 0)
		return 0;
	return tmo_parallel_try(1, plan->groups, fn, arg, err);
}

int
cluster_plan_make_books(struct plan *plan, struct tmo_error *err)
{
	return try_groups(plan, make_book, plan, err);
}

/* The books with `values` each in the place of room: they move up, and shorter ones are filled. */
static void
close_up(struct plan *plan, size_t values)
{
	struct tmo_array *const books = &plan->books;
	const size_t width = tmo_type_size(books->type), size = plan->groups * values * width;
	char *const data = books->data;
	void *less;

	for (size_t g = 0; g < plan->groups; g++) {
		const size_t count = plan->summary[g].count;
		char *const row = data + g * values * width;

		memmove(row, data + g * plan->room * width, count * width);
		for (size_t i = count; i < values; i++)
			memcpy(row + i * width, row + (count - 1) * width, width);
	}
	plan->room = values;
	books->count = plan->groups * values;
	books->shape[books->rank - 1] = values;
	less = realloc(data, size);
	if (less != NULL)
		books->data = less;
}

struct coding {
	struct plan *plan;
	uint8_t *codes8;
	uint16_t *codes16;
};

static int
write_codes(void *arg, size_t i, struct tmo_error *err)
{
	const struct coding *const c = arg;
	const struct plan *plan = c->plan;
	const struct codebook_summary *d = &plan->summary[i];
	const struct group g = group_at(plan, i);
	struct codebook b = { .count = d->count, .zero = d->has_zero ? d->zero : -1 };
	int status;

	b.zero_alone = d->zero_alone;
	b.value = tmo_alloc(b.count, sizeof(*b.value), err);
	if (b.value == NULL)
		return -1;
	for (size_t j = 0; j < b.count; j++)
		b.value[j] = plan->books.type == TMO_F64
		                 ? ((const double *)plan->books.data)[i * plan->room + j]
		                 : (double)((const float *)plan->books.data)[i * plan->room + j];
	status = cluster_codebook_set_limits(&b, err);
	if (status == 0)
		cluster_codebook_assign(&b, &g, c->codes8, c->codes16, plan->inside);
	cluster_codebook_free(&b);
	return status;
}

/* What tensor.yaml says of blocks: nothing where each group has an entry of its own anyway. */
static void
say_block(const struct plan *plan, struct tmo_tensor *t)
{
	if (plan->block <= 1 || plan->block == plan->length)
		return;
	t->blocked = true;
	for (int i = 0; i < t->rank; i++)
		t->block[i] = i == plan->axis ? plan->block : 1;
}

int
cluster_plan_encode(struct plan *plan, struct tmo_tensor *t, struct tmo_error *err)
{
	struct coding c = { .plan = plan };
	size_t values = 1;
	int bits = 1;

	for (size_t i = 0; i < plan->groups; i++)
		if (plan->summary[i].count > values)
			values = plan->summary[i].count;
	while (((size_t)1 << bits) < values)
		bits++;
	close_up(plan, values);
	if (tmo_array_new(&t->codes, values <= 256 ? TMO_U8 : TMO_U16, t->rank, t->shape, err) < 0)
		return -1;
	t->bits = bits;
	if (t->codes.type == TMO_U8)
		c.codes8 = t->codes.data;
	else
		c.codes16 = t->codes.data;
	if (try_groups(plan, write_codes, &c, err) < 0)
		return -1;
	say_block(plan, t);
	t->codebook = plan->books;
	plan->books = (struct tmo_array){ 0 };
	return 0;
}
