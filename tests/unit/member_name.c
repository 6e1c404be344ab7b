/* SPDX-License-Identifier: Apache-2.0 */
/* member_name.c, and text.c's globs: names there and back, published digests, what is refused */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/string_map.h"
#include "base/text.h"
#include "stream/member_name.h"
#include "tests/unit/check.h"

static void
expect(bool good, const char *what, const char *about)
{
	CHECK(good, "%s: %s", what, about);
}

static void
check_encoding(void)
{
	static const struct { const char *name, *stem; } cases[] = {
		{"conv1.weight", "conv1.weight"},
		{"onnx::MatMul_345", "onnx%3A%3AMatMul_345"},
		{"a/b\\c", "a%2Fb%5Cc"},
		{"..", "%2E."},
		{".hidden", "%2Ehidden"},
		{"a.b", "a.b"},
		{"100%", "100%25"},
		{"\xc3\xa9", "%C3%A9"},
		{"\x01 \x7f", "%01%20%7F"},
	};
	struct tmo_error err = {0};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		bool cut = true;
		char *stem = tmo_name_encode(cases[i].name, &cut, &err);
		char *name = stem != NULL ? tmo_name_decode(stem, &err) : NULL;

		expect(stem != NULL && strcmp(stem, cases[i].stem) == 0 && !cut, "encode", cases[i].stem);
		expect(name != NULL && strcmp(name, cases[i].name) == 0, "decode", cases[i].stem);
		free(stem);
		free(name);
	}
}

static void
check_path(void)
{
	struct tmo_error err = {0};
	char *path = tmo_member_path("a.b", "/codes.npy", &err);

	expect(strcmp(path, "tensors/a.b/codes.npy") == 0, "path", path);
	expect(tmo_member_in_tensors(path) == path + 8, "in tensors/", path);
	expect(tmo_member_in_tensors("tensors/") != NULL, "in tensors/", "the folder itself");
	expect(tmo_member_in_tensors("tensors") == NULL, "elsewhere", "tensors");
	expect(tmo_member_in_tensors("model.yaml") == NULL, "elsewhere", "model.yaml");
	free(path);
}

/* 201 times 'a'; the digest is what `printf %0201d 0 | tr 0 a | sha256sum` says. */
static void
check_cut(void)
{
	static const char digits[] = "a92efd82109373e58f9a2056dee01e80";
	struct tmo_error err = {0};
	char name[402] = "", *stem;
	bool cut = false;

	memset(name, 'a', 200);
	stem = tmo_name_encode(name, &cut, &err);
	expect(stem != NULL && !cut && strlen(stem) == 200, "200 bytes", "stay whole");
	free(stem);
	name[200] = 'a';
	stem = tmo_name_encode(name, &cut, &err);
	expect(stem != NULL && cut && strlen(stem) == 183 && stem[150] == '~'
	       && strcmp(stem + 151, digits) == 0, "201 bytes", stem != NULL ? stem : "(none)");
	free(stem);
	stem = tmo_name_encode_whole(name, &err);
	expect(stem != NULL && strcmp(stem, name) == 0, "whole", "stays whole");
	free(stem);
}

static void
check_bad_stems(void)
{
	static const char *const bad[] = {"%", "a%2", "%zz", "%00", "a%0", "%2"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct tmo_error err = {0};
		char *name = tmo_name_decode(bad[i], &err);

		expect(name == NULL && err.kind != TMO_ERROR_NONE, "accepted", bad[i]);
		free(name);
	}
}

static void
check_globs(void)
{
	static const struct { const char *pattern, *text; bool match; } cases[] = {
		{"*", "", true}, {"*", "a/b", true}, {"", "", true}, {"", "a", false},
		{"a*b*c", "a--b--b-c", true}, {"a*b*c", "a--b--b-d", false},
		{"*.weight", "model/layer.1.weight", true}, {"*.weight", "weight", false},
		{"conv?", "conv1", true}, {"conv?", "conv", false}, {"conv?", "conv12", false},
		{"l[0-3].w", "l2.w", true}, {"l[0-3].w", "l4.w", false}, {"l[!0-3].w", "l4.w", true},
		{"l[!0-3].w", "l3.w", false}, {"[]x]", "]", true}, {"[]x]", "x", true},
		{"[a-]", "-", true}, {"[", "[", true}, {"[ab", "[ab", true}, {"[ab", "a", false},
		{"\\*", "*", true}, {"\\*", "a", false}, {"a\\", "a\\", true}, {"[\\]]", "]", true},
		{"*a", "aaaa", true}, {"a*", "b", false}, {"**x**", "axb", true}, {"a?", "a\xff", true},
	};
	char tower[8192];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		expect(tmo_glob(cases[i].pattern, cases[i].text) == cases[i].match, cases[i].pattern,
		       cases[i].text);
	/* exponential in a naive matcher */
	memset(tower, 'a', sizeof tower - 1);
	tower[sizeof tower - 1] = '\0';
	expect(!tmo_glob("*a*a*a*a*a*a*a*a*a*a*a*a*b", tower), "many stars", "match");
}

static void
check_names(void)
{
	struct tmo_error err = {0};
	struct tmo_string_map *n = tmo_string_map_new(&err);
	char key[32], value[32];
	bool added = false;

	for (int i = 0; i < 5000; i++) {
		snprintf(key, sizeof key, "tensor.%d", i);
		snprintf(value, sizeof value, "%d", i * 7);
		expect(tmo_string_map_add(n, key, i % 2 == 0 ? value : NULL, &added, &err) == 0 && added,
		       "add", key);
	}
	expect(tmo_string_map_add(n, "tensor.8", "other", &added, &err) == 0 && !added, "add", "twice");
	for (int i = 0; i < 5000; i++) {
		const char *got;

		snprintf(key, sizeof key, "tensor.%d", i);
		snprintf(value, sizeof value, "%d", i * 7);
		got = tmo_string_map_value(n, key);
		expect(tmo_string_map_has(n, key)
		       && (i % 2 == 0 ? got != NULL && strcmp(got, value) == 0 : got == NULL), "find", key);
	}
	expect(!tmo_string_map_has(n, "tensor.5000") && tmo_string_map_value(n, "") == NULL, "find", "absent");
	tmo_string_map_free(n);
}

int
main(void)
{
	char text[8];

	check_encoding();
	check_path();
	check_cut();
	check_bad_stems();
	check_globs();
	check_names();
	expect(strcmp(tmo_printable("a\033[1m\n\xc3\xa9", text, sizeof text), "a?[1m?\xc3") == 0,
	       "printable", text);
	return check_status();
}
