/* SPDX-License-Identifier: Apache-2.0 */
/*
 * member_name.h: names of tensors as names of members, tmo-stream(5): below tensors/, percent-encoded.
 * The component that stands for a name, STEM, is that of a file STEM.npy or of a folder STEM.
 */
#ifndef TMO_MEMBER_NAME_H
#define TMO_MEMBER_NAME_H

#include "tmo.h"

#define TMO_TENSORS "tensors/"	/* the folder of a stream's tensors */
#define TMO_STEM_MAX 200	/* bytes of an encoded name that survive `tar xf` */

/*
 * The path component that stands for name: percent-encoded, and cut to 150 bytes, "~" and 32 hex
 * digits of the SHA-256 of the whole name if it is longer than TMO_STEM_MAX: *cut says so.
 */
char *tmo_name_encode(const char *name, bool *cut, struct tmo_error *err);	/* caller frees */
/* The whole name percent-encoded, however long: what `names` in the manifest holds. */
char *tmo_name_encode_whole(const char *name, struct tmo_error *err);
/* The name for people and JSON: as it is if it is UTF-8, else percent-encoded. The caller frees it. */
char *tmo_name_shown(const char *name, struct tmo_error *err);
/* The name of a component that was not cut; fails on a bad escape or a NUL byte. */
char *tmo_name_decode(const char *stem, struct tmo_error *err);

/* "tensors/", stem and rest, which is ".npy", "/codes.npy", "". The caller frees it; NULL: no memory. */
char *tmo_member_path(const char *stem, const char *rest, struct tmo_error *err);
/* What follows "tensors/" in a member's path; NULL if it is elsewhere. Borrowed from path. */
const char *tmo_member_in_tensors(const char *path);

#endif
