/* SPDX-License-Identifier: Apache-2.0 */
/* rotary.c: RotaryEmbedding: pairs of numbers of a head are turned by an angle that goes with their place. */
#include <string.h>

#include "base/memory.h"
#include "net/op/op.h"

enum { INPUT, COSINES, SINES, PLACES };

/* The input as [batch][place][head][size]. */
struct rotary {
	size_t batch, places, heads, size;
	size_t batch_step, place_step, head_step;
	size_t half;			/* pairs that are turned; the rest of a head stays */
	bool interleaved;		/* a pair is two neighbours; else they are `half` apart */
	size_t rows;			/* of the tables of cosines and sines */
	bool by_place;			/* a row of them is a place's; else that of a sample's place */
};

static const char mismatch[] = "inputs whose shapes do not go together; give data of the shapes that the network wants";

/* The tables: [rows][half] with places, [batch][places][half] without. */
static int
measure_tables(const struct tmo_step *step, struct rotary *r, struct tmo_error *err)
{
	const struct tmo_fact *const c = &step->input[COSINES], *const s = &step->input[SINES];

	r->by_place = tmo_step_has_input(step, PLACES);
	if (c->rank != (r->by_place ? 2 : 3) || s->rank != c->rank || c->shape[c->rank - 1] != r->half ||
	    memcmp(c->shape, s->shape, (size_t)c->rank * sizeof(*c->shape)) != 0)
		return tmo_fail(err, "%s", mismatch);
	r->rows = c->shape[0];
	if (r->by_place && (step->input[PLACES].type != TMO_I64 ||
	                    tmo_fact_count(&step->input[PLACES]) != r->batch * r->places))
		return tmo_fail(err, "%s", mismatch);
	if (!r->by_place && (c->shape[0] != r->batch || c->shape[1] != r->places))
		return tmo_fail(err, "%s", mismatch);
	return 0;
}

static int
measure(const struct tmo_step *step, struct rotary *r, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[INPUT];
	const int64_t heads = tmo_node_number(step->node, "num_heads", 0);
	const int64_t turned = tmo_node_number(step->node, "rotary_embedding_dim", 0);

	*r = (struct rotary){.interleaved = tmo_node_number(step->node, "interleaved", 0) != 0};
	if (tmo_step_expect(step, 3, err) < 0)
		return -1;
	if (x->rank == 4) {
		*r = (struct rotary){x->shape[0], x->shape[2], x->shape[1], x->shape[3], .interleaved = r->interleaved};
		r->place_step = r->size;
		r->head_step = r->places * r->size;
	} else if (x->rank == 3 && heads > 0 && x->shape[2] % (size_t)heads == 0) {
		*r = (struct rotary){x->shape[0], x->shape[1], (size_t)heads, x->shape[2] / (size_t)heads,
		                     .interleaved = r->interleaved};
		r->place_step = x->shape[2];
		r->head_step = r->size;
	} else {
		return tmo_fail(err, "%s", mismatch);
	}
	r->batch_step = r->places * r->heads * r->size;
	if (turned < 0 || (uint64_t)turned > r->size || turned % 2 != 0 || (turned == 0 && r->size % 2 != 0))
		return tmo_fail(err, "%jd numbers of %zu are to be turned; the model is damaged", (intmax_t)turned, r->size);
	r->half = (turned == 0 ? r->size : (size_t)turned) / 2;
	return measure_tables(step, r, err);
}

int
tmo_shape_rotary(struct tmo_step *step, struct tmo_error *err)
{
	struct rotary r;

	if (measure(step, &r, err) < 0)
		return -1;
	tmo_step_give(step, 0, step->input[0].type, step->input[0].rank, step->input[0].shape);
	return 0;
}

int
tmo_prepare_rotary(struct tmo_step *step, struct tmo_error *err)
{
	struct rotary *const r = step->prepared = tmo_alloc(1, sizeof(*r), err);

	if (r == NULL || measure(step, r, err) < 0)
		return -1;
	step->tasks[0] = r->batch;
	return 0;
}

static void
turn(const struct rotary *r, const float *x, const float *cosine, const float *sine, float *y)
{
	memcpy(y + 2 * r->half, x + 2 * r->half, (r->size - 2 * r->half) * sizeof(*y));
	for (size_t i = 0; i < r->half; i++) {
		const size_t one = r->interleaved ? 2 * i : i, other = r->interleaved ? one + 1 : i + r->half;
		const float a = x[one], b = x[other];
		const float real = cosine[i] * a, imaginary = sine[i] * a;

		y[one] = real - sine[i] * b;
		y[other] = imaginary + cosine[i] * b;
	}
}

int
tmo_run_rotary(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct rotary *const r = step->prepared;
	const float *const x = work->input[INPUT]->data;
	float *const y = work->output[0]->data;

	for (size_t place = 0; place < r->places; place++) {
		const size_t here = work->task * r->places + place;
		const int64_t row = r->by_place ? ((const int64_t *)work->input[PLACES]->data)[here] : (int64_t)here;

		if (r->by_place && (row < 0 || (uint64_t)row >= r->rows))
			return tmo_fail(err, "place %jd of %zu; give data that the network can have", (intmax_t)row, r->rows);
		for (size_t head = 0; head < r->heads; head++) {
			const size_t at = work->task * r->batch_step + place * r->place_step + head * r->head_step;

			turn(r, x + at, (const float *)work->input[COSINES]->data + (size_t)row * r->half,
			     (const float *)work->input[SINES]->data + (size_t)row * r->half, y + at);
		}
	}
	return 0;
}
