/* SPDX-License-Identifier: Apache-2.0 */
/* safetensors_folder.h: which file of a folder is the model. */
#ifndef TMO_SAFETENSORS_FOLDER_H
#define TMO_SAFETENSORS_FOLDER_H

#include "tmo.h"

/*
 * model.safetensors, else its index, else the only index, else the only .safetensors file: *path,
 * which the caller frees. Fails if there is none, or if nobody can tell which.
 */
int tmo_st_find_model(const char *folder, char **path, struct tmo_error *err);

#endif
