/* SPDX-License-Identifier: Apache-2.0 */
/* stage_arguments.c: from the options in a pipeline to the arguments of its programs. */
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/strings.h"
#include "pipeline.h"
#include "run/program_description.h"

static bool
has_type(const struct stage *s, const char *option, const char *type)
{
	const struct tmo_yaml *entry = tmo_description_option(s->about, option);
	const char *own = entry != NULL ? tmo_yaml_text(entry, "type") : NULL;

	return own != NULL && strcmp(own, type) == 0;
}

static int
add_value(const struct stage *s, const char *option, const char *text, const char *input,
          struct tmo_strings *argv, struct tmo_error *err)
{
	if (has_type(s, option, "flag") || has_type(s, option, "switch"))
		return tmo_strings_printf(argv, err, "--%s%s", strcmp(text, "true") == 0 ?
		                          "" : "no-",
		                          option);
	if (has_type(s, option, "file") && strcmp(text, PIPELINE_INPUT) == 0)
		text = input;
	return tmo_strings_printf(argv, err, "--%s=%s", option, text);
}

int
driver_stage_arguments(const struct stage *s, const char *input, struct tmo_strings *argv,
                       struct tmo_error *err)
{
	for (const struct tmo_yaml *o = s->options->first; o != NULL; o = o->next) {
		if (o->kind == TMO_YAML_SCALAR && add_value(s, o->key, o->text, input, argv,
		                                            err) < 0)
			return -1;
		for (const struct tmo_yaml *item = o->first; item != NULL; item = item->next)
			if (add_value(s, o->key, item->text, input, argv, err) < 0)
				return -1;
	}
	return 0;
}

bool
driver_stage_wants_input(const struct stage *s)
{
	if (s->command != NULL)
		return false;
	for (const struct tmo_yaml *o = s->options->first; o != NULL; o = o->next)
		if (o->kind == TMO_YAML_SCALAR && strcmp(o->text, PIPELINE_INPUT) == 0 &&
		    has_type(s, o->key, "file"))
			return true;
	return false;
}

bool
driver_pipeline_wants_input(const struct pipeline *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (driver_stage_wants_input(&p->stage[i]))
			return true;
	return false;
}

/* One file option: if there is no such file here, but beside the pipeline, it means that one. */
static int
find_file(struct tmo_yaml *option, const char *folder, size_t length, struct tmo_error *err)
{
	struct tmo_strings path = {0};
	int status = 0;

	if (option->text[0] == '/' || option->text[0] == '@' || access(option->text, F_OK) == 0)
		return 0;
	if (tmo_strings_printf(&path, err, "%.*s/%s", (int)length, folder, option->text) < 0)
		return -1;
	if (access(path.item[0], F_OK) == 0) {
		char *const found = tmo_copy_string(path.item[0], err);

		status = found != NULL ? 0 : -1;
		if (found != NULL)
			tmo_yaml_set_text(option, found);
	}
	tmo_strings_free(&path);
	return status;
}

int
driver_pipeline_find_files(struct pipeline *p, struct tmo_error *err)
{
	const char *const slash = strrchr(p->file, '/');

	for (size_t i = 0; slash != NULL && i < p->count; i++) {
		struct tmo_yaml *o = p->stage[i].command == NULL ? p->stage[i].options->first : NULL;

		for (; o != NULL; o = o->next)
			if (o->kind == TMO_YAML_SCALAR && has_type(&p->stage[i], o->key, "file") &&
			    find_file(o, p->file, (size_t)(slash - p->file), err) < 0)
				return -1;
	}
	return 0;
}

int
driver_pipeline_files(const struct pipeline *p, struct tmo_strings *files, struct tmo_error *err)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct tmo_yaml *o = p->stage[i].command == NULL ? p->stage[i].options->first
		                                                       : NULL;

		for (; o != NULL; o = o->next)
			if (o->kind == TMO_YAML_SCALAR && has_type(&p->stage[i], o->key, "file") &&
			    strcmp(o->text, PIPELINE_INPUT) != 0 && !tmo_strings_has(files,
			                                                             o->text) &&
			    tmo_strings_add(files, o->text, err) < 0)
				return -1;
	}
	return 0;
}
