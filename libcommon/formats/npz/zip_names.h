/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zip_names.h: which names of a zip archive are written with backslashes. libarchive makes slashes of them, as
 * if Windows had written them; NumPy, which writes them so where an array is called so, does not.
 */
#ifndef TMO_ZIP_NAMES_H
#define TMO_ZIP_NAMES_H

#include <stdint.h>
#include "tmo.h"

struct tmo_zip_name {
	uint64_t offset;	/* of the member */
	size_t backslashes;	/* in a name without slashes; else 0 */
};

struct tmo_zip_names {		/* {0}: none */
	struct tmo_zip_name *name;	/* owned; in the order of the members, which is libarchive's */
	size_t count;
};

/* Reads the archive's directory. Of one that cannot be read there are none: libarchive says what is wrong. */
int tmo_zip_names_read(int fd, struct tmo_zip_names *names, struct tmo_error *err);
void tmo_zip_names_free(struct tmo_zip_names *names);
/* Gives path, which libarchive says member i has, its backslashes back, if it had any. */
void tmo_zip_names_restore(const struct tmo_zip_names *names, size_t i, char *path);

#endif
