/* SPDX-License-Identifier: Apache-2.0 */
/* external_file.h: the file of external data: written under another name, then renamed. */
#ifndef TO_ONNX_EXTERNAL_FILE_H
#define TO_ONNX_EXTERNAL_FILE_H

#include "base/replace.h"

/* {0}: there is none; finish and close are fine with that. */
struct external_file {
	struct tmo_replace file;
};

/*
 * How the model, which goes to `model` (NULL: standard output), must call the file to find it: *location is the
 * caller's to free. A file outside the model's folder, where no runtime looks, is a usage error; so is one in
 * another folder than the current one where nobody can tell where the model goes, into a pipe.
 */
int to_onnx_external_location(const char *path, const char *model, char **location, struct tmo_error *err);
/* Whether the file is where the model goes too: to this name, or to standard output for NULL. */
bool to_onnx_external_is_model(const char *path, const char *model);
/* Creates the file with so many bytes, all zero. A path that is no regular file's is a usage error. */
int to_onnx_external_open(struct external_file *b, const char *path, uint64_t bytes,
                          struct tmo_error *err);
/* At an offset; in any order, gaps stay zero. */
int to_onnx_external_write(struct external_file *b, const void *data, size_t bytes, uint64_t offset,
                           struct tmo_error *err);
/* The file gets its name, which replaces an older file. Call it when the model is complete. */
int to_onnx_external_finish(struct external_file *b, struct tmo_error *err);
/* Frees; what is not finished disappears. */
void to_onnx_external_close(struct external_file *b);

#endif
