/* SPDX-License-Identifier: Apache-2.0 */
/* Which options mean nothing beside which: the rules of a filter, for one command line or for a map. */
#include <string.h>

#include "base/buffer.h"
#include "options/options.h"

/* A word of a rule's `options`: "range=mse" is the row "range" and its word "mse". */
struct named {
	const struct tmo_option *option;	/* NULL: the table has none of that name */
	const char *word;			/* NULL: any but the default */
	size_t word_length;
};

/* The next one of "a|b=c|…"; *text moves behind it. */
static struct named
next_named(const struct tmo_option *table, const char **text)
{
	const size_t all = strcspn(*text, "|"), length = strcspn(*text, "|=");
	struct named n = {.option = tmo_option_find(table, *text, length)};

	if (length < all) {
		n.word = *text + length + 1;
		n.word_length = all - length - 1;
	}
	*text += all + ((*text)[all] == '|');
	return n;
}

/* Whether it was given: it is not at its default, and, where a word is named, has that word. */
static bool
is_given(const struct named *n, const void *options)
{
	struct tmo_error ignored = {0};
	struct tmo_buffer text = {0};
	bool given = false, is_default;

	if (n->option != NULL &&
	    tmo_option_text(n->option, options, &text, &is_default, &ignored) == 0)
		given = !is_default &&
		        (n->word == NULL || (text.size >= n->word_length &&
		                             memcmp(text.data, n->word, n->word_length) == 0 &&
		                             (text.size == n->word_length ||
		                              text.data[n->word_length] == ':')));
	tmo_buffer_free(&text);
	return given;
}

int
tmo_options_check(const struct tmo_filter *f, const void *options, struct tmo_error *err)
{
	if (f->check != NULL && f->check(options, err) < 0) {
		if (err->kind == TMO_ERROR_DATA)
			err->kind = TMO_ERROR_USAGE;
		return -1;
	}
	for (const struct tmo_rule *rule = f->rules; rule != NULL && rule->options != NULL; rule++) {
		if (!rule->meaningless(options))
			continue;
		for (const char *at = rule->options; *at != '\0';) {
			const struct named n = next_named(f->options, &at);

			if (is_given(&n, options))
				return tmo_fail_usage(err, "%s", rule->message);
		}
	}
	return 0;
}

void
tmo_options_drop_meaningless(const struct tmo_filter *f, void *options)
{
	for (const struct tmo_rule *rule = f->rules; rule != NULL && rule->options != NULL; rule++) {
		if (!rule->meaningless(options))
			continue;
		for (const char *at = rule->options; *at != '\0';) {
			const struct named n = next_named(f->options, &at);

			if (is_given(&n, options))
				tmo_option_reset(n.option, options);
		}
	}
}

/* Whether a row of a choice has that word. */
static bool
has_word(const struct tmo_option *o, const char *word, size_t length)
{
	if (o->type != TMO_OPTION_CHOICE)
		return false;
	for (const char *its = o->arg; *its != '\0';) {
		const size_t all = strcspn(its, "|"), name = strcspn(its, "|:");

		if (name == length && strncmp(its, word, length) == 0)
			return true;
		its += all + (its[all] == '|');
	}
	return false;
}

int
tmo_rules_check(const struct tmo_filter *f, struct tmo_error *err)
{
	for (const struct tmo_rule *rule = f->rules; rule != NULL && rule->options != NULL; rule++) {
		if (rule->meaningless == NULL || rule->message == NULL)
			return tmo_fail(err, "the rule of \"%.60s\" has no `%s`; correct tmo-%s", rule->options,
			                rule->message == NULL ? "message" : "meaningless", f->name);
		for (const char *at = rule->options; *at != '\0';) {
			const char *const start = at;
			const struct named n = next_named(f->options, &at);

			if (n.option == NULL || n.option->type == TMO_OPTION_LIST ||
			    (n.word != NULL && !has_word(n.option, n.word, n.word_length)))
				return tmo_fail(err, "a rule names \"%.*s\", which is no option that it "
				                "can set back; correct tmo-%s", (int)strcspn(start, "|"),
				                start, f->name);
		}
	}
	return 0;
}
