/* SPDX-License-Identifier: Apache-2.0 */
/* spool.h: bytes that grow in a temporary file and are digested on the way. */
#ifndef PACK_SPOOL_H
#define PACK_SPOOL_H

#include "archive/tar.h"
#include "base/sha256.h"

struct spool {
	int fd;
	uint64_t size;
	struct tmo_sha256 all, entry;	/* of everything, and since spool_mark */
};

int spool_open(struct spool *s, const char *temporary_dir, struct tmo_error *err);
void spool_close(struct spool *s);
int spool_write(struct spool *s, const void *data, size_t size, struct tmo_error *err);
void spool_mark(struct spool *s);
/* The digests so far; each may be asked for once. */
void spool_digest_entry(struct spool *s, unsigned char digest[TMO_SHA256_BYTES]);
void spool_digest_all(struct spool *s, unsigned char digest[TMO_SHA256_BYTES]);
/* The bytes [offset, offset + size) into memory that the caller frees. */
int spool_read(const struct spool *s, uint64_t offset, size_t size, void **data,
               struct tmo_error *err);
/* The same to another spool, or as data of a tar member. */
int spool_copy(const struct spool *s, uint64_t offset, uint64_t size, struct spool *to,
               struct tmo_error *err);
int spool_to_tar(const struct spool *s, uint64_t offset, uint64_t size, struct tmo_tar_writer *to,
                 struct tmo_error *err);

#endif
