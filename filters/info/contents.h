/* SPDX-License-Identifier: Apache-2.0 */
/* contents.h: what a model file or a stream holds, whatever its format, without the numbers themselves. */
#ifndef INFO_CONTENTS_H
#define INFO_CONTENTS_H

#include "net/uses.h"
#include "tensor/form.h"
#include "yaml/yaml.h"

/* How an encoded tensor is stored. */
struct info_form {
	const char *encoding;		/* as tmo_form_name says */
	enum tmo_type code;		/* TMO_NONE: the codes are integers */
	int bits;
	enum tmo_granularity granularity;
	size_t block[TMO_RANK_MAX];	/* so many neighbours along each axis share parameters */
	size_t scales, zero_points, codebooks, codebook_size;
};

struct info_tensor {
	char *name;			/* owned */
	char stored[TMO_FORM_SHORT];	/* how, in a few characters */
	char type[16];			/* what it decodes to: a type of tmo's, or the format's own word */
	int rank;
	size_t shape[TMO_RANK_MAX];
	uint64_t elements;
	uint64_t bytes;			/* in the file or the stream as it is, packed or not */
	bool encoded;
	struct info_form form;		/* if so */
	bool in_graph;			/* so small that a stream leaves it in graph.onnx */
};

/* A member of a stream that is no tensor and not of the head. */
struct info_other {
	char *path;			/* owned */
	uint64_t bytes;
};

/* What a model says of itself: a key, and how many bytes its text has. */
struct info_metadata {
	char *key;			/* owned */
	uint64_t bytes;
};

/* A kind of operator: "Conv", "com.microsoft:MatMulNBits". */
struct info_operator {
	char *name;			/* owned */
	size_t count;
};

/* Start with {0}, free with info_contents_free. */
struct info_contents {
	const char *format;		/* as tmo_detect says; static */
	bool packed, compressed;	/* of a stream */
	uint64_t file_bytes;		/* 0: not known, as of a folder */
	struct tmo_yaml *manifest;	/* owned; a stream's, or what an importer would write; or NULL */

	size_t tensor_count, tensor_room;
	struct info_tensor *tensor;	/* owned; in the order of the file */
	uint64_t elements, bytes;	/* of all of them */
	uint64_t constants, constant_bytes;	/* small integers in the graph, which are no tensors here */
	size_t other_count, other_room;
	struct info_other *other;	/* owned */

	size_t metadata_count, metadata_room;
	struct info_metadata *metadata;	/* owned; of an ONNX graph or of safetensors */
	uint64_t text_bytes;		/* of doc strings and notes in a graph, which tmo-from-onnx --strip
					   takes out */

	struct tmo_net *net;		/* owned; NULL: there is no network */
	struct tmo_uses uses;		/* of its tensors */
	size_t operator_count, operator_room, node_count;
	struct info_operator *operator;	/* owned; the most frequent first */
};
void info_contents_free(struct info_contents *c);

/* A new tensor of that name (copied) at the end; NULL: memory is out. Fill it in, then count it. */
struct info_tensor *info_add_tensor(struct info_contents *c, const char *name, struct tmo_error *err);
/* Adds the last tensor, whose elements and bytes are known now, to the sums. */
void info_count_tensor(struct info_contents *c);
/* Fills in what t is and how it is stored; the data of its arrays may be absent. */
void info_describe_tensor(struct info_tensor *to, const struct tmo_tensor *t);
int info_add_other(struct info_contents *c, const char *path, uint64_t bytes, struct tmo_error *err);
int info_add_metadata(struct info_contents *c, const char *key, uint64_t bytes, struct tmo_error *err);

/* Takes the network over, also on failure: its uses, and of what it holds what no tensor is so far. */
int info_add_network(struct info_contents *c, struct tmo_net *net, struct tmo_error *err);
/* Counts the nodes of this network, which may be another one. */
int info_count_operators(struct info_contents *c, const struct tmo_net *net, struct tmo_error *err);

#endif
