/* SPDX-License-Identifier: Apache-2.0 */
/* member_name.h: names of tensors as names of members: percent-encoding, tmo-stream(5). */
#ifndef TMO_MEMBER_NAME_H
#define TMO_MEMBER_NAME_H

#include "tmo.h"

#define TMO_STEM_MAX 200	/* bytes of an encoded name that survive `tar xf` */

/*
 * The path component that stands for name: percent-encoded, and cut to 150 bytes, "~" and 32 hex
 * digits of the SHA-256 of the whole name if it is longer than TMO_STEM_MAX: *cut says so.
 */
char *tmo_name_encode(const char *name, bool *cut, struct tmo_error *err);	/* caller frees */
/* The whole name percent-encoded, however long: what `names` in the manifest holds. */
char *tmo_name_encode_whole(const char *name, struct tmo_error *err);
/* The name of a component that was not cut; fails on a bad escape or a NUL byte. */
char *tmo_name_decode(const char *stem, struct tmo_error *err);

#endif
