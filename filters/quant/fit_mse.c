/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The points of an entry for mse.h: each value, or, where there are very many, the means of narrow
 * bins. Within a bin all values but those of the few bins in which a threshold lies have the same
 * code, so that only there the means are not as good as the values.
 */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/sort.h"
#include "codebook_usage.h"
#include "fit_methods.h"

#define SORTED_MOST ((size_t)1 << 17)
#define BINS ((size_t)1 << 17)

static int
need_keys(struct fit_room *room, size_t n, struct tmo_error *err)
{
	if (n <= room->keys_room)
		return 0;
	free(room->keys);
	free(room->spare);
	room->keys_room = 0;
	room->keys = tmo_alloc(n, sizeof(uint64_t), err);
	room->spare = tmo_alloc(n, sizeof(uint64_t), err);
	if (room->keys == NULL || room->spare == NULL)
		return -1;
	room->keys_room = n;
	return 0;
}

/* Sorts n values that are floats, or any doubles. */
static int
sort(double *x, size_t n, bool wide, struct fit_room *room, struct tmo_error *err)
{
	if (need_keys(room, n, err) < 0)
		return -1;
	if (wide) {
		uint64_t *keys = room->keys, *spare = room->spare;

		for (size_t i = 0; i < n; i++)
			keys[i] = tmo_key_f64(x[i]);
		if (tmo_sort_u64(&keys, &spare, n, 1, err) < 0)
			return -1;
		for (size_t i = 0; i < n; i++)
			x[i] = tmo_f64_of_key(keys[i]);
	} else {
		uint32_t *keys = room->keys, *spare = room->spare;

		for (size_t i = 0; i < n; i++)
			keys[i] = tmo_key_f32((float)x[i]);
		if (tmo_sort_u32(&keys, &spare, n, 1, err) < 0)
			return -1;
		for (size_t i = 0; i < n; i++)
			x[i] = (double)tmo_f32_of_key(keys[i]);
	}
	return 0;
}

/* So few that going through them is faster than looking for all thresholds among them. */
static bool
are_few(const struct mse_levels *l, size_t n)
{
	return l->integers && n <= 64 + 8 * l->window;
}

/* Reads all values; the sum of their squares in four parts, which take turns. */
static void
read_values(const struct values *v, double *x, struct mse_points *p)
{
	double squares[4] = {0};

	quant_values_read(v, 0, v->count, x);
	for (size_t i = 0; i < v->count; i++)
		squares[i % 4] += x[i] * x[i];
	p->squares = squares[0] + squares[1] + squares[2] + squares[3];
	p->n = v->count;
}

static int
points_of_few(const struct values *v, struct fit_room *room)
{
	read_values(v, room->points.at, &room->points);
	quant_mse_take(&room->points);
	return 0;
}

/* Where many values fall together they are sorted, and equal ones become one point. */
static int
points_of_values(const struct values *v, struct fit_room *room, struct tmo_error *err)
{
	struct mse_points *const p = &room->points;
	struct values plain = *v;

	read_values(v, p->spare, p);
	if (quant_mse_spread(p))
		return 0;
	plain.factor = 1;
	quant_values_read(&plain, 0, v->count, p->at);
	if (sort(p->at, v->count, v->wide, room, err) < 0)
		return -1;
	p->weight = p->weights;
	p->n = 0;
	for (size_t i = 0; i < v->count; i++) {
		const double x = p->at[i] * v->factor;

		if (p->n > 0 && x == p->at[p->n - 1]) {
			p->weight[p->n - 1]++;
		} else {
			p->at[p->n] = x;
			p->weight[p->n++] = 1;
		}
	}
	quant_mse_cut(p);
	return 0;
}

/* Each value in use, as often as it counts. */
static int
points_of_used(const struct values *v, struct fit_room *room, struct tmo_error *err)
{
	struct mse_points *const p = &room->points;
	struct used_value *list;

	if (quant_used_values(v, &list, &p->n, err) < 0)
		return -1;
	p->squares = 0;
	for (size_t i = 0; i < p->n; i++) {
		p->at[i] = list[i].value;
		p->weight[i] = list[i].times;
		p->squares += list[i].times * (list[i].value * list[i].value);
	}
	free(list);
	quant_mse_cut(p);
	return 0;
}

static int
points_of_bins(const struct values *v, struct fit_room *room, struct tmo_error *err)
{
	struct mse_points *const p = &room->points;
	struct bins b;
	int status = -1;

	if (quant_bins_new(&b, BINS, true, err) < 0 ||
	    quant_bins_count(&b, v, p->least, p->greatest, room->threads, err) < 0)
		goto out;
	p->n = 0;
	p->squares = b.squares;
	for (size_t i = 0; i < BINS; i++) {
		if (b.count[i] == 0)
			continue;
		p->weight[p->n] = (double)b.count[i];
		p->at[p->n++] = b.sum[i] / (double)b.count[i];
	}
	quant_mse_cut(p);
	status = 0;
out:
	quant_bins_free(&b);
	return status;
}

int
quant_fit_mse(const struct values *v, double low, double high, bool pow2,
              struct mse_found *found, struct fit_room *room, struct tmo_error *err)
{
	const bool used = v->times != NULL, few = !used && are_few(&room->levels, v->count);
	const bool many = !used && v->count > SORTED_MOST;
	struct mse_points *const p = &room->points;
	struct values its = *v;

	its.magnitudes = room->levels.magnitudes;
	if (quant_mse_reserve(p, many ? BINS : v->count, many || used, err) < 0)
		return -1;
	p->least = its.magnitudes ? 0 : low;
	p->greatest = its.magnitudes && -low > high ? -low : high;
	if ((used ? points_of_used(&its, room, err) : few ? points_of_few(&its, room) :
	     many ? points_of_bins(&its, room, err) : points_of_values(&its, room, err)) < 0)
		return -1;
	quant_mse_search(&room->levels, p, pow2, found);
	return 0;
}
