/* SPDX-License-Identifier: Apache-2.0 */
/* dequantize.c: asks the kinds of nodes that make weights, each about the nodes it may know. */
#include <string.h>

#include "formats/onnx/dequantize/dequantize.h"

/* Asks each kind that has the node's operator; the first that knows the node has it. */
static int
lift_node(struct tmo_onnx_rewrite *rw, size_t site)
{
	static const struct {
		const char *op;
		int (*lift)(struct tmo_onnx_rewrite *rw, size_t site, bool *done);
	} kinds[] = {
		{ "DequantizeLinear", tmo_onnx_lift_dequantize },
		{ "DequantizeLinear", tmo_onnx_lift_rounded },
		{ "DequantizeLinear", tmo_onnx_lift_gathered },
		{ "Cast", tmo_onnx_lift_cast },
		{ "QLinearConv", tmo_onnx_lift_linear },
		{ "QLinearMatMul", tmo_onnx_lift_linear },
		{ "QGemm", tmo_onnx_lift_linear },
		{ "MatMulInteger", tmo_onnx_lift_dynamic },
		{ "ConvInteger", tmo_onnx_lift_dynamic },
		{ "MatMulNBits", tmo_onnx_lift_nbits },
		{ "GatherBlockQuantized", tmo_onnx_lift_nbits },
	};
	bool done = false;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !done; i++) {
		const struct tmo_onnx_site *s = &rw->site[site];

		if (!s->gone && strcmp(tmo_onnx_text(s->node->op_type), kinds[i].op) == 0 &&
		    kinds[i].lift(rw, site, &done) < 0)
			return -1;
	}
	return 0;
}

int
tmo_onnx_dequantize(Onnx__ModelProto *model, struct tmo_onnx_files *files,
                    struct tmo_onnx_weights *weights, struct tmo_error *err)
{
	struct tmo_onnx_rewrite rw = {
		.model = model, .files = files, .weights = weights, .err = err
	};
	int status = tmo_onnx_rewrite_open(&rw);

	/* First chains: their codebooks may be made by a DequantizeLinear or Cast of their own. */
	for (size_t i = 0; i < rw.site_count && status == 0 && rw.opset > 0; i++)
		if (!rw.site[i].gone)
			status = tmo_onnx_lift_arithmetic(&rw, i);
	for (size_t i = 0; i < rw.site_count && status == 0 && rw.opset > 0; i++)
		status = lift_node(&rw, i);
	if (status == 0)
		status = tmo_onnx_rewrite_finish(&rw);
	tmo_onnx_rewrite_close(&rw);
	return status;
}
