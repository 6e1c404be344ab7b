/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protobuf_kind.h: which of the model formats that are protobuf messages a file is. They have no magic
 * number; what tells them apart is which fields follow each other.
 */
#ifndef TMO_PROTOBUF_KIND_H
#define TMO_PROTOBUF_KIND_H

#include <stdint.h>
#include "tmo.h"

/* What is looked at: a file, or its first bytes, of which nobody knows how many follow. */
struct tmo_glimpse {
	int fd;				/* -1: only the head is there */
	const unsigned char *head;
	size_t head_size;
	uint64_t size;			/* UINT64_MAX: unknown */
};

/* Up to size bytes from `at` on; *got says how many there are. */
int tmo_glimpse_read(const struct tmo_glimpse *g, uint64_t at, void *bytes, size_t size, size_t *got,
                     struct tmo_error *err);

/*
 * An ONNX model: a protobuf message whose fields are those of a ModelProto, among them the graph
 * (field 7). Hops from field to field, over their data. A file that is cut off inside the graph counts:
 * the importer says so. Of a head alone, so does one that ends inside whatever field.
 */
int tmo_is_onnx(const struct tmo_glimpse *g, bool *onnx, struct tmo_error *err);

/* By the head alone. None of them is taken for an ONNX model by a whole file. */
bool tmo_is_saved_model(const struct tmo_glimpse *g);	/* TensorFlow's */
bool tmo_is_core_ml(const struct tmo_glimpse *g);
bool tmo_is_graph_def(const struct tmo_glimpse *g);	/* TensorFlow's frozen graph */

#endif
