/* SPDX-License-Identifier: Apache-2.0 */
/* selection.h: which tensors a filter works on: --only, --skip, what is a weight. */
#ifndef TMO_SELECTION_H
#define TMO_SELECTION_H

#include "net/uses.h"
#include "options/options.h"
#include "stream/stream.h"

/* Whether a tensor is meant: by name, op:GLOB, node:GLOB. use is NULL if nothing tells it. */
bool tmo_pattern_matches(const char *pattern, const char *name, const struct tmo_use *use);

/*
 * Whether the item is one to work on; if not, *why says it (a static string). uses is NULL without
 * a graph; first and last are the names that --exclude-first-last leaves out beside the last layers of uses,
 * or NULL.
 */
bool tmo_selected(const struct tmo_selection *s, const struct tmo_uses *uses,
                  const struct tmo_item *item, const char *first, const char *last,
                  const char **why);

/*
 * Gives t its axes: what the network says of it, unknown ones if it is a layer's weight and the network
 * does not tell; else what is assumed for the output axis s->axis. uses is NULL without a graph.
 */
void tmo_selection_axes(const struct tmo_selection *s, const struct tmo_uses *uses,
                        struct tmo_tensor *t);

#endif
