/* SPDX-License-Identifier: Apache-2.0 */
/*
 * windows.c: exact dynamic programming where it is needed only.
 *
 * Cut m of a partition (1 <= m < k) lies in one of `bins` bins of `step` places each. If it lies in
 * bin g, the clusters left of it cost at least what they cost without the points of the bins that
 * hold their own cuts, and so do those right of it: dynamic programming over bins gives a lower
 * bound of either side for every m and g. Where left + right is above the cost of a partition that
 * is known, cut m of an optimal one is not: what is left is its window. Then the same with finer
 * bins inside the windows, until a bin is one place and the bounds are exact.
 *
 * A row, over the bins g of cut m, is
 *
 *	left[m][g]  = min over h <= g of left[m - 1][h]  + cost(end of h … start of g)
 *	right[m][g] = min over h >= g of right[m + 1][h] + cost(end of g … start of h)
 *
 * and since cost is a Monge array the h of the minimum only grows with g: divide and conquer.
 */
#include "windows.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include "base/memory.h"
#include "grid_sums.h"

#define FINER 4			/* so many times finer is each grid than the one before, */
#define LAST_FINER 8		/* and the last: a grid's own sums take 40 bytes a bin */
#define BINS_PER_CLUSTER 8	/* of the first grid, at least */

struct grid {
	const struct points *p;
	size_t k, step, bins;
	struct grid_sums start, end;	/* start has bins + 1 entries, the last for all points */
	bool own;			/* start and end are ours (else p's own sums) */
	size_t *low, *high;		/* the window of cut m, in bins, inclusive */
	size_t *offset;			/* of row m in left and right */
	double *left, *right;		/* lower bounds */
	size_t half;			/* in the last grid rows meet here; 0: all rows both ways */
};

/* The best h in [from, to], all at most g, for a left row. */
static size_t
scan_left(const struct grid *grid, const double *before, size_t g, size_t from, size_t to,
          double *best)
{
	size_t at = from;

	*best = INFINITY;
	for (size_t h = from; h <= to; h++) {
		const double cost = cluster_grid_sums_cost(&grid->end, h, &grid->start, g);
		const double bound = before[h] + cost;

		if (bound < *best) {
			*best = bound;
			at = h;
		}
	}
	return at;
}

/* The best h in [from, to], all at least g, for a right row. */
static size_t
scan_right(const struct grid *grid, const double *after, size_t g, size_t from, size_t to,
           double *best)
{
	size_t at = from;

	*best = INFINITY;
	for (size_t h = from; h <= to; h++) {
		const double cost = cluster_grid_sums_cost(&grid->end, g, &grid->start, h);
		const double bound = after[h] + cost;

		if (bound < *best) {
			*best = bound;
			at = h;
		}
	}
	return at;
}

/* Rows are addressed by bin: row[g] for g in the window. */
static void
left_row(const struct grid *grid, const double *before, double *row, size_t low, size_t high,
         size_t from, size_t to)
{
	while (low <= high) {
		const size_t g = low + (high - low) / 2;
		const size_t at = scan_left(grid, before, g, from, to < g ? to : g, &row[g]);

		if (g > low)
			left_row(grid, before, row, low, g - 1, from, at);
		low = g + 1;
		from = at;
	}
}

static void
right_row(const struct grid *grid, const double *after, double *row, size_t low, size_t high,
          size_t from, size_t to)
{
	while (low <= high) {
		const size_t g = low + (high - low) / 2;
		const size_t at = scan_right(grid, after, g, from > g ? from : g, to, &row[g]);

		if (g > low)
			right_row(grid, after, row, low, g - 1, from, at);
		low = g + 1;
		from = at;
	}
}

static double *
row_of(const struct grid *grid, double *rows, size_t m)
{
	/* Never dereferenced below the window: as if the row began at bin 0. */
	return (double *)((uintptr_t)rows + (grid->offset[m] - grid->low[m]) * sizeof(double));
}

static void
left_rows(const struct grid *grid)
{
	const struct points *p = grid->p;
	const size_t last = grid->half > 0 ? grid->half : grid->k - 1;
	double *row = row_of(grid, grid->left, 1);

	for (size_t g = grid->low[1]; g <= grid->high[1]; g++)
		row[g] = cluster_points_cost(p, 0, g * grid->step);
	for (size_t m = 2; m <= last; m++) {
		const double *before = row;

		row = row_of(grid, grid->left, m);
		left_row(grid, before, row, grid->low[m], grid->high[m], grid->low[m - 1],
		         grid->high[m - 1]);
	}
}

