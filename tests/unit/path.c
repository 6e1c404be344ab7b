/* SPDX-License-Identifier: Apache-2.0 */
/* path.c: which paths stay inside their folder; names and folders of paths. */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "tests/unit/check.h"

static const struct {
	const char *path;
	enum tmo_path_fault fault;
	bool canonical;
} paths[] = {
	{ "", TMO_PATH_EMPTY, false },
	{ "a", TMO_PATH_INSIDE, true },
	{ "a/b.npy", TMO_PATH_INSIDE, true },
	{ "...", TMO_PATH_INSIDE, true },
	{ "..a/b..", TMO_PATH_INSIDE, true },
	{ ".a", TMO_PATH_INSIDE, true },
	{ ".", TMO_PATH_INSIDE, false },
	{ "./a", TMO_PATH_INSIDE, false },
	{ "a/./b", TMO_PATH_INSIDE, false },
	{ "a//b", TMO_PATH_INSIDE, false },
	{ "a/", TMO_PATH_INSIDE, false },
	{ "/", TMO_PATH_ABSOLUTE, false },
	{ "/a", TMO_PATH_ABSOLUTE, false },
	{ "//a", TMO_PATH_ABSOLUTE, false },
	{ "/..", TMO_PATH_ABSOLUTE, false },
	{ "..", TMO_PATH_UPWARD, false },
	{ "../a", TMO_PATH_UPWARD, false },
	{ "a/..", TMO_PATH_UPWARD, false },
	{ "a/../b", TMO_PATH_UPWARD, false },
	{ "a//../b", TMO_PATH_UPWARD, false },
	{ "./..", TMO_PATH_UPWARD, false },
};

static const struct {
	const char *path, *folder, *name;
} files[] = {
	{ "m.onnx", ".", "m.onnx" },
	{ "a/m.onnx", "a", "m.onnx" },
	{ "/a/b/m.onnx", "/a/b", "m.onnx" },
	{ "/m.onnx", "/", "m.onnx" },
	{ "a/", "a", "" },
	{ "", ".", "" },
};

/* What macOS keeps about a file: by its folder, or by its name and its first bytes. */
static void
check_of_macos(void)
{
	static const char magic[] = "\0\5\x16\7 and more", npy[] = "\x93NUMPY";

	CHECK(tmo_is_of_macos("._w.npy", magic, sizeof(magic)), "beside a file");
	CHECK(tmo_is_of_macos("a/b/._w.npy", magic, 4), "in a folder");
	CHECK(tmo_is_of_macos("__MACOSX/a/w.npy", npy, sizeof(npy)), "in its own folder");
	CHECK(tmo_is_of_macos("././__MACOSX/x", "", 0), "behind dots");
	CHECK(!tmo_is_of_macos("._w.npy", magic, 3), "too short");
	CHECK(!tmo_is_of_macos("._w.npy", npy, sizeof(npy)), "an array that is called so");
	CHECK(!tmo_is_of_macos("w.npy", magic, sizeof(magic)), "another name");
	CHECK(!tmo_is_of_macos("a._/w.npy", magic, sizeof(magic)), "a folder's name");
	CHECK(!tmo_is_of_macos("a/__MACOSX/w.npy", npy, sizeof(npy)), "a folder in a folder");
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		CHECK(tmo_path_fault(paths[i].path) == paths[i].fault, "\"%s\": fault %d, not %d",
		      paths[i].path, tmo_path_fault(paths[i].path), paths[i].fault);
		CHECK(tmo_path_is_canonical(paths[i].path) == paths[i].canonical, "\"%s\": canonical %d",
		      paths[i].path, !paths[i].canonical);
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		struct tmo_error err = {0};
		char *folder = tmo_path_folder(files[i].path, &err);

		CHECK(strcmp(folder, files[i].folder) == 0, "\"%s\" is in %s", files[i].path, folder);
		CHECK(strcmp(tmo_path_name(files[i].path), files[i].name) == 0, "\"%s\" is called %s",
		      files[i].path, tmo_path_name(files[i].path));
		free(folder);
	}
	check_of_macos();
	return check_status();
}
