/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mse.c: branch and bound over scales.
 *
 * With the codes c held, the error of a scale s is Σ(x - s c)² = Σx² - 2 s Σxc + s² Σc², a
 * parabola; the error with the nearest codes, E, is the least of all these parabolas. As s grows
 * codes only move towards 0, so on [a, b] the parabolas that matter are no more curved than the
 * one at a, of curvature B = Σc². Take B s² away from all: what is left of each is concave, and so
 * is their least. Hence between a and b E lies above the parabola of curvature B through its values
 * at both ends. That holds for any levels, and for the least over several windows of levels as well if
 * B is the largest of theirs. An interval whose bound is no better than the best known scale
 * is done with; others are halved.
 *
 * At every scale that is looked at the codes' own parabola is known too: its lowest point is a
 * scale that is at least as good, so that good ones are known long before the intervals are small.
 */
#include "mse.h"

#include <math.h>

#define ENOUGH 0.9995		/* no search for what is better by less: 1e-3 is asked for */
#define NOISE 1e-13		/* of the sum of squares: below that sums of doubles are noise */
#define RATIO 0.7		/* from one to the next scale of the first, coarse walk */
#define COARSE 512		/* of these, at most; the walk ends long before */
#define DEEP 64			/* halvings */

struct look {
	double scale, error, curve;
	size_t window;
};

struct search {
	const struct mse_levels *l;
	const struct mse_points *p;
	struct mse_found *found;
};

/* The last part that can hold values below t. */
static inline size_t
part_of(const struct mse_points *p, double t)
{
	size_t from = 0, to = p->parts;

	if (p->per > 0) {
		from = (size_t)((t - p->least) * p->per);
		return from < p->parts ? from : p->parts - 1;
	}
	while (to - from > 1) {
		const size_t middle = from + (to - from) / 2;

		if (p->at[p->first[middle]] < t)
			from = middle;
		else
			to = middle;
	}
	return from;
}

/* How many values are t or more, and their sum. */
static inline void
from_on(const struct mse_points *p, double t, double *count, double *sum)
{
	size_t part;
	double n, all;

	if (t > p->greatest) {
		*count = *sum = 0;
		return;
	}
	part = t > p->least ? part_of(p, t) : 0;
	n = p->count[part];
	all = p->sum[part];
	for (size_t i = p->first[part]; t > p->least && i < p->first[part + 1]; i++)
		if (p->at[i] < t) {
			const double weight = p->weight != NULL ? p->weight[i] : 1;

			n += weight;
			all += weight * p->at[i];
		}
	*count = p->total - n;
	*sum = p->sum[p->parts] - all;
}

/* Notes the lowest point of the codes' parabola if it is the best so far. */
static void
consider(const struct search *q, const struct mse_sums *s, size_t window)
{
	const double least = s->cc > 0 && s->xc > 0 ?
		q->p->squares - s->xc / s->cc * s->xc : q->p->squares;

	if (s->cc > 0 && s->xc > 0 && least < q->found->error) {
		q->found->error = least;
		q->found->scale = s->xc / s->cc;
		q->found->window = window;
	}
}

static inline double
error_at(const struct search *q, const struct mse_sums *s, double scale)
{
	return q->p->squares - scale * (2 * s->xc - scale * s->cc);
}

/* Running totals over the levels: what each threshold adds to the sums. */
static void
add_up(const struct search *q, double scale, struct mse_sums *upto)
{
	const struct mse_levels *const l = q->l;
	size_t i = 0;

	upto[0] = (struct mse_sums){0};
	for (; i + 1 < l->count; i++) {
		double count, sum;

		from_on(q->p, l->middle[i] * scale, &count, &sum);
		if (count == 0)
			break;
		upto[i + 1].xc = upto[i].xc + l->rise[i] * sum;
		upto[i + 1].cc = upto[i].cc + l->rise2[i] * count;
	}
	for (; i + 1 < l->count; i++)
		upto[i + 1] = upto[i];
}

/* The sums with the codes cut to the levels from `first` on, `levels` of them. */
static struct mse_sums
sums_of(const struct search *q, const struct mse_sums *upto, double scale, size_t first,
        size_t levels)
{
	const double low = q->l->level[first];
	const size_t last = first + levels - 1;

	if (q->p->direct)
		return quant_mse_sums(q->p, scale, low, q->l->level[last]);
	return (struct mse_sums){
		low * q->p->sum[q->p->parts] + (upto[last].xc - upto[first].xc),
		low * low * q->p->total + (upto[last].cc - upto[first].cc),
	};
}

/*
 * The first levels of the windows that may be best, of integers: none leaves room on one side while
 * it cuts on the other. Where nothing need be cut one window is enough.
 */
