/* SPDX-License-Identifier: Apache-2.0 */
/* history.c: what a program did, as an entry in the manifest of the stream that it wrote. */
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "run/history.h"

static int
fail_memory(struct tmo_error *err)
{
	return tmo_fail_memory(err, 0);
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* The values that this option (not another one that shares the list) was given. */
static int
add_list(struct tmo_yaml *map, const struct tmo_option *o, const void *options,
         struct tmo_error *err)
{
	const struct tmo_list *list = (const void *)((const char *)options + o->offset);
	struct tmo_yaml *node = tmo_yaml_add_list(map, o->name, true);

	if (node == NULL)
		return fail_memory(err);
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].tag == o->tag
		    && tmo_yaml_add_text(node, NULL, list->items[i].text) == NULL)
			return fail_memory(err);
	return 0;
}

static int
add_value(struct tmo_yaml *map, const struct tmo_option *o, const char *text,
          struct tmo_error *err)
{
	const bool is_text = o->type == TMO_OPTION_TEXT || o->type == TMO_OPTION_FILE;
	struct tmo_yaml *node;

	if (o->type == TMO_OPTION_FILE)
		text = base_name(text);
	if ((node = tmo_yaml_add_text(map, o->name, text)) == NULL)
		return fail_memory(err);
	if (!is_text)
		node->quoted = false;
	return 0;
}

/* Adds those options of a table that are not at their default. */
static int
add_options(struct tmo_yaml *map, const struct tmo_option *table, const void *options,
            struct tmo_error *err)
{
	struct tmo_buffer text = {0};
	int status = 0;

	for (const struct tmo_option *o = table;
	     status == 0 && o != NULL && o->type != TMO_OPTION_END; o++) {
		bool is_default;

		if ((o->flags & TMO_UNRECORDED) != 0)
			continue;
		text.size = 0;
		if (tmo_option_text(o, options, &text, &is_default, err) < 0
		    || tmo_buffer_append(&text, "", 1, err) < 0)
			status = -1;
		else if (!is_default)
			status = o->type == TMO_OPTION_LIST ? add_list(map, o, options, err)
			         : add_value(map, o, (const char *)text.data, err);
	}
	tmo_buffer_free(&text);
	return status;
}

int
tmo_history_add(struct tmo_yaml *manifest, const struct tmo_filter *f,
                     const char *version, const void *options,
                     const struct tmo_selection *selection, struct tmo_error *err)
{
	struct tmo_yaml *history = tmo_yaml_get(manifest, "history"), *entry, *map;
	char program[128];

	if (history == NULL)
		history = tmo_yaml_add_list(manifest, "history", false);
	if (history == NULL)
		return fail_memory(err);
	if (history->kind != TMO_YAML_LIST)
		return tmo_fail(err, "line %d, column %d: history is no list; correct model.yaml",
		                history->line, history->column);
	history->flow = false;
	snprintf(program, sizeof program, "tmo-%s", f->name);
	if ((entry = tmo_yaml_add_map(history, NULL)) == NULL
	    || tmo_yaml_add_text(entry, "program", program) == NULL
	    || tmo_yaml_add_text(entry, "version", version) == NULL
	    || (map = tmo_yaml_add_map(entry, "options")) == NULL)
		return fail_memory(err);
	map->flow = true;
	if (add_options(map, f->options, options, err) < 0
	    || ((f->traits & TMO_NO_SELECTION) == 0 && selection != NULL
	        && add_options(map, tmo_selection_options, selection, err) < 0))
		return -1;
	if (map->first == NULL)
		tmo_yaml_free(tmo_yaml_cut(entry, "options"));
	return 0;
}
