/* SPDX-License-Identifier: Apache-2.0 */
/* scale_layout.h: how DequantizeLinear takes a tensor's scale and zero point. */
#ifndef TMO_SCALE_LAYOUT_H
#define TMO_SCALE_LAYOUT_H

#include "tmo.h"

struct tmo_onnx_layout {
	int64_t opset;			/* from which on it does; INT64_MAX: never */
	int axis;			/* -1: one scale for all */
	size_t block;			/* 0: none */
	int rank;			/* of the initializers */
	size_t dims[TMO_RANK_MAX];
	size_t entries[TMO_RANK_MAX];	/* the tensor's axes have so many scales */
	int view_rank;			/* 0: codes have the tensor's shape; */
	size_t view[3];			/* else this one, and what comes out is reshaped */
};

/* The entries of scale and zero point along an axis, of the one that has more. */
size_t tmo_onnx_most_entries(const struct tmo_tensor *t, int axis);

/*
 * For a model of this operator set. Scales along several axes that lie next to each other are scales
 * along one axis of a view; those with an axis between them are blocks along that, from opset 21 on.
 */
struct tmo_onnx_layout tmo_onnx_layout_of(const struct tmo_tensor *t, int64_t opset);

#endif
