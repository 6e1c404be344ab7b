/* SPDX-License-Identifier: Apache-2.0 */
/* What a member, or a folder of members, is as an item of the stream. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/string_map.h"
#include "stream/member_name.h"
#include "stream/reader.h"
#include "stream/tensor_yaml.h"
#include "tensor/encoding.h"

#define CUT_STEM_BYTES 183		/* 150, "~", 32 */
#define TENSOR_YAML_MAX ((uint64_t)1 << 20)

/* The tensor's name that a path stands for. */
static char *
name_of_path(const struct tmo_reader *r, const char *path, bool encoded, struct tmo_error *err)
{
	char *stem = tmo_copy_string(strncmp(path, "tensors/", 8) == 0 ? path + 8 : path, err), *name;
	const char *whole = stem;

	if (stem == NULL)
		return NULL;
	if (!encoded)
		stem[strlen(stem) - 4] = '\0';		/* .npy */
	if (strncmp(path, "tensors/", 8) != 0)
		return stem;
	if (strlen(stem) == CUT_STEM_BYTES && stem[CUT_STEM_BYTES - 33] == '~')
		whole = tmo_string_map_value(r->names, stem);
	if (whole == NULL)
		tmo_fail(err, "its whole name is in no `names`; keep model.yaml with the tensors");
	name = whole == NULL ? NULL : tmo_name_decode(whole, err);
	free(stem);
	return name;
}

/* Whether a part is not a tensor.yaml that nobody can mean: parsed, it takes 60 times the memory. */
static int
check_part_size(const char *path, uint64_t size, struct tmo_error *err)
{
	if (size <= TENSOR_YAML_MAX || strcmp(strrchr(path, '/'), "/tensor.yaml") != 0)
		return 0;
	return tmo_fail(err, "%ju bytes of tensor.yaml, at most %ju are accepted; write the tensor again",
	                (uintmax_t)size, (uintmax_t)TENSOR_YAML_MAX);
}

/* What tensor.yaml says into item. */
static int
encoded_item(struct tmo_reader *r, struct tmo_item *item, struct tmo_error *err)
{
	struct tmo_tensor t = {0};
	struct tmo_yaml *map = NULL;
	int status;

	for (size_t i = 0; i < r->parts.count && map == NULL; i++)
		if (strcmp(strrchr(r->parts.member[i].path, '/'), "/tensor.yaml") == 0) {
			if (check_part_size(r->parts.member[i].path, r->parts.member[i].bytes, err) < 0)
				return -1;
			map = tmo_yaml_parse(r->parts.member[i].data, r->parts.member[i].bytes, err);
			if (map == NULL)
				return -1;
		}
	if (map == NULL)
		return tmo_fail(err, "tensor.yaml is missing; write the tensor again");
	status = tmo_tensor_from_yaml(map, &t, err);
	item->encoded = true;
	item->dtype = t.dtype;
	item->rank = t.rank;
	item->count = t.count;
	memcpy(item->shape, t.shape, sizeof(t.shape));
	tmo_yaml_free(map);
	tmo_tensor_free(&t);
	return status;
}

/* What a .npy's header says into item; a type that no tensor has makes it an "other". */
static int
plain_item(struct tmo_reader *r, struct tmo_item *item, struct tmo_error *err)
{
	const struct tmo_member *part = &r->parts.member[0];
	const uint64_t data = part->data != NULL ? part->bytes : tmo_tar_left(r->tar);
	struct tmo_npy npy;

	if (tmo_npy_parse(part->head, part->head_bytes, &npy, err) < 0)
		return -1;
	r->head_left = part->head;
	r->head_left_bytes = part->head_bytes;
	if (npy.type == TMO_NONE) {
		item->kind = TMO_ITEM_OTHER;
		return 0;
	}
	if (data != npy.count * tmo_type_size(npy.type))
		return tmo_fail(err, "%ju bytes of data, its header says %zu; write it again",
		                (uintmax_t)data, npy.count * tmo_type_size(npy.type));
	item->dtype = npy.type;
	item->rank = npy.rank;
	item->count = npy.count;
	memcpy(item->shape, npy.shape, sizeof(npy.shape));
	return 0;
}

int
tmo_reader_tensor_item(struct tmo_reader *r, struct tmo_item *item, struct tmo_error *err)
{
	const bool plain = r->parts.count == 1 && strcmp(r->parts.member[0].path, r->path) == 0;
	bool added;

	item->kind = TMO_ITEM_TENSOR;
	item->path = r->path;
	for (size_t i = 0; i < r->parts.count; i++)
		item->bytes += r->parts.member[i].head_bytes + r->parts.member[i].bytes;
	if (r->streaming)
		item->bytes += tmo_tar_left(r->tar);
	if ((plain ? plain_item(r, item, err) : encoded_item(r, item, err)) < 0)
		return -1;
	if (item->kind == TMO_ITEM_OTHER)
		return 0;
	free(r->name);
	r->name = name_of_path(r, r->path, !plain, err);
	if (r->name == NULL || tmo_string_map_add(r->seen, r->name, NULL, &added, err) < 0)
		return -1;
	item->name = r->name;
	return added ? 0 : tmo_fail(err, "a second tensor of this name; leave one out");
}

/* The header of a .npy into part; the data is next in tar. */
int
tmo_reader_take_npy_head(struct tmo_reader *r, struct tmo_member *part, struct tmo_error *err)
{
	unsigned char prefix[TMO_NPY_PREFIX] = {0};
	size_t n = sizeof(prefix), bytes;

	if (tmo_tar_left(r->tar) < n)
		n = (size_t)tmo_tar_left(r->tar);
	if (tmo_tar_read(r->tar, prefix, n, err) < 0 ||
	    tmo_npy_header_bytes(prefix, n, &bytes, err) < 0)
		return -1;
	if (bytes < n || bytes - n > tmo_tar_left(r->tar))
		return tmo_fail(err, "bad .npy header; save it again with numpy.save");
	part->head = tmo_alloc(bytes, 1, err);
	if (part->head == NULL)
		return -1;
	memcpy(part->head, prefix, n);
	part->head_bytes = bytes;
	return tmo_tar_read(r->tar, part->head + n, bytes - n, err);
}

/* All members of the folder tensors/STEM, the first of which is at hand. */
int
tmo_reader_take_folder(struct tmo_reader *r, const char *path, struct tmo_error *err)
{
	const size_t prefix = strlen(r->path) + 1;

	for (;;) {
		struct tmo_member *part = tmo_members_add(&r->parts, path, err);
		const size_t length = strlen(path);
		uint64_t size = 0;

		if (part == NULL)
			return -1;
		if (length > 4 && strcmp(path + length - 4, ".npy") == 0 &&
		    tmo_reader_take_npy_head(r, part, err) < 0)
			return tmo_fail_at(err, path);
		size = tmo_tar_left(r->tar);
		part->bytes = (size_t)size;
		if (check_part_size(path, size, err) < 0 ||
		    tmo_reader_take(r, size, &part->data, err) < 0)
			return tmo_fail_at(err, path);
		if (tmo_reader_advance(r, &path, &size, err) < 0)
			return -1;
		if (path == NULL || strncmp(path, r->path, prefix - 1) != 0 || path[prefix - 1] != '/')
			break;
	}
	r->pending = true;
	return 0;
}
