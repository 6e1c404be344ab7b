/* SPDX-License-Identifier: Apache-2.0 */
/* op.h: the functions of the table of operators, a file a family. */
#ifndef TMO_OP_H
#define TMO_OP_H

#include "net/operators.h"

/* elementwise.c */
tmo_view_fn tmo_view_same, tmo_view_masked;
/* shape.c */
tmo_view_fn tmo_view_transpose, tmo_view_reshape, tmo_view_flatten, tmo_view_squeeze,
	tmo_view_unsqueeze, tmo_view_expand;
/* index.c */
tmo_view_fn tmo_view_slice, tmo_view_split, tmo_view_concat, tmo_view_gather;

#endif
