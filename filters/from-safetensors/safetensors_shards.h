/* SPDX-License-Identifier: Apache-2.0 */
/* safetensors_shards.h: a model in several files. What safetensors_model.c and safetensors_shards.c share. */
#ifndef FROM_SAFETENSORS_SAFETENSORS_SHARDS_H
#define FROM_SAFETENSORS_SAFETENSORS_SHARDS_H

#include "base/buffer.h"
#include "safetensors_model.h"

/* All files that the index names, in dir: their headers, and one order for all tensors. */
int tmo_st_model_open_shards(struct tmo_st_model *m, const char *index, size_t bytes,
                             const char *dir,
                             struct tmo_error *err);
/* Makes file i the one that is open. */
int tmo_st_model_open_shard(struct tmo_st_model *m, size_t i, struct tmo_error *err);

/* safetensors_model.c: a regular file; its header, after the first 8 bytes, and its text; the member to keep. */
int tmo_st_model_open_file(const char *path, int *fd, struct tmo_error *err);
int tmo_st_model_read_header(int fd, const unsigned char *head, struct tmo_st_header *h,
                             struct tmo_buffer *text, struct tmo_error *err);
int tmo_st_model_keep_header(struct tmo_st_model *m, const struct tmo_buffer *header,
                             struct tmo_error *err);

#endif
