/* SPDX-License-Identifier: Apache-2.0 */
/* equation.c: what an equation says of axes: those of the table's rows, and Einsum's own forms. */
#include <string.h>

#include "net/equation.h"
#include "tests/unit/check.h"

/* The roles of an operand's axes, at this rank: o, i, g, k, "(gi)" for one of two; "-" for no such axes. */
static const char *
roles_of(const char *equation, int operand, int rank, char *text)
{
	static const char letters[] = {
		[TMO_ROLE_OUTPUT] = 'o', [TMO_ROLE_INPUT] = 'i', [TMO_ROLE_WITHIN] = 'k',
		[TMO_ROLE_OWN] = 'g',
	};
	struct tmo_equation e;
	char *to = text;

	if (!tmo_equation_parse(equation, &e))
		return "wrong";
	for (int i = 0; i < rank; i++) {
		const struct tmo_equation_axis *const axis = tmo_equation_axis_at(&e, operand, rank, i);

		if (axis == NULL)
			return "-";
		if (axis->count > 1)
			*to++ = '(';
		for (int k = 0; k < axis->count; k++)
			*to++ = letters[tmo_equation_role(&e, operand, axis->index[k])];
		if (axis->count > 1)
			*to++ = ')';
	}
	*to = '\0';
	return text;
}

int
main(void)
{
	static const struct {
		const char *equation;
		int operand, rank;
		const char *roles;
	} cases[] = {
		/* as rows of the table have them */
		{ "b(gi)s*,(go)ik*->b(go)t*", 1, 4, "(go)ikk" },
		{ "b(gi)s*,(go)ik*->b(go)t*", 1, 3, "(go)ik" },
		{ "b(gi)s*,(gi)ok*->b(go)t*", 1, 5, "(gi)okkk" },
		{ "e*mk,e*kn->e*mn", 1, 2, "io" }, { "e*mk,e*kn->e*mn", 0, 2, "oi" },
		{ "e*mk,e*kn->e*mn", 1, 4, "ggio" }, { "e*mk,e*kn->e*mn", 1, 1, "-" },
		{ "dsbk,dhk->sdbh", 1, 3, "goi" }, { "mk,kn->mn", 1, 3, "-" },
		/* Einsum's own */
		{ "bi,io->bo", 1, 2, "io" }, { "bi,oi->bo", 1, 2, "oi" }, { "bi, io", 1, 2, "io" },
		{ "ebi,eio->ebo", 1, 3, "gio" }, { "bi,eio->beo", 1, 3, "oio" },
		{ "bshd,hde->bse", 1, 3, "iio" }, { "BI,IO->BO", 1, 2, "io" },
		{ "...i,io->...o", 1, 2, "io" }, { "...ij,...jk->...ik", 1, 4, "ggio" },
		{ "bi,iok->bo", 1, 3, "iok" }, { "ij->ji", 0, 2, "oo" },
		/* what makes no sense */
		{ "bi,io->bo->b", 1, 2, "wrong" }, { "b1,io->bo", 1, 2, "wrong" }, { "b(gi,io->bo", 1, 2, "wrong" },
		{ "b..i,io->bo", 1, 2, "wrong" }, { "a,b,c,d,e,f,g,h,i->a", 1, 2, "wrong" },
		{ "abcdefghijklmnopqrs,io->a", 1, 2, "wrong" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[64];
		const char *const roles = roles_of(cases[i].equation, cases[i].operand, cases[i].rank, text);

		CHECK(strcmp(roles, cases[i].roles) == 0, "operand %d of %s: %s, not %s", cases[i].operand,
		      cases[i].equation, roles, cases[i].roles);
	}
	return check_status();
}
