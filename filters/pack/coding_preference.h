/* SPDX-License-Identifier: Apache-2.0 */
/* coding_preference.h: which codings make the smallest archive, all tensors together. */
#ifndef PACK_CODING_PREFERENCE_H
#define PACK_CODING_PREFERENCE_H

#include "archive.h"

/* Whether an entry is so small that zstd compresses it together with its neighbours. */
bool pack_preference_covers(const struct archive *a, size_t entry);

/*
 * Finds the preference that makes the smallest archive when it is given to all entries that are so
 * small, by packing and compressing them (or a sample of them) at the archive's level under each.
 */
int pack_find_preference(const struct archive *a, struct preference *preference,
                         struct tmo_error *err);

#endif
