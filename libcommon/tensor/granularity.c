/* SPDX-License-Identifier: Apache-2.0 */
#include "tensor/granularity.h"

#include "tensor/axes.h"

/* What does not come out as it was asked for. */
struct compromise {
	bool finer;		/* an axis whose indices have an entry each, though some should share */
	bool shorter;		/* groups that fill a part of an axis */
};

static bool
is_separate(const struct tmo_axis_part *p)
{
	return p->role == TMO_ROLE_OUTPUT || p->role == TMO_ROLE_OWN;
}

static bool
has_channels(const struct tmo_tensor *t)
{
	return tmo_axes_part(&t->axes, TMO_ROLE_OUTPUT) >= 0 ||
		tmo_axes_part(&t->axes, TMO_ROLE_OWN) >= 0;
}

/*
 * Neighbours along each of the parts that share an entry, for groups of so many inputs: whole parts from
 * the last one on, then a part of one.
 */
static void
group_parts(const struct tmo_axes *axes, size_t group, size_t *share, struct compromise *c)
{
	const int first = tmo_axes_part(axes, TMO_ROLE_INPUT), end = tmo_axes_run_end(axes, first);
	size_t left = group, together = 1, inputs = 1;

	for (int i = 0; i < axes->count; i++) {
		share[i] = 1;
		inputs *= i >= first && i < end ? axes->part[i].size : 1;
	}
	for (int i = end - 1; i >= first; i--) {
		const size_t size = axes->part[i].size;

		share[i] = left < size ? left : size;
		left = left < size ? 1 : left / size;
		together *= share[i];
		/* The next group of these begins with a part, not behind a short end. */
		c->shorter |= size % share[i] != 0 && together < inputs && i > first;
	}
	c->shorter |= together != group && together < inputs;
}

/* The largest number of neighbours, at most n, that fills size. */
static size_t
filling(size_t size, size_t n)
{
	while (size % n != 0)
		n--;
	return n;
}

/*
 * Neighbours along an axis that share an entry, where so many do along each part: whole parts from the
 * innermost on, then some of one; those outside of it must be separate. Else each index has an entry.
 */
static size_t
axis_block(const struct tmo_axes *axes, const size_t *share, int axis, struct compromise *c)
{
	size_t block = 1, size = 1;	/* of the part that is not whole */
	bool open = true;

	for (int i = axes->count - 1; i >= 0; i--) {
		const struct tmo_axis_part *const p = &axes->part[i];

		if (p->axis != axis || p->size == 1)
			continue;
		if (!open && share[i] > 1) {
			c->finer = true;
			return 1;
		}
		if (!open && size > 1 && size % block != 0) {
			c->shorter = true;
			block = filling(size, block);
		}
		if (!open)
			continue;
		size = block * p->size;
		block *= share[i];
		open = share[i] == p->size;
	}
	return block;
}

static void
make_blocks(struct tmo_blocks *b, const struct tmo_tensor *t, enum tmo_granularity granularity,
            size_t group, struct compromise *c)
{
	size_t share[TMO_AXIS_PARTS_MAX], block[TMO_RANK_MAX];

	*c = (struct compromise){false, false};
	for (int i = 0; i < t->axes.count; i++)
		share[i] = is_separate(&t->axes.part[i]) ? 1 : t->axes.part[i].size;
	if (granularity == TMO_PER_GROUP && t->count > 0)
		group_parts(&t->axes, group, share, c);
	for (int a = 0; a < t->rank; a++)
		block[a] = granularity == TMO_PER_TENSOR ? 0 : axis_block(&t->axes, share, a, c);
	tmo_blocks_init(b, t->rank, t->shape, block);
}

void
tmo_blocks_of_granularity(struct tmo_blocks *b, const struct tmo_tensor *t,
                          enum tmo_granularity granularity, size_t group)
{
	struct compromise ignored;

	make_blocks(b, t, granularity, group, &ignored);
}

/* Elements of the largest entry. */
static size_t
largest_entry(const struct tmo_blocks *b)
{
	size_t n = 1;

	for (int a = 0; a < b->rank; a++)
		n *= b->block[a];
	return n;
}

/* Whether codes and entries take more room than the tensor as it is. In doubles: nothing overflows. */
static bool
is_larger(const struct tmo_blocks *b, const struct tmo_tensor *t, const struct tmo_entry_cost *cost)
{
	const size_t largest = largest_entry(b);
	const size_t numbers = largest < cost->numbers ? largest : cost->numbers;
	const double codes = (double)cost->code_bits / 8 * (double)t->count;
	const double entries = (double)b->entries * (double)numbers * (double)cost->number_bytes;

	return codes + entries + (double)cost->more_bytes > (double)t->count * (double)tmo_type_size(t->dtype);
}

bool
tmo_granularity_is_larger(const struct tmo_tensor *t, enum tmo_granularity granularity, size_t group,
                          const struct tmo_entry_cost *cost)
{
	struct tmo_blocks b;

	tmo_blocks_of_granularity(&b, t, granularity, group);
	return is_larger(&b, t, cost);
}

enum tmo_granularity
tmo_granularity_for(const struct tmo_tensor *t, enum tmo_granularity wanted, size_t group,
                    const struct tmo_entry_cost *cost, const char **why)
{
	struct tmo_blocks b;
	struct compromise c;

	*why = "";
	for (enum tmo_granularity g = wanted; g != TMO_PER_TENSOR; g--) {
		if (g == TMO_PER_GROUP && tmo_axes_part(&t->axes, TMO_ROLE_INPUT) < 0) {
			*why = "; no input axis for groups";
			continue;
		}
		if (g == TMO_PER_CHANNEL && !has_channels(t)) {
			*why = "; no output axis for channels";
			continue;
		}
		make_blocks(&b, t, g, group, &c);
		if (!is_larger(&b, t, cost)) {
			if (c.finer)
				*why = "; finer, where an axis mixes what shares with what does not";
			else if (c.shorter)
				*why = "; groups are shorter, to fill a part of an axis";
			return g;
		}
		*why = g == TMO_PER_GROUP ? "; groups would take more room than the weights" :
			"; channels would take more room than the weights";
	}
	return TMO_PER_TENSOR;
}

void
tmo_blocks_of_roles(struct tmo_blocks *b, const struct tmo_axes *axes, unsigned roles)
{
	size_t shape[TMO_AXIS_PARTS_MAX], block[TMO_AXIS_PARTS_MAX];

	for (int i = 0; i < axes->count; i++) {
		shape[i] = axes->part[i].size;
		block[i] = (roles >> axes->part[i].role & 1) != 0 ? 1 : 0;
	}
	tmo_blocks_init(b, axes->count, shape, block);
}

void
tmo_blocks_tell(const struct tmo_blocks *b, struct tmo_tensor *t)
{
	t->blocked = false;
	for (int a = 0; a < b->rank; a++)
		t->blocked |= b->block[a] > 1 && b->block[a] < b->shape[a];
	for (int a = 0; a < b->rank && t->blocked; a++)
		t->block[a] = b->block[a] < b->shape[a] ? b->block[a] : 1;
}
