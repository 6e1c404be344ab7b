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

void
NAME(quant_scale)(const struct code_range *codes, size_t n, REAL *lo, const REAL *hi, REAL *scale)
{
	const REAL steps = (REAL)codes->high, limit = (REAL)codes->limit;

	for (size_t i = 0; i < n; i++) {
		REAL zero = 0, s;

		if (codes->symmetric) {
			s = NAME(scale_of)(0, -lo[i] > hi[i] ? -lo[i] : hi[i], steps);
		} else {
			s = NAME(scale_of)(lo[i], hi[i], steps);
			/* At most steps, for -lo is part of the width. */
			zero = (REAL)rint((double)(-lo[i] / s));
		}
		scale[i] = NAME(limit_scale)(s, zero > steps - zero ? zero : steps - zero, limit);
		lo[i] = zero;
	}
}

/*
 * rint, where |q| is far below REAL_MAGIC (a code is 8 bits): the sum has no digits behind the
 * point, and the addition rounds to nearest, ties to even. Two additions are vector instructions
 * everywhere; a rounding instruction x86-64 has only since SSE4.1.
 */
static inline REAL
NAME(code_of)(REAL x, REAL scale, REAL zero, REAL low, REAL high)
{
	const REAL r = ((x / scale + REAL_MAGIC) - REAL_MAGIC) + zero;

	return r < low ? low : r > high ? high : r;
}

static void
NAME(round_run)(const struct code_range *codes, const REAL *x, size_t n, REAL scale, REAL zero,
                unsigned char *out)
{
	const REAL low = (REAL)codes->low, high = (REAL)codes->high;
	size_t i = 0;

	for (; n - i >= LANES; i += LANES) {
		REAL code[LANES];

		for (size_t j = 0; j < LANES; j++)
			code[j] = NAME(code_of)(x[i + j], scale, zero, low, high);
		for (size_t j = 0; j < LANES; j++)
			out[i + j] = (unsigned char)(int)code[j];
	}
	for (; i < n; i++)
		out[i] = (unsigned char)(int)NAME(code_of)(x[i], scale, zero, low, high);
}

static void
NAME(round_row)(const struct code_range *codes, const REAL *x, size_t n, const REAL *scale,
                const REAL *zero, unsigned char *out)
{
	const REAL low = (REAL)codes->low, high = (REAL)codes->high;
	size_t i = 0;

	for (; n - i >= LANES; i += LANES) {
		REAL code[LANES];

		for (size_t j = 0; j < LANES; j++)
			code[j] = NAME(code_of)(x[i + j], scale[i + j], zero[i + j], low, high);
		for (size_t j = 0; j < LANES; j++)
			out[i + j] = (unsigned char)(int)code[j];
	}
	for (; i < n; i++)
		out[i] = (unsigned char)(int)NAME(code_of)(x[i], scale[i], zero[i], low, high);
}

void
NAME(quant_round)(const struct code_range *codes, const REAL *x, size_t rows, size_t cols,
                  const REAL *scale, const REAL *zero, unsigned char *out)
{
	if (cols == 1) {
		NAME(round_run)(codes, x, rows, *scale, *zero, out);
		return;
	}
	for (size_t i = 0; i < rows; i++)
		NAME(round_row)(codes, x + i * cols, cols, scale, zero, out + i * cols);
}
#undef LANES
