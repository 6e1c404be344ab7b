/* SPDX-License-Identifier: Apache-2.0 */
/*
 * units.h: what is kept or zeroed as a whole: weights, blocks, channels; and how large they are.
 *
 * A weight is seen as a matrix: a row for each channel (each combination of output and own), in it all
 * else in its order. Units are its blocks of rows x columns, aligned at 0, the last ones of either
 * direction cut by the matrix's edge, and by that of the rows of one expert or group, where it has more
 * than one; they count from left to right, then down. Scores are f64, sums are added in a fixed order: no
 * result depends on threads.
 */
#ifndef PRUNE_UNITS_H
#define PRUNE_UNITS_H

#include "tensor/granularity.h"
#include "tensor/pattern.h"

struct prune_units {
	bool single;			/* of single weights: nothing but count is filled in */
	struct tmo_blocks channels;	/* of the tensor: a row has the elements of an entry */
	size_t rows, columns;		/* of a block */
	size_t together;		/* so many rows, then the blocks begin anew */
	size_t width;			/* of a row */
	size_t across, count;		/* blocks beside each other; blocks */
};

/* Single weights, by their index. */
struct prune_units prune_units_of_weights(size_t n);
/*
 * Blocks of rows x columns; columns may be SIZE_MAX, for whole rows. The tensor of these axes is not
 * empty.
 */
struct prune_units prune_units_of_blocks(const struct tmo_axes *axes, size_t rows, size_t columns);

/* The unit of an element of blocks: its row, and how many elements of the row stand before it. */
size_t prune_unit_at(const struct prune_units *u, size_t row, size_t column);

/* Returns the index of the first NaN, or n. *largest: the largest finite magnitude, 0 if none. */
size_t prune_look_f32(const float *x, size_t n, double *largest);
size_t prune_look_f64(const double *x, size_t n, double *largest);

/* The root mean square of scale * x, over what is finite; 0 if nothing is. */
int prune_rms_f32(const float *x, size_t n, double scale, double *rms, int threads,
                  struct tmo_error *err);
int prune_rms_f64(const double *x, size_t n, double scale, double *rms, int threads,
                  struct tmo_error *err);

/* score[u]: the measure over the magnitudes of the unit's elements, each times scale. */
void prune_score_f32(const float *x, const struct prune_units *u, enum tmo_pattern_measure measure,
                     double scale, double *score, int threads);
void prune_score_f64(const double *x, const struct prune_units *u, enum tmo_pattern_measure measure,
                     double scale, double *score, int threads);

/* Sets the elements of units whose keep is 0 to +0; zeros are left as they are. */
void prune_zero_f32(float *x, const struct prune_units *u, const unsigned char *keep, int threads);
void prune_zero_f64(double *x, const struct prune_units *u, const unsigned char *keep, int threads);

#endif
