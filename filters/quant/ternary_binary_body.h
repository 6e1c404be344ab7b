/* SPDX-License-Identifier: Apache-2.0 */
/* ternary_binary_body.h: ternary_binary.c's functions for one type, REAL; included once for each. */
#define LANES 8

/* Of n magnitudes, those above a border: their sum and their number, in lanes of their own. */
static void
NAME(add_run)(const REAL *x, size_t n, double above, double *sum, double *count)
{
	double sums[LANES] = {0}, counts[LANES] = {0};
	size_t i = 0;

	for (; n - i >= LANES; i += LANES)
		for (size_t j = 0; j < LANES; j++) {
			const double a = fabs((double)x[i + j]);

			sums[j] += a > above ? a : 0;
			counts[j] += a > above ? 1 : 0;
		}
	for (; i < n; i++) {
		const double a = fabs((double)x[i]);

		sums[0] += a > above ? a : 0;
		counts[0] += a > above ? 1 : 0;
	}
	*sum = *count = 0;
	for (size_t j = 0; j < LANES; j++) {
		*sum += sums[j];
		*count += counts[j];
	}
}

/* The same for each column of rows by cols. */
static void
NAME(add)(const REAL *x, size_t rows, size_t cols, const double *above, double *sum, double *count)
{
	if (cols == 1) {
		NAME(add_run)(x, rows, *above, sum, count);
		return;
	}
	for (size_t j = 0; j < cols; j++)
		sum[j] = count[j] = 0;
	for (size_t i = 0; i < rows; i++, x += cols)
		for (size_t j = 0; j < cols; j++) {
			const double a = fabs((double)x[j]);

			sum[j] += a > above[j] ? a : 0;
			count[j] += a > above[j] ? 1 : 0;
		}
}
#undef LANES
