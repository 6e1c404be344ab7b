/* SPDX-License-Identifier: Apache-2.0 */
/* tmo tar_header.h: the header blocks of tar archives, for tar_read.c and tar_write.c. */
#ifndef TMO_TAR_HEADER_H
#define TMO_TAR_HEADER_H

#include <libtar.h>
#include <stdbool.h>
#include <stdint.h>

#define TMO_TAR_LONG_LINK "././@LongLink"

/* Whether the path fits neither ustar's name nor its prefix and name. */
bool tmo_tar_needs_long_name(const char *path);
/* What we write, into tar->th_buf: of a member (REGTYPE), or of its long name (GNU_LONGNAME_TYPE). */
void tmo_tar_header(TAR *tar, char type, const char *path, uint64_t size);
/*
 * The path of a block that has no long name before it, into out. By us: libtar's th_get_pathname drops
 * a leading '/' and all before a "..", which are to be refused, not repaired.
 */
#define TMO_TAR_PATH_SIZE (T_PREFIXLEN + T_NAMELEN + 2)
void tmo_tar_header_path(const struct tar_header *h, char out[TMO_TAR_PATH_SIZE]);
/* Whether the block in tar is that, byte for byte; long_path: NULL if there was none before it. */
bool tmo_tar_is_ours(const TAR *tar, const char *long_path, uint64_t size);

/* The size field: octal text, or big-endian binary past 8 GiB (GNU). */
bool tmo_tar_header_size(const struct tar_header *h, uint64_t *size);
/* Whether the checksum is octal digits and nothing else; th_crc_ok stops at what is not. */
bool tmo_tar_plain_checksum(const struct tar_header *h);

#endif
