/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/memory.h"
#include "base/minifloat.h"
#include "codebook_usage.h"
#include "tensor/blocks.h"
#include "tensor/tensor.h"

#define SOME ((size_t)256)	/* codes, or values, at a time */

/* Counts n codes from element `first` on; they have codebook `entry`, or each the next one. */
static int
count_some(const double *codes, size_t n, size_t values, size_t first, size_t entry, bool each,
           double *times, struct tmo_error *err)
{
	for (size_t i = 0; i < n; i++) {
		if (!(codes[i] >= 0 && codes[i] < (double)values))
			return tmo_fail(err, "code at index %zu is beyond the codebook of %zu values; "
			                "write the tensor again", first + i, values);
		times[(entry + (each ? i : 0)) * values + (size_t)codes[i]]++;
	}
	return 0;
}

double *
quant_count_uses(const struct tmo_tensor *t, struct tmo_error *err)
{
	const size_t values = t->codebook.shape[t->rank], size = tmo_type_size(t->codes.type);
	double *const times = tmo_alloc(t->codebook.count, sizeof(*times), err), codes[SOME];
	struct tmo_blocks blocks;
	size_t entry;

	if (times == NULL)
		return NULL;
	for (size_t i = 0; i < t->codebook.count; i++)
		times[i] = 0;
	tmo_blocks_of_encoding(&blocks, t, &t->codebook);
	for (size_t i = 0, n; i < t->count; i += n) {
		n = tmo_blocks_run(&blocks, i, &entry);
		n = n < SOME ? n : SOME;
		tmo_to_f64(codes, t->codes.type, (const char *)t->codes.data + i * size, n);
		if (count_some(codes, n, values, i, entry, blocks.cols > 1, times, err) < 0) {
			free(times);
			return NULL;
		}
	}
	return times;
}

static int
by_value(const void *a, const void *b)
{
	const struct used_value *const p = a, *const q = b;
	const double x = p->value, y = q->value;

	return (x > y) - (x < y);
}

int
quant_used_values(const struct values *v, struct used_value **list, size_t *count,
                  struct tmo_error *err)
{
	struct used_value *const u = tmo_alloc(v->count, sizeof(*u), err);
	size_t n = 0, kept = 0;

	if (u == NULL)
		return -1;
	for (size_t i = 0; i < v->count; i++) {
		if (v->times[i] == 0)
			continue;
		quant_values_read(v, i, 1, &u[n].value);
		u[n++].times = v->times[i];
	}
	qsort(u, n, sizeof(*u), by_value);
	for (size_t i = 0; i < n; i++)
		if (kept > 0 && u[kept - 1].value == u[i].value)
			u[kept - 1].times += u[i].times;
		else
			u[kept++] = u[i];
	*list = u;
	*count = kept;
	return 0;
}

void
quant_used_range(const struct values *v, double *low, double *high)
{
	*low = *high = 0;
	for (size_t i = 0; i < v->count; i++) {
		double x;

		quant_values_read(v, i, 1, &x);
		if (v->times[i] != 0) {
			*low = x < *low ? x : *low;
			*high = x > *high ? x : *high;
		}
	}
}

int
quant_used_rank(const struct values *v, double rank, double *value, struct tmo_error *err)
{
	struct used_value *list;
	size_t n, i = 0;

	if (quant_used_values(v, &list, &n, err) < 0)
		return -1;
	while (i + 1 < n && rank >= list[i].times)
		rank -= list[i++].times;
	*value = list[i].value;
	free(list);
	return 0;
}
