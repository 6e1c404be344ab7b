/* SPDX-License-Identifier: Apache-2.0 */
/*
 * netrun [-j THREADS] [-k FORM] [-p] [-o NAME]... MODEL INPUTS: runs the network of the stream MODEL on the
 * tensors of the stream INPUTS, which are named as its inputs are, whole as they stand. The outputs are a
 * stream on stdout. -p: the plan instead.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/string_index.h"
#include "formats/onnx/onnx_network.h"
#include "net/execute.h"
#include "net/step_run.h"
#include "stream/lookup.h"
#include "tensor/encoding.h"

struct arrays {
	struct tmo_lookup *lookup;
	struct tmo_string_index place;
	size_t count;
	struct tmo_array *array[65536];
};

/* The tensor of that name as the network has it: in its own type; NULL: none. */
static int
find(void *arg, const char *name, const struct tmo_array **array, struct tmo_error *err)
{
	struct arrays *const a = arg;
	const size_t place = tmo_string_index_get(&a->place, name);
	struct tmo_tensor t = {0};
	struct tmo_array *made;
	bool found;

	*array = place != SIZE_MAX ? a->array[place] : NULL;
	if (place != SIZE_MAX || a->count == sizeof(a->array) / sizeof(a->array[0]))
		return 0;
	if (tmo_lookup_find(a->lookup, name, &t, &found, 1, err) < 0)
		return -1;
	if (!found)
		return 0;
	made = tmo_alloc(1, sizeof(*made), err);
	if (made == NULL)
		return -1;
	*made = t.values;
	t.values = (struct tmo_array){0};
	if (made->type != t.dtype) {
		struct tmo_array other = {0};

		if (tmo_array_new(&other, t.dtype, t.rank, t.shape, err) < 0)
			return -1;
		tmo_array_convert(made, &other);
		tmo_array_free(made);
		*made = other;
	}
	a->array[a->count] = made;
	*array = made;
	tmo_tensor_free(&t);
	return tmo_string_index_set(&a->place, name, a->count++, err);
}

static void
release(struct arrays *a)
{
	for (size_t i = 0; i < a->count; i++) {
		tmo_array_free(a->array[i]);
		free(a->array[i]);
	}
	tmo_string_index_free(&a->place);
	tmo_lookup_close(a->lookup);
}

static struct tmo_net *
read_network(const char *path, struct tmo_error *err)
{
	const int fd = open(path, O_RDONLY);
	struct tmo_source *const source = tmo_source_fd(fd, err);
	struct tmo_reader *const reader = source != NULL ? tmo_reader_open(source, NULL, err) : NULL;
	const struct tmo_member *graph;
	struct tmo_net *net = NULL;

	if (reader != NULL) {
		graph = tmo_reader_graph(reader);
		if (graph == NULL)
			tmo_fail(err, "no network in the stream");
		else
			net = tmo_onnx_network(graph->data, graph->bytes, err);
	}
	tmo_reader_close(reader);
	if (source != NULL)
		tmo_source_close(source);
	close(fd);
	return net;
}

static void
print_plan(const struct tmo_plan *plan)
{
	char shape[128];

	for (size_t i = 0; i < plan->step_count; i++) {
		const struct tmo_step *const s = &plan->step[i].step;

		printf("%s\t%s\t%s\n", s->node->type, s->node->name, plan->step[i].late ? "late" :
		       tmo_shape_text(s->output[0].rank, s->output[0].shape, shape, sizeof(shape)));
	}
	printf("memory\t%zu\nscratch\t%zu\n", plan->memory, plan->scratch);
}

/* value: those that were asked for; the plan may know them by other names. */
static int
write_outputs(const struct tmo_plan *plan, const size_t *value, const struct tmo_frame *frame,
              struct tmo_error *err)
{
	struct tmo_sink *const sink = tmo_sink_fd(STDOUT_FILENO, err);
	struct tmo_writer *const writer = sink != NULL ? tmo_writer_open(sink, NULL, err) : NULL;
	int status = writer != NULL ? 0 : -1;

	for (size_t i = 0; status == 0 && i < plan->output_count; i++) {
		const struct tmo_array *const a = tmo_frame_output(frame, i);

		status = tmo_writer_begin_tensor(writer, plan->net->value[value[i]].name, a->type, a->rank, a->shape,
		                                 err);
		if (status == 0)
			status = tmo_writer_data(writer, a->data, a->count * tmo_type_size(a->type), err);
	}
	if (status == 0)
		status = tmo_writer_finish(writer, err);
	tmo_writer_close(writer);
	if (status == 0)
		status = tmo_sink_finish(sink, err);
	tmo_sink_close(sink);
	return status;
}

