/* SPDX-License-Identifier: Apache-2.0 */
/* manifest.h: model.yaml. */
#ifndef TMO_MANIFEST_H
#define TMO_MANIFEST_H

#include "yaml/yaml.h"

/* A new manifest: `tmo: 1` and nothing else. NULL when memory is out. */
struct tmo_yaml *tmo_manifest_new(struct tmo_error *err);
/* A copy of the reader's, or a new one. The caller frees it. */
struct tmo_yaml *tmo_manifest_copy(const struct tmo_yaml *manifest, struct tmo_error *err);
/* Adds a name whose member name is cut. */
int tmo_manifest_name(struct tmo_yaml *manifest, const char *name, struct tmo_error *err);

#endif
