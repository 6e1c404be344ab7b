/* SPDX-License-Identifier: Apache-2.0 */
/* tensor_options.c: what it makes of a file: options by name, operator and node, lists, checks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "run/tensor_options.h"
#include "tests/unit/check.h"

struct values {
	int64_t bits;
	double part;
	bool strict;
	const char *text;
	struct tmo_choice how;
	struct tmo_list items;
};

static const struct tmo_option table[] = {
	TMO_INT('b', "bits", struct values, bits, "N", 8, 2, 8, "bits"),
	TMO_REAL(0, "part", struct values, part, "R", 0.25, 0, 1, "a part"),
	TMO_FLAG(0, "strict", struct values, strict, "strict"),
	TMO_TEXT(0, "text", struct values, text, "TEXT", NULL, "text"),
	TMO_CHOICE(0, "how", struct values, how, "one|many:N", "one", "how"),
	TMO_LIST(0, "take", struct values, items, "X", 't', "taken"),
	TMO_LIST(0, "leave", struct values, items, "X", 'l', "left"),
	TMO_TEXT(0, "all", struct values, text, "TEXT", NULL, "of the whole run"),
	TMO_OPTIONS_END
};

static int
check(const void *options, struct tmo_error *err)
{
	const struct values *const v = options;

	return v->strict && v->bits < 4 ? tmo_fail(err, "strict needs 4 bits; give them") : 0;
}

static const struct tmo_filter filter = {
	.name = "clip", .options = table, .options_size = sizeof(struct values), .check = check,
	.accepts = TMO_TAKES_MAP, .not_in_map = "any|all",
};

/* A map of this text, over the command line's values. */
static struct tmo_map *
map_of(const char *text, const struct values *base, struct tmo_error *err)
{
	static const char name[] = "unit-tensor_options.yaml";
	FILE *const f = fopen(name, "w");
	struct tmo_map *m;

	if (f == NULL)
		return NULL;
	fputs(text, f);
	fclose(f);
	m = tmo_map_open(name, &filter, base, err);
	remove(name);
	return m;
}

static const struct values *
look_up(struct tmo_map *m, const char *name, const struct tmo_use *use, bool *skip)
{
	struct tmo_error err = {0};
	const void *options = NULL;

	CHECK(tmo_map_choose(m, name, use, &options, skip, &err) == 0, "%s: %s", name, err.text);
	return options;
}

/* "t:a l:b" */
static const char *
items(const struct values *v, char *out, size_t size)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < v->items.count; i++)
		at += (size_t)snprintf(out + at, size - at, "%s%c:%s", i > 0 ? " " : "",
		                       v->items.items[i].tag, v->items.items[i].text);
	return out;
}

static void
test_lookup(void)
{
	struct tmo_list_item given[] = {{'t', "x"}, {'l', "y"}};
	const struct values base = {.bits = 7, .part = 0.5, .items = {2, given}};
	char *ops[] = {"Conv"}, *nodes[] = {"block/conv1"};
	const struct tmo_use use = {.op_count = 1, .ops = ops, .node_count = 1, .nodes = nodes};
	struct tmo_error err = {0};
	struct tmo_map *const m = map_of(
		"'op:Conv': {bits: 6, take: [a, b]}\n"
		"'node:block/*': {how: 'many:3', text: \"8\"}\n"
		"'w*': {bits: 5, leave: c, strict: true}\n"
		"'w9': skip\n"
		"'w99': {}\n", &base, &err);
	const struct values *v;
	char text[100];
	bool skip;

	CHECK(m != NULL, "%s: %s", err.where, err.text);
	if (m == NULL)
		return;
	for (int again = 0; again < 2; again++) {
		v = look_up(m, "other", NULL, &skip);
		CHECK(v == &base && !skip, "no entry: the command line's");
		v = look_up(m, "conv", &use, &skip);
		CHECK(v->bits == 6 && v->part == 0.5 && v->how.index == 1 && v->how.number == 3 &&
		      strcmp(v->text, "8") == 0 && !v->strict, "conv: %d", (int)v->bits);
		CHECK(strcmp(items(v, text, sizeof(text)), "l:y t:a t:b") == 0, "conv: %s", text);
		v = look_up(m, "w1", &use, &skip);
		CHECK(v->bits == 5 && v->strict && !skip, "w1: %d", (int)v->bits);
		CHECK(strcmp(items(v, text, sizeof(text)), "t:a t:b l:c") == 0, "w1: %s", text);
		v = look_up(m, "w2", NULL, &skip);
		CHECK(strcmp(items(v, text, sizeof(text)), "t:x l:c") == 0, "w2: %s", text);
		look_up(m, "w9", NULL, &skip);
		CHECK(skip, "w9 is to be skipped");
	}
	CHECK(strcmp(items(&base, text, sizeof(text)), "t:x l:y") == 0, "base: %s", text);
	tmo_map_free(m);
}

