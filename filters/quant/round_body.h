/* SPDX-License-Identifier: Apache-2.0 */
/* round_body.h: round.c's functions for one type, REAL; included once for each. */
#define LANES 16

/*
 * The difference of two large numbers of different sign may overflow, their parts do not. A scale
 * below the normal numbers has few digits: it is rounded up, so that the range still fits (and
 * never becomes 0).
 */
static REAL
NAME(scale_of)(REAL lo, REAL hi, REAL steps)
{
	const REAL width = hi - lo;
	REAL scale = width / steps;

	if (width == 0)
		return 1;
	if (isinf(width))
		scale = hi / steps - lo / steps;
	if (scale < REAL_NORMAL && scale * steps < width)
		scale += REAL_LEAST;
	return scale;
}

/* At the end of what the type can hold, rounding must not take a decoded weight beyond it. */
static REAL
NAME(limit_scale)(REAL scale, REAL codes, REAL limit)
{
	if (scale * codes <= limit)
		return scale;
	scale = limit / codes;
	return scale * codes <= limit ? scale : scale * REAL_BELOW_1;
}

/* Both numbers in double from the range, rounded once at the end: ONNX Runtime's way. */
static REAL
NAME(precise_scale)(double lo, double hi, double steps, REAL *zero)
{
	const double scale = (hi - lo) / steps;

	if (scale < (double)REAL_NORMAL) {
		*zero = 0;
		return 1;
	}
	*zero = (REAL)rint(-lo / scale);
	return (REAL)scale;
}

/* Its way for blocks: the width is rounded as well, and the zero point comes from the rounded scale. */
static REAL
NAME(blocked_scale)(REAL lo, REAL hi, double steps, REAL *zero)
{
	const REAL width = hi - lo, scale = (REAL)((double)width / steps);

	if (isinf(width) || scale < REAL_NORMAL)
		return NAME(precise_scale)((double)lo, (double)hi, steps, zero);
	*zero = (REAL)rint(-(double)lo / (double)scale);
	return scale;
}

void
NAME(quant_scale)(const struct code_range *codes, size_t n, REAL *lo, const REAL *hi, REAL *scale)
{
	const REAL steps = (REAL)codes->steps, limit = (REAL)codes->limit;
	const REAL largest = (REAL)largest_code(codes);

	for (size_t i = 0; i < n; i++) {
		REAL zero = 0, s, last = largest;

		if (codes->symmetric) {
			s = NAME(scale_of)(0, -lo[i] > hi[i] ? -lo[i] : hi[i], steps);
		} else if (codes->blocked) {
			s = NAME(blocked_scale)(lo[i], hi[i], codes->steps, &zero);
		} else if (codes->precise) {
			s = NAME(precise_scale)((double)lo[i], (double)hi[i], codes->steps, &zero);
		} else {
			s = NAME(scale_of)(lo[i], hi[i], steps);
			/* At most steps, for -lo is part of the width. */
			zero = (REAL)rint((double)(-lo[i] / s));
		}
		if (!codes->symmetric)
			last = zero > steps - zero ? zero : steps - zero;
		scale[i] = NAME(limit_scale)(s, last, limit);
		lo[i] = zero;
	}
}

/*
 * rint, where |q| is far below REAL_MAGIC (a code is 8 bits): the sum has no digits behind the
 * point, and the addition rounds to nearest, ties to even. Two additions are vector instructions
 * everywhere; a rounding instruction x86-64 has only since SSE4.1. What is far above stays far
 * above, and is cut.
 */
static inline __attribute__((always_inline)) REAL
NAME(whole)(REAL q, bool away)
{
	const REAL a = q < 0 ? -q : q, r = (a + REAL_MAGIC) - REAL_MAGIC;
	const REAL up = a - r == (REAL)0.5 ? r + 1 : r;

	return !away ? (q + REAL_MAGIC) - REAL_MAGIC : q < 0 ? -up : up;
}

/* How codes are rounded: both are known when this is compiled. */
struct NAME(way) {
	bool away, by_factor;
};

static inline __attribute__((always_inline)) REAL
NAME(code_of)(struct NAME(way) way, REAL x, REAL scale, REAL zero, REAL low, REAL high)
{
	const REAL r = NAME(whole)(way.by_factor ? x * scale : x / scale, way.away) + zero;

	return r < low ? low : r > high ? high : r;
}

static inline __attribute__((always_inline)) void
NAME(round_run)(struct NAME(way) way, const struct code_range *codes, const REAL *x, size_t n,
                REAL scale, REAL zero, unsigned char *out)
{
	const REAL low = (REAL)codes->low, high = (REAL)codes->high;
	size_t i = 0;

	for (; n - i >= LANES; i += LANES) {
		REAL code[LANES];

		for (size_t j = 0; j < LANES; j++)
			code[j] = NAME(code_of)(way, x[i + j], scale, zero, low, high);
		for (size_t j = 0; j < LANES; j++)
			out[i + j] = (unsigned char)(int)code[j];
	}
	for (; i < n; i++)
		out[i] = (unsigned char)(int)NAME(code_of)(way, x[i], scale, zero, low, high);
}

static inline __attribute__((always_inline)) void
NAME(round_row)(struct NAME(way) way, const struct code_range *codes, const REAL *x, size_t n,
                const REAL *scale, const REAL *zero, unsigned char *out)
{
	const REAL low = (REAL)codes->low, high = (REAL)codes->high;
	size_t i = 0;

	for (; n - i >= LANES; i += LANES) {
		REAL code[LANES];

		for (size_t j = 0; j < LANES; j++)
			code[j] = NAME(code_of)(way, x[i + j], scale[i + j], zero[i + j], low, high);
		for (size_t j = 0; j < LANES; j++)
			out[i + j] = (unsigned char)(int)code[j];
	}
	for (; i < n; i++)
		out[i] = (unsigned char)(int)NAME(code_of)(way, x[i], scale[i], zero[i], low, high);
}

static inline __attribute__((always_inline)) void
NAME(round_all)(struct NAME(way) way, const struct code_range *codes, const REAL *x, size_t rows,
                size_t cols, const REAL *scale, const REAL *zero, unsigned char *out)
{
	if (cols == 1)
		NAME(round_run)(way, codes, x, rows, *scale, *zero, out);
	for (size_t i = 0; i < rows && cols > 1; i++)
		NAME(round_row)(way, codes, x + i * cols, cols, scale, zero, out + i * cols);
}

void
NAME(quant_round)(const struct code_range *codes, const REAL *x, size_t rows, size_t cols,
                  const REAL *scale, const REAL *zero, unsigned char *out)
{
	const struct NAME(way) plain = {false, false}, away = {true, false};
	const struct NAME(way) factor = {false, true}, both = {true, true};

	if (codes->by_factor && codes->away)
		NAME(round_all)(both, codes, x, rows, cols, scale, zero, out);
	else if (codes->by_factor)
		NAME(round_all)(factor, codes, x, rows, cols, scale, zero, out);
	else if (codes->away)
		NAME(round_all)(away, codes, x, rows, cols, scale, zero, out);
	else
		NAME(round_all)(plain, codes, x, rows, cols, scale, zero, out);
}
#undef LANES