/* The inputs of the main graph: what they are, and their numbers. */
static int
read_inputs(const struct tmo_net *net, struct arrays *from, struct tmo_fact *fact, struct tmo_array *array,
            struct tmo_error *err)
{
	for (size_t i = 0; i < net->graph[TMO_NET_MAIN].input_count; i++) {
		const struct tmo_value *const v = &net->value[net->graph[TMO_NET_MAIN].input[i]];
		const char *const name = v->name;
		const struct tmo_array *found;

		if (tmo_value_is_held(v))
			continue;
		if (find(from, name, &found, err) < 0)
			return -1;
		if (found == NULL)
			return tmo_fail(err, "no input %s", name);
		array[i] = *found;
		fact[i] = tmo_fact_of(found);
	}
	return 0;
}

struct request {
	const char *model, *inputs, *form;
	int threads;
	bool only_plan;
	size_t output_count;
	const char *output[64];
};

/* The values of those names. */
static int
find_outputs(const struct tmo_net *net, const struct request *r, size_t *output, struct tmo_error *err)
{
	for (size_t i = 0; i < r->output_count; i++) {
		output[i] = TMO_NET_NONE;
		for (size_t v = 0; v < net->value_count && output[i] == TMO_NET_NONE; v++)
			if (strcmp(net->value[v].name, r->output[i]) == 0)
				output[i] = v;
		if (output[i] == TMO_NET_NONE)
			return tmo_fail(err, "no value %s", r->output[i]);
	}
	return 0;
}

static int
run(const struct request *r, const struct tmo_net *net, struct arrays *weights, struct arrays *inputs,
    struct tmo_error *err)
{
	static struct tmo_fact fact[256];
	static struct tmo_array array[256];
	size_t output[64];
	const struct tmo_plan_request request = {
		.weights = { find, weights }, .input = fact, .output = r->output_count > 0 ? output : NULL,
		.output_count = r->output_count, .kernels = tmo_kernels_choose(r->form), .threads = r->threads,
	};
	struct tmo_plan *plan = NULL;
	struct tmo_frame *frame = NULL;
	struct tmo_team *team = NULL;
	int status = -1;

	if (request.kernels == NULL)
		return tmo_fail(err, "no kernels %s here", r->form);
	if (find_outputs(net, r, output, err) < 0 || read_inputs(net, inputs, fact, array, err) < 0)
		return -1;
	plan = tmo_plan_new(net, &request, err);
	if (plan != NULL && r->only_plan) {
		print_plan(plan);
		status = 0;
	} else if (plan != NULL && (r->threads == 1 || (team = tmo_team_start(r->threads, err)) != NULL)) {
		frame = tmo_frame_new(plan, err);
		if (frame != NULL && tmo_frame_run(frame, team, array, err) == 0)
			status = write_outputs(plan, r->output_count > 0 ? output : net->graph[TMO_NET_MAIN].output, frame, err);
	}
	tmo_team_stop(team);
	tmo_frame_free(frame);
	tmo_plan_free(plan);
	return status;
}

int
main(int argc, char **argv)
{
	static struct arrays weights, inputs;
	struct request r = {.threads = 1};
	struct tmo_error err = {0};
	struct tmo_net *net;
	int option, status = 1;

	while ((option = getopt(argc, argv, "j:k:po:")) != -1)
		if (option == 'j')
			r.threads = atoi(optarg);
		else if (option == 'k')
			r.form = optarg;
		else if (option == 'p')
			r.only_plan = true;
		else if (option == 'o' && r.output_count < 64)
			r.output[r.output_count++] = optarg;
		else
			return 2;
	if (argc - optind != 2)
		return 2;
	net = read_network(argv[optind], &err);
	weights.lookup = tmo_lookup_open_fd(open(argv[optind], O_RDONLY), argv[optind], NULL, 0, &err);
	inputs.lookup = tmo_lookup_open_fd(open(argv[optind + 1], O_RDONLY), argv[optind + 1], NULL, 0, &err);
	if (net != NULL && weights.lookup != NULL && inputs.lookup != NULL)
		status = run(&r, net, &weights, &inputs, &err) < 0;
	if (status != 0)
		fprintf(stderr, "netrun: %s%s%s\n", err.where, err.where[0] != '\0' ? ": " : "", err.text);
	tmo_net_free(net);
	release(&weights);
	release(&inputs);
	return status;
}
