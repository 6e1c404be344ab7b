/* SPDX-License-Identifier: Apache-2.0 */
/* detect.h: what a file holds, by its content. */
#ifndef DETECT_H
#define DETECT_H

#include "driver.h"

#define TMO_FORMAT_STREAM "stream"	/* tar or zstd: no importer is wanted */

/* "stream", "onnx", "safetensors", ...: static; *format is NULL if it is nothing that is known. */
int tmo_detect(int fd, const char **format, struct tmo_error *err);
/* The same for a folder of files: a model in several parts. */
int tmo_detect_folder(const char *name, const char **format, struct tmo_error *err);
/*
 * All formats but the stream, with a NULL behind the last. FORMAT is read by tmo-from-FORMAT, and
 * written by tmo-to-FORMAT into files whose names end in .FORMAT.
 */
extern const char *const tmo_format_names[];

#define TMO_DETECT_HEAD 512		/* bytes at the front that tell a stream */

/* Whether the first bytes of a file or pipe are those of a tensor stream, compressed or not. */
bool tmo_detect_stream(const unsigned char *head, size_t size);

#endif
