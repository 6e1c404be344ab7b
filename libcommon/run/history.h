/* SPDX-License-Identifier: Apache-2.0 */
/* history.h: what a program did, in the manifest of the stream that it wrote. */
#ifndef TMO_HISTORY_H
#define TMO_HISTORY_H

#include "options/options.h"
#include "yaml/yaml.h"

/* Adds the entry of a program: name, version and the options that are not at their default. */
int tmo_history_add(struct tmo_yaml *manifest, const struct tmo_filter *f,
                         const char *version, const void *options,
                         const struct tmo_selection *selection, struct tmo_error *err);

#endif
