/* SPDX-License-Identifier: Apache-2.0 */
/* name.h: tensor names as member names (percent-encoding, tmo-stream(5)), and globs. Layer 1. */
#ifndef TMO_NAME_H
#define TMO_NAME_H

#include "io.h"

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

/* '*' any bytes, '/' too; '?' one byte; [a-z], [!a-z]; '\' takes the next literally. */
bool tmo_glob(const char *pattern, const char *text);

/* text with control bytes as '?', cut to size - 1 bytes; returns out. */
char *tmo_printable(const char *text, char *out, size_t size);

bool tmo_ends_with(const char *text, const char *end);
int tmo_hex_value(char c);	/* of a hex digit, 0 to 15; else -1 */

/* A set or a map of strings; keys and values are copied. */
struct tmo_string_map;
struct tmo_string_map *tmo_string_map_new(struct tmo_error *err);
void tmo_string_map_free(struct tmo_string_map *n);
/* *added is false if the key was there already (its value stays). value may be NULL. */
int tmo_string_map_add(struct tmo_string_map *n, const char *key, const char *value, bool *added,
                  struct tmo_error *err);
bool tmo_string_map_has(const struct tmo_string_map *n, const char *key);
const char *tmo_string_map_value(const struct tmo_string_map *n, const char *key);	/* or NULL */

#endif
