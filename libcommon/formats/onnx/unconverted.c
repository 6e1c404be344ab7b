/* SPDX-License-Identifier: Apache-2.0 */
#include "base/string_index.h"
#include "formats/onnx/unconverted.h"
#include "net/operators.h"

/* The node's weight in codes is an initializer that stayed. */
static void
note_node(const struct tmo_import *model, const Onnx__NodeProto *n,
          const struct tmo_string_index *initializers)
{
	const struct tmo_operator *const o = tmo_onnx_operator(n);
	const char *codes;

	if (o == NULL || o->integer == NULL || n->n_input <= (size_t)o->integer->codes)
		return;
	codes = n->input[o->integer->codes];
	if (tmo_string_index_get(initializers, codes) == SIZE_MAX)
		return;
	tmo_import_about(model, codes);
	tmo_import_note(model, "stays as it is, for %s %s", o->name, n->n_output > 0 ? n->output[0] : "");
}

int
tmo_onnx_note_unconverted(const struct tmo_import *model, const Onnx__ModelProto *network,
                          struct tmo_error *err)
{
	struct tmo_string_index initializers = {0};
	int status = 0;

	TMO_ONNX_EACH(Onnx__TensorProto, t, network->graph, initializer)
		if (status == 0)
			status = tmo_string_index_set(&initializers, tmo_onnx_text((*t)->name), 1, err);
	TMO_ONNX_EACH(Onnx__NodeProto, n, network->graph, node)
		if (status == 0)
			note_node(model, *n, &initializers);
	tmo_import_about(model, NULL);
	tmo_string_index_free(&initializers);
	return status;
}
