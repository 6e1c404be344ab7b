/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/memory.h"
#include "stream/reader.h"

int
tmo_check_begin(struct tmo_check *c, const char *path, struct tmo_error *err)
{
	if (!c->on)
		return 0;
	free(c->path);
	c->path = tmo_copy_string(path, err);
	tmo_sha256_begin(&c->sha);
	return c->path == NULL ? -1 : 0;
}

void
tmo_check_see(void *check, const void *data, size_t size)
{
	struct tmo_check *const c = check;

	if (c->path != NULL)
		tmo_sha256_add(&c->sha, data, size);
}

int
tmo_check_end(struct tmo_check *c, struct tmo_error *err)
{
	unsigned char digest[TMO_SHA256_BYTES];
	int status;

	if (c->path == NULL)
		return 0;
	tmo_sha256_end(&c->sha, digest);
	status = tmo_sha256sums_check(&c->sums, c->path, digest, err);
	free(c->path);
	c->path = NULL;
	return status;
}

void
tmo_check_free(struct tmo_check *c)
{
	tmo_sha256sums_free(&c->sums);
	free(c->path);
	c->path = NULL;
}
