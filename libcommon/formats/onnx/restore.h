/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restore.h: back from a graph.onnx to the network that it was before (origin.h), as far as its weights
 * are still what that wants: the others leave Constants, inner graphs and the operators that decode them
 * once more.
 */
#ifndef TMO_ONNX_RESTORE_H
#define TMO_ONNX_RESTORE_H

#include "formats/onnx/quantize/quantized_form.h"
#include "stream/member_name.h"

struct tmo_onnx_origin;

/*
 * Takes the origin out of the model of a graph.onnx. *origin is NULL if there is none, or if *changed: the
 * model is not what it became, something has changed the network since.
 */
int tmo_onnx_take_origin(Onnx__ModelProto *model, struct tmo_onnx_origin **origin, bool *changed,
                         struct tmo_error *err);
void tmo_onnx_free_origin(struct tmo_onnx_origin *o);		/* NULL is fine */

/* Whether the origin has the tensor of this stem (member_name.h) in codes. */
bool tmo_onnx_origin_has_codes(const struct tmo_onnx_origin *o, const char *stem);
/* Whether t's codes can stand where those that it came with stood: only they may have changed. */
bool tmo_onnx_origin_fits(const struct tmo_onnx_origin *o, const char *stem, const struct tmo_tensor *t);

/* Which of its weights leave once more. */
struct tmo_onnx_leaving {
	bool (*leaves)(void *arg, const char *stem);
	const char *(*name)(void *arg, const char *stem);	/* of the stream's tensor; borrowed */
	void *arg;
	bool none_inside;	/* all leave Constants and inner graphs, be it as codes */
};
/* The network, the caller's to free; its tensors point at members of the stream. NULL on failure. */
Onnx__ModelProto *tmo_onnx_restore(const struct tmo_onnx_origin *o,
                                   const struct tmo_onnx_leaving *leaving,
                                   const char *temporary_dir, struct tmo_error *err);

/*
 * Which weight t holds the codes of by this entry of its external data, and in *digest that of its parts,
 * borrowed; false: the entry says something else.
 */
bool tmo_onnx_codes_of(const Onnx__StringStringEntryProto *entry, char stem[TMO_STEM_MAX + 1],
                       const char **digest);
#define TMO_ONNX_WHOLE (-1)
/*
 * Which tensor of the stream t points at, and in *part which array of it (enum tmo_onnx_part_kind) or
 * TMO_ONNX_WHOLE; false: at no such thing.
 */
bool tmo_onnx_points_at(const Onnx__TensorProto *t, char stem[TMO_STEM_MAX + 1], int *part);
/* How what it points at is to be transposed for it. */
struct tmo_onnx_turned tmo_onnx_turned(const Onnx__TensorProto *t);

#endif
