/* SPDX-License-Identifier: Apache-2.0 */
/* element_type.h: element types, beyond what tmo.h says of them. */
#ifndef TMO_ELEMENT_TYPE_H
#define TMO_ELEMENT_TYPE_H

#include "tmo.h"

bool tmo_type_is_signed(enum tmo_type type);	/* i8 … i64 */
bool tmo_type_has_npy(enum tmo_type type);	/* not bf16 and fp8, whose bit patterns are codes */
bool tmo_type_is_integer(enum tmo_type type);	/* u8 … i64, not bool */

#endif
