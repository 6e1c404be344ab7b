/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model that is read gives a graph that can be read again, knows its uses, and lets all weights
 * be read; bytes are fine for a graph.onnx too, where they come without tmo's own reader. Its network,
 * written back, is the same bytes; changed, it is a model that can be read.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/read_write.h"
#include "formats/onnx/onnx_network.h"
#include "formats/onnx/onnx_network_write.h"
#include "formats/onnx/onnx_read.h"
#include "net/norms.h"
#include "net/uses.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
count_bytes(void *arg, const void *data, size_t size, struct tmo_error *err)
{
	(void)data;
	(void)err;
	*(uint64_t *)arg += size;
	return 0;
}

/* Some change or other of the network's parts: it is done or refused. */
static void
change(struct tmo_net *net, size_t n)
{
	struct tmo_error err = {0};
	struct tmo_array data = {0};
	const size_t value = n % net->value_count, node = net->node_count > 0 ? n / 7 % net->node_count : 0;
	size_t fresh;

	switch (net->node_count > 0 && !net->node[node].removed ? n % 9 : 8) {
	case 0: (void)tmo_net_bypass(net, node, 0, &err); break;
	case 1: (void)tmo_net_remove_node(net, node, &err); break;
	case 2: (void)tmo_net_set_int(net, node, "axis", 1, &err); break;
	case 3: (void)tmo_net_set_operator(net, node, "", "Neg", 6, &err); break;
	case 4: (void)tmo_net_set_input(net, node, n % 3, value, &err); break;
	case 5: (void)tmo_net_remove_value(net, value, &err); break;
	case 6: (void)tmo_net_move_to_stream(net, value, TMO_F32, 0, NULL, &err); break;
	case 7:
		if (tmo_array_new(&data, TMO_F32, 0, NULL, &err) == 0 &&
		    tmo_net_set_data(net, value, &data, &err) < 0)
			(void)tmo_net_add_constant(net, net->value[value].graph, "c", &data, &err);
		tmo_array_free(&data);
		break;
	default:
		fresh = tmo_net_insert(net, net->value[value].graph, &(struct tmo_new_node){
			.type = "Identity", .since = 1, .input_count = 1, .input = &value, .output_count = 1,
		}, &err);
		if (fresh != TMO_NET_NONE)
			(void)tmo_net_use_instead(net, value, net->node[fresh].output[0], &err);
	}
}

static void
write_back(struct tmo_net *net, const void *graph, size_t size)
{
	struct tmo_error err = {0};
	struct tmo_buffer same = {0}, changed = {0};
	struct tmo_net *again;

	if (tmo_onnx_network_write(net, graph, size, &same, &err) < 0 || same.size != size ||
	    memcmp(same.data, graph, size) != 0)
		abort();
	for (size_t i = 0; i < 24 && net->value_count > 0; i++)
		change(net, size * 31 + i * i * 17 + i);
	if (tmo_onnx_network_write(net, graph, size, &changed, &err) < 0 ||
	    (again = tmo_onnx_network(changed.data, changed.size, &err)) == NULL)
		abort();
	tmo_net_free(again);
	tmo_buffer_free(&same);
	tmo_buffer_free(&changed);
}

static void
find_uses(const void *graph, size_t size)
{
	struct tmo_error err = {0};
	struct tmo_uses uses = {0};
	struct tmo_norms norms = {0};
	struct tmo_net *const net = tmo_onnx_network(graph, size, &err);

	if (net == NULL ? err.kind == TMO_ERROR_NONE : tmo_net_uses(net, &uses, &err) < 0 ||
	    tmo_net_norms(net, &norms, &err) < 0)
		abort();
	if (net != NULL)
		write_back(net, graph, size);
	tmo_uses_free(&uses);
	tmo_norms_free(&norms);
	tmo_net_free(net);
}

/* What was read, or why not: as many bytes as were said, or an error with a text. */
static void
check_bytes(int status, uint64_t bytes, uint64_t wanted, const struct tmo_error *err)
{
	if (status < 0 ? err->kind == TMO_ERROR_NONE : bytes != wanted)
		abort();
}

/* Codes and what they need, as many as the shapes say. */
static void
read_parts(struct tmo_onnx_reader *model, size_t i)
{
	const struct tmo_onnx_tensor *t = tmo_onnx_tensor(model, i);
	struct tmo_error err = {0};
	int bits = 0, status;

	if (tmo_onnx_code_bits(model, i, &bits, &err) == 0 && (bits < 1 || bits > 32))
		abort();
	for (int k = 0; k < t->form->part_count; k++) {
		const struct tmo_onnx_coded_part *p = &t->form->part[k];
		uint64_t bytes = 0;
		const struct tmo_onnx_out out = {.write = count_bytes, .arg = &bytes};

		err = (struct tmo_error){0};
		status = tmo_onnx_read_one_part(model, i, k, &out, &err);
		check_bytes(status, bytes, (uint64_t)p->count * tmo_type_size(p->type), &err);
	}
}

static void
read_weights(struct tmo_onnx_reader *model)
{
	for (size_t i = 0; i < tmo_onnx_count(model); i++) {
		const struct tmo_onnx_tensor *t = tmo_onnx_tensor(model, i);
		struct tmo_error err = {0};
		uint64_t bytes = 0;
		const struct tmo_onnx_out out = {.write = count_bytes, .arg = &bytes};

		if (t->form != NULL) {
			read_parts(model, i);
		} else {
			const int status = tmo_onnx_read(model, i, &out, &err);

			check_bytes(status, bytes, (uint64_t)t->count * tmo_type_size(t->type), &err);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tmo_error err = {0};
	struct tmo_buffer graph = {0};
	struct tmo_onnx_reader *model;
	const int fd = tmo_temporary(NULL, &err);

	if (fd < 0 || tmo_write_full(fd, data, size, &err) < 0 || lseek(fd, 0, SEEK_SET) != 0)
		exit(1);
	model = tmo_onnx_open(fd, "/nonexistent", NULL, &err);
	if (model == NULL && err.kind == TMO_ERROR_NONE)
		abort();
	if (model != NULL) {
		if (tmo_onnx_graph(model, &graph, &err) < 0)
			abort();
		find_uses(graph.data, graph.size);
		read_weights(model);
	}
	find_uses(data, size);
	tmo_onnx_close(model);
	tmo_buffer_free(&graph);
	close(fd);
	return 0;
}
