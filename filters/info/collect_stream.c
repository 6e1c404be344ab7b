/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "collect.h"
#include "formats/onnx/onnx_network.h"
#include "formats/onnx/strip.h"
#include "model_metadata.h"
#include "stream/manifest.h"
#include "tensor/tensor.h"

/* For the tee: how much came in, and whether it came compressed. */
static int
count_bytes(void *arg, const void *data, size_t size, bool at_end, struct tmo_error *err)
{
	static const unsigned char zstd[] = { 0x28, 0xb5, 0x2f, 0xfd };
	struct info_contents *const c = arg;

	(void)at_end;
	(void)err;
	if (c->file_bytes == 0 && size >= sizeof(zstd))
		c->compressed = memcmp(data, zstd, sizeof(zstd)) == 0;
	c->file_bytes += size;
	return 0;
}

/* A plain tensor's data passes unread. */
static int
add_tensor(struct tmo_run *run, const struct tmo_item *item, struct info_contents *c,
           struct tmo_error *err)
{
	struct tmo_tensor t = { .dtype = item->dtype, .rank = item->rank, .count = item->count };
	struct info_tensor *const to = info_add_tensor(c, item->name, err);
	int status = 0;

	if (to == NULL)
		return -1;
	memcpy(t.shape, item->shape, sizeof(t.shape));
	to->bytes = item->bytes;
	if (item->encoded) {
		t = (struct tmo_tensor){ 0 };
		status = tmo_reader_load(tmo_run_reader(run, err), &t, err);
	}
	if (status == 0) {
		info_describe_tensor(to, &t);
		info_count_tensor(c);
	}
	tmo_tensor_free(&t);
	return status;
}

/* What text there is in the graph. */
static int
add_text(const struct tmo_member *graph, struct info_contents *c, struct tmo_error *err)
{
	Onnx__ModelProto *const model = tmo_onnx_unpack(graph->data, graph->bytes, err);
	int status = -1;

	if (model != NULL) {
		c->text_bytes = tmo_onnx_text_bytes(model);
		status = info_add_model_metadata(c, model, err);
	}
	tmo_onnx_free(model);
	return status;
}

static int
add_graph(const struct tmo_member *graph, struct info_contents *c, struct tmo_error *err)
{
	struct tmo_net *net;

	if (graph == NULL)
		return 0;
	if (add_text(graph, c, err) < 0)
		return tmo_fail_at(err, graph->path);
	net = tmo_onnx_network(graph->data, graph->bytes, err);
	if (net == NULL)
		return tmo_fail_at(err, graph->path);
	return info_add_network(c, net, err) < 0 ? -1 : info_count_operators(c, net, err);
}

int
info_collect_stream(struct tmo_run *run, struct info_contents *c, struct tmo_error *err)
{
	struct tmo_item item = { 0 };
	struct tmo_reader *reader;
	int status;

	tmo_run_tee(run, count_bytes, c);
	while ((status = tmo_run_next(run, &item, err)) == 0 && item.kind != TMO_ITEM_END) {
		status = item.kind == TMO_ITEM_TENSOR ? add_tensor(run, &item, c, err) :
		                                        info_add_other(c, item.path, item.bytes, err);
		if (status < 0)
			return -1;
	}
	reader = status == 0 ? tmo_run_reader(run, err) : NULL;
	if (reader == NULL)
		return -1;
	c->packed = tmo_reader_was_packed(reader);
	c->manifest = tmo_manifest_copy(tmo_reader_manifest(reader), err);
	return c->manifest != NULL ? add_graph(tmo_reader_graph(reader), c, err) : -1;
}
