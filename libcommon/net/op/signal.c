/* SPDX-License-Identifier: Apache-2.0 */
/* signal.c: what audio front ends are made of: windows, DFT, STFT. */
#include <stdlib.h>
#include <string.h>

#include "base/math/trigonometric.h"
#include "base/memory.h"
#include "base/minifloat.h"
#include "net/op/fourier.h"
#include "net/op/op.h"

#define LENGTH_LIMIT ((int64_t)1 << 30)

static const char damaged[] = "; the model is damaged";

/* One number of an input that is there, from 1 to the limit. */
static int
take_length(const struct tmo_step *step, size_t input, size_t *length, struct tmo_error *err)
{
	struct tmo_integers n;

	if (!tmo_step_integers(step, NULL, input, &n) || n.count != 1 || n.value[0] < 1 || n.value[0] > LENGTH_LIMIT)
		return tmo_fail(err, "input %zu is not one number from 1 to %jd%s", input, (intmax_t)LENGTH_LIMIT, damaged);
	*length = (size_t)n.value[0];
	return 0;
}

/* ---- windows ---- */

int
tmo_shape_window(struct tmo_step *step, struct tmo_error *err)
{
	const enum tmo_type type = tmo_node_type(step->node, "output_datatype", TMO_F32);
	size_t length;

	if (tmo_step_expect(step, 1, err) < 0 || take_length(step, 0, &length, err) < 0)
		return -1;
	if (!tmo_type_is_float(type))
		return tmo_fail_unsupported(err, "a window of type %jd of ONNX",
		                            (intmax_t)tmo_node_number(step->node, "output_datatype", 1));
	tmo_step_give(step, 0, type, 1, &length);
	return 0;
}

/* a - b * cos(turn) + c * cos(2 * turn), a turn being the length, or one less if it is symmetric. */
int
tmo_run_window(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	static const struct {
		double a, b, c;
	} shape[] = {
		[TMO_WINDOW_HANN] = { 0.5, 0.5, 0.0 }, [TMO_WINDOW_HAMMING] = { 25.0 / 46.0, 21.0 / 46.0, 0.0 },
		[TMO_WINDOW_BLACKMAN] = { 0.42, 0.5, 0.08 },
	};
	struct tmo_array *const y = work->output[0];
	const bool periodic = tmo_node_number(step->node, "periodic", 1) != 0;
	const size_t turn = periodic || y->count == 1 ? y->count : y->count - 1, size = tmo_type_size(y->type);
	const int which = step->version->function;

	(void)err;
	for (size_t i = 0; i < y->count; i++) {
		double once, twice, sine, value;

		tmo_turn(i % turn, turn, &once, &sine);
		tmo_turn(2 * i % turn, turn, &twice, &sine);
		value = shape[which].a - shape[which].b * once + shape[which].c * twice;
		tmo_from_f64((char *)y->data + i * size, y->type, &value, 1);
	}
	return 0;
}

/* ---- DFT ---- */

struct dft {
	struct tmo_fourier fourier;
	int axis;
	size_t lines, inner;			/* before and after the axis; the last axis is re and im */
	size_t in, out, parts;			/* numbers of the axis; parts: 1 or 2 of them, of the input */
	size_t out_parts;
	bool inverse, onesided;
};

static void
release_dft(void *prepared)
{
	struct dft *const d = prepared;

	if (d != NULL)
		tmo_fourier_free(&d->fourier);
	free(d);
}

