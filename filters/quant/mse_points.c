/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/minifloat.h"
#include "mse.h"
#include "nonuniform.h"

static void
add_level(struct mse_levels *l, double level)
{
	const size_t i = l->count++;

	l->level[i] = level;
	if (i == 0)
		return;
	l->middle[i - 1] = (l->level[i - 1] + level) / 2;
	l->rise[i - 1] = level - l->level[i - 1];
	l->rise2[i - 1] = level * level - l->level[i - 1] * l->level[i - 1];
}

/*
 * widest: if the codes of a scale take no more than half of the levels, half of that scale has
 * levels for all that the scale itself has, and more between.
 */
static void
integers(const struct code_range *codes, struct mse_levels *l)
{
	const int steps = codes->high - codes->low;

	l->integers = true;
	if (!codes->symmetric) {
		for (int i = -steps; i <= steps; i++)
			add_level(l, i);
		l->window = (size_t)steps + 1;
		l->widest = steps > 3 ? steps / 2.0 - 1 : 0.5;
		return;
	}
	l->magnitudes = codes->low == -codes->high;
	for (int i = l->magnitudes ? 0 : codes->low; i <= codes->high; i++)
		add_level(l, i);
	l->widest = (-codes->low < codes->high ? -codes->low : codes->high) / 2 + 0.5;
}

void
quant_mse_levels(const struct code_range *codes, struct mse_levels *l)
{
	l->count = l->window = 0;
	l->magnitudes = l->integers = false;
	l->widest = codes->steps / 2;
	if (codes->kind == CODE_NF4) {
		for (int i = 0; i < 16; i++)
			add_level(l, (double)quant_nf4[i]);
		/* Beyond the largest of these all would be 0. */
		l->widest = (double)quant_nf4[8] / 2;
	} else if (codes->kind == CODE_F8E4M3 || codes->kind == CODE_F8E5M2) {
		l->magnitudes = true;
		for (int i = 0; i < 128; i++) {
			const double x = (double)(codes->kind == CODE_F8E4M3 ?
				tmo_f8e4m3_to_f32((uint8_t)i) : tmo_f8e5m2_to_f32((uint8_t)i));

			if (x <= codes->steps)
				add_level(l, x);
		}
	} else {
		integers(codes, l);
	}
	if (l->window == 0)
		l->window = l->count;
}

int
quant_mse_reserve(struct mse_points *p, size_t room, bool weighted, struct tmo_error *err)
{
	p->direct = false;
	p->weight = weighted ? p->weights : NULL;
	if (room <= p->room)
		return 0;
	quant_mse_free(p);
	p->weights = tmo_alloc(room, sizeof(*p->weights), err);
	p->at = tmo_alloc(room + MSE_LANES, sizeof(*p->at), err);
	p->spare = tmo_alloc(room, sizeof(*p->spare), err);
	p->first = tmo_alloc(room + 1, sizeof(*p->first), err);
	p->count = tmo_alloc(room + 1, sizeof(*p->count), err);
	p->sum = tmo_alloc(room + 1, sizeof(*p->sum), err);
	if (p->weights == NULL || p->at == NULL || p->spare == NULL || p->first == NULL || p->count == NULL ||
	    p->sum == NULL)
		return -1;
	p->weight = weighted ? p->weights : NULL;
	p->room = room;
	return 0;
}

void
quant_mse_free(struct mse_points *p)
{
	free(p->at);
	free(p->weights);
	free(p->spare);
	free(p->first);
	free(p->count);
	free(p->sum);
	p->at = p->weight = p->weights = p->spare = p->count = p->sum = NULL;
	p->first = NULL;
	p->room = 0;
}

void
quant_mse_take(struct mse_points *p)
{
	p->direct = true;
	p->total = (double)p->n;
	for (size_t i = p->n; i % MSE_LANES != 0; i++)
		p->at[i] = 0;
}

/* The totals before each part; first is known. */
static void
add_parts(struct mse_points *p)
{
	double count = 0, sum = 0;

	for (size_t k = 0; k < p->parts; k++) {
		double held = 0, its = 0;

		for (size_t i = p->first[k]; i < p->first[k + 1]; i++) {
			const double weight = p->weight != NULL ? p->weight[i] : 1;

			held += weight;
			its += weight * p->at[i];
		}
		p->count[k] = count;
		p->sum[k] = sum;
		count += held;
		sum += its;
	}
	p->count[p->parts] = p->total = count;
	p->sum[p->parts] = sum;
}

static inline size_t
place_of(const struct mse_points *p, double x)
{
	const size_t part = (size_t)((x - p->least) * p->per);

	return part < p->parts ? part : p->parts - 1;
}

#define CROWDED 64	/* values that are looked through at a threshold, on the average of all values */

bool
quant_mse_spread(struct mse_points *p)
{
	uint32_t *const next = p->first;
	double together = 0;
	uint32_t before = 0;

	p->parts = p->n / 2 + 1;
	p->per = (double)p->parts / (p->greatest - p->least);
	memset(next, 0, (p->parts + 1) * sizeof(*next));
	for (size_t i = 0; i < p->n; i++)
		next[place_of(p, p->spare[i])]++;
	for (size_t k = 0; k <= p->parts; k++) {
		const uint32_t held = k < p->parts ? next[k] : 0;

		together += (double)held * held;
		next[k] = before;
		before += held;
	}
	if (together > CROWDED * (double)p->n)
		return false;
	for (size_t i = 0; i < p->n; i++)
		p->at[next[place_of(p, p->spare[i])]++] = p->spare[i];
	/* Each now stands where the next one begins. */
	memmove(next + 1, next, p->parts * sizeof(*next));
	next[0] = 0;
	add_parts(p);
	return true;
}

#define CUT ((size_t)8)

void
quant_mse_cut(struct mse_points *p)
{
	p->per = 0;
	p->parts = (p->n + CUT - 1) / CUT;
	for (size_t k = 0; k < p->parts; k++)
		p->first[k] = (uint32_t)(k * CUT);
	p->first[p->parts] = (uint32_t)p->n;
	add_parts(p);
}

/* Added and taken away again it leaves the nearest whole number. */
#define MAGIC 6755399441055744.0

struct mse_sums
quant_mse_sums(const struct mse_points *p, double scale, double low, double high)
{
	const double inverse = 1 / scale;
	double xc[MSE_LANES] = {0}, cc[MSE_LANES] = {0};

	for (size_t i = 0; i < p->n; i += MSE_LANES)
		for (size_t j = 0; j < MSE_LANES; j++) {
			const double x = p->at[i + j], r = (x * inverse + MAGIC) - MAGIC;
			const double cut = r < low ? low : r, c = cut > high ? high : cut;

			xc[j] += x * c;
			cc[j] += c * c;
		}
	for (size_t j = 1; j < MSE_LANES; j++) {
		xc[0] += xc[j];
		cc[0] += cc[j];
	}
	return (struct mse_sums){xc[0], cc[0]};
}
