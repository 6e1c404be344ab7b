/* SPDX-License-Identifier: Apache-2.0 */
/*
 * detect.h: which importer a file wants, by its content: what the first bytes say (stream/recognize.h), and,
 * where all of the file is there, what they cannot say for sure.
 */
#ifndef TMO_DETECT_H
#define TMO_DETECT_H

#include "stream/recognize.h"

/*
 * All formats but the stream, with a NULL behind the last. FORMAT is read by tmo-from-FORMAT, and
 * written by tmo-to-FORMAT into files whose names end in .FORMAT.
 */
extern const char *const tmo_model_formats[];

#define TMO_DETECT_HEAD 512		/* bytes at the front that are enough for tmo_detect_bytes */

/*
 * One of the above, or TMO_FORMAT_STREAM (static), or NULL if no importer knows it, by the first bytes alone, as of a
 * pipe. Of an ONNX model it takes the head's word; where all of a file is there, tmo_detect is surer.
 */
const char *tmo_detect_bytes(const unsigned char *head, size_t size);
/* The same of a regular file, whose offset stays where it is. An empty file is an error. */
int tmo_detect(int fd, const char **format, struct tmo_error *err);
/* The same of a folder: that of a model in several files. */
int tmo_detect_folder(const char *name, const char **format, struct tmo_error *err);

#endif
