/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "base/memory.h"
#include "base/read_write.h"
#include "base/spelling.h"
#include "base/text.h"
#include "options/option_yaml.h"
#include "run/tensor_options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX ((size_t)1 << 20)	/* as a pipeline */

struct tmo_map {
	const struct tmo_filter *filter;
	const void *base;
	const char *file;
	struct tmo_yaml *root;
	size_t count;
	bool *matched;			/* of each entry */
	void *options;			/* those of the tensor at hand; lists that are not base's are owned */
};

static int
read_text(const char *file, struct tmo_buffer *text, struct tmo_error *err)
{
	const int fd = open(file, O_RDONLY | O_CLOEXEC);
	size_t got = 0;
	int status;

	if (fd < 0)
		return tmo_fail_system(err, "cannot open");
	status = tmo_buffer_reserve(text, FILE_MAX + 1, err);
	if (status == 0)
		status = tmo_read_full(fd, text->data, FILE_MAX + 1, &got, err);
	close(fd);
	text->size = got;
	if (status == 0 && got > FILE_MAX)
		return tmo_fail(err, "more than %zu bytes; this is no map", FILE_MAX);
	return status;
}

/* A mistake at a place in the file. */
static int
wrong(const struct tmo_yaml *at, const char *text, struct tmo_error *err)
{
	return tmo_fail_usage(err, "line %d, column %d: %.400s", at->line, at->column, text);
}

static const struct tmo_option *
find(const struct tmo_option *table, const char *name)
{
	return tmo_option_find(table, name, strlen(name));
}

/* Whether name is an option of the whole run: one of f->not_in_map, or one that all programs share. */
static bool
is_of_the_run(const struct tmo_filter *f, const char *name)
{
	const size_t length = strlen(name);

	for (const char *word = f->not_in_map; word != NULL && *word != '\0';) {
		const size_t its = strcspn(word, "|");

		if (its == length && strncmp(word, name, its) == 0)
			return true;
		word += its + (word[its] == '|');
	}
	return find(tmo_common_options, name) != NULL || find(tmo_selection_options, name) != NULL ||
	       find(tmo_map_options, name) != NULL;
}

static int
fail_unknown(const struct tmo_filter *f, const struct tmo_yaml *value, struct tmo_error *err)
{
	const char **names;
	const char *near;
	size_t n = 0;

	for (const struct tmo_option *o = f->options; o != NULL && o->type != TMO_OPTION_END; o++)
		n++;
	if ((names = tmo_alloc(n + 1, sizeof(*names), err)) == NULL)
		return -1;
	n = 0;
	for (const struct tmo_option *o = f->options; o != NULL && o->type != TMO_OPTION_END; o++)
		if (!is_of_the_run(f, o->name))
			names[n++] = o->name;
	near = tmo_nearest_word(value->key, names);
	free(names);
	return tmo_fail_usage(err, "line %d, column %d: unknown option \"%.60s\"%s%s%s; see tmo-%s "
	                      "--help", value->line, value->column, value->key,
	                      near != NULL ? ", perhaps \"" : "", near != NULL ? near : "",
	                      near != NULL ? "\"" : "", f->name);
}

static struct tmo_list *
list_of(const struct tmo_option *o, const void *options)
{
	return (void *)((char *)(size_t)options + o->offset);
}

/* A list of its own without the values that this option gave: a map's take their place. */
static int
renew_list(const struct tmo_option *o, const void *base, void *options, struct tmo_error *err)
{
	struct tmo_list *const list = list_of(o, options);
	struct tmo_list_item *items = tmo_alloc(list->count + 1, sizeof(*items), err);
	size_t n = 0;

	if (items == NULL)
		return -1;
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].tag != o->tag)
			items[n++] = list->items[i];
	if (list->items != list_of(o, base)->items)
		free(list->items);
	*list = (struct tmo_list){.count = n, .items = items};
	return 0;
}

