/* SPDX-License-Identifier: Apache-2.0 */
/* safetensors_layout.h: the file that a stream becomes, known before its data. */
#ifndef TO_SAFETENSORS_SAFETENSORS_LAYOUT_H
#define TO_SAFETENSORS_SAFETENSORS_LAYOUT_H

#include "base/buffer.h"
#include "base/string_index.h"
#include "formats/safetensors/safetensors.h"
#include "stream/stream.h"

struct safetensors_layout {
	size_t count, tensor_room, name_room;
	struct tmo_st_tensor *tensor;	/* owned; `place` says which of the stream it is */
	char **name;			/* owned, in the order of the stream */
	struct tmo_st_header kept;	/* TMO_ST_MEMBER, if the stream has it */
	char *kept_text;		/* owned */
	size_t kept_bytes;
	struct tmo_buffer header;	/* of the file */
	uint64_t *offset, *size;	/* owned; where in the data the stream's tensor i goes */
	uint64_t data_bytes;
	bool in_order;			/* the data come in the order of the stream */
};

void to_safetensors_layout_free(struct safetensors_layout *p);
/*
 * The stream's next tensor, which is written as type. Fails if its name cannot stand in the header.
 * item's strings are copied.
 */
int to_safetensors_layout_add(struct safetensors_layout *p, const struct tmo_item *item,
                              enum tmo_type type,
                       struct tmo_error *err);
/*
 * TMO_ST_MEMBER, the member that from-safetensors left: what is still true of it goes into the header
 * again. Takes text, which is malloc'd, also on failure. A second one is an error.
 */
int to_safetensors_layout_keep(struct safetensors_layout *p, char *text, size_t bytes,
                               struct tmo_error *err);
/* After all tensors: makes header, offset, size, data_bytes and in_order, which are empty until then. */
int to_safetensors_layout_finish(struct safetensors_layout *p, struct tmo_error *err);

#endif
