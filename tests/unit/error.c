/* SPDX-License-Identifier: Apache-2.0 */
/* error.c: errors and their kinds. */
#include <errno.h>
#include <string.h>

#include "tests/unit/check.h"
#include "tmo.h"

static void
expect(const struct tmo_error *err, int status, enum tmo_error_kind kind, const char *text)
{
	CHECK(status == -1, "%s: returns %d", text, status);
	CHECK(err->kind == kind, "%s: kind %d, not %d", text, (int)err->kind, (int)kind);
	CHECK(strcmp(err->text, text) == 0, "\"%s\", not \"%s\"", err->text, text);
}

int
main(void)
{
	struct tmo_error err = {0};
	char text[sizeof(err.text) + 64];
	int status;

	CHECK(err.kind == TMO_ERROR_NONE, "no error has a kind");
	expect(&err, tmo_fail(&err, "bits %d", 9), TMO_ERROR_DATA, "bits 9");
	expect(&err, tmo_fail_usage(&err, "--bits %d", 9), TMO_ERROR_USAGE, "--bits 9");
	expect(&err, tmo_fail_unsupported(&err, "version %d", 2), TMO_ERROR_UNSUPPORTED, "version 2");
	expect(&err, tmo_fail_memory(&err, 12), TMO_ERROR_MEMORY,
	       "out of memory for 12 bytes; use a machine with more");
	expect(&err, tmo_fail_memory(&err, 0), TMO_ERROR_MEMORY,
	       "out of memory; use a machine with more");
	errno = ENOENT;
	status = tmo_fail_system(&err, "cannot open %s", "a");
	CHECK(errno == ENOENT, "errno became %d", errno);
	expect(&err, status, TMO_ERROR_SYSTEM, "cannot open a: No such file or directory");

	/* What is too long is cut. */
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	CHECK(tmo_fail_system(&err, "%s", text) == -1 && strlen(err.text) == sizeof(err.text) - 1,
	      "%zu bytes of text", strlen(err.text));

	/* The nearest to it says where. */
	CHECK(tmo_fail_at(&err, "model.yaml") == -1 && tmo_fail_at(&err, "in.tar") == -1 &&
	      strcmp(err.where, "model.yaml") == 0, "at \"%s\"", err.where);
	return check_status();
}
