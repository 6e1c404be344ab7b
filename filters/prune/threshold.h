/* SPDX-License-Identifier: Apache-2.0 */
/*
 * threshold.h: the k-th largest magnitude of many numbers, exactly, and what to do with it.
 *
 * A magnitude's key is the bit pattern of |x| as a double: keys are in the order of magnitudes,
 * and floats and doubles compare. A key is looked at digit by digit from the top: count the digit
 * of all numbers, find the digit of the k-th largest, count the next digit of those that share it.
 * Two readings of the numbers find it if they are floats. For doubles it would be four; but as soon
 * as few enough share what is known, the next reading gathers these, and the rest is done in memory.
 * What is held does not depend on how many numbers there are.
 */
#ifndef PRUNE_THRESHOLD_H
#define PRUNE_THRESHOLD_H

#include "tmo.h"

#define PRUNE_SLABS_MAX 4

struct selection {
	int digit, shift;		/* bits of a digit; bits below the one that is counted */
	bool wide;			/* doubles were counted: all bits of a key may matter */
	uint64_t prefix;		/* the key's digits that are known */
	uint64_t above;			/* numbers whose key is above all that share the prefix */
	uint64_t equal;			/* numbers that share it */
	int slabs;			/* sets of counters, one for a thread */
	uint64_t *counts;		/* owned */
	uint64_t *gathered;		/* owned; room for `room` keys a slab; NULL: counting goes on */
	size_t room, gathered_count[PRUNE_SLABS_MAX];
};

/* For about n numbers in all. prune_selection_free frees what it holds. */
int prune_selection_start(struct selection *s, uint64_t n, int threads, struct tmo_error *err);
void prune_selection_free(struct selection *s);

/* Counts n numbers. Returns the index of the first NaN among them, or n. */
size_t prune_count_f32(struct selection *s, const float *x, size_t n);
size_t prune_count_f64(struct selection *s, const double *x, size_t n);

/*
 * After all numbers were counted: narrows the choice to those that share the digit of the k-th
 * largest, k from 1. True: it is found; else count all numbers once more.
 */
bool prune_narrow(struct selection *s, uint64_t k);

/* What was found; s->above numbers are larger, s->equal as large. */
double prune_threshold(const struct selection *s);

/*
 * Sets to +0 all numbers of a magnitude below the threshold. Of those that equal it the first
 * *ties stay, and *ties becomes less by them; if ties is NULL all stay. Zeros are left as they are.
 */
void prune_cut_f32(float *x, size_t n, double threshold, uint64_t *ties, int threads);
void prune_cut_f64(double *x, size_t n, double threshold, uint64_t *ties, int threads);

#endif
