/* SPDX-License-Identifier: Apache-2.0 */
/* digested_file.h: bytes that grow in a temporary file and are digested on the way. */
#ifndef PACK_DIGESTED_FILE_H
#define PACK_DIGESTED_FILE_H

#include "archive/tar.h"
#include "base/sha256.h"

/* With fd -1 it is closed, which may be asked for again. */
struct digested_file {
	int fd;				/* of an unlinked file in the temporary directory */
	const char *temporary_dir;	/* borrowed; NULL: /tmp */
	uint64_t size;			/* bytes so far */
	struct tmo_sha256 all, entry;	/* of all bytes, and of those since pack_file_mark */
};

int pack_file_open(struct digested_file *f, const char *temporary_dir, struct tmo_error *err);
void pack_file_close(struct digested_file *f);

/* Appends. */
int pack_file_write(struct digested_file *f, const void *data, size_t size, struct tmo_error *err);

/* An entry begins with what is appended next. */
void pack_file_mark(struct digested_file *f);
/* The digest of the entry, and of all: each once, entries once a mark. */
void pack_file_digest_entry(struct digested_file *f, unsigned char digest[TMO_SHA256_BYTES]);
void pack_file_digest_all(struct digested_file *f, unsigned char digest[TMO_SHA256_BYTES]);

/* Reads the bytes [offset, offset + size) into memory that the caller frees. */
int pack_file_read(const struct digested_file *f, uint64_t offset, size_t size, void **data,
                   struct tmo_error *err);
/* Appends them to another such file, or to the data of the tar member at hand. */
int pack_file_copy(const struct digested_file *f, uint64_t offset, uint64_t size,
                   struct digested_file *to, struct tmo_error *err);
int pack_file_to_tar(const struct digested_file *f, uint64_t offset, uint64_t size,
                     struct tmo_tar_writer *to, struct tmo_error *err);

#endif
