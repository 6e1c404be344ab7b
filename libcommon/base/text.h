/* SPDX-License-Identifier: Apache-2.0 */
/* text.h: patterns, endings, digits, and text that is fit to be shown. */
#ifndef TMO_TEXT_H
#define TMO_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* '*' any bytes, '/' too; '?' one byte; [a-z], [!a-z]; '\' takes the next literally. */
bool tmo_glob(const char *pattern, const char *text);

/* text with control bytes as '?', cut to size - 1 bytes; returns out. */
char *tmo_printable(const char *text, char *out, size_t size);

/*
 * text with all that is no printable ASCII as '?', cut to size - 1 bytes; returns out, which may be
 * text.
 */
char *tmo_ascii(const char *text, char *out, size_t size);

/* 1234567 as "1,234,567"; returns out, which has room for TMO_THOUSANDS bytes. */
#define TMO_THOUSANDS 32
char *tmo_thousands(uint64_t number, char *out);

bool tmo_ends_with(const char *text, const char *end);
int tmo_hex_value(char c);	/* of a hex digit, 0 to 15; else -1 */

#endif
