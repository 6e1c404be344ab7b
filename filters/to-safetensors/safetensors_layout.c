/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "safetensors_layout.h"

void
to_safetensors_layout_free(struct safetensors_layout *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->name[i]);
	free(p->name);
	free(p->tensor);
	free(p->offset);
	free(p->size);
	free(p->kept_text);
	tmo_st_free(&p->kept);
	tmo_buffer_free(&p->header);
	*p = (struct safetensors_layout){0};
}

static int
grow(struct safetensors_layout *p, struct tmo_error *err)
{
	if (tmo_grow(&p->tensor, p->count, &p->tensor_room, sizeof(*p->tensor), err) < 0)
		return -1;
	return tmo_grow(&p->name, p->count, &p->name_room, sizeof(*p->name), err);
}

int
to_safetensors_layout_add(struct safetensors_layout *p, const struct tmo_item *item,
                          enum tmo_type type,
                          struct tmo_error *err)
{
	struct tmo_st_tensor *t;

	if (!tmo_utf8_is_valid(item->name))
		return tmo_fail(err, "its name is not UTF-8, as JSON must be; rename it");
	if (strcmp(item->name, "__metadata__") == 0)
		return tmo_fail(err, "safetensors uses this name for something else; rename it");
	if (grow(p, err) < 0 || (p->name[p->count] = tmo_copy_string(item->name, err)) == NULL)
		return -1;
	t = &p->tensor[p->count];
	*t = (struct tmo_st_tensor){
		.name = p->name[p->count], .dtype = tmo_st_dtype_of(type), .rank = item->rank,
		.end = (uint64_t)item->count * tmo_type_size(type), .place = p->count,
	};
	t->dtype_name = t->dtype->name;
	memcpy(t->shape, item->shape, sizeof(t->shape));
	p->count++;
	return 0;
}

int
to_safetensors_layout_keep(struct safetensors_layout *p, char *text, size_t bytes,
                           struct tmo_error *err)
{
	if (p->kept_text != NULL) {
		free(text);
		return tmo_fail(err, "the stream has two of them; leave one out");
	}
	p->kept_text = text;
	p->kept_bytes = bytes;
	return tmo_st_parse(text, bytes, UINT64_MAX, &p->kept, err);
}

/* Whether the tensor is still what the kept header had, by that name. */
static bool
is_as_kept(const struct tmo_st_tensor *t, const struct tmo_st_tensor *kept)
{
	enum tmo_type type;
	int rank;
	size_t shape[TMO_RANK_MAX];

	tmo_st_stored(kept, &type, &rank, shape);
	return t->dtype->type == type && t->rank == rank && t->end - t->start == kept->end - kept->start &&
	       memcmp(t->shape, shape, (size_t)rank * sizeof(shape[0])) == 0;
}

/* Gives tensors the types that only the kept header knows; *all: nothing has changed. */
static int
compare_with_kept(struct safetensors_layout *p, bool *all, struct tmo_error *err)
{
	struct tmo_string_index names = {0};
	int status = 0;

	*all = p->count == p->kept.count;
	for (size_t i = 0; i < p->kept.count && status == 0; i++)
		status = tmo_string_index_set(&names, p->kept.tensor[i].name, i, err);
	for (size_t i = 0; i < p->count && status == 0; i++) {
		struct tmo_st_tensor *const t = &p->tensor[i];
		const size_t k = tmo_string_index_get(&names, t->name);
		const struct tmo_st_tensor *const kept = k != SIZE_MAX ? &p->kept.tensor[k] : NULL;

		if (kept == NULL || !is_as_kept(t, kept)) {
			*all = false;
			continue;
		}
		*t = *kept;
		t->name = p->name[i];
		t->place = i;
	}
	tmo_string_index_free(&names);
	return status;
}

int
to_safetensors_layout_finish(struct safetensors_layout *p, struct tmo_error *err)
{
	bool all = false;

	if (p->kept_text != NULL && compare_with_kept(p, &all, err) < 0)
		return -1;
	if (all) {
		if (tmo_buffer_append(&p->header, p->kept_text, p->kept_bytes, err) < 0)
			return -1;
	} else {
		tmo_st_arrange(p->tensor, p->count);
		if (tmo_st_text(p->tensor, p->count, p->kept.metadata, &p->header, err) < 0)
			return -1;
	}
	p->offset = tmo_alloc(p->count, sizeof(*p->offset), err);
	p->size = tmo_alloc(p->count, sizeof(*p->size), err);
	if (p->offset == NULL || p->size == NULL)
		return -1;
	for (size_t i = 0; i < p->count; i++) {
		const struct tmo_st_tensor *const t = &p->tensor[i];

		p->offset[t->place] = t->start;
		p->size[t->place] = t->end - t->start;
		p->data_bytes += t->end - t->start;
	}
	p->in_order = true;
	for (size_t i = 1; i < p->count; i++)
		p->in_order = p->in_order && p->offset[i] == p->offset[i - 1] + p->size[i - 1];
	return 0;
}
