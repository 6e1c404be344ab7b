/* SPDX-License-Identifier: Apache-2.0 */
#include "range.h"

#define REAL float
#define NAME(name) name##_f32
#include "range_body.h"
#undef REAL
#undef NAME

#define REAL double
#define NAME(name) name##_f64
#include "range_body.h"
