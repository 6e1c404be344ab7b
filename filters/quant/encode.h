/* SPDX-License-Identifier: Apache-2.0 */
/* encode.h: a tensor's values, or its codebook, in fewer bits. */
#ifndef QUANT_ENCODE_H
#define QUANT_ENCODE_H

#include "tmo.h"

enum granularity { PER_TENSOR, PER_CHANNEL, PER_GROUP };

struct integers {
	int bits;
	bool symmetric;
	enum granularity granularity;
	size_t group;		/* weights in a group */
};

/*
 * Plain values to integer codes with scales. The tensor has elements, and the axis that the
 * granularity asks for: the output axis for channels, the input axis for groups.
 */
int encode_integers(struct tmo_tensor *t, const struct integers *how, int threads,
                    struct tmo_error *err);
/* A codebook's values to integers; codes stay. One scale for each of its rows, or one for all. */
int encode_codebook(struct tmo_tensor *t, const struct integers *how, struct tmo_error *err);

/* Plain values, or a codebook's, to f16 or bf16. */
int encode_floats(struct tmo_tensor *t, enum tmo_type type, bool saturate, int threads,
                  struct tmo_error *err);

#endif