static size_t
end_of(const struct grid *grid, size_t g)
{
	const size_t end = (g + 1) * grid->step - 1;

	return end < grid->p->n ? end : grid->p->n;
}

static void
right_rows(const struct grid *grid)
{
	const struct points *p = grid->p;
	const size_t first = grid->half > 0 ? grid->half : 1;
	double *row = row_of(grid, grid->right, grid->k - 1);

	for (size_t g = grid->low[grid->k - 1]; g <= grid->high[grid->k - 1]; g++)
		row[g] = cluster_points_cost(p, end_of(grid, g), p->n);
	for (size_t m = grid->k - 1; m-- > first;) {
		const double *after = row;

		row = row_of(grid, grid->right, m);
		right_row(grid, after, row, grid->low[m], grid->high[m], grid->low[m + 1],
		          grid->high[m + 1]);
	}
}

static void
one_side(void *arg, size_t side)
{
	if (side == 0)
		left_rows(arg);
	else
		right_rows(arg);
}

/* The cuts, as bins, of the partition that has the least bound. */
static double
trace(const struct grid *grid, size_t *cut)
{
	const size_t meet = grid->half > 0 ? grid->half : 1;
	const double *left = row_of(grid, grid->left, meet);
	const double *right = row_of(grid, grid->right, meet);
	double best = INFINITY, bound;

	for (size_t g = grid->low[meet]; g <= grid->high[meet]; g++) {
		if (left[g] + right[g] < best) {
			best = left[g] + right[g];
			cut[meet] = g;
		}
	}
	for (size_t m = meet; m-- > 1;)
		cut[m] = scan_left(grid, row_of(grid, grid->left, m), cut[m + 1], grid->low[m],
		                   grid->high[m] < cut[m + 1] ? grid->high[m] : cut[m + 1], &bound);
	for (size_t m = meet + 1; m < grid->k; m++)
		cut[m] = scan_right(grid, row_of(grid, grid->right, m), cut[m - 1],
		                    grid->low[m] > cut[m - 1] ? grid->low[m] : cut[m - 1],
		                    grid->high[m], &bound);
	return best;
}

/* Narrows the windows to where the bounds allow a cut, given the cost of a partition. */
static void
narrow(struct grid *grid, double limit)
{
	for (size_t m = 1; m < grid->k; m++) {
		const double *left = row_of(grid, grid->left, m);
		const double *right = row_of(grid, grid->right, m);
		size_t low = grid->low[m], high = grid->high[m];

		while (low < high && left[low] + right[low] > limit)
			low++;
		while (high > low && left[high] + right[high] > limit)
			high--;
		grid->low[m] = low;
		grid->high[m] = high;
	}
}

/* Cuts are in order, so windows are. */
static void
order_windows(struct grid *grid)
{
	for (size_t m = 2; m < grid->k; m++)
		if (grid->low[m] < grid->low[m - 1])
			grid->low[m] = grid->low[m - 1];
	for (size_t m = grid->k - 1; m-- > 1;)
		if (grid->high[m] > grid->high[m + 1])
			grid->high[m] = grid->high[m + 1];
}

static void
free_level(struct grid *grid)
{
	if (grid->own) {
		cluster_grid_sums_free(&grid->start);
		cluster_grid_sums_free(&grid->end);
	}
	free(grid->left);
	free(grid->right);
	grid->left = grid->right = NULL;
	grid->own = false;
}

static int
copy_sums(const struct grid *grid, struct grid_sums *e, bool ends, struct tmo_error *err)
{
	const struct points *p = grid->p;

	if (cluster_grid_sums_new(e, p, grid->bins + 1, err) < 0)
		return -1;
	for (size_t g = 0; g <= grid->bins; g++) {
		const size_t start = g * grid->step < p->n ? g * grid->step : p->n;

		cluster_grid_sums_set(e, g, p, ends ? end_of(grid, g) : start);
	}
	return 0;
}

