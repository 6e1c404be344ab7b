/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/memory.h"
#include "base/path.h"

static bool
is_dots(const char *component, size_t length, size_t dots)
{
	return length == dots && memcmp(component, "..", dots) == 0;
}

enum tmo_path_fault
tmo_path_fault(const char *path)
{
	if (path[0] == '\0')
		return TMO_PATH_EMPTY;
	if (path[0] == '/')
		return TMO_PATH_ABSOLUTE;
	for (const char *p = path; *p != '\0'; p += *p == '/') {
		const size_t length = strcspn(p, "/");

		if (is_dots(p, length, 2))
			return TMO_PATH_UPWARD;
		p += length;
	}
	return TMO_PATH_INSIDE;
}

bool
tmo_path_is_canonical(const char *path)
{
	for (const char *p = path;; p++) {
		const size_t length = strcspn(p, "/");

		if (length == 0 || is_dots(p, length, 1) || is_dots(p, length, 2))
			return false;
		p += length;
		if (*p == '\0')
			return true;
	}
}

const char *
tmo_path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

bool
tmo_is_of_macos(const char *path, const void *head, size_t size)
{
	static const char below[] = "__MACOSX/", beside[] = "._", apple_double[] = "\0\5\x16\7";

	while (strncmp(path, "./", 2) == 0)
		path += 2;
	if (strncmp(path, below, sizeof(below) - 1) == 0)
		return true;
	return strncmp(tmo_path_name(path), beside, 2) == 0 && size >= 4 && memcmp(head, apple_double, 4) == 0;
}

char *
tmo_path_folder(const char *path, struct tmo_error *err)
{
	const char *const slash = strrchr(path, '/');
	char *const folder = tmo_copy_string(slash == NULL ? "." : slash == path ? "/" : path, err);

	if (folder != NULL && slash != NULL && slash != path)
		folder[slash - path] = '\0';
	return folder;
}
