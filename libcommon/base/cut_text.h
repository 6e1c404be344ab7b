/* SPDX-License-Identifier: Apache-2.0 */
/* cut_text.h: text that is longer than the room for it, cut so that one still knows which it is. */
#ifndef TMO_CUT_TEXT_H
#define TMO_CUT_TEXT_H

#include "tmo.h"

/* Columns on the screen of UTF-8 text: bytes that continue a character take none. */
size_t tmo_text_columns(const char *text);

/*
 * text as tmo_printable makes it, in at most `columns` of them, 4 or more. What is longer is cut inside,
 * "encoder..weight": its first `head` columns stay (TMO_CUT_MIDDLE: half of them), and its end. Returns
 * out, which has size bytes.
 */
#define TMO_CUT_MIDDLE SIZE_MAX
char *tmo_text_fit(const char *text, size_t columns, size_t head, char *out, size_t size);

/*
 * Where to cut many texts, such as the names of all layers, so that as many as possible can still be told
 * apart: *head for tmo_text_fit, near the middle where that is as good. text: count of them. *same: how
 * many of them look like another one.
 */
int tmo_text_choose_cut(const char *const *text, size_t count, size_t columns, size_t *head, size_t *same,
                        struct tmo_error *err);

#endif
