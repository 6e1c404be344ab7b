/* SPDX-License-Identifier: Apache-2.0 */
/* safetensors_model.h: a model of one safetensors file, or of several and an index. */
#ifndef TMO_SAFETENSORS_MODEL_H
#define TMO_SAFETENSORS_MODEL_H

#include "base/buffer.h"
#include "formats/safetensors/safetensors.h"

struct tmo_st_model {
	char *path;			/* owned; of the file or the index, NULL: the input as given */
	size_t count;
	struct tmo_st_tensor *tensor;	/* owned; in the order of the stream */
	struct tmo_buffer member;	/* what goes into TMO_ST_MEMBER; empty: nothing has to */
	json_t *metadata;		/* owned; an object of strings, of all files; NULL: there is none */

	/* private */
	struct tmo_st_file {
		char *path;			/* owned */
		struct tmo_st_header header;
	} *file;
	size_t file_count;
	struct tmo_st_source {
		size_t file;
		uint64_t offset;
	} *source;			/* of several files: where the tensor of a `place` is */
	size_t tensor_room, source_room;
	int fd, own_fd;			/* own_fd is closed at the end; -1: none */
	size_t open_file;		/* what own_fd is, of several files */
	bool size_known;
};

/*
 * fd (borrowed) is what name stands for: a file, a pipe, a folder, which is looked through for a model.
 * dir: where the files of an index are; NULL: in its own folder. Reads headers only. m is to be closed
 * after a failure too: m->path then says what the error is about, if it is not NULL.
 */
int tmo_st_model_open(struct tmo_st_model *m, int fd, const char *name, const char *dir,
                      struct tmo_error *err);
void tmo_st_model_close(struct tmo_st_model *m);

/* Hands out the data of tensor i in pieces. To be called for every i from 0 on, in order, once. */
int tmo_st_model_read(struct tmo_st_model *m, size_t i,
                      int (*write)(void *arg, const void *data, size_t size, struct tmo_error *err),
                      void *arg, struct tmo_error *err);
/* After the last one: fails if something follows in the file. */
int tmo_st_model_end(struct tmo_st_model *m, struct tmo_error *err);

#endif
