/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tensor_options.h: --map FILE.yaml, options of single tensors.
 *
 *	'op:Conv':  {bits: 8}
 *	'*.head.*': {bits: 4, granularity: "group:32"}
 *	'embed*':   skip
 *
 * A key is a pattern as --only takes it; all entries that match a tensor hold, in their order, so
 * that the last one wins.
 */
#ifndef TMO_TENSOR_OPTIONS_H
#define TMO_TENSOR_OPTIONS_H

#include "base/buffer.h"
#include "options/options.h"
#include "run/selection.h"
#include "yaml/yaml.h"

struct tmo_map;

/*
 * Reads the file and checks it: names, types and ranges, what an entry may say, and by the
 * filter's check and rules each entry alone over base, the options of the command line. base is borrowed.
 */
struct tmo_map *tmo_map_open(const char *file, const struct tmo_filter *f, const void *base,
                             struct tmo_error *err);
void tmo_map_free(struct tmo_map *m);		/* NULL is fine */

/*
 * The options of a tensor, base if no entry matches, valid until the next call; *skip: it is to be
 * left as it is. use is NULL where no graph tells it.
 */
int tmo_map_choose(struct tmo_map *m, const char *name, const struct tmo_use *use,
                   const void **options, bool *skip, struct tmo_error *err);

/* Whether truth holds for base or for an entry over it. */
bool tmo_map_any(struct tmo_map *m, bool (*truth)(const void *options));

/* For each entry that matched nothing so far a line about it, for people. */
int tmo_map_unmatched(const struct tmo_map *m, const char *program, struct tmo_buffer *out,
                      struct tmo_error *err);

/* Adds the entries to the options of the last program in the manifest's history. */
int tmo_map_record(const struct tmo_map *m, struct tmo_yaml *manifest, struct tmo_error *err);

#endif
