/* SPDX-License-Identifier: Apache-2.0 */
/* npz_manifest.h: model.yaml for arrays that come from a .npz. */
#ifndef TMO_NPZ_MANIFEST_H
#define TMO_NPZ_MANIFEST_H

#include "base/buffer.h"
#include "formats/npz/npz.h"

/* Appends model.yaml's text. */
int tmo_npz_manifest(const struct tmo_npz_reader *in, struct tmo_buffer *out,
                     struct tmo_error *err);

#endif