static void
windows(const struct search *q, double scale, size_t *from, size_t *to)
{
	const double lowest = q->l->level[0], room = (double)(q->l->window - 1);
	double first = rint(q->p->least / scale), last = rint(q->p->greatest / scale) - room;

	*from = *to = 0;
	if (q->l->window == q->l->count)
		return;
	first = first > lowest ? first : lowest;
	last = last > 0 ? 0 : last > first ? last : first;
	*from = (size_t)(first - lowest);
	*to = (size_t)(last - lowest);
}

/*
 * What moving the window by one level adds to the error grows from window to window: less is cut off
 * above, more below. So the best one is where it turns positive.
 */
static struct look
look_at(const struct search *q, double scale)
{
	const size_t levels = q->l->window;
	struct mse_sums upto[MSE_LEVELS_MAX], best, next;
	struct look here = {.scale = scale};
	size_t from, to;

	q->found->looks++;
	windows(q, scale, &from, &to);
	if (!q->p->direct)
		add_up(q, scale, upto);
	best = sums_of(q, upto, scale, 0, q->l->count);
	here.curve = best.cc;
	while (from < to) {
		const size_t middle = from + (to - from) / 2;

		best = sums_of(q, upto, scale, middle, levels);
		next = sums_of(q, upto, scale, middle + 1, levels);
		if (error_at(q, &next, scale) < error_at(q, &best, scale)) {
			from = middle + 1;
			best = next;
		} else {
			to = middle;
		}
	}
	here.window = from;
	here.error = error_at(q, &best, scale);
	consider(q, &best, from);
	return here;
}

/* No scale between a and b has a smaller error. */
static double
bound(const struct look *a, const struct look *b)
{
	const double width = b->scale - a->scale, sag = a->curve * width * width;
	const double rise = b->error - a->error;
	double u = sag > 0 ? 0.5 - rise / (2 * sag) : rise < 0 ? 1 : 0;

	u = u < 0 ? 0 : u > 1 ? 1 : u;
	return a->error + rise * u - sag * u * (1 - u);
}

static bool
hopeless(const struct search *q, const struct look *a, const struct look *b)
{
	return bound(a, b) >= q->found->error * ENOUGH - q->p->squares * NOISE;
}

/* Halves the interval until nothing better can hide in it. */
static void
narrow(const struct search *q, struct look a, struct look b)
{
	struct look right[DEEP];
	size_t depth = 0;

	for (;;) {
		const double middle = a.scale + (b.scale - a.scale) / 2;

		if (hopeless(q, &a, &b) || depth == DEEP || !(a.scale < middle && middle < b.scale)) {
			if (depth == 0)
				return;
			a = b;
			b = right[--depth];
		} else {
			right[depth++] = b;
			b = look_at(q, middle);
		}
	}
}

/* What is known of the scale 0 without looking: all codes at the far levels, nothing decoded. */
static struct look
at_zero(const struct search *q)
{
	const double low = q->l->level[0], high = q->l->level[q->l->count - 1];
	const double far = -low > high ? -low : high;

	return (struct look){.error = q->p->squares, .curve = far * far * q->p->total};
}

static double
widest_scale(const struct search *q)
{
	return (q->p->greatest - q->p->least) / q->l->widest;
}

/* Downwards by powers of two. */
static void
search_pow2(const struct search *q)
{
	const struct look zero = at_zero(q);
	struct look here, best = {.error = INFINITY};
	double scale;
	int exponent;

	frexp(widest_scale(q), &exponent);
	scale = ldexp(1, exponent);
	do {
		here = look_at(q, scale);
		if (here.error < best.error)
			best = here;
		q->found->error = best.error;
		scale /= 2;
	} while (!hopeless(q, &zero, &here));	/* the bound holds up to the scale that was looked at */
	q->found->scale = best.scale;
	q->found->window = best.window;
}

void
quant_mse_search(const struct mse_levels *l, const struct mse_points *p, bool pow2,
                 struct mse_found *found)
{
	const struct search q = {l, p, found};
	const struct look zero = at_zero(&q);
	struct look coarse[COARSE];
	size_t n = 0;
	double scale = widest_scale(&q);

	*found = (struct mse_found){.scale = scale, .error = p->squares};
	if (pow2) {
		search_pow2(&q);
		return;
	}
	do {
		coarse[n++] = look_at(&q, scale);
		scale *= RATIO;
	} while (n < COARSE && !hopeless(&q, &zero, &coarse[n - 1]));
	for (size_t i = 1; i < n; i++)
		narrow(&q, coarse[i], coarse[i - 1]);
}
