/* SPDX-License-Identifier: Apache-2.0 */
/* unit test of libcommon/yaml*.c: what is read, what is refused and where, what is written */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "tests/unit/check.h"
#include "yaml/yaml.h"

static void
expect(bool good, const char *what, const char *about)
{
	CHECK(good, "%s: %s", what, about);
}

static void
check_tree(void)
{
	static const char text[] = "# comment\ntmo: 1\nname: 'a: b'\nlist: [1, \"2\"]\nmap:\n  deep: {}\n";
	struct tmo_error err = {0};
	struct tmo_yaml *root = tmo_yaml_parse(text, strlen(text), &err), *list, *deep;
	uint64_t size = 0;

	list = tmo_yaml_get(root, "list");
	deep = tmo_yaml_get(tmo_yaml_get(root, "map"), "deep");
	expect(root != NULL && tmo_yaml_count(root) == 4, "tree", err.text);
	expect(tmo_yaml_size(tmo_yaml_get(root, "tmo"), &size, &err) == 0 && size == 1, "size", "tmo");
	expect(strcmp(tmo_yaml_text(root, "name"), "a: b") == 0, "text", "name");
	expect(tmo_yaml_text(root, "list") == NULL && tmo_yaml_get(root, "no") == NULL, "absent", "no");
	expect(list != NULL && list->flow && tmo_yaml_count(list) == 2 && list->line == 4
	       && list->column == 1 && !list->first->quoted && list->first->column == 8
	       && list->last->quoted, "list", "list");
	expect(tmo_yaml_size(list->last, &size, &err) < 0, "a quoted number", "is no number");
	expect(deep != NULL && deep->kind == TMO_YAML_MAP && deep->line == 6 && deep->column == 3,
	       "map", "deep");
	tmo_yaml_free(tmo_yaml_cut(root, "map"));
	tmo_yaml_free(tmo_yaml_cut(root, "tmo"));
	expect(tmo_yaml_cut(root, "tmo") == NULL && tmo_yaml_count(root) == 2
	       && root->last == tmo_yaml_get(root, "list"), "cut", "map and tmo");
	tmo_yaml_free(root);
}

static void
check_refused(void)
{
	static const struct { const char *text, *message; } cases[] = {
		{"a: 1\na: 2\n", "line 2, column 1: a is there twice"},
		{"a: &x 1\n", "line 1, column 4: anchors"},
		{"a: *x\n", "line 1, column 4: * begins an alias"},
		{"a: !!int 1\n", "line 1, column 4: anchors and tags"},
		{"a: !t [1]\n", "line 1, column 4: anchors and tags"},
		{"[a]: 1\n", "line 1, column 1: a list or mapping as a key"},
		{"a: 1\n--- \nb: 2\n", "line 2, column 1: a second document"},
		{"a: \"\\0\"\n", "line 1, column 4: text with a NUL"},
		{"a: [1\n", "line "},
		{"a: 1\n b: 2\n", "line 2, column 3: "},
		{"\tx: 1\n", "line 1, column 1: "},
		{"a: \xff\n", "line 1, column 4: no UTF-8"},
		{"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "line 1, column 33: nested"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tmo_error err = {0};
		struct tmo_yaml *root = tmo_yaml_parse(cases[i].text, strlen(cases[i].text), &err);

		expect(root == NULL && strncmp(err.text, cases[i].message, strlen(cases[i].message)) == 0,
		       cases[i].message, root != NULL ? "was accepted" : err.text);
		tmo_yaml_free(root);
	}
}

static void
check_sizes(void)
{
	static const struct { const char *text; bool good; uint64_t value; } cases[] = {
		{"0", true, 0}, {"18446744073709551615", true, UINT64_MAX},
		{"18446744073709551616", false, 0}, {"-1", false, 0}, {"1.0", false, 0}, {"0x10", false, 0},
		{"", false, 0}, {"[]", false, 0}, {"'1'", false, 0}, {"007", true, 7},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tmo_error err = {0};
		char text[64];
		struct tmo_yaml *root;
		uint64_t value = 0;
		int status;

		snprintf(text, sizeof text, "n: %s\n", cases[i].text);
		root = tmo_yaml_parse(text, strlen(text), &err);
		status = tmo_yaml_size(tmo_yaml_get(root, "n"), &value, &err);
		expect((status == 0) == cases[i].good && value == cases[i].value, "size", cases[i].text);
		expect(cases[i].good || strstr(err.text, "line 1, column 1: n is ") != NULL, "message",
		       err.text);
		tmo_yaml_free(root);
	}
}

/* Text of every kind, as a value and as a key: quoted where a reader could take it for another. */
static void
check_texts(void)
{
	static const struct { const char *text; bool special; } cases[] = {
		{"plain", false}, {"two words", false}, {"", true}, {"8", true}, {"-0.5", true},
		{"1e5", true}, {"0x1f", true}, {"1:30", true}, {"2001-12-14", true}, {"1_000", true},
		{"true", true}, {"No", true}, {"~", true}, {"NULL", true}, {".nan", true}, {"-.INF", true},
		{"y", true}, {"yes please", false}, {"8 bits", false}, {"<<", true},
		{"- a", false}, {"a: b", false}, {"a #b", false}, {"*x", false}, {"!t", false},
		{"[1]", false}, {"'q'", false}, {"\"q\"", false}, {" lead", false}, {"trail ", false},
		{"two\nlines", false}, {"\n", false}, {"tab\t", false}, {"\x01\x7f", false},
		{"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", false}, {"\xc2\x85\xe2\x80\xa8", false},
		{"\xef\xbb\xbf", false}, {"\xef\xbf\xbf", false}, {"%41", false}, {"?", false},
		{"---", false}, {"...", true},
	};
	struct tmo_error err = {0};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tmo_yaml *root = tmo_yaml_new_map(), *again;
		struct tmo_buffer out = {0}, second = {0};
		const char *text = cases[i].text;

		tmo_yaml_add_text(root, text, text);
		tmo_yaml_add_text(tmo_yaml_add_list(root, "flow list", true), NULL, text);
		expect(tmo_yaml_is_special(text) == cases[i].special, "special", text);
		expect(tmo_yaml_emit(root, &out, &err) == 0, "emit", err.text);
		again = tmo_yaml_parse(out.data, out.size, &err);
		if (again == NULL || tmo_yaml_text(again, text) == NULL
		    || strcmp(tmo_yaml_text(again, text), text) != 0
		    || strcmp(again->last->first->text, text) != 0)
			expect(false, "read back", text);
		else
			expect(!cases[i].special || again->first->quoted, "quoted", text);
		expect(again != NULL && tmo_yaml_emit(again, &second, &err) == 0 && second.size == out.size
		       && memcmp(second.data, out.data, out.size) == 0, "same bytes again", text);
		tmo_yaml_free(root);
		tmo_yaml_free(again);
		tmo_buffer_free(&out);
		tmo_buffer_free(&second);
	}
}

