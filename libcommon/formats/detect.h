/* SPDX-License-Identifier: Apache-2.0 */
/*
 * detect.h: what a file holds, by its content. Knows the first bytes of formats and no format's
 * library, so that any program can say what it was given.
 */
#ifndef TMO_DETECT_H
#define TMO_DETECT_H

#include "tmo.h"

#define TMO_FORMAT_STREAM "stream"	/* a tensor stream, plain or compressed: no importer is wanted */

/*
 * All formats but the stream, with a NULL behind the last. FORMAT is read by tmo-from-FORMAT, and
 * written by tmo-to-FORMAT into files whose names end in .FORMAT.
 */
extern const char *const tmo_model_formats[];

#define TMO_DETECT_HEAD 512		/* bytes at the front that are enough for tmo_detect_bytes */

/*
 * One of the above (static), or NULL if it is nothing that is known, by the first bytes alone, as of a
 * pipe. Of an ONNX model it takes the head's word; where all of a file is there, tmo_detect is surer.
 */
const char *tmo_detect_bytes(const unsigned char *head, size_t size);
/* The same of a regular file, whose offset stays where it is. An empty file is an error. */
int tmo_detect(int fd, const char **format, struct tmo_error *err);
/* The same of a folder: that of a model in several files. */
int tmo_detect_folder(const char *name, const char **format, struct tmo_error *err);

#endif
