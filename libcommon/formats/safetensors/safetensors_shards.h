/* SPDX-License-Identifier: Apache-2.0 */
/* safetensors_shards.h: a model in several files, as its index names them. Private to safetensors_model.c. */
#ifndef TMO_SAFETENSORS_SHARDS_H
#define TMO_SAFETENSORS_SHARDS_H

#include "formats/safetensors/safetensors_model.h"

/*
 * Reads the headers of all files that the index (JSON of so many bytes) names in dir, and puts their
 * tensors into one order. A tensor that the index lacks, or has in a file that lacks it, is an error.
 */
int tmo_st_model_open_shards(struct tmo_st_model *m, const char *index, size_t bytes,
                             const char *dir, struct tmo_error *err);
/* Makes file i the one that is open: m->own_fd. */
int tmo_st_model_open_shard(struct tmo_st_model *m, size_t i, struct tmo_error *err);

#endif
