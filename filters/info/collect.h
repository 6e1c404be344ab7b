/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect.h: fills contents, which are {0} but for the format, from a file of each format: a file each. Only
 * what describes tensors is read, and of an encoded tensor of a stream its arrays. Messages name the file.
 */
#ifndef INFO_COLLECT_H
#define INFO_COLLECT_H

#include "contents.h"
#include "formats/import.h"
#include "run/run.h"

int info_collect_onnx(const struct tmo_import *model, struct info_contents *c, struct tmo_error *err);
int info_collect_safetensors(const struct tmo_import *model, struct info_contents *c,
                             struct tmo_error *err);
int info_collect_npz(const struct tmo_import *model, struct info_contents *c, struct tmo_error *err);
/* The run's input. */
int info_collect_stream(struct tmo_run *run, struct info_contents *c, struct tmo_error *err);

#endif
