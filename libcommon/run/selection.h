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
 * a graph; first and last are the names that --exclude-first-last leaves out, or NULL.
 */
bool tmo_selected(const struct tmo_selection *s, const struct tmo_uses *uses,
                  const struct tmo_item *item, const char *first, const char *last,
                  const char **why);

/*
 * The axes of a tensor: from the network; else the output axis is s->axis, but at most the last, and
 * the input axis the one before it, or axis 1 after axis 0; -1 if there are fewer than 2.
 */
void tmo_axes(const struct tmo_selection *s, const struct tmo_uses *uses, const char *name,
              int rank, int *output_axis, int *input_axis);

#endif
