/* SPDX-License-Identifier: Apache-2.0 */
#include "net/step_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/minifloat.h"
#include "tensor/tensor.h"

int
tmo_step_make(struct tmo_step *step, const struct tmo_net *net, const struct tmo_node *node,
              const struct tmo_version *version, struct tmo_error *err)
{
	const size_t values = node->input_count + node->output_count;
	struct tmo_fact *const facts = tmo_alloc(values, sizeof(*facts) + sizeof(size_t), err);

	if (facts == NULL)
		return -1;
	*step = (struct tmo_step){
		.net = net, .node = node, .version = version, .threads = 1,
		.input_count = node->input_count, .output_count = node->output_count,
		.input = facts, .output = facts + node->input_count, .in = (size_t *)(facts + values),
	};
	step->out = step->in + step->input_count;
	memcpy(step->in, node->input, node->input_count * sizeof(*step->in));
	memcpy(step->out, node->output, node->output_count * sizeof(*step->out));
	for (size_t i = 0; i < values; i++)
		facts[i].rank = -1;
	return 0;
}

void
tmo_step_release(struct tmo_step *step)
{
	if (step->release != NULL)
		step->release(step->prepared);
	else
		free(step->prepared);
	free(step->input);
	*step = (struct tmo_step){0};
}

int
tmo_step_fail_at(const struct tmo_step *step, struct tmo_error *err)
{
	char where[200];

	if (step->node->name[0] != '\0')
		snprintf(where, sizeof(where), "node %.120s (%.40s)", step->node->name, step->node->type);
	else
		snprintf(where, sizeof(where), "a node without a name (%.40s)", step->node->type);
	return tmo_fail_at(err, where);
}

bool
tmo_step_is_known(const struct tmo_step *step)
{
	for (size_t i = 0; i < step->input_count; i++) {
		if (!tmo_step_has_input(step, i))
			continue;
		if (step->input[i].rank < 0 ||
		    (i < 32 && (step->version->numbers >> i & 1) != 0 && step->input[i].constant == NULL))
			return false;
	}
	return (step->version->traits & TMO_STEP_MAKES) == 0;
}

/* Fails if the output is larger than may be. */
static int
check_size(const struct tmo_step *step, const struct tmo_fact *fact, struct tmo_error *err)
{
	size_t bytes = tmo_type_size(fact->type);
	char shape[128];

	if (fact->type == TMO_NONE || fact->rank < 0 || fact->rank > TMO_RANK_MAX)
		return tmo_fail_unsupported(err, "an output of an unknown type or of rank %d", fact->rank);
	for (int i = 0; i < fact->rank; i++)
		if (fact->shape[i] == 0)
			return 0;
	for (int i = 0; i < fact->rank; i++)
		bytes = bytes > SIZE_MAX / 2 / fact->shape[i] ? SIZE_MAX / 2 : bytes * fact->shape[i];
	if (bytes < SIZE_MAX / 2 && (step->limit == 0 || bytes <= step->limit))
		return 0;
	return tmo_fail(err, "an output of shape %s, larger than --max-memory allows; give it more, or smaller data",
	                tmo_shape_text(fact->rank, fact->shape, shape, sizeof(shape)));
}

/* Fails if an input that is to be floats is not. */
static int
check_types(const struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_version *const v = step->version;

	for (size_t i = 0; i < step->input_count && (v->traits & TMO_STEP_FLOATS) != 0; i++)
		if (tmo_step_has_input(step, i) && !tmo_type_is_float(step->input[i].type) &&
		    ((v->numbers | v->mixed) >> (i < 31 ? i : 31) & 1) == 0)
			return tmo_fail_unsupported(err, "input %zu of type %s, where floats belong", i,
			                            tmo_type_name(step->input[i].type));
	return 0;
}

int
tmo_step_infer(struct tmo_step *step, struct tmo_error *err)
{
	int status = check_types(step, err) < 0 ? -1 : step->version->shape(step, err);

	for (size_t i = 0; status == 0 && i < step->output_count; i++)
		if (tmo_step_has_output(step, i))
			status = check_size(step, &step->output[i], err);
	return status < 0 ? tmo_step_fail_at(step, err) : 0;
}

int
tmo_step_prepare(struct tmo_step *step, struct tmo_error *err)
{
	step->tasks[0] = 1;
	if (step->version->prepare != NULL && step->version->prepare(step, err) < 0)
		return tmo_step_fail_at(step, err);
	if (step->limit != 0 && step->scratch / 4 > step->limit) {
		tmo_fail(err, "it wants %zu bytes beside its inputs, more than --max-memory allows", step->scratch);
		return tmo_step_fail_at(step, err);
	}
	return 0;
}

int
tmo_array_new_spare(struct tmo_array *a, enum tmo_type type, int rank, const size_t *shape,
                    struct tmo_error *err)
{
	size_t count, bytes;

	if (tmo_shape_count(rank, shape, tmo_type_size(type), &count, err) < 0 ||
	    tmo_add_size(count * tmo_type_size(type), TMO_ARRAY_SPARE, &bytes, err) < 0)
		return -1;
	*a = (struct tmo_array){.type = type, .rank = rank, .count = count, .data = tmo_alloc(bytes, 1, err)};
	if (a->data == NULL)
		return -1;
	for (int i = 0; i < rank; i++)
		a->shape[i] = shape[i];
	return 0;
}

void
tmo_array_convert(const struct tmo_array *from, struct tmo_array *to)
{
	enum { PIECE = 256 };
	const size_t size_from = tmo_type_size(from->type), size_to = tmo_type_size(to->type);
	double piece[PIECE];

	for (size_t i = 0; i < from->count; i += PIECE) {
		const size_t n = from->count - i < PIECE ? from->count - i : PIECE;
		const char *const in = (const char *)from->data + i * size_from;
		char *const out = (char *)to->data + i * size_to;

		tmo_to_f64(piece, from->type, in, n);
		tmo_from_f64(out, to->type, piece, n);
	}
}

