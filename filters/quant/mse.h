/* SPDX-License-Identifier: Apache-2.0 */
/* mse.h: the scale of a set of values that has the least sum of squared errors. */
#ifndef QUANT_MSE_H
#define QUANT_MSE_H

#include "round.h"
#include "tmo.h"

#define MSE_LEVELS_MAX 512

/*
 * What codes stand for before the scale, upwards, 0 among it. A window of so many levels in a row
 * is in force at a time; which one is searched for as well (it is the zero point).
 */
struct mse_levels {
	size_t count, window;
	bool integers;		/* all levels in a row are 1 apart */
	bool magnitudes;	/* levels below 0 mirror those above: they and the values are given
				   without sign */
	double level[MSE_LEVELS_MAX];
	double widest;		/* scales over (greatest - least value, or 0) / widest are no better */
	double middle[MSE_LEVELS_MAX], rise[MSE_LEVELS_MAX], rise2[MSE_LEVELS_MAX];
				/* between level i and i + 1: where rounding changes, and by what */
};

void quant_mse_levels(const struct code_range *codes, struct mse_levels *levels);

/*
 * The values. Few of them are gone through at each scale that is looked at (direct: in any order,
 * filled up with zeros to a multiple of MSE_LANES). Many are kept in parts, one after the other, in
 * any order within a part, with the totals of all parts before, so that a sum over all values below
 * a threshold is a look and a few additions.
 */
#define MSE_LANES ((size_t)8)
struct mse_points {
	size_t n, room;
	bool direct;
	double *at;
	double *weight;		/* how many values a point stands for; NULL: each for one */
	double *weights;	/* room for these */
	double total;		/* how many values there are */
	double squares;		/* the sum of theirs */
	double least, greatest;	/* of them and 0; not both 0 */
	size_t parts;
	double per;		/* equal parts from least on: so many in a unit; 0: parts of equal numbers
				   of points, which are sorted */
	uint32_t *first;	/* point of each part, and n */
	double *count, *sum;	/* of all parts before, and of all: parts + 1 */
	double *spare;		/* room for as many points */
};

/* Room for so many points, not direct; weight is NULL unless they are weighted. */
int quant_mse_reserve(struct mse_points *p, size_t room, bool weighted, struct tmo_error *err);
void quant_mse_free(struct mse_points *p);

/*
 * These expect n, least, greatest and squares to be set. The values are in at; or in spare, of which
 * quant_mse_spread makes equal parts in at, or returns false where too many fall together; or in
 * at, sorted.
 */
void quant_mse_take(struct mse_points *p);
bool quant_mse_spread(struct mse_points *p);
void quant_mse_cut(struct mse_points *p);

/* Σxc and Σc² of the codes c = x / scale, rounded and cut to a window of levels. */
struct mse_sums {
	double xc, cc;
};
struct mse_sums quant_mse_sums(const struct mse_points *p, double scale, double low, double high);

struct mse_found {
	double scale;		/* positive */
	size_t window;		/* the index of its first level */
	double error;		/* the sum of squares */
	size_t looks;		/* scales that were looked at */
};

/*
 * The best scale of all positive ones, or of all powers of two. Its error is at most 1.0005 times
 * the least that there is, plus 1e-13 of the sum of squares.
 */
void quant_mse_search(const struct mse_levels *l, const struct mse_points *p, bool pow2,
                      struct mse_found *found);

#endif