static int
set_option(const struct tmo_map *m, const struct tmo_yaml *value, struct tmo_error *err)
{
	const struct tmo_option *const o = find(m->filter->options, value->key);
	struct tmo_error why = {0};

	if (is_of_the_run(m->filter, value->key))
		return tmo_fail_usage(err, "line %d, column %d: %s holds for the whole run, not for single "
		                      "tensors; give it beside --map", value->line, value->column,
		                      value->key);
	if (o == NULL)
		return fail_unknown(m->filter, value, err);
	if (o->type == TMO_OPTION_LIST && renew_list(o, m->base, m->options, err) < 0)
		return -1;
	if (tmo_option_set_yaml(o, value, m->options, &why) < 0)
		return wrong(value, why.text, err);
	return 0;
}

/* Back to the options of the command line. */
static void
start_over(const struct tmo_map *m)
{
	for (const struct tmo_option *o = m->filter->options; o->type != TMO_OPTION_END; o++)
		if (o->type == TMO_OPTION_LIST &&
		    list_of(o, m->options)->items != list_of(o, m->base)->items) {
			free(list_of(o, m->options)->items);
			*list_of(o, m->options) = *list_of(o, m->base);
		}
	memcpy(m->options, m->base, m->filter->options_size);
}

static bool
is_skip(const struct tmo_yaml *entry)
{
	return entry->kind == TMO_YAML_SCALAR && strcmp(entry->text, "skip") == 0;
}

static int
set_options(const struct tmo_map *m, const struct tmo_yaml *entry, struct tmo_error *err)
{
	for (const struct tmo_yaml *o = entry->first; o != NULL; o = o->next)
		if (set_option(m, o, err) < 0)
			return -1;
	return 0;
}

static int
check_entry(const struct tmo_map *m, const struct tmo_yaml *entry, struct tmo_error *err)
{
	struct tmo_error why = {0};

	if (is_skip(entry))
		return 0;
	if (entry->kind != TMO_YAML_MAP)
		return tmo_fail_usage(err, "line %d, column %d: \"%.60s\" needs options; write {option: "
		                      "value}, or skip", entry->line, entry->column, entry->key);
	start_over(m);
	if (set_options(m, entry, err) < 0)
		return -1;
	tmo_options_drop_meaningless(m->filter, m->options);
	/* Of what the entry itself says nothing is taken back. */
	if (set_options(m, entry, err) < 0)
		return -1;
	if (tmo_options_check(m->filter, m->options, &why) < 0)
		return wrong(entry, why.text, err);
	return 0;
}

static int
check_all(struct tmo_map *m, struct tmo_error *err)
{
	if (m->root->kind != TMO_YAML_MAP || m->root->first == NULL)
		return tmo_fail_usage(err, "no entries; write 'PATTERN': {option: value}, or 'PATTERN': "
		                      "skip");
	for (const struct tmo_yaml *entry = m->root->first; entry != NULL; entry = entry->next) {
		if (check_entry(m, entry, err) < 0)
			return -1;
		m->count++;
	}
	return 0;
}

struct tmo_map *
tmo_map_open(const char *file, const struct tmo_filter *f, const void *base, struct tmo_error *err)
{
	struct tmo_map *m = tmo_alloc(1, sizeof(*m), err);
	struct tmo_buffer text = {0};

	if (m == NULL)
		return NULL;
	*m = (struct tmo_map){.filter = f, .base = base, .file = file};
	m->options = tmo_alloc(1, f->options_size, err);
	if (m->options == NULL)
		goto fail;
	memcpy(m->options, base, f->options_size);
	if (read_text(file, &text, err) < 0)
		goto fail_at;
	m->root = tmo_yaml_parse(text.data, text.size, err);
	if (m->root == NULL || check_all(m, err) < 0) {
		if (err->kind == TMO_ERROR_DATA)
			err->kind = TMO_ERROR_USAGE;
		goto fail_at;
	}
	start_over(m);
	m->matched = tmo_alloc(m->count, sizeof(*m->matched), err);
	if (m->matched == NULL)
		goto fail;
	tmo_buffer_free(&text);
	return m;
fail_at:
	tmo_fail_at(err, file);
fail:
	tmo_buffer_free(&text);
	tmo_map_free(m);
	return NULL;
}

