/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rearrange.c: operators that put elements elsewhere or leave them: DepthToSpace, SpaceToDepth, ReverseSequence,
 * Dropout when a network is run.
 */
#include <string.h>

#include "base/minifloat.h"
#include "net/op/op.h"
#include "net/strided.h"
#include "tensor/tensor.h"

static const char damaged[] = "; the model is damaged";

/* ---- DepthToSpace, SpaceToDepth: pictures [images, channels, height, width] in blocks ---- */

static int
block_of(const struct tmo_step *step, size_t *block, struct tmo_error *err)
{
	const int64_t size = tmo_node_number(step->node, "blocksize", 0);

	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	if (step->input[0].rank != 4 || size < 1 || size > INT32_MAX)
		return tmo_fail(err, "blocks of %jd in an input of rank %d%s", (intmax_t)size, step->input[0].rank, damaged);
	*block = (size_t)size;
	return 0;
}

int
tmo_shape_depth_to_space(struct tmo_step *step, struct tmo_error *err)
{
	const size_t *const x = step->input[0].shape;
	size_t b = 1;

	if (block_of(step, &b, err) < 0)
		return -1;
	if (x[1] % (b * b) != 0)
		return tmo_fail(err, "%zu channels in blocks of %zu x %zu%s", x[1], b, b, damaged);
	tmo_step_give(step, 0, step->input[0].type, 4, (const size_t[]){x[0], x[1] / (b * b), x[2] * b, x[3] * b});
	return 0;
}

int
tmo_shape_space_to_depth(struct tmo_step *step, struct tmo_error *err)
{
	const size_t *const x = step->input[0].shape;
	size_t b = 1;

	if (block_of(step, &b, err) < 0)
		return -1;
	if (x[2] % b != 0 || x[3] % b != 0)
		return tmo_fail(err, "a picture of %zu x %zu in blocks of %zu; give data of the shapes that the network wants",
		                x[2], x[3], b);
	tmo_step_give(step, 0, step->input[0].type, 4, (const size_t[]){x[0], x[1] * b * b, x[2] / b, x[3] / b});
	return 0;
}

/*
 * The picture, of c channels and h x w in blocks, as its elements lie in the deep one: [images, channels, h, line in
 * the block, w, column in the block]. Channels of the deep one are [line, column, channel]; with mode CRD
 * [channel, line, column].
 */
static void
in_blocks(const struct tmo_step *step, const size_t *deep, size_t b, struct tmo_strided *s)
{
	const bool crd = strcmp(tmo_node_text(step->node, "mode", "DCR"), "CRD") == 0;
	const size_t c = deep[1] / (b * b), h = deep[2], w = deep[3], plane = h * w;
	const size_t channel = crd ? b * b * plane : plane, column = crd ? plane : c * plane;

	*s = (struct tmo_strided){
		.rank = 6, .shape = { deep[0], c, h, b, w, b },
		.step = { (ptrdiff_t)(deep[1] * plane), (ptrdiff_t)channel, (ptrdiff_t)w, (ptrdiff_t)(column * b), 1,
		          (ptrdiff_t)column },
	};
}

int
tmo_run_depth_to_space(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const x = work->input[0];
	struct tmo_strided s;
	size_t b = 1;

	if (block_of(step, &b, err) < 0)
		return -1;
	in_blocks(step, x->shape, b, &s);
	tmo_strided_copy(&s, tmo_type_size(x->type), x->data, work->output[0]->data);
	return 0;
}

int
tmo_run_space_to_depth(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const x = work->input[0], *const y = work->output[0];
	struct tmo_strided s;
	size_t b = 1;

	if (block_of(step, &b, err) < 0)
		return -1;
	in_blocks(step, y->shape, b, &s);
	tmo_strided_spread(&s, tmo_type_size(x->type), x->data, y->data);
	return 0;
}

/* ---- ReverseSequence: axes 0 and 1 are time and batch, or batch and time ---- */

int
tmo_shape_reverse_sequence(struct tmo_step *step, struct tmo_error *err)
{
	const int64_t batch = tmo_node_number(step->node, "batch_axis", 1), time = tmo_node_number(step->node, "time_axis", 0);
	const struct tmo_fact *const x = &step->input[0], *const lengths = &step->input[1];

	if (tmo_step_expect(step, 1, err) < 0 || tmo_step_expect_integers(step, 1, err) < 0)
		return -1;
	if (x->rank < 2 || batch < 0 || batch > 1 || time != 1 - batch)
		return tmo_fail(err, "axes %jd and %jd of an input of rank %d%s", (intmax_t)batch, (intmax_t)time, x->rank, damaged);
	if (lengths->rank != 1 || lengths->shape[0] != x->shape[batch])
		return tmo_fail(err, "not as many lengths as the %zu sequences%s", x->shape[batch], damaged);
	tmo_step_give(step, 0, x->type, x->rank, x->shape);
	return 0;
}

int
tmo_run_reverse_sequence(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const int batch = tmo_node_number(step->node, "batch_axis", 1) != 0;
	const struct tmo_array *const x = work->input[0];
	size_t inner = tmo_type_size(x->type);

	for (int i = 2; i < x->rank; i++)
		inner *= x->shape[i];
	for (size_t b = 0; x->count > 0 && b < x->shape[batch]; b++) {
		const int64_t length = tmo_array_integer(work->input[1], b);

		if (length < 0 || (uint64_t)length > x->shape[1 - batch])
			return tmo_fail(err, "a sequence of %jd of %zu steps; give data that the network was made for",
			                (intmax_t)length, x->shape[1 - batch]);
		for (size_t t = 0; t < x->shape[1 - batch]; t++) {
			const size_t from = t < (size_t)length ? (size_t)length - 1 - t : t;
			const size_t there = batch == 0 ? b * x->shape[1] + from : from * x->shape[1] + b;
			const size_t here = batch == 0 ? b * x->shape[1] + t : t * x->shape[1] + b;

			memcpy((char *)work->output[0]->data + here * inner, (const char *)x->data + there * inner, inner);
		}
	}
	return 0;
}

/* ---- Dropout: nothing is dropped, and the mask is of ones, of the input's type before operator set 10 ---- */

int
tmo_shape_dropout(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0];
	bool trains = false;
	double ratio = 0.5;

	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	if (step->version->function == TMO_DROPOUT_OLDEST)
		trains = tmo_node_number(step->node, "is_test", 0) == 0;
	if (tmo_step_has_input(step, 2) && step->input[2].constant->count > 0)
		trains = tmo_array_integer(step->input[2].constant, 0) != 0;
	if (tmo_step_has_input(step, 1) && step->input[1].constant->count > 0)
		tmo_to_f64(&ratio, step->input[1].type, step->input[1].constant->data, 1);
	if (trains && ratio != 0)
		return tmo_fail_unsupported(err, "training: networks are run, which drops nothing");
	tmo_step_give(step, 0, x->type, x->rank, x->shape);
	tmo_step_give(step, 1, step->version->function == TMO_DROPOUT_BOOL_MASK ? TMO_BOOL : x->type, x->rank, x->shape);
	return 0;
}

int
tmo_run_dropout(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const x = work->input[0];

	(void)err;
	if (work->output[0] != NULL)
		memcpy(work->output[0]->data, x->data, x->count * tmo_type_size(x->type));
	for (size_t i = 0; tmo_step_has_output(step, 1) && i < x->count; i++)
		tmo_array_set_integer(work->output[1], i, 1);
	return 0;
}