static void
check_emitted(void)
{
	static const char want[] = "tmo: 1\nname: 'no'\nhistory:\n- program: tmo-quant\n"
	                           "  options: {bits: 4, only: [a*, '8']}\nempty: {}\nnone: []\n";
	static const char *const bad[] = {"\xff", "\xc3", "\xed\xa0\x80", "\xc0\x80", "\xf4\x90\x80\x80"};
	struct tmo_yaml *root = tmo_yaml_new_map(), *entry, *options, *only;
	struct tmo_buffer out = {0};
	struct tmo_error err = {0};

	tmo_yaml_add_size(root, "tmo", 1);
	tmo_yaml_add_text(root, "name", "no");
	entry = tmo_yaml_add_map(tmo_yaml_add_list(root, "history", false), NULL);
	tmo_yaml_add_text(entry, "program", "tmo-quant");
	options = tmo_yaml_add_map(entry, "options");
	options->flow = true;
	tmo_yaml_add_size(options, "bits", 4);
	only = tmo_yaml_add_list(options, "only", true);
	tmo_yaml_add_text(only, NULL, "a*");
	tmo_yaml_add_text(only, NULL, "8");
	tmo_yaml_add_map(root, "empty");
	tmo_yaml_add_list(root, "none", false);
	expect(tmo_yaml_emit(root, &out, &err) == 0 && out.size == strlen(want)
	       && memcmp(out.data, want, out.size) == 0, "emitted", err.text);
	tmo_yaml_free(root);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		root = tmo_yaml_new_map();
		tmo_yaml_add_text(root, "a", bad[i]);
		expect(tmo_yaml_emit(root, &out, &err) < 0 && strstr(err.text, "UTF-8") != NULL,
		       "not UTF-8", err.text);
		tmo_yaml_free(root);
	}
	tmo_buffer_free(&out);
}

/* A text far longer than a line, a key longer than libyaml's 128, ten thousand keys. */
static void
check_large(void)
{
	struct tmo_yaml *root = tmo_yaml_new_map(), *again;
	struct tmo_buffer out = {0};
	struct tmo_error err = {0};
	char text[3001] = "", key[300] = "";

	for (size_t i = 0; i < sizeof text - 1; i++)
		text[i] = i % 7 == 0 ? ' ' : 'x';
	memset(key, 'k', sizeof key - 1);
	tmo_yaml_add_text(root, key, text);
	for (int i = 0; i < 10000; i++) {
		snprintf(key, sizeof key, "key.%d", i);
		tmo_yaml_add_size(root, key, 1);
	}
	expect(tmo_yaml_emit(root, &out, &err) == 0, "emit", err.text);
	again = tmo_yaml_parse(out.data, out.size, &err);
	expect(again != NULL && strcmp(again->first->text, text) == 0 && tmo_yaml_count(again) == 10001,
	       "large", err.text);
	tmo_yaml_free(root);
	tmo_yaml_free(again);
	tmo_buffer_free(&out);
}

static void
check_empty(void)
{
	static const char *const texts[] = {"", "# only a comment\n", "\n\n"};
	struct tmo_error err = {0};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct tmo_yaml *root = tmo_yaml_parse(texts[i], strlen(texts[i]), &err);

		expect(root != NULL && root->kind == TMO_YAML_MAP && root->first == NULL, "empty", texts[i]);
		tmo_yaml_free(root);
	}
}

int
main(void)
{
	check_tree();
	check_refused();
	check_sizes();
	check_texts();
	check_emitted();
	check_large();
	check_empty();
	return check_status();
}
