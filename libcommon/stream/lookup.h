/* SPDX-License-Identifier: Apache-2.0 */
/* lookup.h: tensors of another stream, by name; cheapest in the order of that stream. */
#ifndef TMO_LOOKUP_H
#define TMO_LOOKUP_H

#include "stream/stream.h"

struct tmo_lookup;

/*
 * Of an open file that can seek; fd is taken over, after a failure too. path, for messages, is borrowed until
 * close; limit: as in struct tmo_reader_options. The caller closes it. A filter takes run/run_lookup.h.
 */
struct tmo_lookup *tmo_lookup_open_fd(int fd, const char *path, const char *temporary_dir, uint64_t limit,
                                      struct tmo_error *err);
void tmo_lookup_close(struct tmo_lookup *r);		/* NULL is fine */

/*
 * Has the tensor of that name loaded into t (freed first, the caller's to free), as it is encoded;
 * *found is false if there is none, and t then as it was.
 */
int tmo_lookup_load(struct tmo_lookup *r, const char *name, struct tmo_tensor *t, bool *found,
                       struct tmo_error *err);
/* The same, decoded and plain. */
int tmo_lookup_find(struct tmo_lookup *r, const char *name, struct tmo_tensor *t, bool *found,
                       int threads, struct tmo_error *err);

/* Calls fn for all names, in order, reading from the front to the end. */
typedef int tmo_lookup_name(void *arg, const char *name, struct tmo_error *err);
int tmo_lookup_names(struct tmo_lookup *r, tmo_lookup_name *fn, void *arg,
                        struct tmo_error *err);

/* Reads on to the end, so that a truncated reference does not pass for a whole one. */
int tmo_lookup_finish(struct tmo_lookup *r, struct tmo_error *err);

#endif
