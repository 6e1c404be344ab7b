/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect_onnx.c: operators are counted as they stand in the file; weights, and what uses them, are those
 * that tmo-from-onnx makes of it: a weight behind DequantizeLinear is one tensor in codes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/path.h"
#include "collect.h"
#include "model_metadata.h"
#include "formats/onnx/onnx_manifest.h"
#include "formats/onnx/onnx_network.h"
#include "formats/onnx/onnx_read.h"

/* The network of what was opened; the caller frees it. */
static struct tmo_net *
network_of(const struct tmo_onnx_reader *in, struct tmo_error *err)
{
	struct tmo_buffer graph = { 0 };
	struct tmo_net *net = NULL;

	if (tmo_onnx_graph(in, &graph, err) == 0)
		net = tmo_onnx_network(graph.data, graph.size, err);
	tmo_buffer_free(&graph);
	return net;
}

/* Operators, and text beside them, as the file has them. */
static int
look_as_it_is(const struct tmo_import *model, const char *folder, struct info_contents *c,
              struct tmo_error *err)
{
	static const struct tmo_onnx_options as_it_is = { .keep_quantized = true };
	struct tmo_onnx_reader *const in = tmo_onnx_open(model->fd, folder, &as_it_is, err);
	struct tmo_net *const net = in != NULL ? network_of(in, err) : NULL;
	int status = net != NULL ? info_count_operators(c, net, err) : -1;

	if (status == 0) {
		c->text_bytes = tmo_onnx_text_found(in);
		status = info_add_model_metadata(c, tmo_onnx_model(in), err);
	}
	tmo_net_free(net);
	tmo_onnx_close(in);
	return status;
}

/* A tensor in codes as a tensor of a stream, without data; adds up what its parts take in the file. */
static void
as_coded(const struct tmo_onnx_coded *form, struct tmo_tensor *t, uint64_t *bytes)
{
	t->code = form->code;
	t->bits = form->bits;
	t->blocked = form->blocked;
	memcpy(t->block, form->block, sizeof(t->block));
	*bytes = 0;
	for (int i = 0; i < form->part_count; i++) {
		const struct tmo_onnx_coded_part *const p = &form->part[i];
		struct tmo_array *const to = strcmp(p->role, "scale") == 0 ? &t->scale :
		                             strcmp(p->role, "zero_point") == 0 ? &t->zero_point :
		                             strcmp(p->role, "codebook") == 0 ? &t->codebook : &t->codes;

		to->type = p->type;
		to->rank = p->rank;
		memcpy(to->shape, p->shape, sizeof(to->shape));
		to->count = p->count;
		*bytes += p->bits > 0 ? ((uint64_t)p->count * (unsigned)p->bits + 7) / 8 :
		                        (uint64_t)p->count * tmo_type_size(p->type);
	}
}

static int
add_tensor(const struct tmo_onnx_tensor *from, struct info_contents *c, struct tmo_error *err)
{
	struct tmo_tensor t = { .dtype = from->type, .rank = from->rank, .count = from->count };
	struct info_tensor *const to = info_add_tensor(c, from->name, err);

	if (to == NULL)
		return -1;
	memcpy(t.shape, from->shape, sizeof(t.shape));
	to->bytes = (uint64_t)from->count * tmo_type_size(from->type);
	if (from->form != NULL)
		as_coded(from->form, &t, &to->bytes);
	info_describe_tensor(to, &t);
	info_count_tensor(c);
	return 0;
}

static int
add_model(const struct tmo_onnx_reader *in, const char *file, struct info_contents *c,
          struct tmo_error *err)
{
	struct tmo_buffer text = { 0 };
	struct tmo_net *net;

	if (tmo_onnx_manifest(in, file, &text, err) == 0)
		c->manifest = tmo_yaml_parse(text.data, text.size, err);
	tmo_buffer_free(&text);
	if (c->manifest == NULL)
		return -1;
	for (size_t i = 0; i < tmo_onnx_count(in); i++)
		if (add_tensor(tmo_onnx_tensor(in, i), c, err) < 0)
			return -1;
	net = network_of(in, err);
	return net != NULL ? info_add_network(c, net, err) : -1;
}

int
info_collect_onnx(const struct tmo_import *model, struct info_contents *c, struct tmo_error *err)
{
	char *const folder = tmo_path_folder(model->name, err);
	struct tmo_onnx_reader *in = NULL;
	int status = -1;

	if (folder != NULL && look_as_it_is(model, folder, c, err) == 0)
		in = tmo_onnx_open(model->fd, folder, NULL, err);
	if (in != NULL)
		status = add_model(in, model->name, c, err);
	tmo_onnx_close(in);
	free(folder);
	return status < 0 ? tmo_fail_at(err, model->name) : 0;
}
