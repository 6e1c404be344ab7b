/* SPDX-License-Identifier: Apache-2.0 */
#include "options/option_yaml.h"

#include <string.h>

/* Whether a number or a truth value was written as text, in quotes. */
static bool
is_quoted_number(const struct tmo_option *o, const struct tmo_yaml *value)
{
	return value->quoted && (o->type == TMO_OPTION_INT || o->type == TMO_OPTION_REAL ||
	                         o->type == TMO_OPTION_FLAG || o->type == TMO_OPTION_SWITCH);
}

static int
set_scalar(const struct tmo_option *o, const struct tmo_yaml *value, void *options,
           struct tmo_error *err)
{
	struct tmo_error why = {0};

	if (value->kind != TMO_YAML_SCALAR)
		return tmo_fail_usage(err, "%s takes one value, not a %s; see its manual page", o->name,
		                      value->kind == TMO_YAML_LIST ? "list" : "mapping");
	if (!value->quoted && value->text[0] == '\0')
		return tmo_fail_usage(err, "%s has no value; give it one", o->name);
	if (is_quoted_number(o, value))
		return tmo_fail_usage(err, "%s is text, \"%.60s\"; leave the quotes away", o->name,
		                      value->text);
	if (tmo_option_set(o, options, value->text, &why) < 0)
		return tmo_fail_usage(err, "%s", why.text + strspn(why.text, "-"));
	return 0;
}

int
tmo_option_set_yaml(const struct tmo_option *o, const struct tmo_yaml *value, void *options,
                    struct tmo_error *err)
{
	if (o->type != TMO_OPTION_LIST || value->kind != TMO_YAML_LIST)
		return set_scalar(o, value, options, err);
	for (const struct tmo_yaml *item = value->first; item != NULL; item = item->next)
		if (set_scalar(o, item, options, err) < 0)
			return -1;
	return 0;
}