/* Sets up the rows and prefix sums of a grid whose step and windows are known; *fits: there is room. */
static int
new_level(struct grid *grid, size_t room, bool *fits, struct tmo_error *err)
{
	const struct points *p = grid->p;
	size_t places = 0;

	*fits = false;
	for (size_t m = 1; m < grid->k; m++) {
		/* Only rounding beyond the fuzz could empty a window: then the other way it is. */
		if (grid->high[m] < grid->low[m])
			return 0;
		grid->offset[m] = places;
		places += grid->high[m] - grid->low[m] + 1;
	}
	grid->half = grid->step == 1 ? grid->k / 2 : 0;
	if (places > (grid->step == 1 ? room : room / 2))
		return 0;
	*fits = true;
	grid->left = tmo_alloc(places, sizeof(double), err);
	grid->right = tmo_alloc(places, sizeof(double), err);
	if (grid->left == NULL || grid->right == NULL)
		return -1;
	if (grid->step == 1) {
		grid->start = grid->end = cluster_grid_sums_of(p);
		return 0;
	}
	grid->own = true;
	grid->start = grid->end = (struct grid_sums){ NULL, NULL, NULL, NULL };
	if (copy_sums(grid, &grid->start, false, err) < 0)
		return -1;
	return copy_sums(grid, &grid->end, true, err);
}

/* From bins to cuts: the middle of each, but no cluster empty. */
static void
places_of(const struct grid *grid, size_t *cut)
{
	const size_t k = grid->k;

	for (size_t c = 1; c < k; c++) {
		cut[c] = cut[c] * grid->step + grid->step / 2;
		if (cut[c] <= cut[c - 1])
			cut[c] = cut[c - 1] + 1;
	}
	for (size_t c = k; c-- > 1;)
		if (cut[c] >= cut[c + 1])
			cut[c] = cut[c + 1] - 1;
}

/* Goes over to a finer grid, the windows with it. */
static void
refine(struct grid *grid, size_t step)
{
	const size_t bins = (grid->p->n + step - 1) / step;

	for (size_t m = 1; m < grid->k; m++) {
		const size_t last = (grid->high[m] + 1) * grid->step - 1;

		grid->low[m] = grid->low[m] * grid->step / step;
		grid->high[m] = last / step < bins - 1 ? last / step : bins - 1;
	}
	grid->step = step;
	grid->bins = bins;
}

/* One level after the other, as optimal.h says. */
static int
search(struct grid *grid, size_t *cut, size_t room, bool *done, int threads,
       struct tmo_error *err)
{
	const struct points *p = grid->p;
	/* What rounding can do to a sum of k costs, each the difference of sums over all points. */
	const double fuzz = (double)grid->k * 0x1p-50 * (p->square[p->n] - p->square[0]);
	double known = cluster_partition_lloyd(p, grid->k, cut);
	bool fits;

	for (;;) {
		order_windows(grid);
		if (new_level(grid, room, &fits, err) < 0)
			return -1;
		if (!fits)
			return 0;
		tmo_parallel_for(threads, 2, one_side, grid);
		trace(grid, cut);
		places_of(grid, cut);
		if (grid->step == 1) {
			*done = true;
			return 0;
		}
		known = fmin(known, cluster_partition_lloyd(p, grid->k, cut));
		narrow(grid, known * (1.0 + 0x1p-30) + fuzz);
		free_level(grid);
		refine(grid, grid->step > LAST_FINER ? grid->step / FINER : 1);
	}
}

int
cluster_windows_cuts(const struct points *p, size_t k, size_t *cut, size_t room, bool *done,
                     int threads, struct tmo_error *err)
{
	struct grid grid = { .p = p, .k = k, .step = 1 };
	int status = -1;

	assert(k >= 1 && k <= p->n);
	*done = false;
	for (size_t step = LAST_FINER; p->n / step >= BINS_PER_CLUSTER * k; step *= FINER)
		grid.step = step;
	grid.bins = (p->n + grid.step - 1) / grid.step;
	grid.low = tmo_alloc(k, sizeof(size_t), err);
	grid.high = tmo_alloc(k, sizeof(size_t), err);
	grid.offset = tmo_alloc(k, sizeof(size_t), err);
	if (grid.low != NULL && grid.high != NULL && grid.offset != NULL) {
		for (size_t m = 1; m < k; m++)
			grid.high[m] = grid.bins - 1;
		status = search(&grid, cut, room, done, threads, err);
	}
	free_level(&grid);
	free(grid.low);
	free(grid.high);
	free(grid.offset);
	return status;
}
