/* SPDX-License-Identifier: Apache-2.0 */
/* packed.c: the members of a tensor from its bytes in tensors.bin. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "base/text.h"
#include "stream/packed.h"

void
tmo_packed_free(struct tmo_packed_index *index)
{
	for (size_t i = 0; i < index->count; i++) {
		struct tmo_packed_tensor *t = &index->tensor[i];

		for (size_t j = 0; j < t->part_count; j++)
			free(t->part[j].path);
		free(t->part);
		free(t->path);
		free(t->yaml);
	}
	free(index->tensor);
	*index = (struct tmo_packed_index){0};
}

static int
check_digest(const struct tmo_packed_tensor *t, const unsigned char *bytes, size_t size,
             struct tmo_error *err)
{
	unsigned char digest[TMO_SHA256_BYTES];

	if (size != t->bytes)
		return tmo_fail(err, "%zu bytes of %ju; the stream is truncated", size,
		                (uintmax_t)t->bytes);
	tmo_sha256_of(bytes, size, digest);
	if (memcmp(digest, t->digest, sizeof(t->digest)) != 0)
		return tmo_fail(err, "SHA-256 is not the one in tensors.yaml; the stream is damaged");
	return 0;
}

/* A member that was kept verbatim; a tensor's .npy is cut behind its header. */
static int
restore_file(const unsigned char *in, size_t size, bool other, struct tmo_member *member,
             struct tmo_error *err)
{
	if (!other && tmo_ends_with(member->path, ".npy")) {
		if (tmo_npy_header_bytes(in, size < TMO_NPY_PREFIX ? size : TMO_NPY_PREFIX,
		                         &member->head_bytes, err) < 0)
			return -1;
		if (member->head_bytes > size)
			return tmo_fail(err, "the .npy header is cut; the stream is damaged");
		if ((member->head = tmo_alloc(member->head_bytes, 1, err)) == NULL)
			return -1;
		memcpy(member->head, in, member->head_bytes);
	}
	member->bytes = size - member->head_bytes;
	if ((member->data = tmo_alloc(member->bytes, 1, err)) == NULL)
		return -1;
	memcpy(member->data, in + member->head_bytes, member->bytes);
	return 0;
}

static int
restore_mask(const struct tmo_packed_part *p, const unsigned char *in, void *codes,
             struct tmo_error *err)
{
	const size_t n = p->count, mask = n / 8 + (n % 8 != 0), size = tmo_type_size(p->type);
	const size_t others = tmo_mask_count(in, n);
	void *values;
	int status;

	if (n % 8 != 0 && in[n / 8] >> n % 8 != 0)
		return tmo_fail(err, "bits behind the mask's last are set; the stream is damaged");
	if ((values = tmo_alloc(others, size, err)) == NULL)
		return -1;
	status = tmo_bits_unpack(in + mask, (size_t)p->length - mask, values, p->type, others, p->bits,
	                         err);
	if (status == 0)
		tmo_mask_merge(in, values, p->type, n, p->common, codes);
	free(values);
	return status;
}

static int
restore_array(const struct tmo_packed_part *p, const unsigned char *in, struct tmo_member *member,
              struct tmo_error *err)
{
	struct tmo_buffer head = {0};

	if (tmo_npy_header(p->type, p->rank, p->shape, &head, err) < 0) {
		tmo_buffer_free(&head);
		return -1;
	}
	member->head = head.data;
	member->head_bytes = head.size;
	member->bytes = p->count * tmo_type_size(p->type);	/* checked by the parser */
	if ((member->data = tmo_alloc(p->count, tmo_type_size(p->type), err)) == NULL)
		return -1;
	if (p->coding == TMO_CODING_BITS)
		return tmo_bits_unpack(in, (size_t)p->length, member->data, p->type, p->count, p->bits, err);
	if (p->coding == TMO_CODING_MASK)
		return restore_mask(p, in, member->data, err);
	memcpy(member->data, in, member->bytes);
	return 0;
}

static int
restore_yaml(const struct tmo_packed_tensor *t, struct tmo_members *members, struct tmo_error *err)
{
	struct tmo_buffer path = {0};
	struct tmo_member *member = NULL;

	if (tmo_buffer_printf(&path, err, "%s/tensor.yaml", t->path) == 0)
		member = tmo_members_add(members, (char *)path.data, err);
	tmo_buffer_free(&path);
	if (member == NULL || (member->data = tmo_copy_string(t->yaml, err)) == NULL)
		return -1;
	member->bytes = strlen(t->yaml);
	return 0;
}

static int
restore_parts(const struct tmo_packed_tensor *t, const unsigned char *bytes,
              struct tmo_members *members, struct tmo_error *err)
{
	for (size_t i = 0; i <= t->part_count; i++) {
		const struct tmo_packed_part *p = &t->part[i];
		struct tmo_member *member;
		int status;

		if (t->yaml != NULL && i == t->yaml_place && restore_yaml(t, members, err) < 0)
			return -1;
		if (i == t->part_count)
			return 0;
		if ((member = tmo_members_add(members, p->path, err)) == NULL)
			return -1;
		if (p->coding == TMO_CODING_FILE)
			status = restore_file(bytes + (p->offset - t->offset), (size_t)p->length, t->other,
			                      member, err);
		else
			status = restore_array(p, bytes + (p->offset - t->offset), member, err);
		if (status < 0)
			return tmo_fail_at(err, p->path);
	}
	return 0;
}

int
tmo_packed_restore(const struct tmo_packed_tensor *t, const unsigned char *bytes, size_t size,
                   struct tmo_members *members, struct tmo_error *err)
{
	if (check_digest(t, bytes, size, err) < 0)
		return tmo_fail_at(err, t->path);
	if (restore_parts(t, bytes, members, err) < 0) {
		tmo_members_free(members);
		return -1;
	}
	return 0;
}
