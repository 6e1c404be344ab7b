/* SPDX-License-Identifier: Apache-2.0 */
/* The index of a model in several safetensors files: a JSON object whose weight_map says what is where. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "formats/safetensors/safetensors.h"

static int
by_name(const void *left, const void *right)
{
	const char *const *a = left, *const *b = right;

	return strcmp(*a, *b);
}

static int
take_files(struct tmo_st_index *ix, struct tmo_error *err)
{
	size_t kept = 0;
	char shown[100];

	ix->file = tmo_alloc(json_object_size(ix->map), sizeof(*ix->file), err);
	if (ix->file == NULL)
		return -1;
	for (void *at = json_object_iter(ix->map); at != NULL;
	     at = json_object_iter_next(ix->map, at)) {
		const char *const file = json_string_value(json_object_iter_value(at));

		if (file == NULL)
			return tmo_fail(err, "weight_map names no file for \"%s\"; write the index again",
			                tmo_printable(json_object_iter_key(at), shown, sizeof(shown)));
		if (tmo_path_fault(file) != TMO_PATH_INSIDE)
			return tmo_fail(err, "weight_map names \"%s\", which is outside the folder of the "
			                "index; use a relative path without ..",
			                tmo_printable(file, shown, sizeof(shown)));
		ix->file[ix->count++] = file;
	}
	if (ix->count == 0)
		return tmo_fail(err, "weight_map names no tensor; write the index again");
	qsort(ix->file, ix->count, sizeof(*ix->file), by_name);
	for (size_t i = 0; i < ix->count; i++)
		if (kept == 0 || strcmp(ix->file[i], ix->file[kept - 1]) != 0)
			ix->file[kept++] = ix->file[i];
	ix->count = kept;
	return 0;
}

int
tmo_st_index_parse(const char *text, size_t bytes, struct tmo_st_index *ix, struct tmo_error *err)
{
	json_error_t why;
	char shown[JSON_ERROR_TEXT_LENGTH];

	ix->root = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &why);
	if (ix->root == NULL)
		return tmo_fail(err, "line %d, column %d: %s; write the index again", why.line,
		                why.column, tmo_printable(why.text, shown, sizeof(shown)));
	ix->map = json_object_get(ix->root, "weight_map");
	if (!json_is_object(ix->map))
		tmo_fail(err, "it has no weight_map; is it the index of a safetensors model?");
	else if (take_files(ix, err) == 0)
		return 0;
	tmo_st_index_free(ix);
	return -1;
}

void
tmo_st_index_free(struct tmo_st_index *ix)
{
	json_decref(ix->root);
	free(ix->file);
	*ix = (struct tmo_st_index){0};
}

const char *
tmo_st_index_file(const struct tmo_st_index *ix, const char *tensor)
{
	return json_string_value(json_object_get(ix->map, tensor));
}
