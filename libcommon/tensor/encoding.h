/* SPDX-License-Identifier: Apache-2.0 */
/* encoding.h: the one rule that decodes every encoding. */
#ifndef TMO_ENCODING_H
#define TMO_ENCODING_H

#include "base/buffer.h"
#include "tensor/tensor.h"

/*
 * Checks that t's codes, codebook, scale, zero_point and block fit its shape and each other. Said
 * once, when a tensor comes in: decoding trusts it. (Codes beyond the codebook are decode's.)
 */
int tmo_encoding_check(const struct tmo_tensor *t, struct tmo_error *err);

/*
 * Checks what a filter made of a tensor before it is written: that rank, shape, count, dtype and
 * arrays belong together, plain or encoded. (How much memory an array has cannot be seen.)
 */
int tmo_tensor_check(const struct tmo_tensor *t, struct tmo_error *err);

/*
 * Decodes t->codes into t->values (made anew: f32, or f64 for dtype f64), rounded to what dtype
 * holds, and sets t->data or t->data64; the encoding stays. Codes outside the codebook: an error with
 * the index.
 */
int tmo_tensor_decode(struct tmo_tensor *t, int threads, struct tmo_error *err);
/* The same, and drops the encoding. A plain tensor is left as it is. */
int tmo_make_plain(struct tmo_tensor *t, int threads, struct tmo_error *err);
/*
 * Makes the values of a float tensor f32 (f64 for dtype f64), whatever type they were read in, and
 * sets t->data or t->data64. Tensors that are no floats are left alone.
 */
int tmo_tensor_widen(struct tmo_tensor *t, struct tmo_error *err);
/*
 * Makes t->values an array of type t->dtype (bf16 and fp8 too, as bit patterns), rounded to
 * nearest even; data and data64 point into it only if that is f32 or f64.
 */
int tmo_tensor_narrow(struct tmo_tensor *t, struct tmo_error *err);

#endif
