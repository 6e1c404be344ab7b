/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_problem.c: each error that libyaml can find has our words, at the place that helps. The texts are
 * what makes libyaml 0.2 find each of its errors; what it says itself must never come out.
 */
#include <string.h>

#include "tests/unit/check.h"
#include "yaml/yaml.h"

static const struct {
	const char *text, *message;
} cases[] = {
	/* "*" without quotes, in all places */
	{ "a: *", "line 1, column 4: * begins an alias of YAML's; put the text in quotes, as in \"*.bias\"" },
	{ "a: 1\n*: b", "line 2, column 1: * begins an alias" },
	{ "*.b: skip", "line 1, column 1: * begins an alias" },
	{ "*b*: x", "line 1, column 1: * begins an alias" },
	{ "a: *b", "line 1, column 4: * begins an alias" },
	{ "a: [1, *]", "line 1, column 8: * begins an alias" },
	{ "a: {*: x}", "line 1, column 5: * begins an alias" },
	{ "[a-z]*: skip", "line 1, column 6: * begins an alias" },
	{ "[a-z]: skip", "line 1, column 1: a list or mapping as a key; put a text that begins with [" },
	/* what begins other things */
	{ "a: &", "line 1, column 4: & begins an anchor of YAML's; put the text in quotes" },
	{ "a: &b c", "line 1, column 4: anchors and tags are not supported; put a text" },
	{ "a: !<x", "line 1, column 4: ! begins a tag of YAML's; put the text in quotes" },
	{ "a: !x!y z", "line 1, column 4: ! begins a tag" },
	{ "a: !!", "line 1, column 4: ! begins a tag" },
	{ "a: !%4 b", "line 1, column 4: ! begins a tag" },
	{ "a: !%ff b", "line 1, column 4: ! begins a tag" },
	{ "a: !x y", "line 1, column 4: anchors and tags are not supported" },
	{ "%x: 1", "line 1, column 1: % begins a directive of YAML's; put the text in quotes" },
	{ "%", "line 1, column 1: % begins a directive" },
	{ "%FOO bar\n---\n", "line 1, column 1: % begins a directive" },
	{ "%TAG x\n---", "line 1, column 1: % begins a directive" },
	{ "%YAML 1\n---", "line 1, column 1: % begins a directive" },
	{ "%YAML 1.1 x\n---", "line 1, column 1: % begins a directive" },
	{ "%YAML 12345678901.1\n---", "line 1, column 1: % begins a directive" },
	{ "%YAML 3.1\n---\na", "line 1, column 1: a version of YAML that is not read here; drop the line" },
	{ "%YAML 1.1\n%YAML 1.1\n---\n", "line 2, column 1: a directive of YAML's, twice; drop it" },
	{ "%TAG !a! x\n%TAG !a! x\n---\n", "line 2, column 1: a directive of YAML's, twice; drop it" },
	{ "a: %x", "line 1, column 4: % cannot begin a text; put it in quotes" },
	{ "a: @x", "line 1, column 4: @ cannot begin a text; put it in quotes" },
	{ "\xc3\xa9: @x", "line 1, column 4: @ cannot begin a text; put it in quotes" },
	{ "a: [`x]", "line 1, column 5: ` cannot begin a text; put it in quotes" },
	{ "|: x", "line 1, column 1: | and > begin a text of several lines; put this one in quotes" },
	{ "a: >0\n b", "line 1, column 4: | and > begin" },
	{ "a: ]", "line 1, column 4: no value can begin so; write one, and put text in quotes" },
	{ ",a: b", "line 1, column 1: no value can begin so" },
	{ "a: [\n- b]", "line 2, column 1: no value can begin so" },
	/* tabs */
	{ "\ta: 1", "line 1, column 1: a tab; indent with spaces" },
	{ "a:\n\tb: 1", "line 2, column 1: a tab; indent with spaces" },
	{ "a: 1\n\tb: 2", "line 2, column 1: a tab; indent with spaces" },
	{ "stages:\n- quant:\n  \tbits: 8", "line 3, column 3: a tab; indent with spaces" },
	{ "a: |\n\tb", "line 2, column 1: a tab; indent with spaces" },
	{ "a: x\n\ty", "line 2, column 1: a tab; indent with spaces" },
	/* quotes */
	{ "a: \"b\nc: d\n", "line 1, column 4: a quote that is not closed; close it" },
	{ "a: 'b\n---\n", "line 1, column 4: a quote that is not closed; close it" },
	{ "a: \"\\q\"", "line 1, column 5: \\ in double quotes begins an escape that YAML does not have" },
	{ "a: \"\\x1\"", "line 1, column 7: \\ in double quotes" },
	{ "a: \"\\uD800\"", "line 1, column 7: \\ in double quotes" },
	{ "a: 'it's'", "line 1, column 8: no entry of the mapping around it; put all NAME: VALUE" },
	{ "\"a\"b: c", "line 1, column 4: no entry of the mapping around it" },
	/* indentation, brackets, colons */
	{ "a: 1\n- b", "line 2, column 1: no entry of the mapping around it" },
	{ "- a\nb: 1", "line 2, column 1: no entry of the list around it; put all \"- VALUE\"" },
	{ "a: 1\n b: 2", "line 2, column 3: a \": \" where no name can stand before it; check the indentation" },
	{ "a: b: c", "line 1, column 5: a \": \" where no name can stand before it" },
	{ "a: - b", "line 1, column 4: \"- \" begins an entry of a list; put it on a line of its own" },
	{ "a: ? b", "line 1, column 4: \"? \" cannot stand here; put the text in quotes" },
	{ "a: 1\nb\nc: 2", "line 2, column 1: no \": \" follows; write NAME: VALUE" },
	{ "a: [1, 2", "line 1, column 4: [ without its ]" },
	{ "a: [1\nb: 2\nc: 3\n", "line 1, column 4: [ without its ]" },
	{ "a: {b: 1 c: 2}", "line 1, column 4: { without its }, or two entries without a comma" },
	{ "a: 1\n...\nb: 2", "line 3, column 1: it stands behind the end of the text" },
	/* what is no text */
	{ "a: 1\nb: \xff\n", "line 2, column 4: no UTF-8; save the text as UTF-8" },
	{ "a: \xc3(\n", "line 1, column 5: no UTF-8" },
	{ "a: \xed\xa0\x80\n", "line 1, column 4: no UTF-8" },
	{ "a: \xe2\x82", "line 1, column 4: no UTF-8" },
	{ "a: b\x01\n", "line 1, column 5: a control byte; drop it, or save the text as UTF-8" },
};

