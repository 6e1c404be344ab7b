/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/npz/npz_manifest.h"
#include "stream/manifest.h"

static const char *
name_of(const void *in, size_t i)
{
	return tmo_npz_member(in, i)->name;
}

static int
fill(struct tmo_yaml *manifest, const struct tmo_npz_reader *in, struct tmo_error *err)
{
	uint64_t bytes = 0;
	size_t tensors = 0;

	for (size_t i = 0; i < tmo_npz_count(in); i++) {
		const struct tmo_npz_member *m = tmo_npz_member(in, i);

		tensors += m->name != NULL;
		bytes += m->name == NULL ? 0 : (uint64_t)m->npy.count * tmo_type_size(m->npy.type);
	}
	if (tmo_manifest_source(manifest, "npz", err) == NULL ||
	    tmo_manifest_totals(manifest, tensors, bytes, err) < 0)
		return -1;
	return tmo_manifest_names(manifest, tmo_npz_count(in), name_of, in, err);
}

int
tmo_npz_manifest(const struct tmo_npz_reader *in, struct tmo_buffer *out, struct tmo_error *err)
{
	struct tmo_yaml *manifest = tmo_manifest_new(err);
	int status = -1;

	if (manifest != NULL && fill(manifest, in, err) == 0)
		status = tmo_yaml_emit(manifest, out, err);
	tmo_yaml_free(manifest);
	return status;
}
