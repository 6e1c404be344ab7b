/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/integers.h"

#define ELEMENT uint8_t
#define NAME(x) x##_u8
#define IS_SIGNED 0
#include "kernel/integer_body.h"

#define ELEMENT uint16_t
#define NAME(x) x##_u16
#define IS_SIGNED 0
#include "kernel/integer_body.h"

#define ELEMENT uint32_t
#define NAME(x) x##_u32
#define IS_SIGNED 0
#include "kernel/integer_body.h"

#define ELEMENT uint64_t
#define NAME(x) x##_u64
#define IS_SIGNED 0
#include "kernel/integer_body.h"

#define ELEMENT int8_t
#define NAME(x) x##_i8
#define IS_SIGNED 1
#include "kernel/integer_body.h"

#define ELEMENT int16_t
#define NAME(x) x##_i16
#define IS_SIGNED 1
#include "kernel/integer_body.h"

#define ELEMENT int32_t
#define NAME(x) x##_i32
#define IS_SIGNED 1
#include "kernel/integer_body.h"

#define ELEMENT int64_t
#define NAME(x) x##_i64
#define IS_SIGNED 1
#include "kernel/integer_body.h"

void
tmo_integer_pair(int f, enum tmo_type type, struct tmo_side a, struct tmo_side b, void *y, size_t n)
{
	switch (type) {
	case TMO_BOOL:
	case TMO_U8: pair_u8(f, a, b, y, n); break;
	case TMO_U16: pair_u16(f, a, b, y, n); break;
	case TMO_U32: pair_u32(f, a, b, y, n); break;
	case TMO_U64: pair_u64(f, a, b, y, n); break;
	case TMO_I8: pair_i8(f, a, b, y, n); break;
	case TMO_I16: pair_i16(f, a, b, y, n); break;
	case TMO_I32: pair_i32(f, a, b, y, n); break;
	case TMO_I64: pair_i64(f, a, b, y, n); break;
	default: break;
	}
}

void
tmo_integer_compare(enum tmo_comparison f, enum tmo_type type, struct tmo_side a, struct tmo_side b, uint8_t *y,
                    size_t n)
{
	switch (type) {
	case TMO_BOOL:
	case TMO_U8: compare_u8(f, a, b, y, n); break;
	case TMO_U16: compare_u16(f, a, b, y, n); break;
	case TMO_U32: compare_u32(f, a, b, y, n); break;
	case TMO_U64: compare_u64(f, a, b, y, n); break;
	case TMO_I8: compare_i8(f, a, b, y, n); break;
	case TMO_I16: compare_i16(f, a, b, y, n); break;
	case TMO_I32: compare_i32(f, a, b, y, n); break;
	case TMO_I64: compare_i64(f, a, b, y, n); break;
	default: break;
	}
}
