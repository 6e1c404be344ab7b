/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "run/run.h"
#include "unconverted.h"

/* Does an initializer of the graph have this name? */
static bool
is_initializer(const Onnx__GraphProto *g, const char *name)
{
	TMO_ONNX_EACH(Onnx__TensorProto, t, g, initializer)
		if (strcmp(tmo_onnx_text((*t)->name), name) == 0)
			return true;
	return false;
}

void
from_onnx_unconverted(struct tmo_run *run, const Onnx__ModelProto *model)
{
	static const struct {
		const char *op;
		size_t weight;		/* the input that holds it */
	} kinds[] = {
		{ "DequantizeLinear", 0 }, { "QLinearConv", 3 }, { "QLinearMatMul", 3 }, { "QGemm", 3 },
		{ "MatMulInteger", 1 }, { "ConvInteger", 1 }, { "MatMulNBits", 1 },
		{ "GatherBlockQuantized", 0 },
	};

	TMO_ONNX_EACH(Onnx__NodeProto, n, model->graph, node)
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
			if (strcmp(tmo_onnx_text((*n)->op_type), kinds[i].op) != 0 ||
			    (*n)->n_input <= kinds[i].weight ||
			    !is_initializer(model->graph, (*n)->input[kinds[i].weight]))
				continue;
			tmo_run_about(run, (*n)->input[kinds[i].weight]);
			tmo_note(run, "stays as it is, for %s %s", kinds[i].op,
			         (*n)->n_output > 0 ? (*n)->output[0] : "");
		}
	tmo_run_about(run, NULL);
}
