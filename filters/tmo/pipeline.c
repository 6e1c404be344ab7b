/* SPDX-License-Identifier: Apache-2.0 */
/* pipeline.c: reading pipeline files, --set, and from there to arguments. tmo-pipeline(5). */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/read_write.h"
#include "base/strings.h"
#include "pipeline.h"
#include "run/program_description.h"
#include "run/programs.h"

#define FILE_MAX ((size_t)1 << 20)

/* What a stage can be that is no program of ours; the commands of tmo cannot. */
static const char *const other_stages[] = { "sh", NULL };

static int
read_file(const char *file, struct tmo_buffer *text, struct tmo_error *err)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC), status;
	size_t got;

	if (fd < 0) {
		tmo_fail_system(err, "cannot open");
		if (errno == ENOENT || errno == EACCES || errno == ENOTDIR)
			err->kind = TMO_ERROR_USAGE;
		return -1;
	}
	status = tmo_buffer_reserve(text, FILE_MAX + 1, err);
	if (status == 0)
		status = tmo_read_full(fd, text->data, FILE_MAX + 1, &got, err);
	close(fd);
	if (status < 0)
		return -1;
	text->size = got;
	if (got > FILE_MAX)
		return tmo_fail_usage(err, "a pipeline file has at most %zu bytes", FILE_MAX);
	return 0;
}

bool
driver_stage_is(const struct stage *s, const char *kind)
{
	const char *own = s->about != NULL ? tmo_yaml_text(s->about, "kind") : NULL;

	return own != NULL && strcmp(own, kind) == 0;
}

/* `NAME:` with nothing behind it is a stage without options. */
static bool
is_nothing(const struct tmo_yaml *node)
{
	return node->kind == TMO_YAML_SCALAR && !node->quoted &&
	       (node->text[0] == '\0' || strcmp(node->text, "~") == 0 ||
	        strcmp(node->text, "null") == 0);
}

static int
load_program(struct stage *s, struct tmo_yaml *entry, const struct tmo_strings *folders,
             struct tmo_error *err)
{
	struct tmo_error inner = {0};

	if (is_nothing(entry))
		entry->kind = TMO_YAML_MAP;
	if (tmo_find_program(folders, s->name, &s->path, err) < 0)
		return -1;
	if (s->path == NULL) {
		tmo_no_such_program(folders, s->name, other_stages, &inner);
		return driver_wrong(err, entry, "%s", inner.text);
	}
	if (entry->kind != TMO_YAML_MAP)
		return driver_wrong(err, entry,
		                    "%s takes a map of its long options, as %s: {name: value}",
		                    s->name, s->name);
	s->about = tmo_program_describe(s->path, &inner);
	if (s->about == NULL) {
		driver_wrong(err, entry, "%s: %s", inner.where, inner.text);
		err->kind = inner.kind;	/* what cannot be asked now may be fine later */
		return -1;
	}
	s->options = entry;
	for (const struct tmo_yaml *o = entry->first; o != NULL; o = o->next)
		if (driver_check_stage_option(s, o, err) < 0)
			return -1;
	return 0;
}

static int
load_stage(struct stage *s, struct tmo_yaml *item, const struct tmo_strings *folders,
           struct tmo_error *err)
{
	struct tmo_yaml *entry = item->first;

	if (item->kind != TMO_YAML_MAP || tmo_yaml_count(item) != 1)
		return driver_wrong(err, item, "a stage is one program with its options, as "
		                    "\"- quant: {bits: 8}\"; %s", item->kind == TMO_YAML_MAP ?
		                    "here are more or none: is the indentation right" :
		                    "a colon is missing");
	s->name = entry->key;
	if (strcmp(s->name, "sh") != 0)
		return load_program(s, entry, folders, err);
	if (entry->kind != TMO_YAML_SCALAR || entry->text[0] == '\0')
		return driver_wrong(err, entry, "sh takes a command, as \"- sh: cat\"");
	s->command = entry->text;
	return 0;
}

