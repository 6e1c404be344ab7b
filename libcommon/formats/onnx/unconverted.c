/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "formats/onnx/unconverted.h"
#include "net/operators.h"

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
tmo_onnx_note_unconverted(const struct tmo_import *model, const Onnx__ModelProto *network)
{
	TMO_ONNX_EACH(Onnx__NodeProto, n, network->graph, node) {
		const struct tmo_operator *const o = tmo_onnx_operator(*n);
		const char *codes;

		if (o == NULL || o->integer == NULL || (*n)->n_input <= (size_t)o->integer->codes)
			continue;
		codes = (*n)->input[o->integer->codes];
		if (!is_initializer(network->graph, codes))
			continue;
		tmo_import_about(model, codes);
		tmo_import_note(model, "stays as it is, for %s %s", o->name,
		                (*n)->n_output > 0 ? (*n)->output[0] : "");
	}
	tmo_import_about(model, NULL);
}
