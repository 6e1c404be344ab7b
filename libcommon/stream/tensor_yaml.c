/* SPDX-License-Identifier: Apache-2.0 */
/* tensor.yaml, written and read. */
#include <string.h>

#include "base/buffer.h"
#include "stream/tensor_yaml.h"
#include "tensor/encoding.h"

#define TENSOR_YAML_MAX ((uint64_t)1 << 20)

int
tmo_tensor_yaml_check_size(const char *path, uint64_t size, struct tmo_error *err)
{
	if (size <= TENSOR_YAML_MAX || strcmp(strrchr(path, '/'), "/tensor.yaml") != 0)
		return 0;
	return tmo_fail(err, "%ju bytes of tensor.yaml, at most %ju are accepted; write the tensor again",
	                (uintmax_t)size, (uintmax_t)TENSOR_YAML_MAX);
}

static int
add_sizes(struct tmo_yaml *map, const char *key, int n, const size_t *sizes)
{
	struct tmo_yaml *list = tmo_yaml_add_list(map, key, true);

	for (int i = 0; i < n && list != NULL; i++)
		if (tmo_yaml_add_size(list, NULL, sizes[i]) == NULL)
			return -1;
	return list == NULL ? -1 : 0;
}

int
tmo_tensor_yaml(const struct tmo_tensor *t, struct tmo_buffer *out, struct tmo_error *err)
{
	struct tmo_yaml *map = tmo_yaml_new_map();
	int status = -1;

	if (map == NULL || add_sizes(map, "shape", t->rank, t->shape) < 0 ||
	    tmo_yaml_add_text(map, "dtype", tmo_type_name(t->dtype)) == NULL ||
	    (t->code != TMO_NONE &&
	     tmo_yaml_add_text(map, "code", tmo_type_name(t->code)) == NULL) ||
	    tmo_yaml_add_size(map, "bits", (uint64_t)t->bits) == NULL ||
	    (t->blocked && add_sizes(map, "block", t->rank, t->block) < 0))
		tmo_fail_memory(err, 0);
	else
		status = tmo_yaml_emit(map, out, err);
	if (status == 0 && t->extra != NULL)
		status = tmo_buffer_append(out, t->extra, strlen(t->extra), err);
	tmo_yaml_free(map);
	return status;
}

/* A list of whole numbers, at most TMO_RANK_MAX of them. */
static int
read_sizes(const struct tmo_yaml *list, const char *key, int *n, size_t *sizes,
           struct tmo_error *err)
{
	*n = 0;
	if (list->kind != TMO_YAML_LIST)
		return tmo_fail(err, "%s is no list; write the tensor again", key);
	for (const struct tmo_yaml *item = list->first; item != NULL; item = item->next) {
		uint64_t value;

		if (*n == TMO_RANK_MAX)
			return tmo_fail_unsupported(err, "%s has more than %d entries; at most that many "
			                            "are supported", key, TMO_RANK_MAX);
		if (tmo_yaml_size(item, &value, err) < 0)
			return -1;
		sizes[(*n)++] = (size_t)value;
	}
	return 0;
}

static int
read_type(const struct tmo_yaml *map, const char *key, enum tmo_type *type,
          struct tmo_error *err)
{
	const char *text = tmo_yaml_text(map, key);

	if (text == NULL)
		return tmo_fail(err, "no %s in tensor.yaml; write the tensor again", key);
	*type = tmo_type_named(text);
	if (*type == TMO_NONE)
		return tmo_fail_unsupported(err, "%s \"%.40s\" is unknown; it needs a newer tmo", key,
		                            text);
	return 0;
}

/* Keys that this version does not know, as YAML text, so that they can be written back. */
static int
keep_unknown(const struct tmo_yaml *map, struct tmo_tensor *t, struct tmo_error *err)
{
	static const char *const known[] = {"shape", "dtype", "code", "bits", "block"};
	struct tmo_buffer text = {0};

	for (const struct tmo_yaml *item = map->first; item != NULL; item = item->next) {
		struct tmo_yaml one = *map, copy = *item;
		bool is_known = false;

		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			is_known = is_known || strcmp(item->key, known[i]) == 0;
		if (is_known)
			continue;
		copy.next = NULL;
		one.first = one.last = &copy;
		if (tmo_yaml_emit(&one, &text, err) < 0) {
			tmo_buffer_free(&text);
			return -1;
		}
	}
	if (text.size > 0 && tmo_buffer_append(&text, "", 1, err) < 0) {
		tmo_buffer_free(&text);
		return -1;
	}
	t->extra = (char *)text.data;
	return 0;
}

int
tmo_tensor_from_yaml(const struct tmo_yaml *map, struct tmo_tensor *t, struct tmo_error *err)
{
	const struct tmo_yaml *shape = tmo_yaml_get(map, "shape"), *bits = tmo_yaml_get(map, "bits");
	const struct tmo_yaml *block = tmo_yaml_get(map, "block");
	const char *code = tmo_yaml_text(map, "code");
	uint64_t number;
	int n;

	if (shape == NULL || bits == NULL)
		return tmo_fail(err, "no %s in tensor.yaml; write the tensor again",
		                shape == NULL ? "shape" : "bits");
	if (read_sizes(shape, "shape", &t->rank, t->shape, err) < 0 ||
	    read_type(map, "dtype", &t->dtype, err) < 0 || tmo_yaml_size(bits, &number, err) < 0)
		return -1;
	if (number < 1 || number > 64)
		return tmo_fail(err, "bits %ju in tensor.yaml; 1 to 64 are possible",
		                (uintmax_t)number);
	t->bits = (int)number;
	if (code == NULL && tmo_yaml_get(map, "code") != NULL)
		return tmo_fail_unsupported(err, "code in tensor.yaml is no word; it needs a newer tmo");
	if (code != NULL && strcmp(code, "int") != 0) {
		if (read_type(map, "code", &t->code, err) < 0)
			return -1;
		if (!tmo_type_is_float(t->code))
			return tmo_fail_unsupported(err, "code \"%s\" is no float type; it needs a newer tmo",
			                            code);
	}
	t->blocked = block != NULL;
	if (t->blocked && read_sizes(block, "block", &n, t->block, err) < 0)
		return -1;
	if (t->blocked && n != t->rank)
		return tmo_fail(err, "block has %d entries for rank %d; write it again", n, t->rank);
	if (tmo_shape_count(t->rank, t->shape, sizeof(double), &t->count, err) < 0)
		return -1;
	return keep_unknown(map, t, err);
}
