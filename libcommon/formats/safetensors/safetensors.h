/* SPDX-License-Identifier: Apache-2.0 */
/*
 * safetensors.h: headers of safetensors files. A file is the header's length (8 bytes, little-endian),
 * the header (JSON, padded with spaces) and the data of all tensors, without a gap between them.
 */
#ifndef TMO_SAFETENSORS_H
#define TMO_SAFETENSORS_H

#include <jansson.h>

#include "base/buffer.h"
#include "tensor/tensor.h"

#define TMO_ST_HEADER_MAX 100000000u	/* as in the safetensors library */
#define TMO_ST_LENGTH 8			/* bytes that say how long the header is */
#define TMO_ST_MEMBER "safetensors.json"	/* of a stream: what its tensors do not tell */

/* An element type of the format. */
struct tmo_st_dtype {
	const char *name;
	unsigned bits;
	enum tmo_type type;	/* in a stream; TMO_NONE: kept as bytes */
};

struct tmo_st_tensor {
	const char *name;	/* borrowed, from the header if it was read */
	const char *dtype_name;
	const struct tmo_st_dtype *dtype;	/* NULL: none that is known here */
	int rank;
	size_t shape[TMO_RANK_MAX];
	uint64_t start, end;	/* in the data */
	size_t place;		/* in the header, from 0; others may use it for their own */
};

/* A header. {0} is an empty one. */
struct tmo_st_header {
	json_t *root;			/* owned; holds the strings */
	const json_t *metadata;		/* an object of strings; NULL: there is none */
	size_t count;
	struct tmo_st_tensor *tensor;	/* owned; in the order of the data */
	uint64_t data_bytes;		/* of all tensors */
};

/*
 * Parses the header's text. data_bytes: how much stands behind it, UINT64_MAX where that is not
 * known. Offsets that overlap, leave holes, do not hold what the shape says or lie outside fail.
 */
int tmo_st_parse(const char *text, size_t bytes, uint64_t data_bytes, struct tmo_st_header *h,
                 struct tmo_error *err);
void tmo_st_free(struct tmo_st_header *h);
/* The length that the first TMO_ST_LENGTH bytes of a file say; fails if it is too large. */
int tmo_st_length(const unsigned char *head, size_t *bytes, struct tmo_error *err);

/* NULL if there is no such type. */
const struct tmo_st_dtype *tmo_st_dtype_named(const char *name);
const struct tmo_st_dtype *tmo_st_dtype_of(enum tmo_type type);
/*
 * What t is in a stream. Types that a stream has no name for are u8: in t's shape if an element is
 * a byte, else in one axis.
 */
void tmo_st_stored(const struct tmo_st_tensor *t, enum tmo_type *type, int *rank, size_t *shape);

/* Sorts as the library does, large types first, then by name; lays the data out in that order. */
void tmo_st_arrange(struct tmo_st_tensor *tensors, size_t count);
/* Whether the order is that one already. */
bool tmo_st_is_arranged(const struct tmo_st_tensor *tensors, size_t count);
/* Appends the header that the library writes, spaces at its end included. metadata may be NULL. */
int tmo_st_text(const struct tmo_st_tensor *tensors, size_t count, const json_t *metadata,
                struct tmo_buffer *out, struct tmo_error *err);

/* The index of a model in several files. {0} is an empty one. */
struct tmo_st_index {
	json_t *root;		/* owned */
	json_t *map;		/* borrowed from root: tensor -> file */
	size_t count;
	const char **file;	/* owned array of borrowed names, each once, in their order */
};

/* Files outside the index's own folder are refused. */
int tmo_st_index_parse(const char *text, size_t bytes, struct tmo_st_index *ix,
                       struct tmo_error *err);
void tmo_st_index_free(struct tmo_st_index *ix);
/* The file that has the tensor, or NULL. */
const char *tmo_st_index_file(const struct tmo_st_index *ix, const char *tensor);

#endif
