/* SPDX-License-Identifier: Apache-2.0 */
/* edit_rules.h: what every change of a network keeps to: users, names, order. For edit_….c. */
#ifndef TMO_EDIT_RULES_H
#define TMO_EDIT_RULES_H

#include "net/edit.h"

/* Fails if nothing in the graph can be changed. */
int tmo_net_may_edit(const struct tmo_net *net, size_t graph, struct tmo_error *err);
/* Fails if the node cannot use the value where it stands: not seen there, made later, or hidden. */
int tmo_net_may_use(struct tmo_net *net, size_t node, size_t value, struct tmo_error *err);
/*
 * Fails if the model's operator set of the domain is older than `version`; if it imports none, this one
 * is noted.
 */
int tmo_net_need_opset(struct tmo_net *net, const char *domain, int64_t version,
                       struct tmo_error *err);

/* A value whose name no other has. */
size_t tmo_net_new_value(struct tmo_net *net, size_t graph, enum tmo_value_kind kind,
                         const char *base, struct tmo_error *err);
/* The node of `graph` in which the graph `inner` is; TMO_NET_NONE: it is the same. false: in none. */
bool tmo_net_node_around(const struct tmo_net *net, size_t inner, size_t graph, size_t *node);
/* Its place in its graph's list. */
size_t tmo_net_node_place(const struct tmo_net *net, size_t node);
/* Puts it there. */
int tmo_net_put_node(struct tmo_net *net, size_t node, size_t place, struct tmo_error *err);

/* Another value as an input that the node has: users, and what hangs in its graphs, follow. */
int tmo_net_replace_input(struct tmo_net *net, size_t node, size_t i, size_t value,
                          struct tmo_error *err);
/* The node goes: it has no inputs and outputs, and is not in its graph. */
void tmo_net_take_out(struct tmo_net *net, size_t node);

#endif
