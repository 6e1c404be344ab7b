/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_problem.h: what libyaml finds wrong, for whoever wrote the text: what is wrong there, and what to do. */
#ifndef TMO_YAML_PROBLEM_H
#define TMO_YAML_PROBLEM_H

#include <yaml.h>

#include "tmo.h"

/* Fails with line, column and our words for the error of p, whose input was text. */
int tmo_yaml_problem(const yaml_parser_t *p, const unsigned char *text, size_t size, struct tmo_error *err);

#endif
