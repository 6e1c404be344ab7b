/* SPDX-License-Identifier: Apache-2.0 */
/* Pipes that hold more. */
#define _GNU_SOURCE	/* F_SETPIPE_SZ */
#include <fcntl.h>

#include "io.h"

#define PIPE_BYTES (1 << 20)	/* what Linux allows anybody; four blocks */

void
tmo_pipe_widen(int fd)
{
#ifdef F_SETPIPE_SZ
	const int bytes = fcntl(fd, F_GETPIPE_SZ);	/* -1 if it is no pipe */

	if (bytes >= 0 && bytes < PIPE_BYTES)
		(void)fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES);	/* refused where a user has many: no matter */
#else
	(void)fd;
#endif
}
