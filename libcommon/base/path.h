/* SPDX-License-Identifier: Apache-2.0 */
/* path.h: paths by their own words; the file system is not asked. */
#ifndef TMO_PATH_H
#define TMO_PATH_H

#include "tmo.h"

/* Why a path could leave the folder that it is relative to. */
enum tmo_path_fault {
	TMO_PATH_INSIDE,	/* it cannot, but for symbolic links */
	TMO_PATH_EMPTY,
	TMO_PATH_ABSOLUTE,
	TMO_PATH_UPWARD		/* a component is ".." */
};
enum tmo_path_fault tmo_path_fault(const char *path);

/* Whether it stays inside and is written in the one way: no component is empty or ".". */
bool tmo_path_is_canonical(const char *path);

/*
 * Whether a member of an archive, of which `head` are the first bytes, holds what macOS keeps about another one,
 * x: ._x beside it, with its own magic number, or anything below __MACOSX.
 */
bool tmo_is_of_macos(const char *path, const void *head, size_t size);

/* Behind the last slash: the name without its folder; "" of "a/". */
const char *tmo_path_name(const char *path);
/* The folder that path is in: "." without a slash. The caller frees it; NULL when memory is out. */
char *tmo_path_folder(const char *path, struct tmo_error *err);

#endif
