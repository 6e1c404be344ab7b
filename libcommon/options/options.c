/* SPDX-License-Identifier: Apache-2.0 */
/* argv against the tables. What one option does with its value is in option.c. */
#include "base/memory.h"
#include "base/spelling.h"
#include "options/options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct tmo_option tmo_common_options[] = {
	TMO_FLAG('h', "help", struct tmo_common, help, "print this help"),
	TMO_FLAG(0, "version", struct tmo_common, version, "print the version"),
	TMO_FLAG(0, "describe", struct tmo_common, describe, "print all options as YAML"),
	TMO_FLAG('q', "quiet", struct tmo_common, quiet, "print nothing but errors"),
	TMO_FLAG('v', "verbose", struct tmo_common, verbose, "print a line for each tensor"),
	TMO_INT('j', "threads", struct tmo_common, threads, "N", 0, 0, TMO_THREADS_MAX,
	        "threads; 0 is one for each processor"),
	TMO_TEXT(0, "max-memory", struct tmo_common, max_memory, "SIZE", NULL,
	         "refuse tensors that need more, as 500M or 2G [half of the machine's]"),
	TMO_TEXT('o', "output", struct tmo_common, output, "FILE", NULL, "write to FILE"),
	TMO_OPTIONS_END
};

const struct tmo_option tmo_selection_options[] = {
	TMO_LIST(0, "only", struct tmo_selection, rules, "GLOB", 'o',
	         "work on tensors of that name (op:GLOB operator, node:GLOB node)"),
	TMO_LIST(0, "skip", struct tmo_selection, rules, "GLOB", 's', "leave those tensors alone"),
	TMO_FLAG(0, "exclude-first-last", struct tmo_selection, exclude_first_last,
	         "leave the first and the last layer alone"),
	TMO_INT(0, "min-elements", struct tmo_selection, min_elements, "N", 0, 0, INFINITY,
	        "leave smaller tensors alone"),
	TMO_INT(0, "axis", struct tmo_selection, axis, "N", 0, 0, TMO_RANK_MAX - 1,
	        "output axis where no graph tells it, at most the last"),
	TMO_OPTIONS_END
};

const struct tmo_option tmo_map_options[] = {
	TMO_FILE(0, "map", struct tmo_common, map, "options of single tensors, by name, as YAML"),
	TMO_OPTIONS_END
};

/* The tables of a program with the structs that they fill. */
#define TABLES 4
struct tables {
	const struct tmo_option *table[TABLES];
	void *values[TABLES];
	const char *program;
};

/* An option as the command line names it. */
struct named {
	const struct tmo_option *option;
	void *values;
	bool negated;
};

static bool
is_negatable(const struct tmo_option *o)
{
	return o->type == TMO_OPTION_FLAG || o->type == TMO_OPTION_SWITCH;
}

/* All long names, "no-…" left out, for tmo_nearest_word. NULL when memory is out. */
static const char **
all_names(const struct tables *t, struct tmo_error *err)
{
	const char **names;
	size_t count = 0;

	for (int i = 0; i < TABLES; i++)
		for (const struct tmo_option *o = t->table[i]; o != NULL && o->type != TMO_OPTION_END; o++)
			count++;
	if ((names = tmo_alloc(count + 1, sizeof *names, err)) == NULL)
		return NULL;
	count = 0;
	for (int i = 0; i < TABLES; i++)
		for (const struct tmo_option *o = t->table[i]; o != NULL && o->type != TMO_OPTION_END; o++)
			names[count++] = o->name;
	return names;
}

static int
fail_unknown(const struct tables *t, const char *name, int length, struct tmo_error *err)
{
	char text[64];
	const char **names = all_names(t, err), *nearest;

	if (names == NULL)
		return -1;
	if (length >= (int)sizeof text)
		length = sizeof text - 1;
	memcpy(text, name, (size_t)length);
	text[length] = '\0';
	nearest = tmo_nearest_word(text, names);
	free(names);
	if (nearest != NULL)
		return tmo_fail_usage(err, "unknown option --%s, perhaps --%s; see tmo-%s --help",
		                      text, nearest, t->program);
	return tmo_fail_usage(err, "unknown option --%s; see tmo-%s --help", text, t->program);
}

/* The exact name, else the only one that begins so; "no-" before a flag's name takes it back. */
static int
find_long(const struct tables *t, const char *name, size_t length, struct named *found,
          struct tmo_error *err)
{
	const char *clash = NULL;

	*found = (struct named){0};
	for (int negated = 0; negated < 2; negated++) {
		const size_t skip = negated != 0 ? 3 : 0;

		if (negated != 0 && (length < 4 || strncmp(name, "no-", 3) != 0))
			break;
		for (int i = 0; i < TABLES; i++)
			for (const struct tmo_option *o = t->table[i];
			     o != NULL && o->type != TMO_OPTION_END; o++) {
				if (strncmp(o->name, name + skip, length - skip) != 0
				    || (negated != 0 && !is_negatable(o)))
					continue;
				const struct named this = {o, t->values[i], negated != 0};

				if (o->name[length - skip] == '\0') {
					*found = this;
					return 0;
				}
				clash = found->option != NULL && clash == NULL ? found->option->name : clash;
				*found = this;
			}
	}
	if (clash != NULL)
		return tmo_fail_usage(err, "--%.*s could be --%s or --%s; see tmo-%s --help",
		                      (int)length, name, clash, found->option->name, t->program);
	if (found->option == NULL)
		return fail_unknown(t, name, (int)(length < 1000 ? length : 1000), err);
	return 0;
}

