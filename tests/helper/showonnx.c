/* SPDX-License-Identifier: Apache-2.0 */
/*
 * showonnx [--uses] <model: what is in an ONNX model, a line each, inner graphs after their node:
 *
 *	ir N | input NAME | output NAME | node OP IN,… OUT,… | end
 *	init NAME SHAPE data | init NAME SHAPE LOCATION:OFFSET:LENGTH
 *
 * --uses: what net/uses says of each tensor: NAME weight|- OUTPUT_AXIS INPUT_AXIS OP,… NODE,…
 * --axes: the roles of each weight's axes: NAME g4.i8 o16 k3 k3, an axis a word: g own, o output, i input,
 *         k within, with their sizes; ? where they are not known
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/read_write.h"
#include "formats/onnx/onnx_network.h"
#include "formats/onnx/proto.h"
#include "net/uses.h"
#include "tensor/axes.h"

static void
show_list(char *const *text, size_t count)
{
	printf(" ");
	for (size_t i = 0; i < count; i++)
		printf("%s%s", i > 0 ? "," : "", text[i]);
	if (count == 0)
		printf("-");
}

static void
show_tensor(const char *what, const Onnx__TensorProto *t)
{
	printf("%s %s ", what, tmo_onnx_text(t->name));
	for (size_t i = 0; i < t->n_dims; i++)
		printf("%s%" PRId64, i > 0 ? "x" : "", t->dims[i]);
	if (tmo_onnx_is_external(t))
		printf(" %s:%s:%s\n", tmo_onnx_external(t, "location"),
		       tmo_onnx_external(t, "offset"), tmo_onnx_external(t, "length"));
	else
		printf(" data\n");
}

static void
show_graph(const Onnx__GraphProto *g)
{
	TMO_ONNX_EACH(Onnx__ValueInfoProto, v, g, input)
		printf("input %s\n", tmo_onnx_text((*v)->name));
	TMO_ONNX_EACH(Onnx__TensorProto, t, g, initializer)
		show_tensor("init", *t);
	TMO_ONNX_EACH(Onnx__SparseTensorProto, s, g, sparse_initializer)
		show_tensor("sparse", (*s)->values);
	TMO_ONNX_EACH(Onnx__NodeProto, n, g, node) {
		printf("node %s", tmo_onnx_text((*n)->op_type));
		show_list((*n)->input, (*n)->n_input);
		show_list((*n)->output, (*n)->n_output);
		printf("\n");
		TMO_ONNX_EACH(Onnx__AttributeProto, a, *n, attribute)
			if ((*a)->g != NULL) {
				show_graph((*a)->g);
				printf("end\n");
			}
	}
	TMO_ONNX_EACH(Onnx__ValueInfoProto, o, g, output)
		printf("output %s\n", tmo_onnx_text((*o)->name));
}

static int
show_uses(const struct tmo_buffer *in, struct tmo_error *err)
{
	struct tmo_net *const net = tmo_onnx_network(in->data, in->size, err);
	struct tmo_uses uses = {0};

	if (net == NULL || tmo_net_uses(net, &uses, err) < 0) {
		tmo_net_free(net);
		return -1;
	}
	for (size_t i = 0; i < uses.count; i++) {
		const struct tmo_use *u = &uses.use[i];

		printf("%s %s %d %d", u->name, u->weight ? "weight" : "-",
		       tmo_axes_first(&u->axes, TMO_ROLE_OUTPUT),
		       tmo_axes_first(&u->axes, TMO_ROLE_INPUT));
		show_list(u->ops, u->op_count);
		show_list(u->nodes, u->node_count);
		printf("\n");
	}
	tmo_uses_free(&uses);
	tmo_net_free(net);
	return 0;
}

static int
show_axes(const struct tmo_buffer *in, struct tmo_error *err)
{
	static const char letters[] = {
		[TMO_ROLE_UNKNOWN] = '?', [TMO_ROLE_OUTPUT] = 'o', [TMO_ROLE_INPUT] = 'i',
		[TMO_ROLE_WITHIN] = 'k', [TMO_ROLE_OWN] = 'g',
	};
	struct tmo_net *const net = tmo_onnx_network(in->data, in->size, err);
	struct tmo_uses uses = {0};

	if (net == NULL || tmo_net_uses(net, &uses, err) < 0) {
		tmo_net_free(net);
		return -1;
	}
	for (size_t i = 0; i < uses.count; i++) {
		const struct tmo_axes *const axes = &uses.use[i].axes;

		if (!uses.use[i].weight)
			continue;
		printf("%s", uses.use[i].name);
		for (int k = 0; k < axes->count; k++)
			printf("%c%c%zu", k > 0 && axes->part[k].axis == axes->part[k - 1].axis ? '.' : ' ',
			       letters[axes->part[k].role], axes->part[k].size);
		printf("%s\n", axes->count == 0 ? " ?" : "");
	}
	tmo_uses_free(&uses);
	tmo_net_free(net);
	return 0;
}

int
main(int argc, char **argv)
{
	struct tmo_error err = {0};
	struct tmo_buffer in = {0};
	unsigned char block[4096];
	size_t got = sizeof(block);
	Onnx__ModelProto *model;
	int status = 0;

	while (status == 0 && got == sizeof(block)) {
		status = tmo_read_full(STDIN_FILENO, block, sizeof(block), &got, &err);
		if (status == 0)
			status = tmo_buffer_append(&in, block, got, &err);
	}
	if (status == 0 && argc > 1 && strcmp(argv[1], "--uses") == 0) {
		status = show_uses(&in, &err);
	} else if (status == 0 && argc > 1 && strcmp(argv[1], "--axes") == 0) {
		status = show_axes(&in, &err);
	} else if (status == 0 && (model = tmo_onnx_unpack(in.data, in.size, &err)) != NULL) {
		printf("ir %" PRId64 "\n", model->ir_version);
		show_graph(model->graph);
		tmo_onnx_free(model);
	}
	if (err.kind != TMO_ERROR_NONE)
		fprintf(stderr, "showonnx: %s: %s\n", err.where, err.text);
	tmo_buffer_free(&in);
	return err.kind != TMO_ERROR_NONE;
}
