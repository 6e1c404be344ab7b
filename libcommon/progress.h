/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress.h: a bar on a terminal, after half a second, at most ten times a second, erased at the
 * end. Layer 3. Fills text to print; main prints it.
 */
#ifndef TMO_PROGRESS_H
#define TMO_PROGRESS_H

#include <time.h>
#include "tmo.h"

struct tmo_progress {
	bool on, shown;
	uint64_t total;			/* bytes; 0: unknown */
	struct timespec start, last;
};
void tmo_progress_start(struct tmo_progress *p, bool on, uint64_t total);
/* Returns true if the line in text should be printed now. */
bool tmo_progress_step(struct tmo_progress *p, const char *program, uint64_t done, char *text,
                       size_t size);

#endif
