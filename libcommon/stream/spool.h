/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool.h: bytes that came too early and are wanted later: small ones in memory, the others in one
 * unlinked temporary file. Layer 2, the reader's own.
 */
#ifndef TMO_HELD_H
#define TMO_HELD_H

#include "tar.h"

#define TMO_HELD_IN_MEMORY ((uint64_t)1 << 20)	/* one member; all of them: 64 times as much */

struct tmo_held_member {
	char *path;
	uint64_t size;
	unsigned char *data;		/* NULL: in the file, at offset */
	uint64_t offset;
};

struct tmo_held {
	const char *temporary_dir;	/* borrowed; NULL: /tmp */
	int fd;				/* -1 until there is a file */
	uint64_t file_size, memory_size;
	size_t count;
	struct tmo_held_member *member;
};

void tmo_held_init(struct tmo_held *h, const char *temporary_dir);
void tmo_held_free(struct tmo_held *h);
/* Takes the data of the member at hand; each piece is shown to see(arg, …) first, if see is set. */
int tmo_held_take(struct tmo_held *h, struct tmo_tar_reader *tar, const char *path, uint64_t size,
                  void (*see)(void *arg, const void *data, size_t size), void *arg,
                  struct tmo_error *err);
int tmo_held_read(const struct tmo_held *h, const struct tmo_held_member *m, uint64_t offset,
                  void *data, size_t size, struct tmo_error *err);

#endif
