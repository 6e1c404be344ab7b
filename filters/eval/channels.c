/* SPDX-License-Identifier: Apache-2.0 */
#include "channels.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/minifloat.h"
#include "base/parallel.h"
#include "measure.h"
#include "tensor/live_channels.h"

#define TOGETHER 16		/* channels beside each other, which share cache lines */
#define BLOCK ((size_t)4096)	/* elements of one that are looked at before the next one's */
#define GLANCE ((size_t)64)	/* elements among which there is nearly always one that is not 0 */

struct looking {
	const struct tmo_array *values, *reference;	/* NULL: no reference */
	struct tmo_blocks channels;
	bool only_dead;
	struct channel {
		size_t zeros, zeros_before;
		struct difference difference;
	} *channel;			/* of each */
};

/* n numbers from element `start` on, each `step` behind the one before it. */
static void
gather(const struct tmo_array *a, size_t start, size_t step, size_t n, double *out)
{
	const size_t width = tmo_type_size(a->type);
	const char *const data = (const char *)a->data + start * width;

	if (step == 1)
		tmo_to_f64(out, a->type, data, n);
	for (size_t i = 0; step != 1 && i < n; i++)
		tmo_to_f64(&out[i], a->type, data + i * step * width, 1);
}

static size_t
count_zeros(const double *x, size_t n)
{
	size_t zeros = 0;

	for (size_t i = 0; i < n; i++)
		zeros += x[i] == 0.0;
	return zeros;
}

/* Some elements of one channel. */
static int
look_at_block(const struct looking *l, size_t start, size_t step, size_t n, struct channel *c,
              struct tmo_error *err)
{
	double now[BLOCK], before[BLOCK];
	struct difference d;

	gather(l->values, start, step, n, now);
	c->zeros += count_zeros(now, n);
	if (l->reference == NULL)
		return 0;
	gather(l->reference, start, step, n, before);
	c->zeros_before += count_zeros(before, n);
	if (eval_measure_difference(before, TMO_F64, now, TMO_F64, n, 1, &d, err) < 0)
		return -1;
	eval_difference_add(&c->difference, &d);
	return 0;
}

static int
look_at_strip(const struct looking *l, const struct tmo_strip *s, struct tmo_error *err)
{
	for (size_t line = 0; line < s->lines; line++)
		for (size_t i = 0; i < s->length; i += BLOCK) {
			const size_t n = s->length - i < BLOCK ? s->length - i : BLOCK;
			const size_t start = tmo_strip_line(s, line) + i * s->step;

			for (size_t j = 0; j < s->width; j++)
				if (look_at_block(l, start + j * s->pitch, s->step, n,
				                  &l->channel[s->entry + j], err) < 0)
					return -1;
		}
	return 0;
}

/* Whether channel j of the strip has a value that is not 0, looking no further than to the first. */
static bool
is_alive(const struct tmo_array *a, const struct tmo_strip *s, size_t j)
{
	double some[GLANCE];

	for (size_t line = 0; line < s->lines; line++)
		for (size_t i = 0; i < s->length; i += GLANCE) {
			const size_t n = s->length - i < GLANCE ? s->length - i : GLANCE;

			gather(a, tmo_strip_line(s, line) + j * s->pitch + i * s->step, s->step, n, some);
			if (count_zeros(some, n) < n)
				return true;
		}
	return false;
}

/* Which of the strip's channels are empty; of those that are not, nothing is found out. */
static void
glance_at_strip(const struct looking *l, const struct tmo_strip *s)
{
	const size_t each = s->lines * s->length;

	for (size_t j = 0; j < s->width; j++) {
		struct channel *const c = &l->channel[s->entry + j];

		if (is_alive(l->values, s, j))
			continue;
		c->zeros = each;
		c->zeros_before = l->reference != NULL && !is_alive(l->reference, s, j) ? each : 0;
	}
}

static int
look_at_some(void *arg, size_t index, struct tmo_error *err)
{
	const struct looking *const l = arg;
	const size_t first = index * TOGETHER, all = l->channels.entries;
	const size_t end = all - first < TOGETHER ? all : first + TOGETHER;
	struct tmo_strip s;

	for (size_t i = first; i < end; i += s.width) {
		tmo_strip_at(&l->channels, i, end - i, &s);
		if (l->only_dead)
			glance_at_strip(l, &s);
		else if (look_at_strip(l, &s, err) < 0)
			return -1;
	}
	return 0;
}

static void
sum_up(const struct looking *l, struct channels *out)
{
	const size_t each = l->channels.count / l->channels.entries;

	*out = (struct channels){.count = l->channels.entries, .least_sqnr = (double)INFINITY};
	for (size_t i = 0; i < out->count; i++) {
		const struct channel *const c = &l->channel[i];
		const double zeros = (double)c->zeros / (double)each;
		const double sqnr = eval_difference_sqnr(&c->difference);

		out->dead += c->zeros == each && (l->reference == NULL || c->zeros_before < each);
		if (l->only_dead)
			continue;
		if (zeros > out->most_zeros) {
			out->most_zeros = zeros;
			out->sparsest = i;
		}
		if (l->reference != NULL && sqnr < out->least_sqnr) {
			out->least_sqnr = sqnr;
			out->farthest = i;
		}
	}
}

int
eval_measure_channels(const struct tmo_tensor *t, const struct tmo_array *reference, bool only_dead,
                      int threads, struct channels *out, struct tmo_error *err)
{
	struct looking l = {.values = &t->values, .reference = reference, .only_dead = only_dead};
	int status;

	*out = (struct channels){.least_sqnr = (double)INFINITY};
	if (t->count == 0)
		return 0;
	tmo_channels_of(&l.channels, &t->axes);
	l.channel = tmo_alloc(l.channels.entries, sizeof(*l.channel), err);
	if (l.channel == NULL)
		return -1;
	status = tmo_parallel_try(threads, (l.channels.entries - 1) / TOGETHER + 1, look_at_some, &l, err);
	if (status == 0)
		sum_up(&l, out);
	free(l.channel);
	return status;
}
