/* SPDX-License-Identifier: Apache-2.0 */
/* json_text.h: JSON that programs print. */
#ifndef TMO_JSON_TEXT_H
#define TMO_JSON_TEXT_H

#include <jansson.h>

#include "base/buffer.h"

/* Appends root as text, indented, its keys in the order in which they were set, and a newline. */
int tmo_json_emit(const json_t *root, struct tmo_buffer *out, struct tmo_error *err);

#endif
