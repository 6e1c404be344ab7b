/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before the first NUL byte: what a plugin says to --describe. Behind it: a pipeline, which is read as
 * a file that can name no program but sh; and the options of a stage of that plugin. What is
 * refused says why; options that are fine become as many arguments.
 */
#define _GNU_SOURCE	/* memfd_create */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/read_write.h"
#include "filters/tmo/pipeline.h"
#include "run/program_description.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct tmo_strings no_folders;

static void
load_file(const uint8_t *text, size_t size)
{
	const int fd = memfd_create("pipeline", 0);
	struct pipeline p = {0};
	struct tmo_error err = {0};
	struct tmo_strings files = {0};
	char path[64];

	if (fd < 0 || tmo_write_full(fd, text, size, &err) < 0)
		exit(1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (driver_pipeline_load(&p, path, &no_folders, &err) < 0) {
		if (err.kind == TMO_ERROR_NONE || err.where[0] == '\0')
			abort();
	} else {
		if (p.count == 0 || driver_pipeline_wants_input(&p) ||
		    driver_pipeline_files(&p, &files, &err) < 0)
			abort();
		if (driver_pipeline_set(&p, "quant.bits=4", &err) == 0 || err.kind == TMO_ERROR_NONE)
			abort();
	}
	tmo_strings_free(&files);
	driver_pipeline_free(&p);
	close(fd);
}

/* How many arguments the options of a stage stand for. */
static size_t
count_values(const struct tmo_yaml *options)
{
	size_t n = 0;

	for (const struct tmo_yaml *o = options->first; o != NULL; o = o->next)
		n += o->kind == TMO_YAML_LIST ? tmo_yaml_count(o) : 1;
	return n;
}

static void
check_stage(const struct stage *s)
{
	struct tmo_error err = {0};
	struct tmo_strings argv = {0};
	bool good = true;

	for (const struct tmo_yaml *o = s->options->first; o != NULL; o = o->next) {
		const bool fine = driver_check_stage_option(s, o, &err) == 0;

		if (!fine && (err.kind == TMO_ERROR_NONE || err.kind != TMO_ERROR_USAGE))
			abort();
		good = good && fine;
	}
	driver_stage_wants_input(s);
	if (good && (driver_stage_arguments(s, "input", &argv, &err) < 0 ||
	             argv.count != count_values(s->options)))
		abort();
	for (size_t i = 0; i < argv.count; i++)
		if (strncmp(argv.item[i], "--", 2) != 0)
			abort();
	tmo_strings_free(&argv);
}

static void
set_options(const struct stage *only, const struct tmo_yaml *options)
{
	struct stage copy = *only;
	struct pipeline p = { .file = "p.yaml", .count = 1, .stage = &copy };
	struct tmo_error err = {0};
	struct tmo_buffer text = {0};

	copy.options = tmo_yaml_new_map();
	if (copy.options == NULL)
		exit(1);
	for (const struct tmo_yaml *o = options->first; o != NULL; o = o->next) {
		text.size = 0;
		if (o->kind == TMO_YAML_SCALAR &&
		    tmo_buffer_printf(&text, &err, "x.%s=%s", o->key, o->text) == 0 &&
		    tmo_buffer_append(&text, "", 1, &err) == 0)
			driver_pipeline_set(&p, (char *)text.data, &err);
	}
	check_stage(&copy);
	tmo_yaml_free(copy.options);
	tmo_buffer_free(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size > 0 ? memchr(data, '\0', size) : NULL;
	const size_t first = nul != NULL ? (size_t)(nul - data) : size;
	const uint8_t *rest = nul != NULL ? nul + 1 : data;
	const size_t rest_size = nul != NULL ? size - first - 1 : size;
	struct tmo_error err = {0};
	struct tmo_yaml *about = tmo_yaml_parse(data, first, &err);
	struct tmo_yaml *options = tmo_yaml_parse(rest, rest_size, &err);
	struct tmo_strings names = {0};

	load_file(rest, rest_size);
	if (about != NULL && about->kind == TMO_YAML_MAP && options != NULL &&
	    options->kind == TMO_YAML_MAP) {
		const struct stage s = { .name = "x", .options = options, .about = about };

		if (tmo_description_names(about, &names, &err) < 0)
			abort();
		for (size_t i = 0; i < names.count; i++)
			if (tmo_description_option(about, names.item[i]) == NULL)
				abort();
		check_stage(&s);
		set_options(&s, options);
	}
	tmo_strings_free(&names);
	tmo_yaml_free(about);
	tmo_yaml_free(options);
	return 0;
}
