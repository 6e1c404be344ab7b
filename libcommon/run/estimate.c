/* SPDX-License-Identifier: Apache-2.0 */
#include "run/estimate.h"

#define ENOUGH 0.1	/* of a stretch: from then on its own pace counts, not that of those before */
#define LONGER 1.5	/* times what it took already: as long as a stretch takes that seems to be late */
#define MOST 0.99	/* the end is when the program ends */

void
tmo_estimate_start(struct tmo_estimate *e, double now)
{
	*e = (struct tmo_estimate){.start = now, .begun = now, .part = -1};
}

void
tmo_estimate_next(struct tmo_estimate *e, double now, double cost, double later, unsigned repeats)
{
	if (e->cost > 0) {
		e->usual += e->cost;
		e->took += now - e->begun;
	}
	e->begun = now;
	e->waited = 0;
	e->part = -1;
	e->cost = cost;
	e->later = later;
	e->repeats = repeats;
}

/* How many times as long as usual things take here. */
static double
pace(const struct tmo_estimate *e, double took)
{
	if (e->cost > 0 && e->part >= ENOUGH)
		return took / (e->cost * e->part);
	return e->usual > 0 ? e->took / e->usual : 1;
}

void
tmo_estimate_at(const struct tmo_estimate *e, double now, double *part, double *left)
{
	const double took = now - e->begun;
	double slower = pace(e, took), whole;

	*left = -1;
	if (e->cost > 0 && e->part < ENOUGH) {
		if (e->cost * slower < LONGER * took)
			slower = LONGER * took / e->cost;
		whole = e->cost * slower;
		*left = whole - took;
	} else if (e->part > 0) {
		whole = (took - e->waited) / e->part;
		*left = took * (1 - e->part) / e->part;
	} else {
		*part = e->part;
		return;
	}
	*left += e->repeats * whole + e->later * slower;
	*part = now > e->start ? (now - e->start) / (now - e->start + *left) : 0;
	if (*part > MOST)
		*part = MOST;
}
