/* SPDX-License-Identifier: Apache-2.0 */
/* node_to_weight.c: nodes that make way for the weight that they make. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/onnx/dequantize/node_to_weight.h"
#include "formats/onnx/onnx_dtype.h"

enum tmo_type
tmo_onnx_cast_to(const struct tmo_onnx_rewrite *rw, size_t site)
{
	const Onnx__NodeProto *n = site == TMO_ONNX_NOWHERE ? NULL : rw->site[site].node;

	if (n == NULL || !tmo_onnx_is(n, "Cast") || n->n_input != 1 || n->n_output != 1)
		return TMO_NONE;
	switch (tmo_onnx_int(n, "to", 0)) {
	case TMO_ONNX_FLOAT:
		return TMO_F32;
	case TMO_ONNX_FLOAT16:
		return TMO_F16;
	case TMO_ONNX_DOUBLE:
		return TMO_F64;
	case TMO_ONNX_BFLOAT16:
		return TMO_BF16;
	case TMO_ONNX_INT32:
		return TMO_I32;
	case TMO_ONNX_INT64:
		return TMO_I64;
	default:
		return TMO_NONE;
	}
}

bool
tmo_onnx_may_go(const struct tmo_onnx_rewrite *rw, size_t site)
{
	const Onnx__NodeProto *n = rw->site[site].node;
	const struct tmo_onnx_value *v = n->n_output == 1 ? tmo_onnx_value(rw, n->output[0]) : NULL;

	return v != NULL && v->outputs == 0 && !rw->site[site].gone;
}

char *
tmo_onnx_base_name(const struct tmo_onnx_rewrite *rw, const char *name, bool of_codes)
{
	static const char *const endings[2][4] = {
		{ "_DequantizeLinear_Output", "_DQ_Q4_output", "_DQ_Q8_output", "_DQ_Q2_output" },
		{ "_quantized", "_Q4", "_Q8", "_Q2" },
	};
	char *base = tmo_copy_string(name, rw->err);
	const size_t length = strlen(name);

	for (size_t i = 0; base != NULL && i < 4; i++) {
		const char *const ending = endings[of_codes][i];
		const size_t n = strlen(ending);

		if (length <= n || strcmp(name + length - n, ending) != 0)
			continue;
		base[length - n] = '\0';
		if (tmo_onnx_is_free(rw, base))
			break;
		base[length - n] = ending[0];
	}
	return base;
}

int
tmo_onnx_become(struct tmo_onnx_rewrite *rw, size_t site, const struct tmo_onnx_const *anchor,
                struct tmo_onnx_coded *form)
{
	const char *output = rw->site[site].node->output[0];
	char *name = tmo_onnx_base_name(rw, output, false);
	const bool same = name != NULL && strcmp(name, output) == 0;
	int status = -1;

	if (name == NULL) {
		tmo_onnx_coded_free(form);
		return -1;
	}
	if (tmo_onnx_add_weight(rw, name, anchor, form) == 0 &&
	    (same || tmo_onnx_add_rename(&rw->renames, output, name, rw->err) == 0))
		status = tmo_onnx_remove(rw, site, same ? name : NULL);
	free(name);
	return status;
}