/* length: of the transform. */
static int
measure_dft(const struct tmo_step *step, struct dft *d, size_t *length, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0];
	const bool axis_is_input = step->version->since >= 20;
	struct tmo_integers axis = {.count = 1, .value = {axis_is_input ? -2 : tmo_node_number(step->node, "axis", 1)}};

	*d = (struct dft){.inverse = tmo_node_number(step->node, "inverse", 0) != 0,
	                  .onesided = tmo_node_number(step->node, "onesided", 0) != 0};
	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	if (axis_is_input && tmo_step_has_input(step, 2) && (!tmo_step_integers(step, NULL, 2, &axis) || axis.count != 1))
		return tmo_fail(err, "its axis is not one number%s", damaged);
	if (x->rank < 2 || tmo_step_axis(axis.value[0], x->rank, &d->axis, err) < 0 || d->axis == x->rank - 1 ||
	    x->shape[x->rank - 1] < 1 || x->shape[x->rank - 1] > 2)
		return tmo_fail(err, "an input of rank %d whose last axis is not real and imaginary parts; give data of the "
		                "shape that the network wants", x->rank);
	d->parts = x->shape[x->rank - 1];
	d->in = x->shape[d->axis];
	*length = d->inverse && d->onesided ? 2 * (d->in > 0 ? d->in - 1 : 0) : d->in;
	if (tmo_step_has_input(step, 1) && take_length(step, 1, length, err) < 0)
		return -1;
	if (*length == 0)
		return tmo_fail(err, "nothing along axis %d; give data of the shape that the network wants", d->axis);
	d->out = d->onesided && !d->inverse ? *length / 2 + 1 : *length;
	d->out_parts = d->onesided && d->inverse ? 1 : 2;
	d->lines = d->inner = 1;
	for (int i = 0; i < d->axis; i++)
		d->lines *= x->shape[i];
	for (int i = d->axis + 1; i < x->rank - 1; i++)
		d->inner *= x->shape[i];
	return 0;
}

int
tmo_shape_dft(struct tmo_step *step, struct tmo_error *err)
{
	size_t shape[TMO_RANK_MAX], length;
	const int rank = step->input[0].rank;
	struct dft d;

	if (measure_dft(step, &d, &length, err) < 0)
		return -1;
	memcpy(shape, step->input[0].shape, (size_t)rank * sizeof(*shape));
	shape[d.axis] = d.out;
	shape[rank - 1] = d.out_parts;
	tmo_step_give(step, 0, step->input[0].type, rank, shape);
	return 0;
}

int
tmo_prepare_dft(struct tmo_step *step, struct tmo_error *err)
{
	struct dft *const d = step->prepared = tmo_alloc(1, sizeof(*d), err);
	size_t length;

	step->release = release_dft;
	if (d == NULL || measure_dft(step, d, &length, err) < 0 || tmo_fourier_make(&d->fourier, length, err) < 0)
		return -1;
	return tmo_mul_size(length, 3 * sizeof(struct tmo_complex), &step->scratch, err);
}

/* A number of a line; of an inverse that is one-sided the second half mirrors the first. */
static struct tmo_complex
number(const struct dft *d, const float *x, size_t i)
{
	const size_t n = d->fourier.length, step = d->inner * d->parts;
	const bool mirrored = d->inverse && d->onesided && i > n / 2;
	const size_t at = mirrored ? n - i : i;
	struct tmo_complex z = {0};

	if (at >= d->in)
		return z;
	z.re = (double)x[at * step];
	z.im = d->parts == 2 ? (double)x[at * step + 1] : 0.0;
	z.im = mirrored ? -z.im : z.im;
	return z;
}

int
tmo_run_dft(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct dft *const d = step->prepared;
	struct tmo_complex *const in = work->scratch, *const out = in + d->fourier.length;
	const size_t out_step = d->inner * d->out_parts;

	(void)err;
	for (size_t line = 0; line < d->lines * d->inner; line++) {
		const float *const x = (const float *)work->input[0]->data +
		                       (line / d->inner * d->in * d->inner + line % d->inner) * d->parts;
		float *const y = (float *)work->output[0]->data +
		                 (line / d->inner * d->out * d->inner + line % d->inner) * d->out_parts;

		for (size_t i = 0; i < d->fourier.length; i++)
			in[i] = number(d, x, i);
		tmo_fourier_run(&d->fourier, d->inverse, in, out, out + d->fourier.length);
		for (size_t i = 0; i < d->out; i++) {
			y[i * out_step] = (float)out[i].re;
			if (d->out_parts == 2)
				y[i * out_step + 1] = (float)out[i].im;
		}
	}
	return 0;
}

