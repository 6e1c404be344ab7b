/* SPDX-License-Identifier: Apache-2.0 */
/* run_lookup.h: tensors of another file by name (stream/lookup.h): of a stream, or of a model of any format. */
#ifndef TMO_RUN_LOOKUP_H
#define TMO_RUN_LOOKUP_H

#include "run/run.h"
#include "stream/lookup.h"

/*
 * Opens a stream in any form, or what an importer makes of a model file or folder, which goes to a temporary file
 * first: its program, tmo-from-FORMAT, is found as tmo finds it, and what it complains of is the error. What cannot
 * seek is copied. path is borrowed until the lookup is closed, by the caller.
 */
struct tmo_lookup *tmo_run_lookup(struct tmo_run *run, const char *path, struct tmo_error *err);

#endif
