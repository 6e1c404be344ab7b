/* SPDX-License-Identifier: Apache-2.0 */
/* string_map.h: a set of strings, or a map from strings to strings. */
#ifndef TMO_STRING_MAP_H
#define TMO_STRING_MAP_H

#include "tmo.h"

/* A set or a map of strings; keys and values are copied. */
struct tmo_string_map;
struct tmo_string_map *tmo_string_map_new(struct tmo_error *err);	/* the caller frees it */
void tmo_string_map_free(struct tmo_string_map *n);			/* NULL is fine */
/* *added is false if the key was there already (its value stays). value may be NULL. */
int tmo_string_map_add(struct tmo_string_map *n, const char *key, const char *value, bool *added,
                  struct tmo_error *err);
bool tmo_string_map_has(const struct tmo_string_map *n, const char *key);
/* The key's value, borrowed as long as the map lives; NULL if there is none. */
const char *tmo_string_map_value(const struct tmo_string_map *n, const char *key);

#endif
