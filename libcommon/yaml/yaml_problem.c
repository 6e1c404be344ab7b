/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "yaml/yaml_problem.h"

/*
 * libyaml says what its grammar expected next, and in which context. That is mapped to what people do: a
 * tab, a "*" without quotes, an entry in the wrong column. The first row whose two texts begin libyaml's
 * counts. at_context: where the thing began is what helps, not where libyaml gave it up.
 */
static const struct row {
	const char *context, *problem;
	bool at_context;
	const char *say;
} rows[] = {
	{ "while scanning an alias", "", true,
	  "* begins an alias of YAML's; put the text in quotes, as in \"*.bias\"" },
	{ "while scanning an anchor", "", true, "& begins an anchor of YAML's; put the text in quotes" },
	{ "while scanning a tag directive", "", true, "% begins a directive of YAML's; put the text in quotes" },
	{ "while parsing a tag directive", "", true, "% begins a directive of YAML's; put the text in quotes" },
	{ "while scanning a directive", "", true, "% begins a directive of YAML's; put the text in quotes" },
	{ "while scanning a %", "", true, "% begins a directive of YAML's; put the text in quotes" },
	{ "while parsing a %", "", true, "% begins a directive of YAML's; put the text in quotes" },
	{ "while scanning a tag", "", true, "! begins a tag of YAML's; put the text in quotes" },
	{ "while parsing a tag", "", true, "! begins a tag of YAML's; put the text in quotes" },
	{ "", "found undefined tag handle", false, "! begins a tag of YAML's; put the text in quotes" },
	{ "", "found a tab character", false, "a tab; indent with spaces" },
	{ "while scanning a block scalar", "", true,
	  "| and > begin a text of several lines; put this one in quotes" },
	{ "while scanning a quoted scalar", "found unexpected", true,
	  "a quote that is not closed; close it, or put a text that has one in quotes of the other kind" },
	{ "while parsing a quoted scalar", "", false,
	  "\\ in double quotes begins an escape that YAML does not have; write \\\\, or use single quotes" },
	{ "while scanning a plain scalar", "", false, "a : inside text; put the text in quotes" },
	{ "while scanning a simple key", "", true,
	  "no \": \" follows; write NAME: VALUE, and put a text of several lines in quotes" },
	{ "while parsing a block mapping", "", false,
	  "no entry of the mapping around it; put all NAME: VALUE of one in the same column, and quotes around "
	  "the whole of a text" },
	{ "while parsing a block collection", "", false,
	  "no entry of the list around it; put all \"- VALUE\" of one in the same column" },
	{ "while parsing a flow mapping", "", true,
	  "{ without its }, or two entries without a comma between them; close it" },
	{ "while parsing a flow sequence", "", true,
	  "[ without its ], or two entries without a comma between them; close it" },
	{ "", "did not find expected node content", false,
	  "no value can begin so; write one, and put text in quotes" },
	{ "", "did not find expected <document start>", false,
	  "it stands behind the end of the text; indent it like what it belongs to" },
	{ "", "mapping values are not allowed", false,
	  "a \": \" where no name can stand before it; check the indentation, or put the text in quotes" },
	{ "", "mapping keys are not allowed", false, "\"? \" cannot stand here; put the text in quotes" },
	{ "", "block sequence entries are not allowed", false,
	  "\"- \" begins an entry of a list; put it on a line of its own" },
	{ "", "found duplicate %", false, "a directive of YAML's, twice; drop it" },
	{ "", "duplicate %TAG", false, "a directive of YAML's, twice; drop it" },
	{ "", "found incompatible YAML", false, "a version of YAML that is not read here; drop the line" },
};

static bool
begins(const char *text, const char *words)
{
	return strncmp(text != NULL ? text : "", words, strlen(words)) == 0;
}

static int
say(yaml_mark_t mark, const char *words, struct tmo_error *err)
{
	return tmo_fail(err, "line %zu, column %zu: %s", mark.line + 1, mark.column + 1, words);
}

/* What is no text at all, at a byte. */
static int
bad_bytes(const yaml_parser_t *p, const unsigned char *text, size_t size, struct tmo_error *err)
{
	yaml_mark_t mark = {0};

	for (size_t i = 0; i < p->problem_offset && i < size; i++) {
		mark.column += (text[i] & 0xc0) != 0x80 && (i > 0 || text[i] != 0xef);	/* but a mark */
		if (text[i] == '\n') {
			mark.line++;
			mark.column = 0;
		}
	}
	if (begins(p->problem, "control characters"))
		return say(mark, "a control byte; drop it, or save the text as UTF-8", err);
	if (begins(p->problem, "input"))
		return say(mark, "the text is too long; split it", err);
	return say(mark, "no UTF-8; save the text as UTF-8", err);
}

int
tmo_yaml_problem(const yaml_parser_t *p, const unsigned char *text, size_t size, struct tmo_error *err)
{
	char words[] = "@ cannot begin a text; put it in quotes";

	if (p->error == YAML_MEMORY_ERROR)
		return tmo_fail_memory(err, 0);
	if (p->error == YAML_READER_ERROR)
		return bad_bytes(p, text, size, err);
	if (begins(p->problem, "found character that cannot start")) {
		words[0] = (char)*p->buffer.pointer;	/* the scanner stands on it */
		return say(p->problem_mark, words[0] == '\t' ? "a tab; indent with spaces" : words, err);
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (begins(p->context, rows[i].context) && begins(p->problem, rows[i].problem))
			return say(rows[i].at_context ? p->context_mark : p->problem_mark, rows[i].say, err);
	return say(p->problem_mark, "no YAML; put the text in quotes", err);
}
