/* SPDX-License-Identifier: Apache-2.0 */
/* external_file.h: the file of external data: written under another name, then renamed. */
#ifndef TO_ONNX_EXTERNAL_FILE_H
#define TO_ONNX_EXTERNAL_FILE_H

#include "base/replace.h"

struct external_file {		/* {0}: there is none */
	struct tmo_replace file;
};

/* How the model calls the file: its name without folder; NULL for NULL. */
const char *to_onnx_external_name(const char *path);
/* Whether the file is where the model goes too: to this name, or to standard output for NULL. */
bool to_onnx_external_is_model(const char *path, const char *model);
int to_onnx_external_open(struct external_file *b, const char *path, uint64_t bytes,
                          struct tmo_error *err);
int to_onnx_external_write(struct external_file *b, const void *data, size_t bytes, uint64_t offset,
                           struct tmo_error *err);
/* The file gets its name. */
int to_onnx_external_finish(struct external_file *b, struct tmo_error *err);
/* Frees; what is not finished disappears. */
void to_onnx_external_close(struct external_file *b);

#endif
