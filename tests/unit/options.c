/* SPDX-License-Identifier: Apache-2.0 */
/* options.c, option.c, spelling.c, and what history.c records of options */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/spelling.h"
#include "options/options.h"
#include "run/history.h"
#include "stream/manifest.h"
#include "tests/unit/check.h"

static void
expect(bool good, const char *what, const char *about)
{
	CHECK(good, "%s: %s", what, about);
}

struct values {
	int64_t bits;
	double max, ratio;
	bool strict;
	int zeros;
	const char *report, *table;
	struct tmo_choice granularity, range;
	struct tmo_list require;
};

static const struct tmo_option table[] = {
	TMO_INT('b', "bits", struct values, bits, "N", 8, 2, 8, "bits of a code"),
	TMO_REAL('m', "max", struct values, max, "X", 1.0, 0.0, INFINITY, "largest magnitude"),
	TMO_REAL(0, "ratio", struct values, ratio, "R", 0.25, 0, 1, "a part"),
	TMO_FLAG(0, "strict", struct values, strict, "fail on NaN"),
	TMO_SWITCH(0, "keep-zeros", struct values, zeros, "keep zeros"),
	TMO_TEXT('r', "report", struct values, report, "FILE", NULL, "where"),
	TMO_FILE(0, "table", struct values, table, "read it"),
	TMO_CHOICE('g', "granularity", struct values, granularity, "tensor|channel|group:N", "channel",
	           "who shares a scale"),
	TMO_CHOICE(0, "range", struct values, range, "minmax|percentile:P", "minmax", "how"),
	TMO_LIST(0, "require", struct values, require, "KEY>=X", 'r', "a requirement"),
	TMO_OPTIONS_END
};

static const struct tmo_filter filter = {
	.name = "clip", .summary = "limit weights to a range", .options = table,
	.options_size = sizeof(struct values), .example = "tmo-clip --max 3 <a.tar >b.tar",
};

#define WORDS_MAX 16

/* One command line, as words between spaces, parsed. */
struct line {
	struct values v;
	struct tmo_common common;
	struct tmo_error err;
	char text[256], *argv[WORDS_MAX + 1];
	int argc, operand, status;
};

static void
parse(struct line *l, const char *words)
{
	char *save = NULL;

	memset(l, 0, sizeof *l);
	snprintf(l->text, sizeof l->text, "tmo-clip %s", words);
	for (char *p = strtok_r(l->text, " ", &save); p != NULL && l->argc < WORDS_MAX;
	     p = strtok_r(NULL, " ", &save))
		l->argv[l->argc++] = p;
	l->status = tmo_options_parse(&filter, l->argc, l->argv, &l->v, &l->common, &l->operand, &l->err);
}

static void
done(struct line *l)
{
	tmo_options_free(table, &l->v);
	tmo_options_free(tmo_selection_options, &l->common.selection);
}

static void
check_accepted(void)
{
	struct line l;

	parse(&l, "");
	expect(l.status == 0 && l.v.bits == 8 && l.v.max == 1.0 && l.v.zeros == -1 && !l.v.strict
	       && l.v.report == NULL && l.v.granularity.index == 1 && l.operand == 1, "defaults", l.err.text);
	done(&l);
	parse(&l, "-qvb4 -m 2.5 --strict --no-keep-zeros --granularity=group:32 --range percentile:99.5");
	expect(l.status == 0 && l.common.quiet && l.common.verbose && l.v.bits == 4 && l.v.max == 2.5
	       && l.v.strict && l.v.zeros == 0 && l.v.granularity.index == 2
	       && l.v.granularity.number == 32 && l.v.range.index == 1 && l.v.range.number == 99.5,
	       "all kinds", l.err.text);
	done(&l);
	parse(&l, "in.tar --str --no-str -j2 --bits 3 --bits 5 -- --max");
	expect(l.status == 0 && !l.v.strict && l.common.threads == 2 && l.v.bits == 5
	       && l.argc - l.operand == 2 && strcmp(l.argv[l.operand], "in.tar") == 0
	       && strcmp(l.argv[l.operand + 1], "--max") == 0, "operands between options", l.err.text);
	done(&l);
	parse(&l, "- --only a* --skip ab --only=abc --require x --require y -o -");
	expect(l.status == 0 && l.argc - l.operand == 1 && strcmp(l.argv[l.operand], "-") == 0
	       && l.common.selection.rules.count == 3 && l.common.selection.rules.items[1].tag == 's'
	       && strcmp(l.common.selection.rules.items[2].text, "abc") == 0
	       && l.v.require.count == 2 && strcmp(l.common.output, "-") == 0, "lists", l.err.text);
	done(&l);
	parse(&l, "--bits 99 --nonsense --help");
	expect(l.status == 0 && l.common.help, "help wins", l.err.text);
	done(&l);
	parse(&l, "--keep-zeros");
	expect(l.status == 0 && l.v.zeros == 1, "switch", l.err.text);
	done(&l);
}

