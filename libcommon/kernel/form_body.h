/* SPDX-License-Identifier: Apache-2.0 */
/* form_body.h: all kernels in one form, and what its table says of them. */
#include <math.h>

#include "base/math/elementary.h"
#include "base/math/exponential.h"
#include "base/math/trigonometric.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/*
 * UNROLLED: loops over registers, which must become no loops. ROLLED: gcc 12 unrolls short loops before it
 * looks for vectors, and then finds none among comparisons (of maxima, 0.8 ns a float where 0.1 will do).
 * INDEPENDENT: each element is for itself, also if the result lies where the operand does, which the
 * loop would otherwise look for when it runs.
 */
#ifdef __clang__
#pragma clang diagnostic ignored "-Wpass-failed" /* loops that call a function, as powers do */
#define UNROLLED _Pragma("clang loop unroll(full)")
#define ROLLED _Pragma("clang loop unroll(disable)")
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define UNROLLED _Pragma("GCC unroll 16")
#define ROLLED _Pragma("GCC unroll 1")
#define INDEPENDENT _Pragma("GCC ivdep")
#endif

#include "kernel/vector_body.h"
#include "kernel/product_body.h"
#include "kernel/depthwise_body.h"
#include "kernel/maps_body.h"
#include "kernel/reduction_body.h"

#define FORM_TABLE \
	.vector = VECTOR, .tile = {TILES(TILE)}, .depthwise = depthwise_line, .map = {TMO_MAPS(MAP_ENTRY)}, \
	.binary = {TMO_BINARIES(BINARY_ENTRY)}, .compare = {TMO_COMPARISONS(COMPARISON_ENTRY)}, .reduce = {TMO_REDUCTIONS(REDUCE_ENTRY)}, \
	.reduce_row = {TMO_REDUCTIONS(REDUCE_ROW_ENTRY)}, .softmax = softmax, .log_softmax = log_softmax
