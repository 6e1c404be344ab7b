/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <math.h>

#include "base/minifloat.h"
#include "round.h"

struct code_range
quant_code_range(int bits, bool symmetric, double limit)
{
	const int high = (symmetric ? 1 << (bits - 1) : 1 << bits) - 1;

	assert(bits >= 2 && bits <= 8);
	return (struct code_range){
		.kind = CODE_INT, .low = symmetric ? -high : 0, .high = high,
		.symmetric = symmetric, .steps = high, .limit = limit,
	};
}

struct code_range
quant_code_range_of(enum code_kind kind, double limit)
{
	assert(kind != CODE_INT);
	return (struct code_range){
		.kind = kind, .low = kind == CODE_TERNARY ? -1 : 0, .high = 1, .symmetric = true,
		.steps = kind == CODE_F8E4M3 ? tmo_type_max(TMO_F8E4M3) :
			kind == CODE_F8E5M2 ? tmo_type_max(TMO_F8E5M2) : 1,
		.limit = limit,
	};
}

/* The largest magnitude that a code stands for, before the scale. */
static double
largest_code(const struct code_range *codes)
{
	if (codes->kind != CODE_INT)
		return codes->steps;
	return -codes->low > codes->high ? -codes->low : codes->high;
}

/* MAGIC, 1.5 * 2^(digits - 1): added and taken away again, it leaves the nearest whole number. */
#define REAL float
#define REAL_NORMAL 0x1p-126f
#define REAL_LEAST 0x1p-149f
#define REAL_BELOW_1 0x1.fffffep-1f
#define REAL_MAGIC 12582912.0f
#define NAME(name) name##_f32
#include "round_body.h"
#undef REAL
#undef REAL_NORMAL
#undef REAL_LEAST
#undef REAL_BELOW_1
#undef REAL_MAGIC
#undef NAME

#define REAL double
#define REAL_NORMAL 0x1p-1022
#define REAL_LEAST 0x1p-1074
#define REAL_BELOW_1 0x1.fffffffffffffp-1
#define REAL_MAGIC 6755399441055744.0
#define NAME(name) name##_f64
#include "round_body.h"