/* What a step that computes in f32 gets instead of other floats; `made` is filled with what is new. */
static int
widen(const struct tmo_step *step, const struct tmo_array *const *input, const struct tmo_array **wide,
      struct tmo_array *made, struct tmo_error *err)
{
	for (size_t i = 0; i < step->input_count; i++) {
		wide[i] = input[i];
		if ((step->version->traits & TMO_STEP_FLOATS) == 0 || input[i] == NULL ||
		    !tmo_type_is_widened(input[i]->type))
			continue;
		if (tmo_array_new_spare(&made[i], TMO_F32, input[i]->rank, input[i]->shape, err) < 0)
			return -1;
		tmo_array_convert(input[i], &made[i]);
		wide[i] = &made[i];
	}
	return 0;
}

/* Rounds an output that was computed in f32 to the type that it is of. */
static int
narrow(struct tmo_array *output, enum tmo_type type, struct tmo_error *err)
{
	struct tmo_array other = {0};

	if (output->data == NULL || output->type == type || type == TMO_NONE)
		return 0;
	if (tmo_array_new_spare(&other, type, output->rank, output->shape, err) < 0)
		return -1;
	tmo_array_convert(output, &other);
	tmo_array_free(output);
	*output = other;
	return 0;
}

static int
run_phases(struct tmo_step *step, const struct tmo_array *const *input, struct tmo_array *const *output,
           struct tmo_error *err)
{
	void *const scratch = tmo_alloc(step->scratch + 64, 1, err);
	const uintptr_t base = ((uintptr_t)scratch + 63) & ~(uintptr_t)63;
	int status = scratch != NULL ? 0 : -1;

	for (int phase = 0; status == 0 && phase < TMO_STEP_PHASES; phase++)
		for (size_t task = 0; status == 0 && task < step->tasks[phase]; task++) {
			const struct tmo_work work = {
				.phase = phase, .task = task, .input = input, .output = output,
				.scratch = (char *)scratch + (base - (uintptr_t)scratch),
			};

			status = step->version->run(step, &work, err);
		}
	free(scratch);
	return status < 0 ? tmo_step_fail_at(step, err) : 0;
}

/* Facts from the inputs; then, in `type`, which types the outputs are to have in the end. */
static int
infer_from(struct tmo_step *step, const struct tmo_array *const *input, const struct tmo_array *const *wide,
           enum tmo_type *type, struct tmo_error *err)
{
	const bool floats = (step->version->traits & TMO_STEP_FLOATS) != 0;

	for (size_t i = 0; i < step->input_count; i++)
		if (input[i] != NULL) {
			step->input[i] = tmo_fact_of(input[i]);
			step->input[i].constant = input[i];
		}
	if (tmo_step_infer(step, err) < 0)
		return -1;
	for (size_t i = 0; i < step->input_count; i++)
		if (wide[i] != input[i]) {
			step->input[i].type = TMO_F32;
			step->input[i].constant = wide[i];
		}
	for (size_t i = 0; i < step->output_count; i++) {
		type[i] = step->output[i].type;
		if (floats && tmo_type_is_widened(type[i]))
			step->output[i].type = TMO_F32;
	}
	return 0;
}

/* Memory for outputs, and the elements of one that is input 0 in another shape. */
static int
make_outputs(const struct tmo_step *step, const struct tmo_array *const *wide, struct tmo_array *output,
             struct tmo_array **wanted, struct tmo_error *err)
{
	for (size_t i = 0; i < step->output_count; i++) {
		const struct tmo_fact *const f = &step->output[i];

		wanted[i] = tmo_step_has_output(step, i) ? &output[i] : NULL;
		if (wanted[i] != NULL && (step->version->traits & TMO_STEP_MAKES) == 0 &&
		    tmo_array_new_spare(&output[i], f->type, f->rank, f->shape, err) < 0)
			return -1;
	}
	if (tmo_step_is_alias(step) && wanted[0] != NULL)
		memcpy(output[0].data, wide[0]->data, output[0].count * tmo_type_size(output[0].type));
	return 0;
}

int
tmo_step_run_alone(struct tmo_step *step, const struct tmo_array *const *input, struct tmo_array *output,
                   struct tmo_error *err)
{
	const size_t n = step->input_count, m = step->output_count;
	const struct tmo_array **const wide = tmo_alloc(n + 1, sizeof(*wide), err);
	struct tmo_array *const made = tmo_alloc(n + 1, sizeof(*made), err);
	struct tmo_array **const wanted = tmo_alloc(m + 1, sizeof(*wanted), err);
	enum tmo_type *const type = tmo_alloc(m + 1, sizeof(*type), err);
	int status = -1;

	if (wide == NULL || made == NULL || wanted == NULL || type == NULL ||
	    widen(step, input, wide, made, err) < 0 || infer_from(step, input, wide, type, err) < 0 ||
	    tmo_step_prepare(step, err) < 0 || make_outputs(step, wide, output, wanted, err) < 0)
		goto out;
	status = tmo_step_is_alias(step) ? 0 : run_phases(step, wide, wanted, err);
	for (size_t i = 0; status == 0 && i < m; i++)
		if (wanted[i] != NULL)
			status = narrow(&output[i], type[i], err);
out:
	for (size_t i = 0; made != NULL && i < n; i++)
		tmo_array_free(&made[i]);
	free(wide);
	free(made);
	free(wanted);
	free(type);
	return status;
}
