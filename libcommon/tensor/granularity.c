/* SPDX-License-Identifier: Apache-2.0 */
#include "tensor/granularity.h"

#include "tensor/axes.h"

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
 * Neighbours along an axis that share an entry of their channel. Where a part that is shared has one
 * inside that is not, none do: *finer.
 */
static size_t
channel_block(const struct tmo_axes *axes, int axis, bool *finer)
{
	size_t block = 1;
	bool shared = false;

	for (int i = 0; i < axes->count; i++) {
		const struct tmo_axis_part *const p = &axes->part[i];

		if (p->axis != axis || p->size == 1)
			continue;
		if (shared && is_separate(p)) {
			*finer = true;
			return 1;
		}
		shared |= !is_separate(p);
		block *= is_separate(p) ? 1 : p->size;
	}
	return block;
}

/* The longest groups of at most `group` that fill a part of this size. */
static size_t
filling(size_t size, size_t group)
{
	while (size % group != 0)
		group--;
	return group;
}

/* Neighbours along the axis of part number `input` that make a group. */
static size_t
group_block(const struct tmo_axes *axes, int input, size_t group, bool *finer)
{
	const struct tmo_axis_part *const own = &axes->part[input];
	bool outside = false;

	if (group > own->size)
		group = own->size;
	for (int i = 0; i < axes->count; i++) {
		const struct tmo_axis_part *const p = &axes->part[i];

		if (p->axis != own->axis || p->size == 1 || i == input)
			continue;
		if (i > input) {
			*finer = true;
			return 1;
		}
		outside = true;
	}
	if (!outside || own->size % group == 0)
		return group;
	*finer = true;
	return filling(own->size, group);
}

/*
 * Blocks that make groups of at most `group` along the input, which is part number `input` and those
 * input parts that follow it without a gap, as one line: whole inner parts first, then of the next.
 */
static void
set_groups(const struct tmo_axes *axes, int input, size_t group, size_t *block, bool *finer)
{
	const int end = tmo_axes_run_end(axes, input);
	size_t outside = 1;		/* lines of the part at hand that make up one of all */

	for (int i = input; i < end; i++)
		outside *= axes->part[i].size;
	for (int i = end - 1; i >= input && group > 1; i--) {
		const size_t size = axes->part[i].size;
		size_t own = group < size ? group : size;

		if (size <= 1)
			continue;
		outside /= size;
		/* No group reaches partly into the next line of this part. */
		if (outside > 1 && own < size)
			own = filling(size, own);
		if (outside > 1 && (own < size ? own != group : group % own != 0))
			*finer = true;
		block[axes->part[i].axis] = group_block(axes, i, own, finer);
		group = own < size ? 1 : group / own;
	}
}

static void
make_blocks(struct tmo_blocks *b, const struct tmo_tensor *t, enum tmo_granularity granularity,
            size_t group, bool *finer)
{
	const int input = tmo_axes_part(&t->axes, TMO_ROLE_INPUT);
	size_t block[TMO_RANK_MAX];

	*finer = false;
	for (int a = 0; a < t->rank; a++)
		block[a] = granularity == TMO_PER_TENSOR ? 0 :
			granularity == TMO_PER_CHANNEL ? channel_block(&t->axes, a, finer) : 1;
	if (granularity == TMO_PER_GROUP)
		set_groups(&t->axes, input, group, block, finer);
	tmo_blocks_init(b, t->rank, t->shape, block);
}

void
tmo_blocks_of_granularity(struct tmo_blocks *b, const struct tmo_tensor *t,
                          enum tmo_granularity granularity, size_t group)
{
	bool finer;

	make_blocks(b, t, granularity, group, &finer);
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

	return codes + entries > (double)t->count * (double)tmo_type_size(t->dtype);
}

enum tmo_granularity
tmo_granularity_for(const struct tmo_tensor *t, enum tmo_granularity wanted, size_t group,
                    const struct tmo_entry_cost *cost, const char **why)
{
	struct tmo_blocks b;
	bool finer;

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
		make_blocks(&b, t, g, group, &finer);
		if (!is_larger(&b, t, cost)) {
			if (finer)
				*why = g == TMO_PER_GROUP ? "; groups are shorter, to fill a part of an axis" :
					"; finer than channels, which an axis mixes with others";
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
