/* SPDX-License-Identifier: Apache-2.0 */
/* options.h: tables of options against argv, as help, as --describe's YAML. */
#ifndef TMO_OPTIONS_H
#define TMO_OPTIONS_H

#include "base/buffer.h"

/* What a filter works on. */
struct tmo_selection {
	struct tmo_list rules;		/* tag 'o' (--only) or 's' (--skip), in order */
	bool exclude_first_last;
	int64_t min_elements;
	int64_t axis;			/* the output axis where the graph gives none */
};

/* What all programs share. */
struct tmo_common {
	bool help, version, describe, quiet, verbose;
	int64_t threads;		/* 0: one per processor */
	const char *output;
	const char *max_memory;		/* as typed; NULL: half of the machine's */
	const char *map;		/* of filters that take one */
	struct tmo_selection selection;
};
extern const struct tmo_option tmo_common_options[];	/* of struct tmo_common */
extern const struct tmo_option tmo_selection_options[];	/* of struct tmo_selection */
extern const struct tmo_option tmo_map_options[];	/* of struct tmo_common */

/*
 * Fills options (f->options_size bytes, zeroed by the caller) and common from argv; defaults
 * first. Letters group (-qv), -j2 and -j 2, --max=3 and --max 3, unique prefixes, "--" ends them,
 * operands may stand between options and are moved to argv[*operand …]. Unknown: the message
 * names the nearest option. help, version and describe win over later mistakes.
 */
int tmo_options_parse(const struct tmo_filter *f, int argc, char **argv, void *options,
                      struct tmo_common *common, int *operand, struct tmo_error *err);
/* Frees lists. */
void tmo_options_free(const struct tmo_option *table, void *options);

/* One value as text into the field; the message names --name and the range. */
int tmo_option_set(const struct tmo_option *o, void *options, const char *value,
                   struct tmo_error *err);
/* The field's value as one would type it; *is_default if it is the default. */
int tmo_option_text(const struct tmo_option *o, const void *options, struct tmo_buffer *out,
                    bool *is_default, struct tmo_error *err);
/* Back to its default. A list, which may share its values with another option, stays as it is. */
void tmo_option_reset(const struct tmo_option *o, void *options);
/* The row of that name, NULL if there is none; table may be NULL. */
const struct tmo_option *tmo_option_find(const struct tmo_option *table, const char *name,
                                         size_t length);

/* Whether the options go together: by f->check, then by f->rules. */
int tmo_options_check(const struct tmo_filter *f, const void *options, struct tmo_error *err);
/* Whether f->rules name options of f, no lists, and words that these have: for who wrote f. */
int tmo_rules_check(const struct tmo_filter *f, struct tmo_error *err);
/* Sets back to their defaults what means nothing by f->rules. */
void tmo_options_drop_meaningless(const struct tmo_filter *f, void *options);

int tmo_options_help(const struct tmo_filter *f, struct tmo_buffer *out, struct tmo_error *err);
int tmo_options_describe(const struct tmo_filter *f, const char *version, struct tmo_buffer *out,
                         struct tmo_error *err);

#endif