static int
find_letter(const struct tables *t, char letter, struct named *found, struct tmo_error *err)
{
	for (int i = 0; i < TABLES; i++)
		for (const struct tmo_option *o = t->table[i]; o != NULL && o->type != TMO_OPTION_END; o++)
			if (o->letter == letter) {
				*found = (struct named){o, t->values[i], false};
				return 0;
			}
	return tmo_fail_usage(err, "unknown option -%c; see tmo-%s --help", letter, t->program);
}

/* Sets an option; value is NULL for a flag. */
static int
give(const struct tables *t, const struct named *n, const char *value, struct tmo_error *err)
{
	struct tmo_error why = {0};

	if (value == NULL)
		value = n->negated ? "false" : "true";
	if (tmo_option_set(n->option, n->values, value, &why) == 0)
		return 0;
	return tmo_fail_usage(err, "%s; see tmo-%s --help", why.text, t->program);
}

static int
take_long(const struct tables *t, char **argv, int argc, int *i, struct tmo_error *err)
{
	const char *name = argv[*i] + 2, *value = strchr(name, '=');
	const size_t length = value != NULL ? (size_t)(value - name) : strlen(name);
	struct named n = {0};

	if (find_long(t, name, length, &n, err) < 0)
		return -1;
	if (is_negatable(n.option)) {
		if (value != NULL)
			return tmo_fail_usage(err, "--%s takes no value; see tmo-%s --help",
			                      n.option->name, t->program);
		return give(t, &n, NULL, err);
	}
	if (value != NULL)
		return give(t, &n, value + 1, err);
	if (*i + 1 >= argc)
		return tmo_fail_usage(err, "--%s needs a value, %s; see tmo-%s --help", n.option->name,
		                      n.option->arg, t->program);
	return give(t, &n, argv[++*i], err);
}

static int
take_letters(const struct tables *t, char **argv, int argc, int *i, struct tmo_error *err)
{
	for (const char *p = argv[*i] + 1; *p != '\0'; p++) {
		struct named n = {0};

		if (find_letter(t, *p, &n, err) < 0)
			return -1;
		if (is_negatable(n.option)) {
			if (give(t, &n, NULL, err) < 0)
				return -1;
			continue;
		}
		if (p[1] != '\0')
			return give(t, &n, p + 1, err);
		if (*i + 1 >= argc)
			return tmo_fail_usage(err, "-%c needs a value, %s; see tmo-%s --help", *p,
			                      n.option->arg, t->program);
		return give(t, &n, argv[++*i], err);
	}
	return 0;
}

static int
set_defaults(const struct tables *t, struct tmo_error *err)
{
	for (int i = 0; i < TABLES; i++)
		for (const struct tmo_option *o = t->table[i]; o != NULL && o->type != TMO_OPTION_END; o++) {
			if (o->type == TMO_OPTION_SWITCH)
				*(int *)((char *)t->values[i] + o->offset) = -1;
			if (o->initial != NULL && tmo_option_set(o, t->values[i], o->initial, err) < 0)
				return -1;
		}
	return 0;
}

/*
 * Goes on after a mistake, for a --help may follow; *err keeps the first. Options move to the front
 * of argv, operands, kept in their order, behind them.
 */
static int
take_all(const struct tables *t, int argc, char **argv, int *operand, struct tmo_error *err)
{
	char **operands = tmo_alloc((size_t)argc + 1, sizeof *operands, err);
	int count = 0, kept = 1, status = 0;
	bool ended = false;

	if (operands == NULL)
		return -1;
	for (int i = 1; i < argc; i++) {
		struct tmo_error mistake = {0};
		const int first = i;
		int taken = 0;

		if (ended || argv[i][0] != '-' || argv[i][1] == '\0') {
			operands[count++] = argv[i];
			continue;
		}
		if (strcmp(argv[i], "--") == 0)
			ended = true;
		else if (argv[i][1] == '-')
			taken = take_long(t, argv, argc, &i, &mistake);
		else
			taken = take_letters(t, argv, argc, &i, &mistake);
		if (taken < 0 && status == 0) {
			*err = mistake;
			status = -1;
		}
		for (int k = first; k <= i; k++)
			argv[kept++] = argv[k];
	}
	*operand = kept;
	for (int k = 0; k < count; k++)
		argv[kept + k] = operands[k];
	free(operands);
	return status;
}

int
tmo_options_parse(const struct tmo_filter *f, int argc, char **argv, void *options,
                  struct tmo_common *common, int *operand, struct tmo_error *err)
{
	const struct tables t = {
		.table = {f->options, tmo_common_options, (f->traits & TMO_NO_SELECTION) != 0 ? NULL : tmo_selection_options,
		          (f->accepts & TMO_TAKES_MAP) != 0 ? tmo_map_options : NULL},
		.values = {options, common, &common->selection, common},
		.program = f->name,
	};

	if (set_defaults(&t, err) < 0)
		return -1;
	if (take_all(&t, argc, argv, operand, err) < 0
	    && !common->help && !common->version && !common->describe)
		return -1;
	return 0;
}

void
tmo_options_free(const struct tmo_option *table, void *options)
{
	for (const struct tmo_option *o = table; o != NULL && o->type != TMO_OPTION_END; o++)
		if (o->type == TMO_OPTION_LIST) {
			struct tmo_list *list = (void *)((char *)options + o->offset);

			free(list->items);	/* shared by several options: NULL the second time */
			*list = (struct tmo_list){0};
		}
}
