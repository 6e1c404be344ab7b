/* SPDX-License-Identifier: Apache-2.0 */
/* print.h: contents as text and as JSON; both append to out. */
#ifndef INFO_PRINT_H
#define INFO_PRINT_H

#include "base/buffer.h"
#include "contents.h"

/* columns: no line is longer, names are cut for that; 0: they are as long as they are. */
int info_print_text(const struct info_contents *c, size_t columns, struct tmo_buffer *out,
                    struct tmo_error *err);
/* The table of tensors, part of it. */
int info_print_table(const struct info_contents *c, size_t columns, struct tmo_buffer *out,
                     struct tmo_error *err);
/* One object: see tmo-info(1). */
int info_print_json(const struct info_contents *c, struct tmo_buffer *out, struct tmo_error *err);

#endif
