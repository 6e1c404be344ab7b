/* SPDX-License-Identifier: Apache-2.0 */
/* selection.c: which tensors --only, --skip and the other common options choose, and their axes */
#include <stdio.h>
#include <string.h>

#include "run/selection.h"
#include "tests/unit/check.h"

static char *conv_ops[] = {(char[]){"Conv"}}, *conv_nodes[] = {(char[]){"/features/0/Conv"}};
static char *two_ops[] = {(char[]){"MatMul"}, (char[]){"Add"}};
static struct tmo_use network[] = {
	{.name = (char[]){"conv.w"}, .weight = true, .axes = {4, {{0, TMO_ROLE_OUTPUT, 2},
	  {1, TMO_ROLE_INPUT, 2}, {2, TMO_ROLE_WITHIN, 2}, {3, TMO_ROLE_WITHIN, 2}}}, .op_count = 1,
	 .ops = conv_ops, .node_count = 1, .nodes = conv_nodes},
	{.name = (char[]){"fc.w"}, .weight = true, .axes = {2, {{0, TMO_ROLE_INPUT, 2},
	  {1, TMO_ROLE_OUTPUT, 2}}}, .op_count = 2,
	 .ops = two_ops},
	{.name = (char[]){"table"}, .weight = false},
};
static const struct tmo_uses uses = {.count = 3, .use = network};

struct question {
	const char *rules;	/* "+a -b": --only a --skip b */
	const char *name;
	int rank;
	enum tmo_type type;
	bool graph, exclude;
	int64_t min;
	bool chosen;
};

static const struct question questions[] = {
	{"", "conv.w", 4, TMO_F32, true, false, 0, true},
	{"", "table", 2, TMO_F32, true, false, 0, false},
	{"", "unknown", 2, TMO_F32, true, false, 0, false},
	{"", "w", 2, TMO_F16, false, false, 0, true},
	{"", "w", 2, TMO_BF16, false, false, 0, true},
	{"", "w", 1, TMO_F32, false, false, 0, false},
	{"", "w", 2, TMO_I64, false, false, 0, false},
	{"+*", "w", 2, TMO_I64, false, false, 0, false},
	{"+b", "b", 1, TMO_F32, false, false, 0, true},
	{"+b", "w", 2, TMO_F32, false, false, 0, false},
	{"-w*", "w1", 2, TMO_F32, false, false, 0, false},
	{"-w*", "v", 2, TMO_F32, false, false, 0, true},
	{"-w* +w1", "w1", 2, TMO_F32, false, false, 0, true},
	{"+w1 -w*", "w1", 2, TMO_F32, false, false, 0, false},
	{"+op:MatMul", "fc.w", 2, TMO_F32, true, false, 0, true},
	{"+op:Add", "fc.w", 2, TMO_F32, true, false, 0, true},
	{"+op:MatMul", "conv.w", 4, TMO_F32, true, false, 0, false},
	{"-op:*", "conv.w", 4, TMO_F32, true, false, 0, false},
	{"+op:*", "w", 2, TMO_F32, false, false, 0, false},
	{"+node:/features/*", "conv.w", 4, TMO_F32, true, false, 0, true},
	{"+node:/features/*", "fc.w", 2, TMO_F32, true, false, 0, false},
	{"+table", "table", 2, TMO_F32, true, false, 0, true},
	{"", "conv.w", 4, TMO_F32, true, true, 0, false},
	{"", "fc.w", 2, TMO_F32, true, true, 0, false},
	{"", "w", 2, TMO_F32, false, false, 24, true},
	{"", "w", 2, TMO_F32, false, false, 25, false},
};

static bool
ask(const struct question *q)
{
	struct tmo_list_item items[4];
	struct tmo_selection s = {.rules = {0, items}, .exclude_first_last = q->exclude,
	                          .min_elements = q->min};
	const struct tmo_item item = {.kind = TMO_ITEM_TENSOR, .name = q->name, .dtype = q->type,
	                              .rank = q->rank, .count = 24};
	char words[64], *save = NULL;
	const char *why = NULL;
	bool chosen;

	snprintf(words, sizeof words, "%s", q->rules);
	for (char *p = strtok_r(words, " ", &save); p != NULL; p = strtok_r(NULL, " ", &save))
		items[s.rules.count++] = (struct tmo_list_item){*p == '+' ? 'o' : 's', p + 1};
	chosen = tmo_selected(&s, q->graph ? &uses : NULL, &item, "conv.w", "fc.w", &why);
	return chosen == q->chosen && (chosen || why != NULL);
}

static void
check_axes(void)
{
	static const struct { const char *name; bool graph; int axis, rank, output, input; } cases[] = {
		{"conv.w", true, 0, 4, 0, 1}, {"fc.w", true, 0, 2, 1, 0}, {"table", true, 0, 2, 0, 1},
		{"conv.w", false, 0, 4, 0, 1}, {"w", false, 3, 4, 3, 2}, {"w", false, 3, 2, 1, 0},
		{"w", false, 1, 3, 1, 0}, {"w", false, 0, 1, 0, -1}, {"w", false, 0, 0, -1, -1},
		{"w", false, 3, 1, 0, -1}, {"fc.w", true, 0, 1, -1, -1},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct tmo_selection s = {.axis = cases[i].axis};
		char name[16];
		struct tmo_tensor t = {.name = name, .rank = cases[i].rank, .shape = {2, 2, 2, 2}};

		snprintf(name, sizeof(name), "%s", cases[i].name);
		tmo_selection_axes(&s, cases[i].graph ? &uses : NULL, &t);
		CHECK(t.output_axis == cases[i].output && t.input_axis == cases[i].input,
		      "axes of case %zu: %d and %d", i, t.output_axis, t.input_axis);
		for (int k = 0; k < t.rank; k++)
			CHECK(tmo_axis_role(&t, k) == (k == t.output_axis ? TMO_ROLE_OUTPUT :
			      k == t.input_axis ? TMO_ROLE_INPUT :
			      t.output_axis < 0 ? TMO_ROLE_UNKNOWN : TMO_ROLE_WITHIN),
			      "role of axis %d of case %zu", k, i);
	}
}

int
main(void)
{
	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
		CHECK(ask(&questions[i]), "selection: question %zu, rules \"%s\", tensor %s", i,
		      questions[i].rules, questions[i].name);
	check_axes();
	return check_status();
}
