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

/* The tensor's name that a path stands for. */
static char *
name_of_path(const struct tmo_reader *r, const char *path, bool encoded, struct tmo_error *err)
{
	const char *const inside = tmo_member_in_tensors(path);
	char *stem = tmo_copy_string(inside != NULL ? inside : path, err), *name;
	const char *whole = stem;

	if (stem == NULL)
		return NULL;
	if (!encoded)
		stem[strlen(stem) - 4] = '\0';		/* .npy */
	if (inside == NULL)
		return stem;
	if (strlen(stem) == CUT_STEM_BYTES && stem[CUT_STEM_BYTES - 33] == '~')
		whole = tmo_string_map_value(r->names, stem);
	if (whole == NULL)
		tmo_fail(err, "its whole name is in no `names`; keep model.yaml with the tensors");
	name = whole == NULL ? NULL : tmo_name_decode(whole, err);
	free(stem);
	return name;
}

/* What tensor.yaml says into item. */
static int
encoded_item(struct tmo_reader *r, struct tmo_item *item, struct tmo_error *err)
{
	const struct tmo_members *const members = &r->found.members;
	struct tmo_tensor t = {0};
	struct tmo_yaml *map = NULL;
	int status;

	for (size_t i = 0; i < members->count && map == NULL; i++) {
		const struct tmo_member *const m = &members->member[i];

		if (strcmp(strrchr(m->path, '/'), "/tensor.yaml") != 0)
			continue;
		if (tmo_tensor_yaml_check_size(m->path, m->bytes, err) < 0 ||
		    (map = tmo_yaml_parse(m->data, m->bytes, err)) == NULL)
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
	const struct tmo_member *const m = &r->found.members.member[0];
	const uint64_t data = r->found.streaming ? r->found.left : m->bytes;
	struct tmo_npy npy;

	if (tmo_npy_parse(m->head, m->head_bytes, &npy, err) < 0)
		return -1;
	r->head_left = m->head;
	r->head_left_bytes = m->head_bytes;
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

static int
tensor_item(struct tmo_reader *r, struct tmo_item *item, struct tmo_error *err)
{
	const struct tmo_found *const f = &r->found;
	const bool plain = f->members.count == 1 && strcmp(f->members.member[0].path, f->path) == 0;
	bool added;

	item->kind = TMO_ITEM_TENSOR;
	if ((plain ? plain_item(r, item, err) : encoded_item(r, item, err)) < 0)
		return -1;
	if (item->kind == TMO_ITEM_OTHER)
		return 0;
	free(r->name);
	r->name = name_of_path(r, f->path, !plain, err);
	if (r->name == NULL || tmo_string_map_add(r->seen, r->name, NULL, &added, err) < 0)
		return -1;
	item->name = r->name;
	return added ? 0 : tmo_fail(err, "a second tensor of this name; leave one out");
}

int
tmo_reader_item(struct tmo_reader *r, struct tmo_item *item, struct tmo_error *err)
{
	const struct tmo_found *const f = &r->found;
	const struct tmo_member *const m = f->members.member;

	item->path = f->path;
	item->bytes = f->bytes;
	if (f->tensor)
		return tensor_item(r, item, err);
	item->kind = TMO_ITEM_OTHER;
	if (f->streaming || f->members.count == 0 || strcmp(f->path, "names.yaml") != 0)
		return 0;
	return tmo_reader_names_member(r, m->data, m->bytes, err);
}
