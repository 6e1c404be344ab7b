/* SPDX-License-Identifier: Apache-2.0 */
/* --describe: the tables as YAML, tmo-plugin(7). */
#include "base/buffer.h"
#include "options/options.h"
#include "yaml/yaml.h"

#include <math.h>
#include <string.h>

static const char *
kind_name(enum tmo_kind kind)
{
	return kind == TMO_SOURCE ? "source" : kind == TMO_SINK ? "sink" : "filter";
}

static const char *
type_name(enum tmo_option_type type)
{
	static const char *const names[] = {
		[TMO_OPTION_FLAG] = "flag", [TMO_OPTION_SWITCH] = "switch", [TMO_OPTION_INT] = "int",
		[TMO_OPTION_REAL] = "real", [TMO_OPTION_TEXT] = "text", [TMO_OPTION_FILE] = "file",
		[TMO_OPTION_CHOICE] = "choice", [TMO_OPTION_LIST] = "list",
	};

	return names[type];
}

static bool
add_text(struct tmo_yaml *map, const char *key, const char *text)
{
	return tmo_yaml_add_text(map, key, text) != NULL;
}

/* A number or a truth value: not in quotes. */
static bool
add_plain(struct tmo_yaml *map, const char *key, const char *text)
{
	struct tmo_yaml *node = tmo_yaml_add_text(map, key, text);

	if (node != NULL)
		node->quoted = false;
	return node != NULL;
}

static bool
add_bound(struct tmo_yaml *map, const char *key, double bound, struct tmo_error *err)
{
	struct tmo_buffer text = {0};
	const struct tmo_option real = {.type = TMO_OPTION_REAL};
	bool ignored, done = false;

	if (isinf(bound))
		return true;
	if (tmo_option_text(&real, &bound, &text, &ignored, err) == 0
	    && tmo_buffer_append(&text, "", 1, err) == 0)
		done = add_plain(map, key, (const char *)text.data);
	tmo_buffer_free(&text);
	return done;
}

/* The words of "tensor|group:N" as a list. */
static bool
add_values(struct tmo_yaml *map, const char *words)
{
	struct tmo_yaml *list = tmo_yaml_add_list(map, "values", true);

	while (list != NULL && *words != '\0') {
		const size_t length = strcspn(words, "|");
		char word[64] = "";

		memcpy(word, words, length < sizeof word ? length : sizeof word - 1);
		if (tmo_yaml_add_text(list, NULL, word) == NULL)
			return false;
		words += length + (words[length] == '|');
	}
	return list != NULL;
}

static bool
add_option(struct tmo_yaml *list, const struct tmo_option *o, bool common, bool recorded,
           struct tmo_error *err)
{
	const bool number = o->type == TMO_OPTION_INT || o->type == TMO_OPTION_REAL;
	const char letter[2] = {o->letter, '\0'};
	struct tmo_yaml *map = tmo_yaml_add_map(list, NULL);

	return map != NULL && add_text(map, "name", o->name)
	       && (o->letter == 0 || add_text(map, "letter", letter))
	       && add_text(map, "type", type_name(o->type))
	       && (o->type == TMO_OPTION_CHOICE ? add_values(map, o->arg)
	           : o->arg == NULL || add_text(map, "arg", o->arg))
	       && (o->initial == NULL || (number ? add_plain : add_text)(map, "default", o->initial))
	       && (!number || (add_bound(map, "min", o->low, err) && add_bound(map, "max", o->high, err)))
	       && (!common || add_plain(map, "common", "true"))
	       && (recorded || add_plain(map, "recorded", "false"))
	       && add_text(map, "help", o->help);
}

/* What the driver itself gives to a program, or what only people ask for. */
static bool
is_private(const struct tmo_option *o)
{
	static const char *const names[] = {"help", "version", "describe", "output"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(o->name, names[i]) == 0)
			return true;
	return false;
}

static bool
add_table(struct tmo_yaml *list, const struct tmo_option *table, bool common, bool recorded,
          struct tmo_error *err)
{
	for (const struct tmo_option *o = table; o != NULL && o->type != TMO_OPTION_END; o++)
		if ((!common || !is_private(o))
		    && !add_option(list, o, common, recorded && (o->flags & TMO_UNRECORDED) == 0, err))
			return false;
	return true;
}

int
tmo_options_describe(const struct tmo_filter *f, const char *version, struct tmo_buffer *out,
                     struct tmo_error *err)
{
	struct tmo_yaml *root = tmo_yaml_new_map(), *list = NULL;
	int status;

	if (root != NULL && tmo_yaml_add_size(root, "tmo", TMO_STREAM_VERSION) != NULL
	    && add_text(root, "name", f->name) && add_text(root, "version", version)
	    && add_text(root, "kind", kind_name(f->kind)) && add_text(root, "summary", f->summary))
		list = tmo_yaml_add_list(root, "options", false);
	if (list == NULL || !add_table(list, f->options, false, true, err)
	    || ((f->accepts & TMO_TAKES_MAP) != 0 && !add_table(list, tmo_map_options, false, true, err))
	    || !add_table(list, tmo_common_options, true, false, err)
	    || ((f->traits & TMO_NO_SELECTION) == 0 && !add_table(list, tmo_selection_options, true, true, err)))
		status = tmo_fail_memory(err, 0);
	else
		status = tmo_yaml_emit(root, out, err);
	tmo_yaml_free(root);
	return status;
}
