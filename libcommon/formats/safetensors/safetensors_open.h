/* SPDX-License-Identifier: Apache-2.0 */
/*
 * safetensors_open.h: a file is opened, its header read, and what of that a stream has to keep. Private to
 * safetensors_model.c and safetensors_shards.c.
 */
#ifndef TMO_SAFETENSORS_OPEN_H
#define TMO_SAFETENSORS_OPEN_H

#include "base/buffer.h"
#include "formats/safetensors/safetensors_model.h"

/* Opens a file, which must be a regular one; *fd is the caller's. */
int tmo_st_model_open_file(const char *path, int *fd, struct tmo_error *err);
/* What is left to read, UINT64_MAX where nobody knows. */
uint64_t tmo_st_bytes_left(int fd);
/*
 * Reads until *text, which may have some already, has size bytes, or less at the end of the file. It grows
 * as they come, so that a length that lies takes no memory.
 */
int tmo_st_read_text(int fd, size_t size, struct tmo_buffer *text, struct tmo_error *err);
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
