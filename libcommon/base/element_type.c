/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/element_type.h"

static const struct {
	const char *name;
	size_t size;
} types[] = {
	[TMO_NONE] = {"none", 0},
	[TMO_BOOL] = {"bool", 1},
	[TMO_U8] = {"u8", 1}, [TMO_U16] = {"u16", 2}, [TMO_U32] = {"u32", 4}, [TMO_U64] = {"u64", 8},
	[TMO_I8] = {"i8", 1}, [TMO_I16] = {"i16", 2}, [TMO_I32] = {"i32", 4}, [TMO_I64] = {"i64", 8},
	[TMO_F16] = {"f16", 2}, [TMO_F32] = {"f32", 4}, [TMO_F64] = {"f64", 8},
	[TMO_BF16] = {"bf16", 2}, [TMO_F8E4M3] = {"f8e4m3", 1}, [TMO_F8E5M2] = {"f8e5m2", 1},
};

#define TYPE_COUNT (sizeof(types) / sizeof(types[0]))

const char *
tmo_type_name(enum tmo_type type)
{
	return types[type].name;
}

enum tmo_type
tmo_type_named(const char *name)
{
	for (size_t i = 1; i < TYPE_COUNT; i++)
		if (strcmp(types[i].name, name) == 0)
			return (enum tmo_type)i;
	return TMO_NONE;
}

size_t
tmo_type_size(enum tmo_type type)
{
	return types[type].size;
}

bool
tmo_type_is_float(enum tmo_type type)
{
	return type >= TMO_F16;
}

bool
tmo_type_is_signed(enum tmo_type type)
{
	return type >= TMO_I8 && type <= TMO_I64;
}

bool
tmo_type_has_npy(enum tmo_type type)
{
	return type >= TMO_BOOL && type <= TMO_F64;
}

bool
tmo_type_is_integer(enum tmo_type type)
{
	return type >= TMO_U8 && type <= TMO_I64;
}
