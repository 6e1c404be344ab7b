/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One header block, written and read, by libtar but for sizes, since its macros are 32-bit. Owner,
 * group and time are always 0 (th_set_user would look up a name on this machine).
 */
#include "archive/tar_header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OCTAL_SIZE_MAX ((uint64_t)1 << 33)	/* 11 octal digits */

/* Where to cut a path into ustar's prefix and name; NULL: it does not fit. */
static const char *
split(const char *path)
{
	const size_t length = strlen(path);
	const char *slash = length > T_NAMELEN ? path + length - T_NAMELEN - 1 : path;

	slash = strchr(slash, '/');
	if (slash == NULL || slash == path || slash - path > T_PREFIXLEN || slash[1] == '\0')
		return NULL;
	return slash;
}

bool
tmo_tar_needs_long_name(const char *path)
{
	return strlen(path) > T_NAMELEN && split(path) == NULL;
}

static void
set_size(struct tar_header *h, uint64_t size)
{
	char text[24];

	if (size < OCTAL_SIZE_MAX) {
		snprintf(text, sizeof(text), "%011jo", (uintmax_t)size);
		memcpy(h->size, text, sizeof(h->size));
		return;
	}
	memset(h->size, 0, sizeof(h->size));
	for (int i = 11; i > 3; i--, size >>= 8)
		h->size[i] = (char)(unsigned char)(size & 0xff);
	h->size[0] = (char)(unsigned char)0x80;
}

void
tmo_tar_header(TAR *tar, char type, const char *path, uint64_t size)
{
	struct tar_header *const h = &tar->th_buf;
	const char *const slash = strlen(path) > T_NAMELEN ? split(path) : NULL;

	memset(h, 0, sizeof(*h));
	th_set_type(tar, S_IFREG);
	h->typeflag = type;
	if (slash != NULL) {
		memcpy(h->prefix, path, (size_t)(slash - path));
		memcpy(h->name, slash + 1, strlen(slash + 1));
	} else {
		memcpy(h->name, path, strlen(path) < T_NAMELEN ? strlen(path) : T_NAMELEN);
	}
	th_set_mode(tar, 0644);
	int_to_oct(0, h->uid, 8);
	int_to_oct(0, h->gid, 8);
	th_set_mtime(tar, 0);
	set_size(h, size);
	th_finish(tar);
}

bool
tmo_tar_header_size(const struct tar_header *h, uint64_t *size)
{
	const unsigned char *const field = (const unsigned char *)h->size;
	size_t i = 0;

	*size = 0;
	if (field[0] & 0x80) {
		*size = field[0] & 0x7f;
		for (i = 1; i < sizeof(h->size); i++) {
			if (*size >> 55 != 0)
				return false;
			*size = *size << 8 | field[i];
		}
		return true;
	}
	while (i < sizeof(h->size) && field[i] == ' ')
		i++;
	for (; i < sizeof(h->size) && field[i] >= '0' && field[i] <= '7'; i++)
		*size = *size << 3 | (uint64_t)(field[i] - '0');
	return i == sizeof(h->size) || field[i] == ' ' || field[i] == '\0';
}

bool
tmo_tar_plain_checksum(const struct tar_header *h)
{
	size_t i = 0;

	while (i < sizeof(h->chksum) && h->chksum[i] == ' ')
		i++;
	while (i < sizeof(h->chksum) && h->chksum[i] >= '0' && h->chksum[i] <= '7')
		i++;
	while (i < sizeof(h->chksum) && (h->chksum[i] == ' ' || h->chksum[i] == '\0'))
		i++;
	return i == sizeof(h->chksum);
}

void
tmo_tar_header_path(const struct tar_header *h, char out[TMO_TAR_PATH_SIZE])
{
	/* (where GNU's magic goes on with a space, it has times in place of a prefix) */
	const bool prefix = memcmp(h->magic, "ustar", 6) == 0 && h->prefix[0] != '\0';

	snprintf(out, TMO_TAR_PATH_SIZE, "%.*s%s%.*s", T_PREFIXLEN, prefix ? h->prefix : "",
	         prefix ? "/" : "", T_NAMELEN, h->name);
}

bool
tmo_tar_is_ours(const TAR *tar, const char *long_path, uint64_t size)
{
	const char type = tar->th_buf.typeflag;
	char path[TMO_TAR_PATH_SIZE];
	TAR own = { 0 };

	if (type != REGTYPE && type != GNU_LONGNAME_TYPE)
		return false;
	tmo_tar_header_path(&tar->th_buf, path);
	tmo_tar_header(&own, type, type == GNU_LONGNAME_TYPE ? TMO_TAR_LONG_LINK :
	               long_path != NULL ? long_path : path, size);
	return memcmp(&own.th_buf, &tar->th_buf, T_BLOCKSIZE) == 0;
}
