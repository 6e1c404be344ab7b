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
/* Fills plan->value[].same. Fails if a node that is wanted cannot be run. */
int tmo_plan_order(struct tmo_plan *plan, struct tmo_plan_order *order, struct tmo_error *err);
/* Its version for the operator set that the network imports; NULL: none. */
const struct tmo_version *tmo_node_version(const struct tmo_net *net, const struct tmo_node *node);

/* plan_memory.c: gives values their places. Fills memory and scratch. */
int tmo_plan_place(struct tmo_plan *plan, struct tmo_error *err);

#endif
