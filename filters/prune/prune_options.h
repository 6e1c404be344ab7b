/* SPDX-License-Identifier: Apache-2.0 */
/* prune_options.h: tmo-prune's options, and which of them go together. */
#ifndef PRUNE_OPTIONS_H
#define PRUNE_OPTIONS_H

#include "tensor/pattern.h"

enum { SCOPE_TENSOR, SCOPE_GLOBAL };
enum { CRITERION_MAGNITUDE, CRITERION_RANDOM, CRITERION_WANDA };
enum { TIES_FIRST, TIES_KEEP };

/* The values of the option table in prune.c. */
struct prune {
	double sparsity, keep_at_least;
	struct tmo_choice scope, criterion, ties;
	const char *pattern, *input_norms;
	bool normalize;
	int64_t seed;
};

/* For struct tmo_filter: which options mean nothing beside which, and what else can be wrong. */
extern const struct tmo_rule prune_rules[];
int prune_check(const void *options, struct tmo_error *err);

/* Of options that were checked: */
struct tmo_pattern prune_pattern(const struct prune *o);
bool prune_by_gamma(const struct prune *o);	/* channels by their BatchNormalization's gamma */
/* Single weights by their magnitudes as they are, and none spared. */
bool prune_by_magnitude(const struct prune *o);
bool prune_globally(const struct prune *o);	/* all units of the stream are compared */

#endif
