/* SPDX-License-Identifier: Apache-2.0 */
/* string_index.h: names and a number for each, such as a place in an array. */
#ifndef TMO_STRING_INDEX_H
#define TMO_STRING_INDEX_H

#include "tmo.h"

/* {0} is empty. Keys are copied. */
struct tmo_string_index {
	size_t count, room;
	struct tmo_string_index_slot {
		char *key;
		size_t value;
	} *slot;
};

void tmo_string_index_free(struct tmo_string_index *ix);	/* leaves it empty */
/* Sets the key's value, whether it was there or not. */
int tmo_string_index_set(struct tmo_string_index *ix, const char *key, size_t value, struct tmo_error *err);
/* The key's value, or SIZE_MAX. */
size_t tmo_string_index_get(const struct tmo_string_index *ix, const char *key);

#endif
