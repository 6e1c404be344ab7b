/* SPDX-License-Identifier: Apache-2.0 */
/* safetensors_import.h: a safetensors model, of one file or several, as a tensor stream. */
#ifndef TMO_SAFETENSORS_IMPORT_H
#define TMO_SAFETENSORS_IMPORT_H

#include "formats/import.h"
#include "stream/stream.h"

/*
 * model->fd is a file, an index of files, or a folder, which then is called model->name; one file may
 * come through a pipe. What to-safetensors could not tell from the tensors goes into TMO_ST_MEMBER.
 */
int tmo_st_import(const struct tmo_import *model, struct tmo_writer *out, struct tmo_error *err);

#endif