/* A stage that makes a stream stands first, after one that takes it up only sh can follow. */
static int
check_kind(const struct pipeline *p, size_t i, const struct tmo_yaml *item, struct tmo_error *err)
{
	const struct stage *s = &p->stage[i];

	if (i > 0 && driver_stage_is(s, "source"))
		return driver_wrong(err, item, "%s makes a stream and can only be the first stage",
		                    s->name);
	if (driver_stage_is(s, "source") && driver_stage_wants_input(s))
		return driver_wrong(err, item,
		                    "%s makes the stream that " PIPELINE_INPUT " stands for",
		                    s->name);
	if (i > 0 && s->command == NULL && driver_stage_is(s - 1, "sink"))
		return driver_wrong(err, item, "%s cannot follow %s, which gives no stream",
		                    s->name,
		                    s[-1].name);
	return 0;
}

static int
load_stages(struct pipeline *p, const struct tmo_strings *folders, struct tmo_error *err)
{
	static const char *const keys[] = { "summary", "stages" };
	struct tmo_yaml *root = p->document, *list = tmo_yaml_get(root, "stages"), *item;
	struct tmo_strings known = {0};
	char near[160];
	size_t i = 0;

	for (item = root->first; root->kind == TMO_YAML_MAP && item != NULL; item = item->next) {
		int status = 0;

		if (strcmp(item->key, keys[0]) == 0 || strcmp(item->key, keys[1]) == 0)
			continue;
		for (size_t k = 0; k < 2 && status == 0; k++)
			status = tmo_strings_add(&known, keys[k], err);
		if (status == 0)
			driver_wrong(err, item, "unknown key \"%s\" in a pipeline%s", item->key,
			             tmo_strings_hint(&known, item->key, near, sizeof(near)));
		tmo_strings_free(&known);
		return -1;
	}
	if (list == NULL || list->kind != TMO_YAML_LIST || list->first == NULL)
		return driver_wrong(err, list != NULL ? list : root,
		                    "a pipeline has a list of stages, as "
		                    "\"stages: [quant: {bits: 8}]\"");
	p->count = p->room = tmo_yaml_count(list);
	p->stage = tmo_alloc(p->count, sizeof(*p->stage), err);
	if (p->stage == NULL)
		return -1;
	for (item = list->first; item != NULL; item = item->next, i++)
		if (load_stage(&p->stage[i], item, folders, err) < 0 ||
		    check_kind(p, i, item, err) < 0)
			return -1;
	return 0;
}

int
driver_pipeline_load(struct pipeline *p, const char *file, const struct tmo_strings *folders,
                     struct tmo_error *err)
{
	struct tmo_buffer text = {0};
	int status = -1;

	p->file = file;
	if (read_file(file, &text, err) == 0) {
		p->document = tmo_yaml_parse(text.data, text.size, err);
		/* A mistake in the file is one in the command; what the machine lacks is none. */
		if (p->document == NULL && err->kind == TMO_ERROR_DATA)
			err->kind = TMO_ERROR_USAGE;
	}
	if (p->document != NULL)
		status = load_stages(p, folders, err);
	tmo_buffer_free(&text);
	return status < 0 ? tmo_fail_at(err, file) : 0;
}

int
driver_pipeline_add(struct pipeline *p, const char *name, const struct tmo_strings *folders,
                    struct tmo_error *err)
{
	struct stage *s;

	if (tmo_grow(&p->stage, p->count, &p->room, sizeof(*p->stage), err) < 0)
		return -1;
	s = &p->stage[p->count++];
	*s = (struct stage){ .name = name };
	if (p->document == NULL)
		p->document = tmo_yaml_new_map();
	if (p->document != NULL)
		s->options = tmo_yaml_add_map(p->document, name);
	if (s->options == NULL)
		return tmo_fail_memory(err, 0);
	if (tmo_find_program(folders, name, &s->path, err) < 0)
		return -1;
	if (s->path == NULL)
		return tmo_no_such_program(folders, name, other_stages, err);
	s->about = tmo_program_describe(s->path, err);
	return s->about != NULL ? 0 : -1;
}

void
driver_pipeline_drop(struct pipeline *p)
{
	p->count--;
	free(p->stage[p->count].path);
	tmo_yaml_free(p->stage[p->count].about);
}

void
driver_pipeline_free(struct pipeline *p)
{
	while (p->stage != NULL && p->count > 0)
		driver_pipeline_drop(p);
	free(p->stage);
	tmo_yaml_free(p->document);
	*p = (struct pipeline){0};
}