static void
check_texts(void)
{
	static const char *const theirs[] = {
		"did not", "could not", "expected", "token", "while ", "found ", "octet", "allowed in", "scalar",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct tmo_error err = {0};
		struct tmo_yaml *root = tmo_yaml_parse(cases[i].text, strlen(cases[i].text), &err);

		CHECK(root == NULL && strncmp(err.text, cases[i].message, strlen(cases[i].message)) == 0,
		      "%s: %s, not %s", cases[i].text, root != NULL ? "accepted" : err.text,
		      cases[i].message);
		for (size_t k = 0; k < sizeof(theirs) / sizeof(*theirs); k++)
			CHECK(strstr(err.text, theirs[k]) == NULL, "%s: libyaml's words: %s", cases[i].text,
			      err.text);
		CHECK(root != NULL || strchr(err.text, ';') != NULL, "%s: nothing to do: %s", cases[i].text,
		      err.text);
		tmo_yaml_free(root);
	}
}

/* Byte order marks, of UTF-8 and UTF-16, are read past; places count what people see. */
static void
check_byte_order(void)
{
	static const struct {
		const char *what, *bytes;
		size_t size;
	} texts[] = {
		{ "UTF-8", "\xef\xbb\xbf" "a: b\n", 8 },
		{ "UTF-16LE", "\xff\xfe" "a\0:\0 \0b\0\n\0", 12 },
		{ "UTF-16BE", "\xfe\xff" "\0a\0:\0 \0b\0\n", 12 },
	};
	struct tmo_error err = {0};
	struct tmo_yaml *root;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		root = tmo_yaml_parse(texts[i].bytes, texts[i].size, &err);
		CHECK(root != NULL && root->first != NULL && strcmp(root->first->key, "a") == 0 &&
		      strcmp(root->first->text, "b") == 0 && root->first->line == 1 && root->first->column == 1,
		      "%s: %s", texts[i].what, err.text);
		tmo_yaml_free(root);
	}
	root = tmo_yaml_parse("\xef\xbb\xbf" "a: @b", 8, &err);
	CHECK(root == NULL && strcmp(err.text, "line 1, column 4: @ cannot begin a text; put it in quotes") == 0,
	      "behind a mark: %s", err.text);
	root = tmo_yaml_parse("\xff\xfe" "a\0:\0 \0@\0", 10, &err);
	CHECK(root == NULL && strncmp(err.text, "line 1, column 4: @ cannot begin a text", 39) == 0,
	      "in UTF-16: %s", err.text);
	root = tmo_yaml_parse("a\0:\0 \0b\0", 8, &err);
	CHECK(root == NULL && strstr(err.text, "save the text as UTF-8") != NULL, "UTF-16 without a mark: %s",
	      err.text);
}

int
main(void)
{
	check_texts();
	check_byte_order();
	return check_status();
}
