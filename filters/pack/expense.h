/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expense.h: how long packing takes, on a usual machine: for the progress bar, which would otherwise be
 * full when the last tensor was read, before most of the time had passed.
 */
#ifndef PACK_EXPENSE_H
#define PACK_EXPENSE_H

#include "run/run.h"
#include "stream/packed.h"

/* What there is to compress, in bytes, as it is known when it was read. */
struct expense {
	struct tmo_run *run;	/* whose bar it is; borrowed */
	int level, threads;	/* what codings are tried with */
	bool compresses;	/* the whole, too, at that level */
	uint64_t small_codes;	/* of tensors whose codings are measured after the reading */
	uint64_t small;		/* of those that layouts are tried on */
	uint64_t blob;		/* of tensors.bin, about */
};

/* One more part of a tensor: it takes so many bits an element. later: its codings are measured later. */
void pack_expense_add(struct expense *e, const struct tmo_packed_part *part, int bits, bool later);
/* The codings of so many bytes of codes were measured at once, in so many seconds. */
void pack_expense_measured(const struct expense *e, uint64_t bytes, double took);
/* All parts of a tensor were added, which take so many bytes: what follows on the reading is told anew. */
void pack_expense_read(struct expense *e, uint64_t bytes);

/* A stretch begins: codings of small tensors are measured; layouts are tried; all is compressed. */
void pack_expense_measure(const struct expense *e);
void pack_expense_trials(const struct expense *e);
void pack_expense_compress(const struct expense *e);

#endif