/* ---- --set ---- */

/* One assignment on one stage; text is the value. A scratch map carries it through the check. */
static int
set_in_stage(struct stage *s, const char *option, const char *text, struct tmo_error *err)
{
	struct tmo_yaml *scratch = tmo_yaml_new_map(), *value, *old;
	const struct tmo_yaml *about = tmo_description_option(s->about, option);
	const char *type = about != NULL ? tmo_yaml_text(about, "type") : NULL;
	bool repeats = type != NULL && strcmp(type, "list") == 0;
	int status = -1;

	value = scratch != NULL ? tmo_yaml_add_text(scratch, option, text) : NULL;
	if (value == NULL) {
		tmo_fail_memory(err, 0);
		goto out;
	}
	value->quoted = false;
	value->line = 0;
	if (driver_check_stage_option(s, value, err) < 0)
		goto out;
	old = tmo_yaml_get(s->options, option);
	if (old != NULL && (!repeats || old->line != 0)) {
		tmo_yaml_free(tmo_yaml_cut(s->options, option));
		old = NULL;
	}
	if (old == NULL)
		old = repeats ? tmo_yaml_add_list(s->options, option, true) : s->options;
	value = old == NULL ? NULL : tmo_yaml_add_text(old, repeats ? NULL : option, text);
	if (value == NULL) {
		tmo_fail_memory(err, 0);
		goto out;
	}
	value->quoted = false;
	status = 0;
out:
	tmo_yaml_free(scratch);
	return status;
}

static int
no_such_stage(const struct pipeline *p, const char *name, struct tmo_error *err)
{
	struct tmo_strings names = {0};
	char near[160];

	for (size_t i = 0; i < p->count; i++)
		if (p->stage[i].command == NULL && tmo_strings_add(&names, p->stage[i].name,
		                                                   err) < 0) {
			tmo_strings_free(&names);
			return -1;
		}
	tmo_fail_usage(err, "%s has no stage \"%s\"%s", p->file, name,
	               tmo_strings_hint(&names, name, near, sizeof(near)));
	tmo_strings_free(&names);
	return -1;
}

/* copy is "STAGE.OPTION=VALUE", to be cut up. */
static int
set(struct pipeline *p, char *copy, struct tmo_error *err)
{
	char *value = strchr(copy, '='), *option, *number, *end = NULL;
	unsigned long wanted = 0, seen = 0;

	if (value != NULL)
		*value++ = '\0';
	option = strrchr(copy, '.');
	if (value == NULL || option == NULL || option == copy || option[1] == '\0')
		return tmo_fail_usage(err, "it must be STAGE.OPTION=VALUE, as quant.bits=4");
	*option++ = '\0';
	number = strchr(copy, '.');
	if (number != NULL) {
		*number++ = '\0';
		wanted = number[0] >= '1' && number[0] <= '9' ? strtoul(number, &end, 10) : 0;
		if (wanted == 0 || *end != '\0')
			return tmo_fail_usage(err, "\"%s\" is no number of a stage; as in "
			                      "quant.2.bits=4, the second quant", number);
	}
	for (size_t i = 0; i < p->count; i++) {
		struct stage *s = &p->stage[i];

		if (s->command != NULL || strcmp(s->name, copy) != 0)
			continue;
		seen++;
		if ((wanted == 0 || wanted == seen) && set_in_stage(s, option, value, err) < 0)
			return -1;
	}
	if (seen == 0)
		return no_such_stage(p, copy, err);
	if (wanted > seen)
		return tmo_fail_usage(err, "%s has only %lu of the stage %s", p->file, seen, copy);
	return 0;
}

int
driver_pipeline_set(struct pipeline *p, const char *assignment, struct tmo_error *err)
{
	char *copy = tmo_copy_string(assignment, err);
	struct tmo_strings where = {0};
	int status = -1;

	if (copy != NULL)
		status = set(p, copy, err);
	if (status < 0 && tmo_strings_printf(&where, err, "--set %s", assignment) == 0)
		tmo_fail_at(err, where.item[0]);
	tmo_strings_free(&where);
	free(copy);
	return status;
}
