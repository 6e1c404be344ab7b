/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include "tmo.h"

int
tmo_fail(struct tmo_error *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return -1;
}

int
tmo_fail_usage(struct tmo_error *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	err->usage = true;
	return -1;
}

int
tmo_fail_at(struct tmo_error *err, const char *where)
{
	if (err->where[0] == '\0')
		snprintf(err->where, sizeof(err->where), "%s", where);
	return -1;
}
