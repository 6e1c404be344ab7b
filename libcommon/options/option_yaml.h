/* SPDX-License-Identifier: Apache-2.0 */
/* option_yaml.h: an option's value as YAML has it, in a pipeline or in a map. */
#ifndef TMO_OPTION_YAML_H
#define TMO_OPTION_YAML_H

#include "options/options.h"
#include "yaml/yaml.h"

/*
 * Sets o from value, a scalar, or for an option that may be repeated a list of them too, which are
 * added. A number or truth value in quotes is refused: whoever wrote that meant something else. The
 * error begins with the option's name and says no place: that is value's. Texts are borrowed from it.
 */
int tmo_option_set_yaml(const struct tmo_option *o, const struct tmo_yaml *value, void *options,
                        struct tmo_error *err);

#endif
