/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recognize.h: what the first bytes of a file say that it is, and how a tensor stream is made of it. Knows
 * no format's library: it is for saying what was given in place of what was wanted.
 */
#ifndef TMO_RECOGNIZE_H
#define TMO_RECOGNIZE_H

#include "tmo.h"

#define TMO_FORMAT_STREAM "stream"	/* a tensor stream, plain or compressed: no importer is wanted */

struct tmo_content {
	const char *what;	/* "an ONNX model" */
	const char *format;	/* TMO_FORMAT_STREAM, or what tmo-from-FORMAT reads; NULL: no importer knows it */
	const char *remedy;	/* what to do where tmo-from-FORMAT alone is not the answer; may be NULL */
};

#define TMO_RECOGNIZE_HEAD 4096		/* bytes at the front of which more would hardly say more */

/*
 * What these first bytes are (static), or NULL if it is nothing that is known. Fewer than 512 bytes
 * cannot be an archive's. Of an ONNX model the head's word is taken.
 */
const struct tmo_content *tmo_recognize(const unsigned char *head, size_t size);

/* Only what stands where another file belongs that was not fetched: a pointer, a page. NULL: it is none. */
const struct tmo_content *tmo_recognize_stand_in(const unsigned char *head, size_t size);

/*
 * Fails, if these bytes are known to be something else than `wanted` (a format, or TMO_FORMAT_STREAM), with
 * what they are and what to do; returns 0, and touches nothing, if not. decompressed: they came out of zstd.
 */
int tmo_recognize_other(const unsigned char *head, size_t size, bool decompressed, const char *wanted,
                        struct tmo_error *err);

#endif
