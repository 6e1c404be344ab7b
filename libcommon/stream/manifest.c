/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/string_map.h"
#include "stream/manifest.h"
#include "stream/member_name.h"

struct tmo_yaml *
tmo_manifest_new(struct tmo_error *err)
{
	struct tmo_yaml *manifest = tmo_yaml_new_map();

	if (manifest == NULL || tmo_yaml_add_size(manifest, "tmo", TMO_STREAM_VERSION) == NULL) {
		tmo_yaml_free(manifest);
		tmo_fail_memory(err, 0);
		return NULL;
	}
	return manifest;
}

struct tmo_yaml *
tmo_manifest_copy(const struct tmo_yaml *manifest, struct tmo_error *err)
{
	struct tmo_buffer text = {0};
	struct tmo_yaml *copy = NULL;

	if (manifest == NULL)
		return tmo_manifest_new(err);
	if (tmo_yaml_emit(manifest, &text, err) == 0)
		copy = tmo_yaml_parse(text.data, text.size, err);
	tmo_buffer_free(&text);
	return copy;
}

struct tmo_yaml *
tmo_manifest_source(struct tmo_yaml *manifest, const char *format, struct tmo_error *err)
{
	struct tmo_yaml *source = tmo_yaml_add_map(manifest, "source");

	if (source != NULL && tmo_yaml_add_text(source, "format", format) != NULL)
		return source;
	tmo_fail_memory(err, 0);
	return NULL;
}

int
tmo_manifest_totals(struct tmo_yaml *manifest, size_t tensors, uint64_t bytes,
                    struct tmo_error *err)
{
	struct tmo_yaml *totals = tmo_yaml_add_map(manifest, "totals");

	if (totals == NULL || tmo_yaml_add_size(totals, "tensors", tensors) == NULL ||
	    tmo_yaml_add_size(totals, "bytes", bytes) == NULL)
		return tmo_fail_memory(err, 0);
	totals->flow = true;
	return 0;
}

/* The manifest's `names`, made where there is none; known gets its keys. */
static struct tmo_yaml *
open_names(struct tmo_yaml *manifest, struct tmo_string_map *known, struct tmo_error *err)
{
	struct tmo_yaml *names = tmo_yaml_get(manifest, "names");
	bool added;

	if (names == NULL && (names = tmo_yaml_add_map(manifest, "names")) == NULL) {
		tmo_fail_memory(err, 0);
		return NULL;
	}
	if (names->kind != TMO_YAML_MAP) {
		tmo_fail(err, "line %d, column %d: names is no mapping; correct model.yaml",
		         names->line, names->column);
		return NULL;
	}
	for (const struct tmo_yaml *item = names->first; item != NULL; item = item->next)
		if (tmo_string_map_add(known, item->key, NULL, &added, err) < 0)
			return NULL;
	return names;
}

/* A stem that is cut and the name that it stands for. */
static int
add_name(struct tmo_yaml *names, struct tmo_string_map *known, const char *stem, const char *name,
         struct tmo_error *err)
{
	char *whole;
	bool added;
	int status = 0;

	if (tmo_string_map_add(known, stem, NULL, &added, err) < 0)
		return -1;
	if (!added)
		return 0;
	if ((whole = tmo_name_encode_whole(name, err)) == NULL)
		return -1;
	if (tmo_yaml_add_text(names, stem, whole) == NULL)
		status = tmo_fail_memory(err, 0);
	free(whole);
	return status;
}

int
tmo_manifest_names(struct tmo_yaml *manifest, size_t count,
                   const char *(*name)(const void *arg, size_t i), const void *arg,
                   struct tmo_error *err)
{
	struct tmo_string_map *const known = tmo_string_map_new(err);
	struct tmo_yaml *names = NULL;
	int status = known == NULL ? -1 : 0;

	for (size_t i = 0; i < count && status == 0; i++) {
		const char *const text = name(arg, i);
		bool cut = false;
		char *const stem = text != NULL ? tmo_name_encode(text, &cut, err) : NULL;

		if (text != NULL && stem == NULL)
			status = -1;
		else if (cut && names == NULL && (names = open_names(manifest, known, err)) == NULL)
			status = -1;
		else if (cut)
			status = add_name(names, known, stem, text, err);
		free(stem);
	}
	tmo_string_map_free(known);
	return status;
}

/* " --name value", in quotes where a shell would do something to it. */
static int
put_option(struct tmo_buffer *line, const char *name, const char *value, struct tmo_error *err)
{
	static const char harmless[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	                               "%+,-./:=@_";
	const bool plain = value[0] != '\0' && value[strspn(value, harmless)] == '\0';

	return tmo_buffer_printf(line, err, plain ? " --%s %s" : " --%s '%s'", name, value);
}

static int
put_recorded(struct tmo_buffer *line, const struct tmo_yaml *option, struct tmo_error *err)
{
	int status = 0;

	if (option->kind == TMO_YAML_MAP)	/* --map's entries stand here, not its file */
		return tmo_buffer_printf(line, err, " --%s (%zu entries)", option->key,
		                         tmo_yaml_count(option));
	for (const struct tmo_yaml *item = option->first; item != NULL && status == 0; item = item->next)
		if (item->kind == TMO_YAML_SCALAR)
			status = put_option(line, option->key, item->text, err);
	if (option->kind != TMO_YAML_SCALAR)
		return status;
	if (!option->quoted && strcmp(option->text, "true") == 0)
		return tmo_buffer_printf(line, err, " --%s", option->key);
	if (!option->quoted && strcmp(option->text, "false") == 0)
		return tmo_buffer_printf(line, err, " --no-%s", option->key);
	return put_option(line, option->key, option->text, err);
}

int
tmo_manifest_stages(const struct tmo_yaml *manifest, struct tmo_strings *stages,
                    struct tmo_error *err)
{
	const struct tmo_yaml *const history = manifest != NULL ? tmo_yaml_get(manifest, "history") : NULL;
	const struct tmo_yaml *entry = history != NULL ? history->first : NULL;
	struct tmo_buffer line = {0};
	int status = 0;

	for (; entry != NULL && status == 0; entry = entry->next) {
		const struct tmo_yaml *const options = tmo_yaml_get(entry, "options");
		const char *const program = tmo_yaml_text(entry, "program");
		const char *const version = tmo_yaml_text(entry, "version");

		if (program == NULL)
			continue;
		line.size = 0;
		status = tmo_buffer_printf(&line, err, "%s %s", program, version != NULL ? version : "");
		for (const struct tmo_yaml *o = options != NULL ? options->first : NULL;
		     o != NULL && status == 0; o = o->next)
			if (o->key != NULL)
				status = put_recorded(&line, o, err);
		if (status == 0)
			status = tmo_strings_add(stages, (const char *)line.data, err);
	}
	tmo_buffer_free(&line);
	return status;
}
