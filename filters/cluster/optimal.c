/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "optimal.h"

#include "lagrange.h"
#include "windows.h"

/* Places that all windows together may have: 8 bytes each, so half the size of f32 weights. */
#define ROOM_MIN ((size_t)1 << 21)

int
cluster_optimal_cuts(const struct points *p, size_t k, size_t *cut, int threads,
                     struct tmo_error *err)
{
	const size_t room = p->n / 2 + ROOM_MIN;
	bool done = false;

	assert(k >= 1 && k <= p->n);
	cut[0] = 0;
	cut[k] = p->n;
	if (k == 1)
		return 0;
	if (k == p->n) {
		for (size_t c = 1; c < k; c++)
			cut[c] = c;
		return 0;
	}
	for (size_t c = 1; c < k; c++)
		cut[c] = (size_t)((double)p->n * (double)c / (double)k);
	/* Measured: the first grid takes as long as all prices for some 16 * k * k values. */
	if (k < p->n / 16 / k && cluster_windows_cuts(p, k, cut, room, &done, threads, err) < 0)
		return -1;
	return done ? 0 : cluster_lagrange_cuts(p, k, cut, err);
}