void
tmo_map_free(struct tmo_map *m)
{
	if (m == NULL)
		return;
	if (m->options != NULL)
		start_over(m);
	tmo_yaml_free(m->root);
	free(m->matched);
	free(m->options);
	free(m);
}

int
tmo_map_choose(struct tmo_map *m, const char *name, const struct tmo_use *use,
               const void **options, bool *skip, struct tmo_error *err)
{
	const struct tmo_yaml *entry = m->root->first;
	struct tmo_error why = {0};

	*skip = false;
	*options = m->base;
	start_over(m);
	for (size_t i = 0; i < m->count; i++, entry = entry->next) {
		if (!tmo_pattern_matches(entry->key, name, use))
			continue;
		m->matched[i] = true;
		*options = m->options;
		*skip = is_skip(entry);
		if (!*skip && set_options(m, entry, err) < 0)
			return tmo_fail_at(err, m->file);
	}
	if (*options == m->base || *skip)
		return 0;
	tmo_options_drop_meaningless(m->filter, m->options);
	if (tmo_options_check(m->filter, m->options, &why) == 0)
		return 0;
	return tmo_fail_usage(err, "with all that %.100s says of it: %.380s", m->file, why.text);
}

bool
tmo_map_any(struct tmo_map *m, bool (*truth)(const void *options))
{
	struct tmo_error ignored = {0};
	bool any = truth(m->base);

	for (const struct tmo_yaml *entry = m->root->first; entry != NULL && !any; entry = entry->next) {
		start_over(m);
		any = set_options(m, entry, &ignored) == 0 && truth(m->options);
	}
	start_over(m);
	return any;
}

int
tmo_map_unmatched(const struct tmo_map *m, const char *program, struct tmo_buffer *out,
                  struct tmo_error *err)
{
	const struct tmo_yaml *entry = m->root->first;
	char line[512], shown[512];

	for (size_t i = 0; i < m->count; i++, entry = entry->next) {
		if (m->matched[i])
			continue;
		snprintf(line, sizeof(line), "tmo-%s: %.200s: line %d, column %d: no tensor that is worked on "
		         "matches \"%.100s\"", program, m->file, entry->line, entry->column, entry->key);
		if (tmo_buffer_printf(out, err, "%s\n", tmo_printable(line, shown, sizeof(shown))) < 0)
			return -1;
	}
	return 0;
}

/* A copy of node, on one line, as `key` of parent, or in a list. */
static bool
copy(const struct tmo_yaml *node, struct tmo_yaml *parent, const char *key)
{
	struct tmo_yaml *const own = node->kind == TMO_YAML_MAP ? tmo_yaml_add_map(parent, key) :
		node->kind == TMO_YAML_LIST ? tmo_yaml_add_list(parent, key, true) :
		tmo_yaml_add_text(parent, key, node->text);

	if (own == NULL)
		return false;
	own->flow = true;
	own->quoted = node->quoted;
	for (const struct tmo_yaml *child = node->first; child != NULL; child = child->next)
		if (!copy(child, own, child->key))
			return false;
	return true;
}

int
tmo_map_record(const struct tmo_map *m, struct tmo_yaml *manifest, struct tmo_error *err)
{
	const struct tmo_yaml *const history = tmo_yaml_get(manifest, "history");
	struct tmo_yaml *const last = history != NULL ? history->last : NULL;
	struct tmo_yaml *options = tmo_yaml_get(last, "options");

	if (last != NULL && options == NULL) {
		options = tmo_yaml_add_map(last, "options");
		if (options != NULL)
			options->flow = true;
	}
	if (options == NULL || !copy(m->root, options, "map"))
		return tmo_fail_memory(err, 0);
	return 0;
}
