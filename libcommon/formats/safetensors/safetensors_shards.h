/* SPDX-License-Identifier: Apache-2.0 */
/*
 * safetensors_shards.h: a model in several files, as its index names them. Private to safetensors_model.c
 * and safetensors_shards.c.
 */
#ifndef TMO_SAFETENSORS_SHARDS_H
#define TMO_SAFETENSORS_SHARDS_H

#include "base/buffer.h"
#include "formats/safetensors/safetensors_model.h"

/*
 * Reads the headers of all files that the index (JSON of so many bytes) names in dir, and puts their
 * tensors into one order. A tensor that the index lacks, or has in a file that lacks it, is an error.
 */
int tmo_st_model_open_shards(struct tmo_st_model *m, const char *index, size_t bytes,
                             const char *dir, struct tmo_error *err);
/* Makes file i the one that is open: m->own_fd. */
int tmo_st_model_open_shard(struct tmo_st_model *m, size_t i, struct tmo_error *err);

/* The rest is of safetensors_model.c. */

/* Opens a file, which must be a regular one; *fd is the caller's. */
int tmo_st_model_open_file(const char *path, int *fd, struct tmo_error *err);
/*
 * Reads the header that follows head, the first TMO_ST_LENGTH bytes, which were read from fd. Its text is
 * appended to *text. h is the caller's, to be freed.
 */
int tmo_st_model_read_header(int fd, const unsigned char *head, struct tmo_st_header *h,
                             struct tmo_buffer *text, struct tmo_error *err);
/* Fills m->member, when all tensors are known. header: the file's; NULL: of several files. */
int tmo_st_model_keep_header(struct tmo_st_model *m, const struct tmo_buffer *header,
                             struct tmo_error *err);

#endif
