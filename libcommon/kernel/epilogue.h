/* SPDX-License-Identifier: Apache-2.0 */
/* epilogue.h: what is done with results while they are in registers. */
#ifndef TMO_EPILOGUE_H
#define TMO_EPILOGUE_H

/*
 * In this order, each rounded as the operation of its own that it stands for, so that taking one in
 * changes no bit: times scale, plus shift (a batch norm), plus addend (a residual), then no less than
 * low and no more than high, by `low > a ? low : a` and `a > high ? high : a`, which let NaN and −0 pass.
 * ReLU is low = 0 and high = INFINITY.
 */
struct tmo_epilogue {
	/* A number for each channel, readable up to the next multiple of 16; NULL: none. */
	const float *scale, *shift;
	float low, high;		/* -INFINITY and INFINITY: none */
};

/* Where nothing is done. */
#define TMO_EPILOGUE_NONE {.low = -__builtin_inff(), .high = __builtin_inff()}
#define TMO_EPILOGUE_RELU {.low = 0.0f, .high = __builtin_inff()}

#endif
