/* SPDX-License-Identifier: Apache-2.0 */
/*
 * range_body.h: range.c's functions for one type, REAL; included once for each.
 *
 * The loops run over LANES independent minima and maxima, a number known when they are compiled,
 * so that they become vector instructions: ROLLED keeps gcc -O3 from unrolling them before it sees
 * that (measured, five times slower). That x * 0 is NaN if x is NaN or infinite,
 * and else a zero, finds both without a branch.
 */
#define LANES 8
#define ROWS 8
#if defined(__GNUC__) && !defined(__clang__)
#define ROLLED _Pragma("GCC unroll 1")
#else
#define ROLLED
#endif

static bool
NAME(range_run)(const REAL *x, size_t n, REAL *lo, REAL *hi)
{
	REAL low[LANES] = {0}, high[LANES] = {0}, nonfinite[LANES] = {0};
	size_t i = 0;

	for (; n - i >= LANES; i += LANES)
		ROLLED
		for (size_t j = 0; j < LANES; j++) {
			const REAL v = x[i + j];

			low[j] = v < low[j] ? v : low[j];
			high[j] = v > high[j] ? v : high[j];
			nonfinite[j] += v * 0;
		}
	for (; i < n; i++) {
		low[0] = x[i] < low[0] ? x[i] : low[0];
		high[0] = x[i] > high[0] ? x[i] : high[0];
		nonfinite[0] += x[i] * 0;
	}
	for (size_t j = 1; j < LANES; j++) {
		low[0] = low[j] < low[0] ? low[j] : low[0];
		high[0] = high[j] > high[0] ? high[j] : high[0];
		nonfinite[0] += nonfinite[j];
	}
	*lo = low[0];
	*hi = high[0];
	return nonfinite[0] == 0;
}

/* Widens the ranges of LANES columns by some rows; width: from one row to the next. */
static bool
NAME(widen_strip)(const REAL *x, size_t rows, size_t width, REAL *lo, REAL *hi)
{
	REAL low[LANES], high[LANES], nonfinite[LANES] = {0};

	for (size_t j = 0; j < LANES; j++) {
		low[j] = lo[j];
		high[j] = hi[j];
	}
	for (size_t i = 0; i < rows; i++, x += width)
		ROLLED
		for (size_t j = 0; j < LANES; j++) {
			const REAL v = x[j];

			low[j] = v < low[j] ? v : low[j];
			high[j] = v > high[j] ? v : high[j];
			nonfinite[j] += v * 0;
		}
	for (size_t j = 0; j < LANES; j++) {
		lo[j] = low[j];
		hi[j] = high[j];
		nonfinite[0] += j > 0 ? nonfinite[j] : 0;
	}
	return nonfinite[0] == 0;
}

static bool
NAME(widen_column)(const REAL *x, size_t rows, size_t width, REAL *lo, REAL *hi)
{
	REAL low = *lo, high = *hi, nonfinite = 0;

	for (size_t i = 0; i < rows; i++, x += width) {
		low = *x < low ? *x : low;
		high = *x > high ? *x : high;
		nonfinite += *x * 0;
	}
	*lo = low;
	*hi = high;
	return nonfinite == 0;
}

bool
NAME(quant_range)(const REAL *x, size_t rows, size_t cols, REAL *lo, REAL *hi)
{
	bool finite = true;

	if (cols == 1)
		return NAME(range_run)(x, rows, lo, hi);
	for (size_t j = 0; j < cols; j++)
		lo[j] = hi[j] = 0;
	/* A few rows at a time: memory is read as it lies, and lo and hi seldom. */
	for (size_t i = 0; i < rows; i += ROWS) {
		const size_t some = rows - i < ROWS ? rows - i : ROWS;
		const REAL *row = x + i * cols;
		size_t j = 0;

		for (; cols - j >= LANES; j += LANES)
			finite &= NAME(widen_strip)(row + j, some, cols, lo + j, hi + j);
		for (; j < cols; j++)
			finite &= NAME(widen_column)(row + j, some, cols, lo + j, hi + j);
	}
	return finite;
}

void
NAME(quant_fold)(const struct tmo_blocks *b, REAL *lo, REAL *hi)
{
	struct tmo_span s;

	if (!tmo_blocks_fold(b))
		return;
	tmo_span_at(b, 0, &s);
	/* An entry never stands behind its first part: what is overwritten was used before. */
	for (size_t i = 0; i < b->spans; i++, tmo_span_next(b, &s)) {
		for (size_t j = 0; j < b->cols; j++) {
			const REAL low = lo[s.part + j], high = hi[s.part + j];
			REAL *const least = lo + s.entry + j, *const most = hi + s.entry + j;

			*least = s.first || low < *least ? low : *least;
			*most = s.first || high > *most ? high : *most;
		}
	}
}
#undef LANES
#undef ROWS
#undef ROLLED
