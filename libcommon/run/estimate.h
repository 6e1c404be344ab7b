/* SPDX-License-Identifier: Apache-2.0 */
/*
 * estimate.h: how much of a run's time has passed, and how much is left. A run is one stretch or several,
 * one after the other: the stream is gone through, perhaps more than once, then something is tried, then
 * compressed. What share of a stretch is done says how long the rest of it takes; of what comes after it
 * is known what it usually costs, and how much slower than usual the stretches before it were.
 */
#ifndef TMO_ESTIMATE_H
#define TMO_ESTIMATE_H

/* All times in seconds; `now` and those derived from it by tmo_seconds. */
struct tmo_estimate {
	double start;		/* of the run */
	double begun;		/* of the stretch at hand */
	double waited;		/* of it: while the input did not come */
	double part;		/* of it that is done, 0 to 1; below 0: unknown */
	double cost;		/* what it usually takes; 0: unknown */
	double later;		/* what all that comes after it usually takes, but for: */
	unsigned repeats;	/* so many more stretches like this one, of an input that is there */
	double usual, took;	/* of what is done and had a cost: usually, and this time */
};

void tmo_estimate_start(struct tmo_estimate *e, double now);
/* The stretch at hand has ended; the next has cost, later and repeats. */
void tmo_estimate_next(struct tmo_estimate *e, double now, double cost, double later,
                       unsigned repeats);
/*
 * *part: how much of the run's time has passed, never quite 1; *left: how many seconds it has to go.
 * Below 0 if that is not known.
 */
void tmo_estimate_at(const struct tmo_estimate *e, double now, double *part, double *left);

#endif
