/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/buffer.h"
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

int
tmo_manifest_name(struct tmo_yaml *manifest, const char *name, struct tmo_error *err)
{
	struct tmo_yaml *names = tmo_yaml_get(manifest, "names");
	char *stem = NULL, *whole = NULL;
	bool cut;
	int status = -1;

	if (names == NULL && (names = tmo_yaml_add_map(manifest, "names")) == NULL)
		return tmo_fail_memory(err, 0);
	if (names->kind != TMO_YAML_MAP)
		return tmo_fail(err, "line %d, column %d: names is no mapping; correct model.yaml",
		                names->line, names->column);
	if ((stem = tmo_name_encode(name, &cut, err)) != NULL
	    && (whole = tmo_name_encode_whole(name, err)) != NULL) {
		status = 0;
		if (tmo_yaml_get(names, stem) == NULL && tmo_yaml_add_text(names, stem, whole) == NULL)
			status = tmo_fail_memory(err, 0);
	}
	free(stem);
	free(whole);
	return status;
}
