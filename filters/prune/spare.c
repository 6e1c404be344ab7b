/* SPDX-License-Identifier: Apache-2.0 */
#include "spare.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "topk.h"

/* The best units of the tensor; one of zeros is nothing to keep. */
static int
spare_share(double share, int threads, struct scored *s, struct tmo_error *err)
{
	const double wanted = rint((double)s->units.count * share);
	double threshold;

	if (prune_topk(s->score, s->units.count, wanted < 1 ? 1 : (uint64_t)wanted, false, s->keep,
	               &threshold, threads, err) < 0)
		return -1;
	for (size_t i = 0; i < s->units.count; i++)
		s->keep[i] = s->keep[i] && s->score[i] > 0;
	return 0;
}

/* A channel while its weights are gone through, in their order. */
struct channel {
	size_t seen;		/* of its weights */
	size_t best;		/* unit that has one other than 0; SIZE_MAX: none yet */
};

static void
look_at_weight(const struct scored *s, size_t index, size_t row, double weight,
               struct channel *channel)
{
	const size_t unit = s->units.single ? index :
		prune_unit_at(&s->units, row, channel->seen);

	channel->seen++;
	if (weight != 0 && (channel->best == SIZE_MAX || s->score[unit] > s->score[channel->best]))
		channel->best = unit;
}

static int
spare_channels(const struct tmo_tensor *t, struct scored *s, struct tmo_error *err)
{
	struct channel *channel;
	struct tmo_blocks rows;

	tmo_blocks_of_roles(&rows, &t->axes, TMO_ROLES(OUTPUT) | TMO_ROLES(OWN));
	channel = tmo_alloc(rows.entries, sizeof(*channel), err);
	if (channel == NULL)
		return -1;
	for (size_t i = 0; i < rows.entries; i++)
		channel[i].best = SIZE_MAX;
	for (size_t i = 0, n, first; i < t->count; i += n) {
		n = tmo_blocks_run(&rows, i, &first);
		for (size_t j = 0; j < n; j++) {
			const size_t row = first + (rows.cols > 1 ? j : 0);

			look_at_weight(s, i + j, row,
			               t->data64 != NULL ? t->data64[i + j] : (double)t->data[i + j],
			               &channel[row]);
		}
	}
	for (size_t i = 0; i < rows.entries; i++)
		if (channel[i].best != SIZE_MAX)
			s->keep[channel[i].best] = 1;
	free(channel);
	return 0;
}

int
prune_spare(const struct prune *o, const struct tmo_pattern *p, const struct tmo_tensor *t,
            int threads, struct scored *s, struct tmo_error *err)
{
	s->spared = 0;
	if (o->keep_at_least <= 0)
		return 0;
	if (spare_share(o->keep_at_least, threads, s, err) < 0 ||
	    (p->kind != TMO_CHANNELS && spare_channels(t, s, err) < 0))
		return -1;
	for (size_t i = 0; i < s->units.count; i++) {
		s->spared += s->keep[i];
		s->score[i] = s->keep[i] ? 0 : s->score[i];
	}
	return 0;
}
