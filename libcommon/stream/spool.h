/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool.h: bytes that came too early and are wanted later: small ones in memory, the others in one
 * unlinked temporary file.
 */
#ifndef TMO_SPOOL_H
#define TMO_SPOOL_H

#include "archive/tar.h"

#define TMO_SPOOL_IN_MEMORY ((uint64_t)1 << 20)	/* one member; all of them: 64 times as much */

struct tmo_spool_member {
	char *path;
	uint64_t size;
	unsigned char *data;		/* NULL: in the file, at offset */
	uint64_t offset;
};

struct tmo_spool {
	const char *temporary_dir;	/* borrowed; NULL: /tmp */
	int fd;				/* -1 until there is a file */
	uint64_t file_size, memory_size;
	size_t count, room;
	struct tmo_spool_member *member;
};

void tmo_spool_init(struct tmo_spool *h, const char *temporary_dir);
void tmo_spool_free(struct tmo_spool *h);
/* Takes the data of the member at hand; each piece is shown to see(arg, …) first, if see is set. */
int tmo_spool_take(struct tmo_spool *h, struct tmo_tar_reader *tar, const char *path, uint64_t size,
                  void (*see)(void *arg, const void *data, size_t size), void *arg,
                  struct tmo_error *err);
/* The bytes [offset, + size) of m; beyond its end is an error. */
int tmo_spool_read(const struct tmo_spool *h, const struct tmo_spool_member *m, uint64_t offset,
                  void *data, size_t size, struct tmo_error *err);

#endif
