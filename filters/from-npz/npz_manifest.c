/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/path.h"
#include "npz_manifest.h"
#include "stream/manifest.h"
#include "stream/member_name.h"

/* The file's name without folder, ".npz" and ".npy", as ASCII. */
void
from_npz_name(const char *file, char *out, size_t size)
{
	const char *name = strcmp(file, "stdin") == 0 ? "array" : tmo_path_name(file);
	size_t n = 0;

	for (; name[n] != '\0' && n + 1 < size; n++)
		out[n] = name[n] >= ' ' && name[n] <= '~' ? name[n] : '?';
	out[n] = '\0';
	if (n > 4 && (strcmp(out + n - 4, ".npz") == 0 || strcmp(out + n - 4, ".npy") == 0))
		out[n - 4] = '\0';
}

static int
add_totals(struct tmo_yaml *manifest, const struct tmo_npz_reader *in, struct tmo_error *err)
{
	struct tmo_yaml *totals = tmo_yaml_add_map(manifest, "totals");
	uint64_t bytes = 0;
	size_t tensors = 0;

	for (size_t i = 0; i < tmo_npz_count(in); i++) {
		const struct tmo_npz_member *m = tmo_npz_member(in, i);

		if (m->name == NULL)
			continue;
		tensors++;
		bytes += (uint64_t)m->npy.count * tmo_type_size(m->npy.type);
	}
	if (totals == NULL)
		return tmo_fail_memory(err, 0);
	totals->flow = true;
	if (tmo_yaml_add_size(totals, "tensors", tensors) == NULL ||
	    tmo_yaml_add_size(totals, "bytes", bytes) == NULL)
		return tmo_fail_memory(err, 0);
	return 0;
}

static const char *
name_of(const void *in, size_t i)
{
	return tmo_npz_member(in, i)->name;
}

int
from_npz_manifest(const struct tmo_npz_reader *in, struct tmo_buffer *out, struct tmo_error *err)
{
	struct tmo_yaml *manifest = tmo_manifest_new(err), *source;
	int status = -1;

	if (manifest == NULL)
		return -1;
	source = tmo_yaml_add_map(manifest, "source");
	if (source == NULL || tmo_yaml_add_text(source, "format", "npz") == NULL)
		tmo_fail_memory(err, 0);
	else if (add_totals(manifest, in, err) == 0 && tmo_manifest_names(manifest, tmo_npz_count(in), name_of, in, err) == 0)
		status = tmo_yaml_emit(manifest, out, err);
	tmo_yaml_free(manifest);
	return status;
}
