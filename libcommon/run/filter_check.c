/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a struct tmo_filter can be meant as it is: what its author would find out much later. */
#include <string.h>

#include "run/run_state.h"

#define ACCEPTS (TMO_TAKES_ALL | TMO_TAKES_ENCODED | TMO_TAKES_F64 | TMO_TAKES_MAP | TMO_TAKES_FOLDER)
#define TRAITS (TMO_NO_HISTORY | TMO_NO_SELECTION | TMO_MAY_REPORT)

static int
check_flags(const struct tmo_filter *f, struct tmo_error *err)
{
	if ((f->accepts & ~ACCEPTS) != 0)
		return tmo_fail(err, "`accepts` has the flag 0x%x; it takes TMO_TAKES_... only: correct tmo-%s",
		                f->accepts & ~ACCEPTS, f->name);
	if ((f->traits & ~TRAITS) != 0)
		return tmo_fail(err, "`traits` has the flag 0x%x; it takes TMO_NO_... and TMO_MAY_... only: "
		                "correct tmo-%s", f->traits & ~TRAITS, f->name);
	return 0;
}

/* Whether the words of not_in_map are options. */
static int
check_not_in_map(const struct tmo_filter *f, struct tmo_error *err)
{
	for (const char *word = f->not_in_map; word != NULL && *word != '\0';) {
		const size_t length = strcspn(word, "|");

		if (tmo_option_find(f->options, word, length) == NULL)
			return tmo_fail(err, "`not_in_map` names --%.*s, which is no option; correct tmo-%s",
			                (int)length, word, f->name);
		word += length + (word[length] == '|');
	}
	return 0;
}

int
tmo_filter_check(const struct tmo_filter *f, struct tmo_error *err)
{
	if (check_flags(f, err) < 0 || check_not_in_map(f, err) < 0)
		return -1;
	if (f->run != NULL && (f->scans != NULL || f->tensor != NULL))
		return tmo_fail(err, "`run` does everything, and `%s` would never be called; correct tmo-%s",
		                f->scans != NULL ? "scans" : "tensor", f->name);
	return tmo_rules_check(f, err);
}
