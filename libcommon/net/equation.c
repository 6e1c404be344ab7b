/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "net/equation.h"

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* One axis of a term, from *text on, which moves behind it. */
static bool
parse_axis(const char **text, struct tmo_equation_axis *axis)
{
	const char *p = *text;

	*axis = (struct tmo_equation_axis){.count = 1, .index = {*p}};
	if (strncmp(p, "...", 3) == 0) {
		axis->index[0] = '.';
		axis->any = true;
		*text = p + 3;
		return true;
	}
	if (*p == '(') {
		if (!is_letter(p[1]) || !is_letter(p[2]) || p[3] != ')')
			return false;
		*axis = (struct tmo_equation_axis){.count = 2, .index = {p[1], p[2]}};
		*text = p + 4;
		return true;
	}
	if (!is_letter(*p))
		return false;
	*text = ++p;
	if (*p == '*') {
		axis->any = true;
		*text = p + 1;
	}
	return true;
}

static int
occurrences(const struct tmo_equation *e, char index)
{
	int n = 0;

	for (int t = 0; t < e->operand_count; t++)
		for (int a = 0; a < e->term[t].count; a++)
			for (int k = 0; k < e->term[t].axis[a].count; k++)
				n += e->term[t].axis[a].index[k] == index;
	return n;
}

/* Einsum without "->". */
static bool
imply_result(struct tmo_equation *e)
{
	struct tmo_equation_term *const result = &e->term[e->operand_count];

	if (occurrences(e, '.') > 0)
		result->axis[result->count++] = (struct tmo_equation_axis){1, {'.'}, true};
	for (char c = 'A'; c <= 'z'; c++) {
		if (!is_letter(c) || occurrences(e, c) != 1)
			continue;
		if (result->count == TMO_EQUATION_AXES_MAX)
			return false;
		result->axis[result->count++] = (struct tmo_equation_axis){1, {c}, false};
	}
	return true;
}

bool
tmo_equation_parse(const char *text, struct tmo_equation *out)
{
	struct tmo_equation_term *term = out->term;
	bool arrow = false;

	*out = (struct tmo_equation){.operand_count = 1};
	while (*text != '\0') {
		if (isspace((unsigned char)*text)) {
			text++;
		} else if (*text == ',' || strncmp(text, "->", 2) == 0) {
			if (arrow || term == &out->term[TMO_EQUATION_TERMS_MAX - 1])
				return false;
			arrow = *text == '-';
			out->operand_count += !arrow;
			text += arrow ? 2 : 1;
			term++;
		} else {
			if (term->count == TMO_EQUATION_AXES_MAX ||
			    !parse_axis(&text, &term->axis[term->count]))
				return false;
			term->count++;
		}
	}
	if (arrow)
		return true;
	return out->operand_count < TMO_EQUATION_TERMS_MAX && imply_result(out);
}

void
tmo_equation_transpose(struct tmo_equation *e, int operand)
{
	struct tmo_equation_term *const t = &e->term[operand];
	struct tmo_equation_axis last;

	if (t->count < 2)
		return;
	last = t->axis[t->count - 1];
	t->axis[t->count - 1] = t->axis[t->count - 2];
	t->axis[t->count - 2] = last;
}

static bool
has_index(const struct tmo_equation_term *t, char index)
{
	for (int a = 0; a < t->count; a++)
		for (int k = 0; k < t->axis[a].count; k++)
			if (t->axis[a].index[k] == index)
				return true;
	return false;
}

enum tmo_role
tmo_equation_role(const struct tmo_equation *e, int operand, char index)
{
	const bool in_result = has_index(&e->term[e->operand_count], index);
	bool elsewhere = false;

	for (int t = 0; t < e->operand_count; t++)
		elsewhere = elsewhere || (t != operand && has_index(&e->term[t], index));
	if (in_result)
		return elsewhere ? TMO_ROLE_OWN : TMO_ROLE_OUTPUT;
	return elsewhere ? TMO_ROLE_INPUT : TMO_ROLE_WITHIN;
}

const struct tmo_equation_axis *
tmo_equation_axis_at(const struct tmo_equation *e, int term, int rank, int i)
{
	const struct tmo_equation_term *const t = &e->term[term];
	int single = 0, any = -1, extra;

	for (int a = 0; a < t->count; a++) {
		single += !t->axis[a].any;
		any = t->axis[a].any ? a : any;
	}
	extra = rank - single;
	if (extra < 0 || (extra > 0 && any < 0) || i < 0 || i >= rank)
		return NULL;
	if (any < 0 || i < any)
		return &t->axis[i];
	return i < any + extra ? &t->axis[any] : &t->axis[i - extra + 1];
}
