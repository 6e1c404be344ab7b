/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "base/clock.h"

double
tmo_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}
