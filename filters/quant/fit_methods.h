/* SPDX-License-Identifier: Apache-2.0 */
/* fit_methods.h: how quant_fit fits one entry; private to fit*.c. */
#ifndef QUANT_FIT_METHODS_H
#define QUANT_FIT_METHODS_H

#include "fit.h"
#include "mse.h"
#include "values.h"

/* Memory that one thread uses for one entry after the other. */
struct fit_room {
	struct mse_levels levels;	/* of FIT_MSE: the codes' */
	struct mse_points points;	/* and the entry's values */
	struct bins bins;
	void *keys, *spare;		/* values to be sorted */
	size_t keys_room;
	int threads;			/* that may work on the entry: 1, where others have theirs */
};

/*
 * In all of these low and high are the range of the entry's values, not both 0. v->factor brings the
 * larger magnitude to [1, 2), and they are multiplied by it already.
 */

/*
 * Cuts *low and *high to the percentiles 100 - P and P, or to P of the magnitudes and its negative. They
 * stay what they are where nothing but 0 would be between them.
 */
int quant_fit_percentile(const struct values *v, double percentile, bool magnitudes, double *low,
                         double *high, struct fit_room *room, struct tmo_error *err);

/* Cuts them to the range whose codes have the least divergence: into `quantized` bins of equal width. */
int quant_fit_entropy(const struct values *v, size_t quantized, double *low, double *high,
                      struct fit_room *room, struct tmo_error *err);

/* The scale of least error, and its window of levels. room->levels is filled. */
int quant_fit_mse(const struct values *v, double low, double high, bool pow2,
                  struct mse_found *found, struct fit_room *room, struct tmo_error *err);

#endif
