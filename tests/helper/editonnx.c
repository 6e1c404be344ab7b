/* SPDX-License-Identifier: Apache-2.0 */
/*
 * editonnx EDIT... <model >model: changes of a model as programs make them by net/edit.h, one of words
 * an argument, written back by formats/onnx. Without any it is the model's own bytes. VALUE and NODE are
 * names: the first that has it.
 *
 *	insert VALUE OP SINCE		OP of VALUE, in the place of VALUE for all that used it
 *	scale VALUE NUMBER		the same: Mul by a new constant
 *	qdq VALUE NUMBER		QuantizeLinear and DequantizeLinear, of that scale
 *	bypass NODE | remove NODE | remove-value VALUE
 *	add VALUE NUMBER		to each element of a constant of f32
 *	data VALUE NUMBER,...		a constant is a vector of these
 *	bias NODE NUMBER,...		a new constant as input number 2
 *	input NODE I VALUE | operator NODE OP SINCE
 *	int NODE NAME NUMBER | ints NODE NAME NUMBER,... | float NODE NAME NUMBER | text NODE NAME TEXT
 *	drop NODE NAME			an attribute
 *	stream VALUE | weight NAME N,N	a weight whose data are the stream's, of f32
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/read_write.h"
#include "formats/onnx/onnx_network.h"
#include "formats/onnx/onnx_network_write.h"

#define WORDS 4
#define NUMBERS_MAX 64

static size_t
value_named(const struct tmo_net *net, const char *name)
{
	for (size_t i = 0; i < net->value_count; i++)
		if (strcmp(net->value[i].name, name) == 0 && net->value[i].kind != TMO_VALUE_REMOVED)
			return i;
	fprintf(stderr, "editonnx: no value %s\n", name);
	exit(2);
}

static size_t
node_named(const struct tmo_net *net, const char *name)
{
	for (size_t i = 0; i < net->node_count; i++)
		if (strcmp(net->node[i].name, name) == 0 && !net->node[i].removed)
			return i;
	fprintf(stderr, "editonnx: no node %s\n", name);
	exit(2);
}

/* "1,2.5" as doubles; how many. */
static size_t
numbers(const char *text, double *to)
{
	size_t n = 0;
	char *end;

	for (to[n++] = strtod(text, &end); *end == ',' && n < NUMBERS_MAX;)
		to[n++] = strtod(end + 1, &end);
	return n;
}

