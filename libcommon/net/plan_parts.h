/* SPDX-License-Identifier: Apache-2.0 */
/* plan_parts.h: what the files that make a plan share. */
#ifndef TMO_PLAN_PARTS_H
#define TMO_PLAN_PARTS_H

#include "net/plan.h"

/* plan_order.c: the nodes to run, in order, and what the values of functions stand for. */
struct tmo_plan_order {
	size_t count;
	size_t *node;			/* from the plan's arena */
};
/* Those of a graph for these outputs. Fills plan->value[].same. Fails if one of them cannot be run. */
int tmo_plan_order(struct tmo_plan *plan, size_t graph, const size_t *output, size_t output_count,
                   struct tmo_plan_order *order, struct tmo_error *err);
/* The graph inside of an If for that condition; NULL: it has none. */
const struct tmo_inner *tmo_node_branch(const struct tmo_node *node, bool condition);
/* Its version for the operator set that the network imports; NULL: none. */
const struct tmo_version *tmo_node_version(const struct tmo_net *net, const struct tmo_node *node);

/* plan_steps.c: what becomes of the nodes: constants, other names for values, steps. */
int tmo_plan_add_nodes(struct tmo_plan *plan, const struct tmo_plan_order *order, struct tmo_error *err);
/* Finds the numbers of a value that the model holds. */
int tmo_plan_hold(struct tmo_plan *plan, size_t value, struct tmo_error *err);
/* A new value of the plan's own, of which nothing is known; TMO_NET_NONE without memory. */
size_t tmo_plan_add_value(struct tmo_plan *plan, struct tmo_error *err);

/* plan_memory.c: gives values their places. Fills memory and scratch. */
int tmo_plan_place(struct tmo_plan *plan, struct tmo_error *err);

#endif