static void
test_unmatched(void)
{
	const struct values base = {.bits = 8};
	struct tmo_error err = {0};
	struct tmo_buffer out = {0};
	struct tmo_map *const m = map_of("a: {bits: 4}\n'b*': skip\n", &base, &err);
	bool skip;

	CHECK(m != NULL, "%s: %s", err.where, err.text);
	if (m == NULL)
		return;
	look_up(m, "bc", NULL, &skip);
	CHECK(tmo_map_unmatched(m, "clip", &out, &err) == 0 && tmo_buffer_append(&out, "", 1, &err) == 0 &&
	      strcmp((char *)out.data, "tmo-clip: unit-tensor_options.yaml: line 1, column 1: no tensor that is "
	             "worked on matches \"a\"\n") == 0, "unmatched: %s", (char *)out.data);
	tmo_buffer_free(&out);
	tmo_map_free(m);
}

static bool
is_narrow(const void *options)
{
	return ((const struct values *)options)->bits < 4;
}

static void
test_any(void)
{
	const struct values wide = {.bits = 8}, narrow = {.bits = 3};
	struct tmo_error err = {0};
	struct tmo_map *m = map_of("a: {bits: 4}\nb: skip\n", &wide, &err);

	CHECK(m != NULL && !tmo_map_any(m, is_narrow), "none is");
	tmo_map_free(m);
	m = map_of("a: {bits: 4}\n", &narrow, &err);
	CHECK(m != NULL && tmo_map_any(m, is_narrow), "the command line is");
	tmo_map_free(m);
	m = map_of("a: {bits: 4}\nb: {bits: 2}\n", &wide, &err);
	CHECK(m != NULL && tmo_map_any(m, is_narrow), "an entry is");
	tmo_map_free(m);
}

static void
test_mistakes(void)
{
	static const struct { const char *text, *message; } cases[] = {
		{"a: {bits: 9}", "line 1, column 5: bits is \"9\""},
		{"a: {bit: 4}", "line 1, column 5: unknown option \"bit\", perhaps \"bits\""},
		{"a: {all: x}", "line 1, column 5: all holds for the whole run"},
		{"a: {take: [x, [y]]}", "line 1, column 5: take takes one value, not a list"},
		{"a: {take: {x: y}}", "line 1, column 5: take takes one value, not a mapping"},
		{"a: {strict: true, bits: 3}", "line 1, column 1: strict needs 4 bits"},
		{"a: [skip]", "line 1, column 1: \"a\" needs options"},
		{"a: {skip: true}", "line 1, column 5: skip holds for the whole run"},
		{"- a", "no entries"},
	};
	const struct values base = {.bits = 8};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct tmo_error err = {0};
		struct tmo_map *const m = map_of(cases[i].text, &base, &err);

		CHECK(m == NULL && err.kind == TMO_ERROR_USAGE && strncmp(err.text, cases[i].message,
		      strlen(cases[i].message)) == 0, "%s: %s", cases[i].text, err.text);
		CHECK(strcmp(err.where, "unit-tensor_options.yaml") == 0, "%s: at %s", cases[i].text, err.where);
		tmo_map_free(m);
	}
}

int
main(void)
{
	test_lookup();
	test_unmatched();
	test_any();
	test_mistakes();
	return check_status();
}
