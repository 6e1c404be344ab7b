/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"
#include "grid_sums.h"

#include <stdlib.h>

int
cluster_grid_sums_new(struct grid_sums *e, const struct points *p, size_t n, struct tmo_error *err)
{
	*e = (struct grid_sums){ NULL, NULL, NULL, NULL };
	e->sum = tmo_alloc(n, sizeof(*e->sum), err);
	e->square = tmo_alloc(n, sizeof(*e->square), err);
	if (p->mass != NULL)
		e->mass = tmo_alloc(n, sizeof(*e->mass), err);
	else
		e->count = tmo_alloc(n, sizeof(*e->count), err);
	if (e->sum == NULL || e->square == NULL || (e->mass == NULL && e->count == NULL))
		return -1;
	return 0;
}

void
cluster_grid_sums_free(struct grid_sums *e)
{
	free(e->sum);
	free(e->square);
	free(e->mass);
	free(e->count);
	*e = (struct grid_sums){ NULL, NULL, NULL, NULL };
}
