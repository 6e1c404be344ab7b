/* SPDX-License-Identifier: Apache-2.0 */
#include "tensor_codebooks.h"

#include <stdlib.h>
#include <string.h>

#include "assign_codes.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "unique_values.h"

/* Weights that one thread is done with before another has helped: measured, 10,000 x 100 took 3 x. */
#define FEW ((size_t)1 << 12)

struct group
cluster_group_whole(const struct tmo_tensor *t)
{
	return (struct group){
		.x = t->data, .x64 = t->data64,
		.strip = { .width = 1, .pitch = 1, .length = t->count, .step = 1, .lines = 1 },
	};
}

int
cluster_plan_groups(struct plan *plan, const struct tmo_tensor *t,
                    enum tmo_granularity granularity, size_t group, size_t most, int threads,
                    struct tmo_error *err)
{
	size_t shape[TMO_RANK_MAX], largest = 1;

	if (t->count <= FEW)
		threads = 1;
	*plan = (struct plan){ .outside = 1, .inside = threads };
	plan->whole = cluster_group_whole(t);
	tmo_blocks_of_granularity(&plan->blocks, t, granularity, group);
	for (int a = 0; a < t->rank; a++) {
		shape[a] = plan->blocks.entries_along[a];
		largest *= plan->blocks.block[a];
	}
	plan->room = largest < most ? largest : most;
	if (plan->blocks.entries > 1) {
		plan->outside = threads;
		plan->inside = 1;
	}
	shape[t->rank] = plan->room;
	plan->summary = tmo_alloc(plan->blocks.entries, sizeof(*plan->summary), err);
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
	struct group g = plan->whole;

	g.number = i;
	tmo_strip_at(&plan->blocks, i, 1, &g.strip);
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

/* Some hundred times a tensor: often enough for a progress bar. */
static void
tell(struct plan *plan)
{
	const size_t made = atomic_fetch_add_explicit(&plan->made, 1, memory_order_relaxed) + 1;

	if (plan->told != NULL && made % (plan->blocks.entries / 256 + 1) == 0)
		plan->told(plan->told_arg, (double)made / (double)plan->blocks.entries);
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
	tell(plan);
	return 0;
}

/* fn for each group. Alone a group may have the memory that it lacked; or it says what it lacks. */
static int
try_groups(const struct plan *plan, int (*fn)(void *arg, size_t i, struct tmo_error *err), void *arg,
           struct tmo_error *err)
{
	struct tmo_error ignored = { 0 };

	if (tmo_parallel_try(plan->outside, plan->blocks.entries, fn, arg, &ignored) == 0)
		return 0;
	return tmo_parallel_try(1, plan->blocks.entries, fn, arg, err);
}

int
cluster_plan_make_books(struct plan *plan, struct tmo_error *err)
{
	atomic_store(&plan->made, 0);
	return try_groups(plan, make_book, plan, err);
}

/* The books with `values` each in the place of room: they move up, and shorter ones are filled. */
static void
close_up(struct plan *plan, size_t values)
{
	struct tmo_array *const books = &plan->books;
	const size_t width = tmo_type_size(books->type), size = plan->blocks.entries * values * width;
	char *const data = books->data;
	void *less;

	for (size_t g = 0; g < plan->blocks.entries; g++) {
		const size_t count = plan->summary[g].count;
		char *const row = data + g * values * width;

		memmove(row, data + g * plan->room * width, count * width);
		for (size_t i = count; i < values; i++)
			memcpy(row + i * width, row + (count - 1) * width, width);
	}
	plan->room = values;
	books->count = plan->blocks.entries * values;
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

/* The group's zeros, if its codebook has no 0.0 for them. */
static int
count_zeros_lost(const struct group *g, const struct codebook *b, int threads, size_t *lost,
                 struct tmo_error *err)
{
	struct census census = { 0 };

	*lost = 0;
	for (size_t j = 0; j < b->count; j++)
		if (b->value[j] == 0.0)
			return 0;
	if (cluster_census(g, threads, &census, err) < 0)
		return -1;
	*lost = census.zeros;
	return 0;
}

static int
write_codes(void *arg, size_t i, struct tmo_error *err)
{
	const struct coding *const c = arg;
	const struct plan *plan = c->plan;
	struct codebook_summary *d = &plan->summary[i];
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
		cluster_assign_codes(&b, &g, c->codes8, c->codes16, plan->inside);
	if (status == 0 && plan->counts_zeros)
		status = count_zeros_lost(&g, &b, plan->inside, &d->zeros_lost, err);
	cluster_codebook_free(&b);
	return status;
}

size_t
cluster_plan_values(const struct plan *plan, int *bits)
{
	size_t values = 1;

	for (size_t i = 0; i < plan->blocks.entries; i++)
		if (plan->summary[i].count > values)
			values = plan->summary[i].count;
	*bits = 1;
	while (((size_t)1 << *bits) < values)
		++*bits;
	return values;
}

int
cluster_plan_encode(struct plan *plan, struct tmo_tensor *t, struct tmo_error *err)
{
	struct coding c = { .plan = plan };
	const size_t values = cluster_plan_values(plan, &t->bits);

	close_up(plan, values);
	if (tmo_array_new(&t->codes, values <= 256 ? TMO_U8 : TMO_U16, t->rank, t->shape, err) < 0)
		return -1;
	if (t->codes.type == TMO_U8)
		c.codes8 = t->codes.data;
	else
		c.codes16 = t->codes.data;
	if (try_groups(plan, write_codes, &c, err) < 0)
		return -1;
	tmo_blocks_tell(&plan->blocks, t);
	t->codebook = plan->books;
	plan->books = (struct tmo_array){ 0 };
	return 0;
}

size_t
cluster_plan_zeros_lost(const struct plan *plan)
{
	size_t lost = 0;

	for (size_t i = 0; i < plan->blocks.entries; i++)
		lost += plan->summary[i].zeros_lost;
	return lost;
}
