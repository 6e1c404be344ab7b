/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replace.h: a file that is there in full or not at all: written beside its place, renamed when it
 * is whole. What is there and is no regular file (a device, a pipe) is written itself.
 */
#ifndef TMO_REPLACE_H
#define TMO_REPLACE_H

#include "tmo.h"

struct tmo_replace {		/* {0} is none: harmless to discard */
	int fd;			/* to write to, and to read from if it is a regular file */
	char *target;		/* owned; what a symbolic link names is replaced, not the link */
	char *temporary;	/* owned; NULL: the target is written itself */
};

int tmo_replace_open(struct tmo_replace *r, const char *path, struct tmo_error *err);
/* On disk and renamed. If that fails nothing is left. Frees. */
int tmo_replace_commit(struct tmo_replace *r, struct tmo_error *err);
/* Leaves what was there before, or nothing. Frees. */
void tmo_replace_discard(struct tmo_replace *r);

#endif
