/* SPDX-License-Identifier: Apache-2.0 */
/* safetensors_layout.h: the file that a stream becomes, known before its data. */
#ifndef TO_SAFETENSORS_SAFETENSORS_LAYOUT_H
#define TO_SAFETENSORS_SAFETENSORS_LAYOUT_H

#include "base/buffer.h"
#include "base/string_index.h"
#include "formats/safetensors/safetensors.h"
#include "stream/stream.h"

struct layout {
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

void to_safetensors_layout_free(struct layout *p);
/* A tensor of the stream, which is written as type. */
int to_safetensors_add(struct layout *p, const struct tmo_item *item, enum tmo_type type,
                       struct tmo_error *err);
/* The member that from-safetensors left; takes text, which is malloc'd. */
int to_safetensors_keep(struct layout *p, char *text, size_t bytes, struct tmo_error *err);
/* All are there: makes the header and the offsets. */
int to_safetensors_finish(struct layout *p, struct tmo_error *err);

#endif
