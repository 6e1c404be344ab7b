/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-cluster: few shared values in the place of many. */
#include "plan.h"

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
	struct plan plan;
	int status = -1;

	if ((t->data == NULL && t->data64 == NULL) || t->count == 0 || t->rank == TMO_RANK_MAX) {
		tmo_note(run, "left as it is: %s", t->count == 0 ? "no elements" :
		         t->rank == TMO_RANK_MAX ? "too many axes for a codebook" : "no floats");
		return tmo_pass(run, t, err);
	}
	if (plan_groups(&plan, t, o->granularity.index == CHANNEL, tmo_threads(run), err) < 0)
		return -1;
	plan.most = (size_t)o->clusters;
	if (look(&plan, t, o, tmo_threads(run), err) < 0 || plan_make_books(&plan, err) < 0 ||
	    plan_encode(&plan, t, err) < 0)
		goto out;
	tmo_note(run, "%zu values%s%s, %d bits", t->codebook.shape[t->rank],
	         plan.axis >= 0 ? " a channel" : "",
	         plan.keep_zeros ? ", zeros kept" : "", t->bits);
	status = tmo_put(run, t, err);
out:
	plan_free(&plan);
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
