/* SPDX-License-Identifier: Apache-2.0 */
/*
 * form.h: how a tensor is stored, in words and numbers for people and reports. Only the shapes and types of
 * its arrays are looked at: their data may be absent.
 */
#ifndef TMO_FORM_H
#define TMO_FORM_H

#include "tensor/granularity.h"
#include "tmo.h"

/* plain, cast, affine, codebook or codebook+affine (static). */
const char *tmo_form_name(const struct tmo_tensor *t);

/* "plain", "cast f16", "affine 8 bits, 64 scales": for people. text has room for TMO_FORM_MAX bytes. */
#define TMO_FORM_MAX 96
void tmo_form_text(const struct tmo_tensor *t, char *text);

/* "plain", "4b/g32", "cb32/ch", "f16": the same in a few characters, as tmo-info(1) explains them. */
#define TMO_FORM_SHORT 48
void tmo_form_short(const struct tmo_tensor *t, char *text);

/* How many codebooks, and how many values each has; 0 and 0 without one. */
void tmo_form_codebooks(const struct tmo_tensor *t, size_t *count, size_t *values);

/*
 * Which weights of an encoded tensor share parameters, by the array of the most entries. block, of t's
 * rank, has how many neighbours along each axis do so.
 */
enum tmo_granularity tmo_form_granularity(const struct tmo_tensor *t, size_t *block);

#endif
