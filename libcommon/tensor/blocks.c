/* SPDX-License-Identifier: Apache-2.0 */
#include "tensor/encoding.h"

/* How many neighbours along an axis share an entry; all of them if there is one entry. */
static size_t
elements_per_entry(size_t n, size_t entries, size_t block)
{
	return entries == n && n > 1 ? 1 : entries <= 1 ? n : block;
}

void
tmo_runs_init(struct tmo_runs *runs, int rank, const size_t *shape, const size_t *block,
              const size_t *param_shape)
{
	size_t stride = 1;

	*runs = (struct tmo_runs){.rank = 0};
	/* From the last axis to the first; axis 0 of runs is the innermost. */
	for (int a = rank - 1; a >= 0; a--) {
		const size_t entries = param_shape[a];
		const size_t per = elements_per_entry(shape[a], entries, block != NULL ? block[a] : 1);
		const size_t step = entries > 1 ? stride : 0;
		const int last = runs->rank - 1;

		stride *= entries;
		if (shape[a] == 1)
			continue;
		if (last >= 0 && step == 0 && runs->stride[last] == 0) {
			runs->shape[last] *= shape[a];
			runs->per[last] = runs->shape[last];
		} else if (last >= 0 && step != 0 && per == 1 && runs->per[last] == 1 &&
		           runs->stride[last] != 0 &&
		           runs->stride[last] * runs->shape[last] == step) {
			runs->shape[last] *= shape[a];
		} else {
			runs->shape[runs->rank] = shape[a];
			runs->per[runs->rank] = per;
			runs->stride[runs->rank++] = step;
		}
	}
	if (runs->rank == 0) {
		runs->shape[0] = runs->per[0] = 1;
		runs->rank = 1;
	}
	runs->inner = runs->shape[0];
	runs->per_entry = runs->per[0];
	runs->step = runs->stride[0] != 0;
}

size_t
tmo_runs_entry(const struct tmo_runs *runs, size_t i)
{
	size_t entry = 0;

	for (int a = 0; a < runs->rank && i != 0; a++) {
		const size_t index = i % runs->shape[a];

		i /= runs->shape[a];
		if (runs->stride[a] != 0)
			entry += index / runs->per[a] * runs->stride[a];
	}
	return entry;
}
