/* SPDX-License-Identifier: Apache-2.0 */
/* codebook_usage.h: how many weights have each value of a codebook, and what follows for its scale. */
#ifndef QUANT_CODEBOOK_USAGE_H
#define QUANT_CODEBOOK_USAGE_H

#include "tmo.h"
#include "values.h"

/*
 * How many weights have each value of t's codebook, in its order: a number for each of its elements, from
 * malloc. NULL: an error, also where a code is beyond the codebook.
 */
double *quant_count_uses(const struct tmo_tensor *t, struct tmo_error *err);

struct used_value {
	double value, times;
};

/* Those of v, which has times, that are used: ascending, each once. *list is freed by the caller. */
int quant_used_values(const struct values *v, struct used_value **list, size_t *count,
                      struct tmo_error *err);

/* The smallest and the largest of them, and 0. */
void quant_used_range(const struct values *v, double *low, double *high);

/* The value of this rank, from 0, among all weights in the order of their values. */
int quant_used_rank(const struct values *v, double rank, double *value, struct tmo_error *err);

#endif
