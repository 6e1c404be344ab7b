/* SPDX-License-Identifier: Apache-2.0 */
/* external_file.h: the file of external data: written under another name, then renamed. */
#ifndef TO_ONNX_EXTERNAL_FILE_H
#define TO_ONNX_EXTERNAL_FILE_H

#include "base/replace.h"

struct beside {		/* {0}: there is none */
	struct tmo_replace file;
};

/* How the model calls the file: its name without folder; NULL for NULL. */
const char *beside_name(const char *path);
/* Whether the file is where the model goes too: to this name, or to standard output for NULL. */
bool beside_is_model(const char *path, const char *model);
int beside_open(struct beside *b, const char *path, uint64_t bytes, struct tmo_error *err);
int beside_write(struct beside *b, const void *data, size_t bytes, uint64_t offset,
                 struct tmo_error *err);
/* The file gets its name. */
int beside_finish(struct beside *b, struct tmo_error *err);
/* Frees; what is not finished disappears. */
void beside_close(struct beside *b);

#endif
