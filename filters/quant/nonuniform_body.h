/* SPDX-License-Identifier: Apache-2.0 */
/* nonuniform_body.h: nonuniform.c's functions for one type, REAL; included once for each. */

/* n of at most SOME quotients, cut to [-top, top]; step 0: all have the first scale. */
static void
NAME(divide)(const REAL *x, size_t n, const REAL *scale, size_t step, REAL top, REAL *q)
{
	for (size_t j = 0; j < n && step == 0; j++)
		q[j] = x[j] / *scale;
	for (size_t j = 0; j < n && step != 0; j++)
		q[j] = x[j] / scale[j];
	for (size_t j = 0; j < n; j++)
		q[j] = q[j] > top ? top : q[j] < -top ? -top : q[j];
}

/* How many borders are below: no branches, so that it becomes vector instructions. */
static void
NAME(nf4_codes)(const REAL *q, size_t n, unsigned char *out)
{
	for (size_t j = 0; j < n; j++) {
		int code = 0;

		for (size_t k = 0; k < 15; k++)
			code += q[j] > (REAL)nf4_borders[k];
		out[j] = (unsigned char)code;
	}
}

static void
NAME(ternary_codes)(const REAL *x, size_t n, const REAL *border, size_t step, unsigned char *out)
{
	for (size_t j = 0; j < n; j++) {
		const REAL b = border[j * step];

		out[j] = (unsigned char)((x[j] > b) - (x[j] < -b));
	}
}

/* A run of elements whose scales follow each other, or are all the first. */
static void
NAME(nonuniform_run)(const struct code_range *codes, const REAL *x, size_t n, const REAL *scale,
                     const REAL *border, size_t step, unsigned char *out)
{
	const REAL top = (REAL)codes->steps;
	REAL q[SOME];

	for (size_t i = 0; i < n; i += SOME) {
		const size_t some = n - i < SOME ? n - i : SOME;

		switch (codes->kind) {
		case CODE_NF4:
			NAME(divide)(x + i, some, scale + i * step, step, top, q);
			NAME(nf4_codes)(q, some, out + i);
			break;
		case CODE_TERNARY:
			NAME(ternary_codes)(x + i, some, border + i * step, step, out + i);
			break;
		case CODE_BINARY:
			for (size_t j = 0; j < some; j++)
				out[i + j] = x[i + j] >= 0;
			break;
		default:
			NAME(divide)(x + i, some, scale + i * step, step, top, q);
			FROM_REAL(out + i, type_of(codes->kind), q, some);
		}
	}
}

void
NAME(quant_nonuniform)(const struct code_range *codes, const REAL *x, size_t rows, size_t cols,
                       const REAL *scale, const REAL *border, unsigned char *out)
{
	if (cols == 1)
		NAME(nonuniform_run)(codes, x, rows, scale, border, 0, out);
	for (size_t i = 0; i < rows && cols > 1; i++)
		NAME(nonuniform_run)(codes, x + i * cols, cols, scale, border, 1, out + i * cols);
}
