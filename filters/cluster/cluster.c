/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-cluster: few shared values in the place of many. */
#include <stdlib.h>

#include "share.h"

struct cluster {
	int64_t clusters;
	struct tmo_choice granularity;
	int keep_zeros;			/* -1: where there are many */
};

enum { TENSOR, CHANNEL };

static const struct tmo_option options[] = {
	TMO_INT('c', "clusters", struct cluster, clusters, "N", 16, 2, 65536,
	        "how many values are shared, 0.0 with them"),
	TMO_CHOICE('g', "granularity", struct cluster, granularity, "tensor|channel", "tensor",
	           "what has a codebook of its own"),
	TMO_SWITCH(0, "keep-zeros", struct cluster, keep_zeros,
	           "0.0 for the zeros alone [if over 20 % are zero]"),
	TMO_OPTIONS_END
};

/* The tensor as groups that have a codebook each. */
struct plan {
	size_t groups, most;
	bool keep_zeros;
	int outside, inside;		/* threads for different groups, and within each */
	int axis;			/* of the groups; -1: one for all */
	struct group whole, first;	/* group i is `first`, i * first.run further on */
	struct book *book;
	struct tmo_error *err;		/* a message for each group */
	int *status;
};

static void
plan_groups(struct plan *plan, const struct tmo_tensor *t, bool channels, int threads)
{
	const int axis = channels ? t->output_axis : -1;
	size_t outer = 1, run = 1;

	plan->whole = (struct group){ t->data, t->data64, 0, 1, t->count, t->count };
	plan->first = plan->whole;
	plan->groups = 1;
	plan->axis = axis;
	plan->outside = 1;
	plan->inside = threads;
	if (axis < 0)
		return;
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

	plan->status[i] = book_make(&plan->book[i], &g, plan->most, plan->keep_zeros, plan->inside,
	                            &plan->err[i]);
}

static int
make_books(struct plan *plan, struct tmo_error *err)
{
	tmo_parallel_for(plan->outside, plan->groups, make_book, plan);
	for (size_t i = 0; i < plan->groups; i++) {
		if (plan->status[i] < 0) {
			*err = plan->err[i];
			return -1;
		}
	}
	return 0;
}

/* t->codebook from the books; a shorter one repeats its last value. */
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

/* The encoded form of t, from the books. */
static int
encode(struct tmo_tensor *t, const struct plan *plan, struct tmo_error *err)
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

/* Looks over the whole tensor first: whether it can be clustered, and whether its zeros stay. */
static int
look(struct plan *plan, const struct tmo_tensor *t, const struct cluster *o, int threads,
     struct tmo_error *err)
{
	struct census census;

	if (t->count > UINT32_MAX)
		return tmo_fail(err, "%zu weights, at most %lu can be clustered; --skip it", t->count,
		                (unsigned long)UINT32_MAX);
	if (group_census(&plan->whole, threads, &census, err) < 0)
		return -1;
	if (census.bad != SIZE_MAX) {
		const double x = t->data != NULL ? (double)t->data[census.bad]
		                                 : t->data64[census.bad];

		return tmo_fail(err, "%s at index %zu, which has no cluster; repair it, or --skip it",
		                x != x ? "NaN" : x > 0 ? "inf" : "-inf", census.bad);
	}
	/* Over 20 %, in whole numbers. */
	plan->keep_zeros = o->keep_zeros != 0 &&
	                   (o->keep_zeros > 0 || census.zeros > t->count / 5);
	return 0;
}

static int
cluster_tensor(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
{
	const struct cluster *o = tmo_options(run);
	struct plan plan = { .most = (size_t)o->clusters };
	int status = -1;

	if ((t->data == NULL && t->data64 == NULL) || t->count == 0 || t->rank == TMO_RANK_MAX) {
		tmo_note(run, "left as it is: %s", t->count == 0 ? "no elements" :
		         t->rank == TMO_RANK_MAX ? "too many axes for a codebook" : "no floats");
		return tmo_pass(run, t, err);
	}
	plan_groups(&plan, t, o->granularity.index == CHANNEL, tmo_threads(run));
	plan.book = calloc(plan.groups, sizeof(*plan.book));
	plan.err = calloc(plan.groups, sizeof(*plan.err));
	plan.status = calloc(plan.groups, sizeof(*plan.status));
	if (plan.book == NULL || plan.err == NULL || plan.status == NULL) {
		tmo_fail(err, "out of memory for %zu codebooks; use --granularity tensor", plan.groups);
		goto out;
	}
	if (look(&plan, t, o, tmo_threads(run), err) < 0 || make_books(&plan, err) < 0 ||
	    encode(t, &plan, err) < 0)
		goto out;
	tmo_note(run, "%zu values%s%s, %d bits", t->codebook.shape[t->rank],
	         plan.axis >= 0 ? " a channel" : "",
	         plan.keep_zeros ? ", zeros kept" : "", t->bits);
	status = tmo_put(run, t, err);
out:
	for (size_t i = 0; plan.book != NULL && i < plan.groups; i++)
		book_free(&plan.book[i]);
	free(plan.book);
	free(plan.err);
	free(plan.status);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct tmo_filter cluster = {
		.name = "cluster",
		.summary = "let weights share a few values",
		.example = "tmo-from-onnx <m.onnx | tmo-cluster --clusters 32 | tmo-pack >m.tar",
		.options = options,
		.options_size = sizeof(struct cluster),
		.takes_f64 = true,
		.tensor = cluster_tensor,
	};

	return tmo_main(&cluster, argc, argv);
}
