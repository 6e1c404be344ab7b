/* SPDX-License-Identifier: Apache-2.0 */
/* reference.h: tensors of another stream, by name; cheapest in the order of that stream. */
#ifndef EVAL_REFERENCE_H
#define EVAL_REFERENCE_H

#include "stream.h"

struct reference;

/* A file that cannot seek is copied to a temporary one. path is borrowed. */
struct reference *reference_open(const char *path, const char *temporary_dir,
                                 struct tmo_error *err);
void reference_close(struct reference *r);		/* NULL is fine */

/* Has the tensor of that name loaded and decoded; *found is false if there is none. */
int reference_find(struct reference *r, const char *name, struct tmo_tensor *t, bool *found,
                   int threads, struct tmo_error *err);

/* Reads on to the end, so that a truncated reference does not pass for a whole one. */
int reference_finish(struct reference *r, struct tmo_error *err);

#endif
