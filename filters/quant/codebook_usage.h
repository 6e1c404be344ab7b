/* SPDX-License-Identifier: Apache-2.0 */
/* codebook_usage.h: a codebook's values, each of which stands for as many weights as have its code. */
#ifndef QUANT_CODEBOOK_USAGE_H
#define QUANT_CODEBOOK_USAGE_H

#include "tmo.h"
#include "values.h"

/* How many weights have each value of t's codebook, in its order. NULL: an error. */
double *quant_count_uses(const struct tmo_tensor *t, struct tmo_error *err);

struct used_value {
	double value, times;
};

/* Those of v, which has times, that are used: sorted, each once. *list is freed by the caller. */
int quant_used_values(const struct values *v, struct used_value **list, size_t *count,
                      struct tmo_error *err);

/* The smallest and the largest of them, and 0. */
void quant_used_range(const struct values *v, double *low, double *high);

/* The value of this rank, from 0, of all that they stand for. */
int quant_used_rank(const struct values *v, double rank, double *value, struct tmo_error *err);

#endif
