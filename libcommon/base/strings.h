/* SPDX-License-Identifier: Apache-2.0 */
/* strings.h: a list of strings that grows. */
#ifndef TMO_STRINGS_H
#define TMO_STRINGS_H

#include "tmo.h"

/* Owned strings with a NULL behind the last, so that item is an argv. {0} is empty: item is NULL. */
struct tmo_strings {
	size_t count, room;
	char **item;
};

/* Appends a copy of text, or what printf would make. A failure leaves the list as it was. */
int tmo_strings_add(struct tmo_strings *list, const char *text, struct tmo_error *err);
int tmo_strings_printf(struct tmo_strings *list, struct tmo_error *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool tmo_strings_has(const struct tmo_strings *list, const char *text);
void tmo_strings_sort(struct tmo_strings *list);	/* by their bytes */
void tmo_strings_free(struct tmo_strings *list);	/* leaves it empty */

/* `; did you mean "bits"`, or nothing if no string of the list is near to text. Returns out. */
const char *tmo_strings_hint(const struct tmo_strings *list, const char *text, char *out,
                             size_t size);

#endif
