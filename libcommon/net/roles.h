/* SPDX-License-Identifier: Apache-2.0 */
/* roles.h: what a layer says of the axes of its weight. */
#ifndef TMO_ROLES_H
#define TMO_ROLES_H

#include "net/view.h"

/*
 * Whether input number `input` of the node, which is this view of a weight, is the weight of a layer:
 * if so, roles (TMO_RANK_MAX of them) has what each axis of the view is; *known is false where the
 * operator does not say or the view has not the axes that it wants.
 */
bool tmo_layer_roles(const struct tmo_view_context *context, size_t input,
                     const struct tmo_view_draft *view, struct tmo_view_roles *roles, bool *known);

/* The same of a table of which the node picks rows: these are its outputs. */
bool tmo_table_roles(const struct tmo_view_context *context, size_t input,
                     const struct tmo_view_draft *view, struct tmo_view_roles *roles);

#endif
