/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.h: whether text is UTF-8 (RFC 3629). */
#ifndef TMO_UTF8_H
#define TMO_UTF8_H

#include <stdbool.h>

/*
 * Bytes of the character that p begins with, 1 to 4; 0 if it begins with none: a form that is too
 * long, a surrogate, beyond U+10FFFF, cut off. The text ends with a NUL byte, which is a character.
 */
int tmo_utf8_length(const char *p);
bool tmo_utf8_is_valid(const char *text);

#endif