/* ---- STFT ---- */

struct stft {
	struct tmo_fourier fourier;
	size_t batch, samples, parts, hop, frames, bins;
};

static void
release_stft(void *prepared)
{
	struct stft *const s = prepared;

	if (s != NULL)
		tmo_fourier_free(&s->fourier);
	free(s);
}

/* *length: of a frame. Inputs are the signal, its step from frame to frame, the window, the length. */
static int
measure_stft(const struct tmo_step *step, struct stft *s, size_t *length, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0], *const window = &step->input[2];
	const bool has_window = tmo_step_has_input(step, 2);

	*s = (struct stft){0};
	if (tmo_step_expect(step, 2, err) < 0 || take_length(step, 1, &s->hop, err) < 0)
		return -1;
	if (x->rank < 2 || x->rank > 3 || (x->rank == 3 && (x->shape[2] < 1 || x->shape[2] > 2)) ||
	    (has_window && window->rank != 1))
		return tmo_fail(err, "a signal of rank %d; give data of the shape that the network wants", x->rank);
	s->batch = x->shape[0];
	s->samples = x->shape[1];
	s->parts = x->rank == 3 ? x->shape[2] : 1;
	*length = has_window ? window->shape[0] : s->samples;
	if (tmo_step_has_input(step, 3) && take_length(step, 3, length, err) < 0)
		return -1;
	if (*length == 0 || *length > s->samples || (has_window && window->shape[0] != *length))
		return tmo_fail(err, "frames of %zu samples of a signal of %zu, or a window of another length; give data of the "
		                "shape that the network wants", *length, s->samples);
	s->frames = (s->samples - *length) / s->hop + 1;
	s->bins = tmo_node_number(step->node, "onesided", 1) != 0 ? *length / 2 + 1 : *length;
	return 0;
}

int
tmo_shape_stft(struct tmo_step *step, struct tmo_error *err)
{
	struct stft s;
	size_t length;

	if (measure_stft(step, &s, &length, err) < 0)
		return -1;
	tmo_step_give(step, 0, step->input[0].type, 4, (size_t[]){ s.batch, s.frames, s.bins, 2 });
	return 0;
}

int
tmo_prepare_stft(struct tmo_step *step, struct tmo_error *err)
{
	struct stft *const s = step->prepared = tmo_alloc(1, sizeof(*s), err);
	size_t length;

	step->release = release_stft;
	if (s == NULL || measure_stft(step, s, &length, err) < 0 || tmo_fourier_make(&s->fourier, length, err) < 0)
		return -1;
	return tmo_mul_size(length, 3 * sizeof(struct tmo_complex), &step->scratch, err);
}

int
tmo_run_stft(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct stft *const s = step->prepared;
	const float *const window = tmo_step_has_input(step, 2) ? work->input[2]->data : NULL;
	struct tmo_complex *const in = work->scratch, *const out = in + s->fourier.length;
	float *y = work->output[0]->data;

	(void)err;
	for (size_t frame = 0; frame < s->batch * s->frames; frame++) {
		const float *const x = (const float *)work->input[0]->data +
		                       (frame / s->frames * s->samples + frame % s->frames * s->hop) * s->parts;

		for (size_t i = 0; i < s->fourier.length; i++) {
			const double w = window != NULL ? (double)window[i] : 1.0;

			in[i].re = w * (double)x[i * s->parts];
			in[i].im = s->parts == 2 ? w * (double)x[i * s->parts + 1] : 0.0;
		}
		tmo_fourier_run(&s->fourier, false, in, out, out + s->fourier.length);
		for (size_t i = 0; i < s->bins; i++, y += 2) {
			y[0] = (float)out[i].re;
			y[1] = (float)out[i].im;
		}
	}
	return 0;
}
