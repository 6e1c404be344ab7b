/* SPDX-License-Identifier: Apache-2.0 */
#include "base/minifloat.h"
#include "nonuniform.h"

#define SOME ((size_t)256)	/* elements at a time: their quotients stay in the cache */

/*
 * Dettmers et al., QLoRA (2023), appendix E: quantiles of the normal distribution, scaled to
 * [-1, 1], 0 among them; in single precision, as bitsandbytes has them.
 */
const float quant_nf4[16] = {
	-1.0f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f,
	-0.28444138169288635f, -0.18477343022823334f, -0.09105003625154495f, 0.0f,
	0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f,
	0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1.0f,
};

const float quant_binary[2] = {-1, 1};

/* The middles between two neighbours of them, in single precision too. */
static const float nf4_borders[15] = {
	-0.8480964004993439f, -0.6106329262256622f, -0.4599952697753906f, -0.33967943489551544f,
	-0.23460740596055984f, -0.13791173323988914f, -0.045525018125772476f, 0.03979014977812767f,
	0.1202552504837513f, 0.2035212516784668f, 0.2920137718319893f, 0.3893125355243683f,
	0.5016634166240692f, 0.6427869200706482f, 0.8614784181118011f,
};

static enum tmo_type
type_of(enum code_kind kind)
{
	return kind == CODE_F8E4M3 ? TMO_F8E4M3 : TMO_F8E5M2;
}

#define REAL float
#define NAME(name) name##_f32
#define FROM_REAL tmo_from_f32
#include "nonuniform_body.h"
#undef REAL
#undef NAME
#undef FROM_REAL

#define REAL double
#define NAME(name) name##_f64
#define FROM_REAL tmo_from_f64
#include "nonuniform_body.h"
