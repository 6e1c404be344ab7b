/* SPDX-License-Identifier: Apache-2.0 */
/* opset_edit.c: what rules do to nodes, and ask of them. */
#include <stdlib.h>
#include <string.h>

#include "formats/onnx/opset/opset_edit.h"

/* What the node makes first: new names are made of it. */
static const char *
output_of(const Onnx__NodeProto *n)
{
	return n->n_output > 0 ? n->output[0] : "";
}

int
tmo_onnx_constant_input(struct tmo_onnx_raising *r, Onnx__NodeProto *n, size_t i,
                        const char *suffix, int32_t type, const void *values, size_t count,
                        bool scalar)
{
	char *name = tmo_onnx_fresh(&r->names, output_of(n), suffix, r->err);
	int status = -1;

	if (name == NULL || tmo_onnx_nodes_add(r->before, tmo_onnx_constant(name, type, values,
	                                       count, scalar, r->err), r->err) < 0)
		goto out;
	while (n->n_input <= i)
		if (tmo_onnx_add_input(n, "", r->err) < 0)
			goto out;
	status = tmo_onnx_replace(&n->input[i], name, r->err);
out:
	free(name);
	return status;
}

bool
tmo_onnx_text_is(const Onnx__NodeProto *n, const char *attribute, const char *text)
{
	const Onnx__AttributeProto *a = tmo_onnx_attribute(n, attribute);

	return a != NULL && a->s.len == strlen(text) && memcmp(a->s.data, text, a->s.len) == 0;
}