/* An array of f32, a vector or, of one number, a scalar. */
static int
floats(struct tmo_array *a, const char *text, bool scalar, struct tmo_error *err)
{
	double list[NUMBERS_MAX];
	const size_t n = numbers(text, list);

	if (tmo_array_new(a, TMO_F32, !scalar, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		((float *)a->data)[i] = (float)list[i];
	return 0;
}

/* A node of these inputs, the first of which is the value; its output. */
static size_t
insert(struct tmo_net *net, size_t value, const char *op, int64_t since, const size_t *input,
       size_t count, struct tmo_error *err)
{
	const size_t node = tmo_net_insert(net, net->value[value].graph, &(struct tmo_new_node){
		.type = op, .since = since, .input_count = count, .input = input, .output_count = 1,
	}, err);

	return node != TMO_NET_NONE ? net->node[node].output[0] : TMO_NET_NONE;
}

static int
insert_one(struct tmo_net *net, char **w, struct tmo_error *err)
{
	const size_t value = value_named(net, w[1]);
	const size_t instead = insert(net, value, w[2], atoll(w[3]), &value, 1, err);

	return instead != TMO_NET_NONE ? tmo_net_use_instead(net, value, instead, err) : -1;
}

static int
scale(struct tmo_net *net, char **w, struct tmo_error *err)
{
	const size_t value = value_named(net, w[1]);
	struct tmo_array factor = {0};
	size_t input[2] = {value}, instead;

	if (floats(&factor, w[2], true, err) < 0)
		return -1;
	input[1] = tmo_net_add_constant(net, net->value[value].graph, "factor", &factor, err);
	if (input[1] == TMO_NET_NONE)
		return -1;
	instead = insert(net, value, "Mul", 7, input, 2, err);
	return instead != TMO_NET_NONE ? tmo_net_use_instead(net, value, instead, err) : -1;
}

static int
quantize(struct tmo_net *net, char **w, struct tmo_error *err)
{
	const size_t value = value_named(net, w[1]), graph = net->value[value].graph;
	struct tmo_array step = {0}, zero = {0};
	size_t input[3] = {value}, instead;

	if (floats(&step, w[2], true, err) < 0 || tmo_array_new(&zero, TMO_I8, 0, NULL, err) < 0)
		return -1;
	input[1] = tmo_net_add_constant(net, graph, "step", &step, err);
	input[2] = tmo_net_add_constant(net, graph, "zero", &zero, err);
	if (input[1] == TMO_NET_NONE || input[2] == TMO_NET_NONE)
		return -1;
	input[0] = insert(net, value, "QuantizeLinear", 10, input, 3, err);
	if (input[0] == TMO_NET_NONE)
		return -1;
	instead = insert(net, value, "DequantizeLinear", 10, input, 3, err);
	return instead != TMO_NET_NONE ? tmo_net_use_instead(net, value, instead, err) : -1;
}

/* What a constant holds, each element a little more. */
static int
add(struct tmo_net *net, char **w, struct tmo_error *err)
{
	const size_t value = value_named(net, w[1]);
	const struct tmo_array *const old = net->value[value].data;
	struct tmo_array data = {0};

	if (old == NULL || old->type != TMO_F32)
		return tmo_fail(err, "%s holds no f32", w[1]);
	if (tmo_array_new(&data, TMO_F32, old->rank, old->shape, err) < 0)
		return -1;
	for (size_t i = 0; i < old->count; i++)
		((float *)data.data)[i] = ((const float *)old->data)[i] + (float)atof(w[2]);
	if (tmo_net_set_data(net, value, &data, err) == 0)
		return 0;
	tmo_array_free(&data);
	return -1;
}

static int
set_data(struct tmo_net *net, char **w, struct tmo_error *err)
{
	struct tmo_array data = {0};

	if (floats(&data, w[2], false, err) < 0)
		return -1;
	if (tmo_net_set_data(net, value_named(net, w[1]), &data, err) == 0)
		return 0;
	tmo_array_free(&data);
	return -1;
}

static int
set_bias(struct tmo_net *net, char **w, struct tmo_error *err)
{
	const size_t node = node_named(net, w[1]);
	struct tmo_array data = {0};
	size_t bias;

	if (floats(&data, w[2], false, err) < 0)
		return -1;
	bias = tmo_net_add_constant(net, net->node[node].graph, "bias", &data, err);
	return bias != TMO_NET_NONE ? tmo_net_set_input(net, node, 2, bias, err) : -1;
}

static int
set_attribute(struct tmo_net *net, char **w, struct tmo_error *err)
{
	const size_t node = node_named(net, w[1]);
	double list[NUMBERS_MAX];
	int64_t whole[NUMBERS_MAX];
	size_t n;

	if (strcmp(w[0], "text") == 0)
		return tmo_net_set_text(net, node, w[2], w[3], err);
	n = numbers(w[3], list);
	for (size_t i = 0; i < n; i++)
		whole[i] = (int64_t)list[i];
	if (strcmp(w[0], "ints") == 0)
		return tmo_net_set_ints(net, node, w[2], whole, n, err);
	if (strcmp(w[0], "int") == 0)
		return tmo_net_set_int(net, node, w[2], whole[0], err);
	return tmo_net_set_float(net, node, w[2], (float)list[0], err);
}

static int
to_stream(struct tmo_net *net, char **w, struct tmo_error *err)
{
	const size_t value = value_named(net, w[1]);
	const struct tmo_value *const v = &net->value[value];
	size_t shape[TMO_RANK_MAX];

	for (int i = 0; i < v->rank; i++)
		shape[i] = v->dim[i].size;
	return tmo_net_move_to_stream(net, value, v->type, v->rank, shape, err);
}

static int
add_weight(struct tmo_net *net, char **w, struct tmo_error *err)
{
	double list[NUMBERS_MAX];
	size_t shape[TMO_RANK_MAX];
	const int rank = (int)numbers(w[2], list);

	for (int i = 0; i < rank; i++)
		shape[i] = (size_t)list[i];
	return tmo_net_add_weight(net, w[1], TMO_F32, rank, shape, err) != TMO_NET_NONE ? 0 : -1;
}

static int
bypass(struct tmo_net *net, char **w, struct tmo_error *err)
{
	return tmo_net_bypass(net, node_named(net, w[1]), 0, err);
}

static int
remove_node(struct tmo_net *net, char **w, struct tmo_error *err)
{
	return tmo_net_remove_node(net, node_named(net, w[1]), err);
}

static int
remove_value(struct tmo_net *net, char **w, struct tmo_error *err)
{
	return tmo_net_remove_value(net, value_named(net, w[1]), err);
}

static int
set_input(struct tmo_net *net, char **w, struct tmo_error *err)
{
	return tmo_net_set_input(net, node_named(net, w[1]), (size_t)atoll(w[2]), value_named(net, w[3]),
	                         err);
}

static int
set_operator(struct tmo_net *net, char **w, struct tmo_error *err)
{
	return tmo_net_set_operator(net, node_named(net, w[1]), "", w[2], atoll(w[3]), err);
}

static int
drop(struct tmo_net *net, char **w, struct tmo_error *err)
{
	return tmo_net_drop_attribute(net, node_named(net, w[1]), w[2], err);
}

static int
edit(struct tmo_net *net, char *line, struct tmo_error *err)
{
	static const struct {
		const char *word;
		int words;
		int (*fn)(struct tmo_net *net, char **w, struct tmo_error *err);
	} edits[] = {
		{"insert", 4, insert_one}, {"scale", 3, scale}, {"qdq", 3, quantize}, {"bypass", 2, bypass},
		{"remove", 2, remove_node}, {"remove-value", 2, remove_value}, {"add", 3, add},
		{"data", 3, set_data}, {"bias", 3, set_bias}, {"input", 4, set_input},
		{"operator", 4, set_operator}, {"int", 4, set_attribute}, {"ints", 4, set_attribute},
		{"float", 4, set_attribute}, {"text", 4, set_attribute}, {"drop", 3, drop},
		{"stream", 2, to_stream}, {"weight", 3, add_weight},
	};
	char *word[WORDS], *rest = line;
	int n = 0;

	for (char *at; n < WORDS && (at = strtok_r(n == 0 ? line : NULL, " ", &rest)) != NULL; n++)
		word[n] = at;
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]) && n > 0; i++)
		if (strcmp(edits[i].word, word[0]) == 0 && n == edits[i].words)
			return edits[i].fn(net, word, err);
	fprintf(stderr, "editonnx: %s: no such edit\n", n > 0 ? word[0] : "");
	exit(2);
}

int
main(int argc, char **argv)
{
	struct tmo_error err = {0};
	struct tmo_buffer in = {0}, out = {0};
	unsigned char block[4096];
	size_t got = sizeof(block);
	struct tmo_net *net = NULL;
	int status = 0;

	while (status == 0 && got == sizeof(block)) {
		status = tmo_read_full(STDIN_FILENO, block, sizeof(block), &got, &err);
		if (status == 0)
			status = tmo_buffer_append(&in, block, got, &err);
	}
	if (status == 0 && (net = tmo_onnx_network(in.data, in.size, &err)) == NULL)
		status = -1;
	for (int i = 1; i < argc && status == 0; i++)
		status = edit(net, argv[i], &err);
	if (status == 0)
		status = tmo_onnx_network_write(net, in.data, in.size, &out, &err);
	if (status == 0)
		status = tmo_write_full(STDOUT_FILENO, out.data, out.size, &err);
	if (status < 0)
		fprintf(stderr, "editonnx: %s%s%s\n", err.where, err.where[0] != '\0' ? ": " : "", err.text);
	tmo_net_free(net);
	tmo_buffer_free(&in);
	tmo_buffer_free(&out);
	return status < 0;
}
