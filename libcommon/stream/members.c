/* SPDX-License-Identifier: Apache-2.0 */
/* A tensor as the members that make it up in the stream, and back. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/element_type.h"
#include "base/memory.h"
#include "stream/member_name.h"
#include "stream/stream.h"
#include "stream/tensor_yaml.h"
#include "tensor/encoding.h"

void
tmo_members_free(struct tmo_members *p)
{
	for (size_t i = 0; i < p->count; i++) {
		free(p->member[i].path);
		free(p->member[i].head);
		free(p->member[i].data);
	}
	free(p->member);
	*p = (struct tmo_members){0};
}

struct tmo_member *
tmo_members_add(struct tmo_members *members, const char *path, struct tmo_error *err)
{
	char *copy;

	if (tmo_grow(&members->member, members->count, &members->room, sizeof(*members->member), err) < 0 ||
	    (copy = tmo_copy_string(path, err)) == NULL)
		return NULL;
	members->member[members->count] = (struct tmo_member){.path = copy};
	return &members->member[members->count++];
}

/* a as PREFIX/NAME.npy, or at path; takes its data. */
static int
add_array(struct tmo_members *members, const char *path, struct tmo_array *a, struct tmo_error *err)
{
	struct tmo_member *member = tmo_members_add(members, path, err);
	struct tmo_buffer head = {0};

	if (member == NULL)
		return -1;
	if (tmo_npy_header(a->type, a->rank, a->shape, &head, err) < 0) {
		tmo_buffer_free(&head);
		return -1;
	}
	member->head = head.data;
	member->head_bytes = head.size;
	member->bytes = a->count * tmo_type_size(a->type);
	member->data = a->data;
	*a = (struct tmo_array){0};
	return 0;
}

static int
add_encoding(struct tmo_members *members, const char *folder, struct tmo_tensor *t,
             struct tmo_error *err)
{
	struct {
		const char *name;
		struct tmo_array *array;
	} arrays[] = {
		{"codes", &t->codes}, {"codebook", &t->codebook},
		{"scale", &t->scale}, {"zero_point", &t->zero_point},
	};
	struct tmo_buffer path = {0}, yaml = {0};
	struct tmo_member *member;
	int status = -1;

	if (tmo_buffer_printf(&path, err, "%s/tensor.yaml", folder) < 0 ||
	    tmo_tensor_yaml(t, &yaml, err) < 0 ||
	    (member = tmo_members_add(members, (char *)path.data, err)) == NULL)
		goto out;
	member->data = yaml.data;
	member->bytes = yaml.size;
	yaml = (struct tmo_buffer){0};
	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++) {
		path.size = 0;
		if (arrays[i].array->data != NULL &&
		    (tmo_buffer_printf(&path, err, "%s/%s.npy", folder, arrays[i].name) < 0 ||
		     add_array(members, (char *)path.data, arrays[i].array, err) < 0))
			goto out;
	}
	status = 0;
out:
	tmo_buffer_free(&yaml);
	tmo_buffer_free(&path);
	return status;
}

/* bf16 and fp8 have no .npy: their bit patterns are codes. */
static void
encode_bit_patterns(struct tmo_tensor *t)
{
	const int size = (int)tmo_type_size(t->dtype);

	t->codes = t->values;
	t->codes.type = size == 2 ? TMO_U16 : TMO_U8;
	t->code = t->dtype;
	t->bits = 8 * size;
	t->values = (struct tmo_array){0};
	t->data = NULL;
}

int
tmo_tensor_to_members(struct tmo_tensor *t, const char *path, struct tmo_members *members,
                    struct tmo_error *err)
{
	char *stem = NULL, *folder = NULL;
	bool cut;
	int status = -1;