static void
check_refused(void)
{
	static const struct { const char *words, *message; } cases[] = {
		{"--bits 9", "--bits is \"9\"; it must be a whole number from 2 to 8; see tmo-clip --help"},
		{"--bits 4.0", "--bits is \"4.0\"; it must be a whole number from 2 to 8"},
		{"--bits 99999999999999999999", "--bits is \"99999999999999999999\"; it must be"},
		{"--max nan", "--max is \"nan\"; it must be a number from 0 on"},
		{"--max inf", "--max is \"inf\"; it must be a number from 0 on"},
		{"--max 1e999", "--max is \"1e999\"; it must be"},
		{"--max 0x1p3", "--max is \"0x1p3\"; it must be"},
		{"--max 3x", "--max is \"3x\"; it must be"},
		{"--max=", "--max is \"\"; it must be"},
		{"--max -1", "--max is \"-1\"; it must be"},
		{"--ratio 1.5", "--ratio is \"1.5\"; it must be a number from 0 to 1"},
		{"--max", "--max needs a value, X; see tmo-clip --help"},
		{"-m", "-m needs a value, X; see tmo-clip --help"},
		{"--strict=1", "--strict takes no value"},
		{"--no-max 1", "unknown option --no-max"},
		{"--strct", "unknown option --strct, perhaps --strict; see tmo-clip --help"},
		{"--xylophone", "unknown option --xylophone; see tmo-clip --help"},
		{"-x", "unknown option -x; see tmo-clip --help"},
		{"-qx", "unknown option -x; see tmo-clip --help"},
		{"--r 1", "--r could be --r"},
		{"--granularity group", "--granularity is \"group\"; it must be one of tensor|channel|group:N"},
		{"--granularity group:", "--granularity is \"group:\"; it must be"},
		{"--granularity group:0", "--granularity is \"group:0\"; it must be"},
		{"--granularity group:1.5", "--granularity is \"group:1.5\"; it must be"},
		{"--granularity tensor:2", "--granularity is \"tensor:2\"; it must be"},
		{"--granularity tens", "--granularity is \"tens\"; it must be"},
		{"--range percentile:x", "--range is \"percentile:x\"; it must be"},
		{"--table=", "--table is empty"},
		{"-j -1", "--threads is \"-1\"; it must be a whole number from 0 to 256"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct line l;

		parse(&l, cases[i].words);
		expect(l.status < 0 && l.err.kind == TMO_ERROR_USAGE
		       && strncmp(l.err.text, cases[i].message, strlen(cases[i].message)) == 0
		       && strstr(l.err.text, "; see tmo-clip --help") != NULL, cases[i].words, l.err.text);
		done(&l);
	}
}

static void
check_nearest(void)
{
	static const char *const words[] = {"quant", "prune", "cluster", "only", NULL};
	static const struct { const char *text, *nearest; } cases[] = {
		{"qaunt", "quant"}, {"quan", "quant"}, {"prunes", "prune"}, {"clstr", "cluster"},
		{"onl", "only"}, {"x", NULL}, {"zzzzz", NULL}, {"", NULL}, {"train", NULL},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *got = tmo_nearest_word(cases[i].text, words);

		expect(got == NULL ? cases[i].nearest == NULL
		       : cases[i].nearest != NULL && strcmp(got, cases[i].nearest) == 0, cases[i].text,
		       got != NULL ? got : "(none)");
	}
}

static void
check_help(void)
{
	struct tmo_buffer out = {0};
	struct tmo_error err = {0};
	size_t column = 0, longest = 0, lines = 0;

	expect(tmo_options_help(&filter, &out, &err) == 0, "help", err.text);
	for (size_t i = 0; i < out.size; i++) {
		column = out.data[i] == '\n' ? 0 : column + 1;
		lines += out.data[i] == '\n';
		longest = column > longest ? column : longest;
	}
	tmo_buffer_append(&out, "", 1, &err);
	expect(longest < 80 && lines < 24, "help is a screen", (char *)out.data);
	expect(strstr((char *)out.data, "  -m, --max=X            largest magnitude [1]\n") != NULL
	       && strstr((char *)out.data, "      --[no-]keep-zeros  keep zeros\n") != NULL
	       && strstr((char *)out.data, "[channel]\n") != NULL, "help", (char *)out.data);
	tmo_buffer_free(&out);
}

static void
check_description(void)
{
	struct tmo_buffer out = {0};
	struct tmo_error err = {0};
	struct tmo_yaml *root, *o, *found[5] = {NULL};
	static const char *const names[] = {"bits", "max", "granularity", "only", "output"};

	expect(tmo_options_describe(&filter, "1.2", &out, &err) == 0, "describe", err.text);
	root = tmo_yaml_parse(out.data, out.size, &err);
	for (o = tmo_yaml_get(root, "options")->first; o != NULL; o = o->next)
		for (size_t i = 0; i < 5; i++)
			if (strcmp(tmo_yaml_text(o, "name"), names[i]) == 0)
				found[i] = o;
	expect(strcmp(tmo_yaml_text(root, "name"), "clip") == 0
	       && strcmp(tmo_yaml_text(root, "kind"), "filter") == 0, "describe", "head");
	expect(strcmp(tmo_yaml_text(found[0], "default"), "8") == 0
	       && strcmp(tmo_yaml_text(found[0], "max"), "8") == 0
	       && strcmp(tmo_yaml_text(found[0], "letter"), "b") == 0, "describe", "bits");
	expect(strcmp(tmo_yaml_text(found[1], "min"), "0") == 0 && tmo_yaml_get(found[1], "max") == NULL,
	       "describe", "max");
	expect(tmo_yaml_count(tmo_yaml_get(found[2], "values")) == 3, "describe", "granularity");
	expect(tmo_yaml_text(found[3], "common") != NULL && found[4] == NULL, "describe", "common");
	tmo_yaml_free(root);
	tmo_buffer_free(&out);
}

static void
check_history(void)
{
	static const char want[] = "tmo: 1\nhistory:\n- program: tmo-clip\n  version: '1.2'\n- program: "
		"tmo-clip\n  version: '1.2'\n  options: {bits: 4, ratio: 0.1, strict: true, keep-zeros: false, "
		"table: t.txt, granularity: 'group:8', require: [x], only: [a*], skip: ['1']}\n";
	struct tmo_error err = {0};
	struct tmo_yaml *manifest = tmo_manifest_new(&err);
	struct tmo_buffer out = {0};
	struct line l;

	parse(&l, "-j4 -v --max 1.0 -o x");
	expect(tmo_history_add(manifest, &filter, "1.2", &l.v, &l.common.selection, &err) == 0,
	       "history", err.text);
	done(&l);
	parse(&l, "-b4 --ratio=0.1 --strict --no-keep-zeros --table=/a/t.txt -ggroup:8 --require=x "
	          "--only=a* --skip=1");
	expect(tmo_history_add(manifest, &filter, "1.2", &l.v, &l.common.selection, &err) == 0
	       && tmo_yaml_emit(manifest, &out, &err) == 0 && tmo_buffer_append(&out, "", 1, &err) == 0
	       && strcmp((char *)out.data, want) == 0, "history", (char *)out.data);
	done(&l);
	tmo_yaml_free(manifest);
	tmo_buffer_free(&out);
}

int
main(void)
{
	check_accepted();
	check_refused();
	check_nearest();
	check_help();
	check_description();
	check_history();
	return check_status();
}
