/* SPDX-License-Identifier: Apache-2.0 */
/* manifest.h: model.yaml. */
#ifndef TMO_MANIFEST_H
#define TMO_MANIFEST_H

#include "base/strings.h"
#include "yaml/yaml.h"

/* A new manifest: `tmo: 1` and nothing else. NULL when memory is out. The caller frees it. */
struct tmo_yaml *tmo_manifest_new(struct tmo_error *err);
/* A copy of the reader's, or a new one where manifest is NULL. The caller frees it. */
struct tmo_yaml *tmo_manifest_copy(const struct tmo_yaml *manifest, struct tmo_error *err);

/* What an importer says, in this order; each may be left out. */

/* Where the stream comes from; what is returned, borrowed, takes more keys. NULL: memory is out. */
struct tmo_yaml *tmo_manifest_source(struct tmo_yaml *manifest, const char *format,
                                     struct tmo_error *err);
/* How many tensors follow, and how many bytes their arrays hold. */
int tmo_manifest_totals(struct tmo_yaml *manifest, size_t tensors, uint64_t bytes,
                        struct tmo_error *err);
/*
 * Has `names` map those of the names whose member name is cut. name(arg, i) is the name number i of
 * count; NULL is none. Looks up nothing in a list, so that thousands of names take no time.
 */
int tmo_manifest_names(struct tmo_yaml *manifest, size_t count,
                       const char *(*name)(const void *arg, size_t i), const void *arg,
                       struct tmo_error *err);

/*
 * Adds a line for each program in the history, as one would call it, for people:
 * "tmo-prune 0.1.0 --sparsity 0.5 --only 'fc*'". What is no entry of a history is left out. manifest may
 * be NULL.
 */
int tmo_manifest_stages(const struct tmo_yaml *manifest, struct tmo_strings *stages,
                        struct tmo_error *err);

#endif