	if (!tmo_is_encoded(t)) {
		if (tmo_tensor_narrow(t, err) < 0)
			return -1;
		if (!tmo_type_has_npy(t->dtype))
			encode_bit_patterns(t);
	}
	if (tmo_is_encoded(t) && t->name[0] == '\0')
		return tmo_fail(err, "a tensor without a name has no folder to be encoded in; name it, or "
		                "leave it out with --skip ''");
	stem = tmo_name_encode(t->name, &cut, err);
	if (stem != NULL)
		folder = tmo_member_path(stem, tmo_is_encoded(t) ? "" : ".npy", err);
	if (folder == NULL)
		goto out;
	if (tmo_is_encoded(t)) {
		status = add_encoding(members, folder, t, err);
	} else {
		status = add_array(members, path != NULL ? path : folder, &t->values, err);
		t->data = NULL;
		t->data64 = NULL;
	}
out:
	free(stem);
	free(folder);
	return status;
}

/* Takes an array out of a member. */
static int
take_array(struct tmo_member *member, struct tmo_array *a, struct tmo_error *err)
{
	struct tmo_npy npy;

	if (member->head == NULL || tmo_npy_parse(member->head, member->head_bytes, &npy, err) < 0)
		return member->head == NULL ? tmo_fail(err, "no .npy; write the tensor again") : -1;
	if (npy.type == TMO_NONE)
		return tmo_fail(err, "an array type that no tensor has; write the tensor again");
	if (member->bytes != npy.count * tmo_type_size(npy.type))
		return tmo_fail(err, "%zu bytes of data, its header says %zu; write it again",
		                member->bytes, npy.count * tmo_type_size(npy.type));
	if (tmo_npy_normalize(&npy, &member->data, err) < 0)
		return -1;
	*a = (struct tmo_array){.type = npy.type, .rank = npy.rank, .count = npy.count,
	                        .data = member->data};
	memcpy(a->shape, npy.shape, sizeof(a->shape));
	member->data = NULL;
	member->bytes = 0;
	return 0;
}

static int
take_yaml(const struct tmo_member *member, struct tmo_tensor *t, struct tmo_error *err)
{
	struct tmo_yaml *map = tmo_yaml_parse(member->data, member->bytes, err);
	int status = map == NULL ? -1 : tmo_tensor_from_yaml(map, t, err);

	tmo_yaml_free(map);
	return status;
}

static int
take_member(struct tmo_tensor *t, struct tmo_member *member, struct tmo_error *err)
{
	const char *const slash = strrchr(member->path, '/');
	const char *const base = slash != NULL ? slash + 1 : member->path;
	struct {
		const char *name;
		struct tmo_array *array;
	} arrays[] = {
		{"codes.npy", &t->codes}, {"codebook.npy", &t->codebook},
		{"scale.npy", &t->scale}, {"zero_point.npy", &t->zero_point},
	};

	if (strcmp(base, "tensor.yaml") == 0)
		return t->dtype != TMO_NONE ? tmo_fail(err, "a second one; leave one out") :
		       take_yaml(member, t, err);
	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++)
		if (strcmp(base, arrays[i].name) == 0)
			return arrays[i].array->data != NULL ?
			       tmo_fail(err, "a second one; leave one out") :
			       take_array(member, arrays[i].array, err);
	return tmo_fail_unsupported(err, "a part that this version does not know; it needs a newer tmo");
}

int
tmo_tensor_from_members(struct tmo_tensor *t, const char *name, struct tmo_members *members,
                      struct tmo_error *err)
{
	const bool plain = members->count == 1 && members->member[0].head != NULL;

	t->name = tmo_copy_string(name, err);
	t->output_axis = t->input_axis = -1;
	if (t->name == NULL)
		return -1;
	if (plain) {
		if (take_array(&members->member[0], &t->values, err) < 0)
			return tmo_fail_at(err, members->member[0].path);
		t->dtype = t->values.type;
		t->rank = t->values.rank;
		t->count = t->values.count;
		memcpy(t->shape, t->values.shape, sizeof(t->shape));
		t->data = t->dtype == TMO_F32 ? t->values.data : NULL;
		t->data64 = t->dtype == TMO_F64 ? t->values.data : NULL;
		return 0;
	}
	for (size_t i = 0; i < members->count; i++)
		if (take_member(t, &members->member[i], err) < 0)
			return tmo_fail_at(err, members->member[i].path);
	if (t->dtype == TMO_NONE)
		return tmo_fail(err, "tensor.yaml is missing; write the tensor again");
	return tmo_encoding_check(t, err);
}
