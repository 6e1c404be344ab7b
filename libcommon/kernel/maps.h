/* SPDX-License-Identifier: Apache-2.0 */
/*
 * maps.h: functions of each float, and of pairs of floats. What each gives is its expression
 * here, every operation rounded by itself; a result that is NaN is 7fc00000.
 */
#ifndef TMO_MAPS_H
#define TMO_MAPS_H

#include <stdint.h>

#include "kernel/kernels.h"

/*
 * Of x, and of a and b where the function has parameters. tmo_exp and the like: base/math; at_least(x, low): low > x ? low : x;
 * at_most(x, high): x > high ? high : x.
 */
#define TMO_MAPS(M) \
	M(ABS, tmo_f32_magnitude(x)) \
	M(NEGATIVE, -x) \
	M(RECIPROCAL, 1.0f / x) \
	M(SQRT, sqrtf(x)) \
	M(FLOOR, floorf(x)) \
	M(CEIL, ceilf(x)) \
	M(ROUND, rintf(x)) /* halves to even */ \
	M(SIGN, x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x) \
	M(EXP, tmo_exp(x)) \
	M(LOG, tmo_log(x)) \
	M(SIN, tmo_sin(x)) \
	M(COS, tmo_cos(x)) \
	M(TAN, tmo_tan(x)) \
	M(SINH, tmo_sinh(x)) \
	M(COSH, tmo_cosh(x)) \
	M(TANH, tmo_tanh(x)) \
	M(ASIN, tmo_asin(x)) \
	M(ACOS, tmo_acos(x)) \
	M(ATAN, tmo_atan(x)) \
	M(ASINH, tmo_asinh(x)) \
	M(ACOSH, tmo_acosh(x)) \
	M(ATANH, tmo_atanh(x)) \
	M(SIGMOID, tmo_sigmoid(x)) \
	M(ERF, tmo_erf(x)) \
	M(SOFTPLUS, tmo_softplus(x)) \
	M(SOFTSIGN, x / (1.0f + tmo_f32_magnitude(x))) \
	M(RELU, 0.0f > x ? 0.0f : x) \
	M(CLIP, at_most(at_least(x, a), b)) /* in [a, b]; b if a > b */ \
	M(LEAKY_RELU, x < 0.0f ? a * x : x) \
	M(THRESHOLDED_RELU, x > a || x != x ? x : 0.0f) \
	M(ELU, x < 0.0f ? a * tmo_expm1(x) : x) \
	M(SELU, b * (x < 0.0f ? a * tmo_expm1(x) : x)) /* a: alpha, b: gamma */ \
	M(CELU, at_least(x, 0.0f) + at_most(a * tmo_expm1(x / a), 0.0f)) \
	M(SHRINK, x < -b ? x + a : x > b ? x - a : x != x ? x : 0.0f) \
	M(HARD_SIGMOID, at_most(at_least(a * x + b, 0.0f), 1.0f)) \
	M(HARD_SWISH, x * at_most(at_least(x * (1.0f / 6.0f) + 0.5f, 0.0f), 1.0f)) \
	M(MISH, x * tmo_tanh(tmo_softplus(x))) \
	M(SWISH, x * tmo_sigmoid(a * x)) /* SiLU with a = 1 */ \
	M(GELU, (0.5f * x) * (1.0f + tmo_erf(x * 0.70710678f))) \
	M(GELU_TANH, (0.5f * x) * (1.0f + tmo_tanh(0.79788456f * (x + 0.044715f * ((x * x) * x)))))

/* Of a pair x, y. LARGER and SMALLER are NaN if one of them is; of two zeros they are y. */
#define TMO_BINARIES(B) \
	B(ADD, x + y) \
	B(SUBTRACT, x - y) \
	B(MULTIPLY, x * y) \
	B(DIVIDE, x / y) \
	B(LARGER, x > y || x != x ? x : y) \
	B(SMALLER, x < y || x != x ? x : y) \
	B(POWER, y == 2.0f ? x * x : tmo_pow(x, y)) /* squares are most of what is asked for */ \
	B(C_REST, fmodf(x, y)) /* has the sign of x; exact, so that all C libraries agree */ \
	B(REST, (fmodf(x, y) < 0.0f) != (y < 0.0f) && fmodf(x, y) != 0.0f ? fmodf(x, y) + y : fmodf(x, y)) /* of y */ \
	B(PRELU, x < 0.0f ? x * y : x)

/* Whether it is so, of a pair x, y; NaN is unlike all, and neither less nor greater. */
#define TMO_COMPARISONS(C) \
	C(EQUAL, x == y) \
	C(LESS, x < y) \
	C(LESS_OR_EQUAL, x <= y) \
	C(GREATER, x > y) \
	C(GREATER_OR_EQUAL, x >= y)

#define TMO_MAP_NAME(name, expression) TMO_MAP_##name,
#define TMO_BINARY_NAME(name, expression) TMO_BINARY_##name,
#define TMO_COMPARISON_NAME(name, expression) TMO_COMPARE_##name,
enum tmo_map { TMO_MAPS(TMO_MAP_NAME) TMO_MAP_COUNT };
enum tmo_binary { TMO_BINARIES(TMO_BINARY_NAME) TMO_BINARY_COUNT };
enum tmo_comparison { TMO_COMPARISONS(TMO_COMPARISON_NAME) TMO_COMPARISON_COUNT };
#undef TMO_MAP_NAME
#undef TMO_BINARY_NAME
#undef TMO_COMPARISON_NAME

/* to[i] = f(from[i]) for i < n; to may be from, but may not overlap it otherwise. */
void tmo_map(const struct tmo_kernels *kernels, enum tmo_map f, float a, float b, const float *from, float *to,
             size_t n);

/*
 * One side of a pair: its element in a row and column is first[row * row_step + column * column_step].
 * column_step is 1, or 0 where one number stands for the whole row; a row_step of 0 repeats a row. So {x, n, 1}
 * is of the result's shape, {x, 0, 0} a number, {x, 0, 1} one row for all, {x, 1, 0} a number a row.
 */
struct tmo_operand {
	const float *first;
	ptrdiff_t row_step;
	size_t column_step;
};

/* to[row * to_step + column] = f of the pair, which may be that of one side, but not overlap it otherwise. */
void tmo_binary(const struct tmo_kernels *kernels, enum tmo_binary f, size_t rows, size_t columns,
                struct tmo_operand x, struct tmo_operand y, float *to, ptrdiff_t to_step);

/* to[i] = 1 if it is so of x[i * x_step] and y[i * y_step], else 0, for i < n; a step is 1 or 0. */
void tmo_compare(const struct tmo_kernels *kernels, enum tmo_comparison f, const float *x, size_t x_step,
                 const float *y, size_t y_step, uint8_t *to, size_t n);

#endif
