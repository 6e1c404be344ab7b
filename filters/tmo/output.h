/* SPDX-License-Identifier: Apache-2.0 */
/* output.h: a file that is there in full or not at all. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "driver.h"

struct output {
	int fd;			/* -1: stdout */
	char *file;		/* where it goes; NULL: it is written directly */
	char *temporary;	/* beside it */
};
/* name NULL: stdout. What is there and no regular file is written directly. */
int output_open(struct output *o, const char *name, struct tmo_error *err);
/* status 0: on disk and renamed. Else the temporary file is removed. Returns -1 if either failed. */
int output_close(struct output *o, int status, struct tmo_error *err);

#endif
