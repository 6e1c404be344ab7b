/* SPDX-License-Identifier: Apache-2.0 */
/* spelling.h: which word was meant. */
#ifndef TMO_SPELLING_H
#define TMO_SPELLING_H


/* Of the candidates (NULL at the end), the one nearest to text; NULL if none is near. */
const char *tmo_nearest_word(const char *text, const char *const *candidates);

#endif
