/* SPDX-License-Identifier: Apache-2.0 */
/* tensor_yaml.h: tensor.yaml, what an encoded tensor is. */
#ifndef TMO_TENSOR_YAML_H
#define TMO_TENSOR_YAML_H

#include "base/buffer.h"
#include "tmo.h"
#include "yaml/yaml.h"

/* tensor.yaml's text for t, and back into an empty t (codes and the other arrays stay empty). */
int tmo_tensor_yaml(const struct tmo_tensor *t, struct tmo_buffer *out, struct tmo_error *err);
int tmo_tensor_from_yaml(const struct tmo_yaml *map, struct tmo_tensor *t, struct tmo_error *err);

/* Fails if a member is a tensor.yaml that nobody can mean: parsed, it takes 60 times the memory. */
int tmo_tensor_yaml_check_size(const char *path, uint64_t size, struct tmo_error *err);

#endif
