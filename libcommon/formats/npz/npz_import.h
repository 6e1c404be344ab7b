/* SPDX-License-Identifier: Apache-2.0 */
/* npz_import.h: NumPy's .npz, or a .npy alone, as a tensor stream. */
#ifndef TMO_NPZ_IMPORT_H
#define TMO_NPZ_IMPORT_H

#include "formats/import.h"
#include "stream/stream.h"

/*
 * Writes the arrays as tensors; members that are none are passed on as they are. model->fd must be able
 * to seek. array: what the tensor of a .npy alone is called; NULL: as the file.
 */
int tmo_npz_import(const struct tmo_import *model, const char *array, struct tmo_writer *out,
                   struct tmo_error *err);

/* What the tensor of a .npy alone is called: as its file, without folder and ending. */
void tmo_npz_own_name(const char *file, char *out, size_t size);

#endif
