/* SPDX-License-Identifier: Apache-2.0 */
/* safetensors_elements.h: the elements of a stream's tensor as safetensors has them, little-endian. */
#ifndef TO_SAFETENSORS_SAFETENSORS_ELEMENTS_H
#define TO_SAFETENSORS_SAFETENSORS_ELEMENTS_H

#include "stream/stream.h"

/*
 * The type in which the reader's current tensor is written: its own, or, of codes that are bit patterns
 * of a float type and nothing more, that one. An encoded tensor is loaded for that, so that its elements
 * cannot be had in this pass any more.
 */
int to_safetensors_type(struct tmo_reader *r, const struct tmo_item *item, enum tmo_type *type,
                        struct tmo_error *err);

/* Hands out the current tensor's elements in that type, decoded, in C order, in pieces. */
int to_safetensors_elements(struct tmo_reader *r, const struct tmo_item *item, int threads,
                            int (*write)(void *arg, const void *data, size_t size,
                                         struct tmo_error *err),
                            void *arg, struct tmo_error *err);

#endif
