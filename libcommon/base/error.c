/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tmo.h"

static void
fill(struct tmo_error *err, enum tmo_error_kind kind, const char *format, va_list args)
{
	err->kind = kind;
	vsnprintf(err->text, sizeof(err->text), format, args);
}

int
tmo_fail(struct tmo_error *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fill(err, TMO_ERROR_DATA, format, args);
	va_end(args);
	return -1;
}

int
tmo_fail_usage(struct tmo_error *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fill(err, TMO_ERROR_USAGE, format, args);
	va_end(args);
	return -1;
}

int
tmo_fail_unsupported(struct tmo_error *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fill(err, TMO_ERROR_UNSUPPORTED, format, args);
	va_end(args);
	return -1;
}

int
tmo_fail_system(struct tmo_error *err, const char *format, ...)
{
	const int reason = errno;
	va_list args;
	size_t length;

	va_start(args, format);
	fill(err, TMO_ERROR_SYSTEM, format, args);
	va_end(args);
	length = strlen(err->text);
	snprintf(err->text + length, sizeof(err->text) - length, ": %s", strerror(reason));
	errno = reason;
	return -1;
}

int
tmo_fail_memory(struct tmo_error *err, size_t bytes)
{
	if (bytes > 0)
		tmo_fail(err, "out of memory for %zu bytes; use a machine with more", bytes);
	else
		tmo_fail(err, "out of memory; use a machine with more");
	err->kind = TMO_ERROR_MEMORY;
	return -1;
}

int
tmo_fail_at(struct tmo_error *err, const char *where)
{
	if (err->where[0] == '\0')
		snprintf(err->where, sizeof(err->where), "%s", where);
	return -1;
}
