/* SPDX-License-Identifier: Apache-2.0 */
/* fit_methods.h: how quant_fit fits one entry; private to fit*.c. */
#ifndef QUANT_FIT_METHODS_H
#define QUANT_FIT_METHODS_H

#include "fit.h"
#include "mse.h"
#include "values.h"

/*
 * Room that is used for one entry after the other, by one thread. low and high are the entry's
 * range, not both 0; v->factor brings the larger magnitude to [1, 2), and they have it already.
 */
struct fit_room {
	struct mse_levels levels;
	struct mse_points points;
	struct bins bins;
	void *keys, *spare;
	size_t keys_room;
	int threads;
};

/*
 * What lies between the percentiles 100 - P and P, or of magnitudes below P: in place. The whole
 * range where that is nothing but 0.
 */
int quant_fit_percentile(const struct values *v, double percentile, bool magnitudes, double *low,
                         double *high, struct fit_room *room, struct tmo_error *err);

/* quantized: how many bins the histogram is cut down to. */
int quant_fit_entropy(const struct values *v, size_t quantized, double *low, double *high,
                      struct fit_room *room, struct tmo_error *err);

/* room->levels is filled. */
int quant_fit_mse(const struct values *v, double low, double high, bool pow2,
                  struct mse_found *found, struct fit_room *room, struct tmo_error *err);

#endif
