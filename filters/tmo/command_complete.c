/* SPDX-License-Identifier: Apache-2.0 */
/* `tmo complete`: what can stand at some place of a command line, one a line: for the shells' completion. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/strings.h"
#include "driver.h"
#include "installed_pipelines.h"
#include "pipeline.h"
#include "run/program_description.h"
#include "run/programs.h"

static struct tmo_yaml *
describe_command(const struct tmo_filter *f, struct tmo_error *err)
{
	struct tmo_buffer text = {0};
	struct tmo_yaml *about = NULL;

	if (tmo_options_describe(f, TMO_VERSION, &text, err) == 0)
		about = tmo_yaml_parse(text.data, text.size, err);
	tmo_buffer_free(&text);
	return about;
}

/* The description of a command or a program; NULL: err says why. */
static struct tmo_yaml *
describe(const struct tmo_strings *folders, const char *name, struct tmo_error *err)
{
	static const struct tmo_filter *const commands[] = {
		&driver_run_filter, &driver_import_filter, &driver_list_filter,
	};
	struct tmo_yaml *about = NULL;
	char *path = NULL;

	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (strcmp(name, commands[i]->name) == 0)
			return describe_command(commands[i], err);
	if (tmo_find_program(folders, name, &path, err) == 0 && path == NULL)
		tmo_no_such_program(folders, name, tmo_command_names, err);
	else if (path != NULL)
		about = tmo_program_describe(path, err);
	free(path);
	return about;
}

static bool
is_truth(const struct tmo_yaml *about, const char *option)
{
	const char *const type = tmo_yaml_text(tmo_description_option(about, option), "type");

	return type != NULL && (strcmp(type, "flag") == 0 || strcmp(type, "switch") == 0);
}

/* One line for each option: "--bits=" if it takes a value, else "--symmetric". */
static int
add_options(const struct tmo_yaml *about, struct tmo_buffer *out, struct tmo_error *err)
{
	struct tmo_strings names = {0};
	int status = tmo_description_names(about, &names, err);

	for (size_t i = 0; i < names.count && status == 0; i++)
		status = tmo_buffer_printf(out, err, "--%s%s\n", names.item[i],
		                           is_truth(about, names.item[i]) ? "" : "=");
	tmo_strings_free(&names);
	return status;
}

/* The words of a choice; of "group:N" what stands before the number. No lines for what is free. */
static int
add_words(const struct tmo_yaml *about, const char *option, struct tmo_buffer *out,
          struct tmo_error *err)
{
	const struct tmo_yaml *const entry = tmo_description_option(about, option);
	const struct tmo_yaml *word = entry != NULL ? tmo_yaml_get(entry, "values") : NULL;

	for (word = word != NULL ? word->first : NULL; word != NULL; word = word->next) {
		const char *const colon = word->kind == TMO_YAML_SCALAR ? strchr(word->text, ':') : NULL;

		if (word->kind == TMO_YAML_SCALAR &&
		    tmo_buffer_printf(out, err, "%.*s\n", colon != NULL ? (int)(colon + 1 - word->text) :
		                      (int)strlen(word->text), word->text) < 0)
			return -1;
	}
	return 0;
}

/* The n-th stage of its name: "quant.bits=", or from the second on "quant.2.bits=", for each option. */
static int
add_keys(const struct stage *s, unsigned n, struct tmo_buffer *out, struct tmo_error *err)
{
	struct tmo_strings names = {0};
	int status = tmo_description_names(s->about, &names, err);

	for (size_t i = 0; i < names.count && status == 0; i++)
		status = n == 1 ? tmo_buffer_printf(out, err, "%s.%s=\n", s->name, names.item[i])
		                : tmo_buffer_printf(out, err, "%s.%u.%s=\n", s->name, n, names.item[i]);
	tmo_strings_free(&names);
	return status;
}

/* What --set can say of a pipeline: all keys, or, of the one that is given, the words of its value. */
static int
add_settings(const struct pipeline *p, const char *key, struct tmo_buffer *out,
             struct tmo_error *err)
{
	const char *const dot = key != NULL ? strrchr(key, '.') : NULL;

	for (size_t i = 0; i < p->count; i++) {
		const struct stage *const s = &p->stage[i];
		unsigned n = 1;

		if (s->command != NULL)
			continue;
		for (size_t k = 0; k < i; k++)
			n += strcmp(p->stage[k].name, s->name) == 0;
		if (key == NULL && add_keys(s, n, out, err) < 0)
			return -1;
		if (dot == NULL || strncmp(key, s->name, strlen(s->name)) != 0 ||
		    key[strlen(s->name)] != '.')
			continue;
		if (is_truth(s->about, dot + 1))
			return tmo_buffer_printf(out, err, "true\nfalse\n");
		return add_words(s->about, dot + 1, out, err);
	}
	return 0;
}

static int
complete_pipeline(const struct tmo_strings *folders, const char *name, const char *key,
                  struct tmo_buffer *out, struct tmo_error *err)
{
	struct pipeline p = {0};
	char *file = NULL;
	int status = driver_find_pipeline(name, &file, err);

	if (status == 0)
		status = driver_pipeline_load(&p, file, folders, err);
	if (status == 0)
		status = add_settings(&p, key, out, err);
	driver_pipeline_free(&p);
	free(file);
	return status;
}

/* All that `tmo help` can show. */
static int
complete_help(const struct tmo_strings *folders, struct tmo_buffer *out, struct tmo_error *err)
{
	struct tmo_programs all = {0};
	int status = tmo_programs_find(folders, &all, err);

	for (size_t i = 0; tmo_command_names[i] != NULL && status == 0; i++)
		status = tmo_buffer_printf(out, err, "%s\n", tmo_command_names[i]);
	for (size_t i = 0; driver_pages[i] != NULL && status == 0; i++)
		status = tmo_buffer_printf(out, err, "%s\n", driver_pages[i]);
	for (size_t i = 0; i < all.count && status == 0; i++)
		if (all.program[i].fault == NULL)
			status = tmo_buffer_printf(out, err, "%s\n", all.program[i].name);
	tmo_programs_free(&all);
	return status;
}

static int
complete_program(const struct tmo_strings *folders, const char *name, const char *option,
                 struct tmo_buffer *out, struct tmo_error *err)
{
	struct tmo_yaml *const about = describe(folders, name, err);
	int status;

	if (about == NULL)
		return -1;
	status = option == NULL ? add_options(about, out, err)
	                        : add_words(about, option + strspn(option, "-"), out, err);
	tmo_yaml_free(about);
	return status;
}

int
driver_complete(const struct tmo_strings *folders, int argc, char **argv)
{
	const char *const name = argc > 1 ? argv[1] : "";
	const char *const more = argc > 2 ? argv[2] : NULL;
	const bool pipeline = strcmp(name, "run") == 0 && more != NULL && more[0] != '-';
	struct tmo_error err = {0};
	struct tmo_buffer out = {0};
	int status;

	if (argc < 2 || argc > (pipeline ? 4 : 3))
		status = tmo_fail_usage(&err, "complete takes one name, and perhaps an option of it; see "
		                        "tmo list");
	else if (pipeline)
		status = complete_pipeline(folders, more, argc > 3 ? argv[3] : NULL, &out, &err);
	else if (strcmp(name, "help") == 0)
		status = complete_help(folders, &out, &err);
	else
		status = complete_program(folders, name, more, &out, &err);
	if (status == 0)
		status = driver_print((const char *)out.data, out.size, &err);
	tmo_buffer_free(&out);
	return status == 0 ? 0 : driver_complain(&err);
}
