/* SPDX-License-Identifier: Apache-2.0 */
/* npz_manifest.h: what the manifest says of a .npz. */
#ifndef FROM_NPZ_NPZ_MANIFEST_H
#define FROM_NPZ_NPZ_MANIFEST_H

#include "base/buffer.h"
#include "formats/npz/npz.h"

/* model.yaml's text. */
int from_npz_manifest(const struct tmo_npz_reader *in, struct tmo_buffer *out,
                      struct tmo_error *err);
/* What file is called without folder and suffix; "array" for stdin. */
void from_npz_name(const char *file, char *out, size_t size);

#endif
