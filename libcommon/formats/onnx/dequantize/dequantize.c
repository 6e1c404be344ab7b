/* SPDX-License-Identifier: Apache-2.0 */
/* dequantize.c: asks the kinds of nodes that make weights, each about the nodes it may know. */
#include <string.h>

#include "formats/onnx/dequantize/dequantize.h"

static bool
takes(const struct tmo_onnx_rewrite *rw, const struct tmo_onnx_choice *choice, const char *name)
{
	const struct tmo_onnx_const *c = tmo_onnx_const(rw, name);

	return c != NULL && choice->takes(choice->arg, c->tensor);
}

/* Whether a constant that the node works on was chosen; behind what picks or quantizes it, too. */
static bool
is_chosen(const struct tmo_onnx_rewrite *rw, size_t site, const struct tmo_onnx_choice *choice)
{
	static const char *const before[] = { "Gather", "QuantizeLinear" };
	const Onnx__NodeProto *n = rw->site[site].node;

	if (choice == NULL)
		return true;
	for (size_t i = 0; i < n->n_input; i++) {
		if (takes(rw, choice, n->input[i]))
			return true;
		for (size_t k = 0; k < sizeof(before) / sizeof(before[0]); k++) {
			const size_t at = tmo_onnx_made_by(rw, n->input[i], site, before[k]);

			for (size_t j = 0; at != TMO_ONNX_NOWHERE && j < rw->site[at].node->n_input; j++)
				if (takes(rw, choice, rw->site[at].node->input[j]))
					return true;
		}
	}
	return false;
}

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
                    struct tmo_onnx_weights *weights, const struct tmo_onnx_choice *choice,
                    struct tmo_error *err)
{
	struct tmo_onnx_rewrite rw = {
		.model = model, .files = files, .weights = weights, .err = err
	};
	int status = tmo_onnx_rewrite_open(&rw);

	/* First chains with codebooks, which nodes of their own may make, then others. */
	for (int books = 1; books >= 0; books--)
		for (size_t i = 0; i < rw.site_count && status == 0 && rw.opset > 0; i++)
			if (!rw.site[i].gone && is_chosen(&rw, i, choice))
				status = tmo_onnx_lift_arithmetic(&rw, i, books != 0);
	for (size_t i = 0; i < rw.site_count && status == 0 && rw.opset > 0; i++)
		if (!rw.site[i].gone && is_chosen(&rw, i, choice))
			status = lift_node(&rw, i);
	if (status == 0)
		status = tmo_onnx_rewrite_finish(&rw);
	tmo_onnx_rewrite_close(&rw);
	return status;
}
