/* SPDX-License-Identifier: Apache-2.0 */
/* parallel.h: work for several threads, parts of which may fail. */
#ifndef TMO_PARALLEL_H
#define TMO_PARALLEL_H

#include "tmo.h"

/*
 * tmo_parallel_for with calls that may fail: fn returns 0, or -1 with *err filled, which is its own.
 * Afterwards *err is that of the lowest i that fails, with any number of threads. After a failure no
 * further call is begun, so that some i are never called.
 */
int tmo_parallel_try(int threads, size_t n, int (*fn)(void *arg, size_t i, struct tmo_error *err),
                     void *arg, struct tmo_error *err);

#endif
