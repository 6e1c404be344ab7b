/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A network is planned and run, or refused: with inputs of the shapes that it says, and of 1 where it says
 * nothing. What comes out is the same in all forms of the kernels.
 */
#include <stdlib.h>
#include <string.h>

#include "base/element_type.h"
#include "formats/onnx/onnx_network.h"
#include "net/execute.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BYTES_MAX ((size_t)1 << 20)	/* of a value, so that nothing takes long */
#define INPUTS_MAX 16

/* Some numbers that mean something in any type. */
static void
fill(struct tmo_array *a, size_t seed)
{
	unsigned char *const bytes = a->data;

	for (size_t i = 0; i < a->count; i++)
		if (a->type == TMO_F32)
			((float *)a->data)[i] = (float)((i + seed) % 7) * 0.5f - 1.0f;
		else
			memset(bytes + i * tmo_type_size(a->type), 0, tmo_type_size(a->type));
	for (size_t i = 0; i < a->count && a->type != TMO_F32 && !tmo_type_is_float(a->type); i++)
		bytes[i * tmo_type_size(a->type)] = (unsigned char)((i + seed) % 2);
}

/* An array of what the network says of a value, or none. */
static bool
make_array(const struct tmo_value *v, size_t seed, struct tmo_array *a)
{
	struct tmo_error err = {0};
	size_t shape[TMO_RANK_MAX], bytes = tmo_type_size(v->type);

	if (v->type == TMO_NONE || v->rank < 0)
		return false;
	for (int i = 0; i < v->rank; i++) {
		shape[i] = v->dim[i].size == TMO_DIM_UNKNOWN ? 1 : v->dim[i].size;
		if (shape[i] > BYTES_MAX || (bytes *= shape[i]) > BYTES_MAX)
			return false;
	}
	if (tmo_array_new(a, v->type, v->rank, shape, &err) < 0)
		return false;
	fill(a, seed);
	return true;
}

/* Weights are what the network says of them, too. */
struct weights {
	const struct tmo_net *net;
	struct tmo_array *array;
};

static int
find(void *arg, const char *name, const struct tmo_array **array, struct tmo_error *err)
{
	const struct weights *const w = arg;

	(void)err;
	*array = NULL;
	for (size_t i = 0; i < w->net->value_count; i++)
		if (w->net->value[i].kind == TMO_VALUE_WEIGHT && strcmp(w->net->value[i].name, name) == 0 &&
		    (w->array[i].data != NULL || make_array(&w->net->value[i], i, &w->array[i])))
			*array = &w->array[i];
	return 0;
}

/* The outputs' bytes, one after the other, of one form; NULL: it is refused. */
static unsigned char *
run(const struct tmo_net *net, const struct weights *weights, const struct tmo_array *input,
    const struct tmo_kernels *kernels, size_t *size)
{
	struct tmo_error err = {0};
	struct tmo_fact fact[INPUTS_MAX];
	const struct tmo_plan_request request = {
		.weights = { find, (void *)weights }, .input = fact, .kernels = kernels, .threads = 1, .limit = BYTES_MAX,
	};
	unsigned char *bytes = NULL;
	struct tmo_frame *frame = NULL;
	struct tmo_plan *plan;

	for (size_t i = 0; i < net->graph[TMO_NET_MAIN].input_count; i++) {
		fact[i] = tmo_fact_of(&input[i]);
		fact[i].rank = input[i].data != NULL ? input[i].rank : -1;
	}
	plan = tmo_plan_new(net, &request, &err);
	if (plan != NULL)
		frame = tmo_frame_new(plan, &err);
	*size = 0;
	if (frame != NULL && tmo_frame_run(frame, NULL, input, &err) == 0)
		for (size_t i = 0; i < plan->output_count; i++) {
			const struct tmo_array *const a = tmo_frame_output(frame, i);
			const size_t more = a->count * tmo_type_size(a->type);

			bytes = realloc(bytes, *size + more + 1);
			if (bytes == NULL)
				abort();
			memcpy(bytes + *size, a->data, more);
			*size += more;
		}
	tmo_frame_free(frame);
	tmo_plan_free(plan);
	return bytes;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tmo_error err = {0};
	struct tmo_net *const net = tmo_onnx_network(data, size, &err);
	const struct tmo_graph *main;
	struct tmo_array input[INPUTS_MAX] = {0};
	struct weights weights = {.net = net};
	size_t first_size = 0, next_size;
	unsigned char *first, *next;
	bool known = true;

	if (net == NULL)
		return 0;
	main = &net->graph[TMO_NET_MAIN];
	weights.array = calloc(net->value_count + 1, sizeof(*weights.array));
	if (main->input_count > INPUTS_MAX || weights.array == NULL)
		goto out;
	for (size_t i = 0; i < main->input_count; i++)
		if (!tmo_value_is_held(&net->value[main->input[i]]))
			known = make_array(&net->value[main->input[i]], i, &input[i]) && known;
	if (!known)
		goto out;
	first = run(net, &weights, input, tmo_kernels_of(0), &first_size);
	for (size_t i = 1; tmo_kernels_of(i) != NULL; i++) {
		next = run(net, &weights, input, tmo_kernels_of(i), &next_size);
		if ((next == NULL) != (first == NULL) || next_size != first_size ||
		    (next != NULL && memcmp(first, next, first_size) != 0))
			abort();
		free(next);
	}
	free(first);
out:
	for (size_t i = 0; i < INPUTS_MAX; i++)
		tmo_array_free(&input[i]);
	for (size_t i = 0; weights.array != NULL && i < net->value_count; i++)
		tmo_array_free(&weights.array[i]);
	free(weights.array);
	tmo_net_free(net);
	return 0;
}
