/* SPDX-License-Identifier: Apache-2.0 */
/* option_rules.c: options that mean nothing beside others, in one command and between two. */
#include <string.h>

#include "options/options.h"
#include "tests/unit/check.h"

struct values {
	int64_t bits;
	bool strict;
	struct tmo_choice how;
	const char *file;
	int keep;
};

static const struct tmo_option table[] = {
	TMO_INT(0, "bits", struct values, bits, "N", 8, 2, 8, "bits"),
	TMO_FLAG(0, "strict", struct values, strict, "strict"),
	TMO_CHOICE(0, "how", struct values, how, "one|many:N|none", "one", "how"),
	TMO_FILE(0, "file", struct values, file, "a file"),
	TMO_SWITCH(0, "keep", struct values, keep, "keep"),
	TMO_OPTIONS_END
};

static bool
is_strict(const void *values)
{
	return ((const struct values *)values)->strict;
}

static bool
is_narrow(const void *values)
{
	return ((const struct values *)values)->bits < 8;
}

static const struct tmo_rule rules[] = {
	{"bits|how=many", is_strict, "strict has neither bits nor many"},
	{"file|keep", is_narrow, "files are of 8 bits"},
	TMO_RULES_END
};

static int
check(const void *values, struct tmo_error *err)
{
	return ((const struct values *)values)->how.index == 2 ? tmo_fail(err, "none is not done yet") : 0;
}

static const struct tmo_filter filter = {
	.name = "clip", .options = table, .options_size = sizeof(struct values), .check = check,
	.rules = rules,
};

static const struct values defaults = {.bits = 8, .keep = -1};

/* What is wrong with v; "" if nothing is. */
static const char *
wrong(struct values v)
{
	static struct tmo_error err;

	err = (struct tmo_error){0};
	return tmo_options_check(&filter, &v, &err) == 0 ? "" : err.text;
}

static void
test_one_command(void)
{
	struct values v = defaults;

	CHECK(strcmp(wrong(v), "") == 0, "defaults: %s", wrong(v));
	v.bits = 4;
	v.how = (struct tmo_choice){1, 3};
	CHECK(strcmp(wrong(v), "") == 0, "no rule: %s", wrong(v));
	v.strict = true;
	CHECK(strcmp(wrong(v), rules[0].message) == 0, "bits: %s", wrong(v));
	v.bits = 8;
	CHECK(strcmp(wrong(v), rules[0].message) == 0, "many: %s", wrong(v));
	v.how = (struct tmo_choice){0, 0};
	CHECK(strcmp(wrong(v), "") == 0, "another word: %s", wrong(v));
	v.strict = false;
	v.bits = 4;
	v.file = "x";
	CHECK(strcmp(wrong(v), rules[1].message) == 0, "file: %s", wrong(v));
	v.file = NULL;
	v.keep = 0;
	CHECK(strcmp(wrong(v), rules[1].message) == 0, "--no-keep: %s", wrong(v));
	v.how.index = 2;
	CHECK(strcmp(wrong(v), "none is not done yet") == 0, "check comes first: %s", wrong(v));
}

static void
test_dropped(void)
{
	struct values v = {.bits = 4, .strict = true, .how = {1, 3}, .file = "x", .keep = 1};

	tmo_options_drop_meaningless(&filter, &v);
	CHECK(v.bits == 8 && v.how.index == 0 && v.how.number == 0 && v.strict, "defaults again");
	CHECK(v.file != NULL && v.keep == 1, "in their order: by then there were 8 bits");
	CHECK(strcmp(wrong(v), "") == 0, "nothing is wrong then: %s", wrong(v));
	v.strict = false;
	v.bits = 4;
	v.how = (struct tmo_choice){1, 3};
	tmo_options_drop_meaningless(&filter, &v);
	CHECK(v.file == NULL && v.keep == -1 && v.how.index == 1 && v.bits == 4, "only what a rule names");
}

/* A filter with that rule, of that name. */
static const char *
misnamed(const char *names)
{
	static struct tmo_error err;
	const struct tmo_rule own[] = {{names, is_strict, "no"}, TMO_RULES_END};
	struct tmo_filter f = filter;

	f.rules = own;
	err = (struct tmo_error){0};
	return tmo_rules_check(&f, &err) == 0 ? "" : err.text;
}

static void
test_names(void)
{
	struct tmo_error err = {0};

	CHECK(tmo_rules_check(&filter, &err) == 0, "%s", err.text);
	CHECK(strcmp(misnamed("how=many|how=none|strict"), "") == 0, "all are there");
	CHECK(strstr(misnamed("bits|bit"), "\"bit\"") != NULL, "no such option: %s", misnamed("bits|bit"));
	CHECK(strstr(misnamed("how=man"), "\"how=man\"") != NULL, "no such word");
	CHECK(strstr(misnamed("bits=4"), "\"bits=4\"") != NULL, "a number has no words");
}

int
main(void)
{
	test_one_command();
	test_dropped();
	test_names();
	return check_status();
}
