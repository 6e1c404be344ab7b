/* SPDX-License-Identifier: Apache-2.0 */
/*
 * granularity.h: which weights share an entry, by the roles of a tensor's axes.
 *
 *	tensor	all of them
 *	channel	those of one combination of output and own: of one output of one expert
 *	group	so many neighbours along the input, at the same place of all other parts; the input is
 *		its first part, and those that follow it at once, as heads and their width
 *
 * A stream says so many neighbours along each axis, not along each part (tmo-stream(5)). Where an axis
 * is cut so that this cannot tell what shares an entry, entries are finer: each index of the axis has
 * one, and groups are short enough to fill the part.
 */
#ifndef TMO_GRANULARITY_H
#define TMO_GRANULARITY_H

#include "tensor/blocks.h"

enum tmo_granularity { TMO_PER_TENSOR, TMO_PER_CHANNEL, TMO_PER_GROUP };

/* What is stored for a tensor: codes, and numbers for each entry. */
struct tmo_entry_cost {
	size_t code_bits;	/* for each element */
	size_t numbers;		/* at most, in an entry: no more than it has elements */
	size_t number_bytes;
	size_t more_bytes;	/* once a tensor */
};

/*
 * The granularity that t can have: the one that is wanted, or the next coarser one where it means
 * nothing (there is no such axis), or would take more room than t does as it is. *why becomes a
 * clause for a note, "; …", or "" if there is nothing to say.
 */
enum tmo_granularity tmo_granularity_for(const struct tmo_tensor *t, enum tmo_granularity wanted,
                                         size_t group, const struct tmo_entry_cost *cost,
                                         const char **why);

/* Whether t would take more room so than it does as it is, as a tensor of a few elements can. */
bool tmo_granularity_is_larger(const struct tmo_tensor *t, enum tmo_granularity granularity,
                               size_t group, const struct tmo_entry_cost *cost);

/* The partition along t's axes, which has the roles that the granularity asks for. */
void tmo_blocks_of_granularity(struct tmo_blocks *b, const struct tmo_tensor *t,
                               enum tmo_granularity granularity, size_t group);

/* A set of roles: TMO_ROLES(OUTPUT) | TMO_ROLES(OWN). */
#define TMO_ROLES(role) (1u << TMO_ROLE_##role)

/*
 * The partition along all parts of the axes, not what a stream can say: those whose role is one of
 * these are kept apart, all others share.
 */
void tmo_blocks_of_roles(struct tmo_blocks *b, const struct tmo_axes *axes, unsigned roles);

/* Gives t, which is to be encoded, the blocks of its parameters. */
void tmo_blocks_tell(const struct tmo_blocks *b, struct tmo_tensor *t);

#endif
