/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "contents.h"

void
info_contents_free(struct info_contents *c)
{
	for (size_t i = 0; i < c->tensor_count; i++)
		free(c->tensor[i].name);
	for (size_t i = 0; i < c->other_count; i++)
		free(c->other[i].path);
	for (size_t i = 0; i < c->metadata_count; i++)
		free(c->metadata[i].key);
	for (size_t i = 0; i < c->operator_count; i++)
		free(c->operator[i].name);
	free(c->tensor);
	free(c->other);
	free(c->metadata);
	free(c->operator);
	tmo_yaml_free(c->manifest);
	tmo_uses_free(&c->uses);
	tmo_net_free(c->net);
	*c = (struct info_contents){ 0 };
}

struct info_tensor *
info_add_tensor(struct info_contents *c, const char *name, struct tmo_error *err)
{
	struct info_tensor *t;

	if (tmo_grow(&c->tensor, c->tensor_count, &c->tensor_room, sizeof(*c->tensor), err) < 0)
		return NULL;
	t = &c->tensor[c->tensor_count];
	*t = (struct info_tensor){ .name = tmo_copy_string(name, err) };
	if (t->name == NULL)
		return NULL;
	c->tensor_count++;
	return t;
}

void
info_count_tensor(struct info_contents *c)
{
	c->elements += c->tensor[c->tensor_count - 1].elements;
	c->bytes += c->tensor[c->tensor_count - 1].bytes;
}

void
info_describe_tensor(struct info_tensor *to, const struct tmo_tensor *t)
{
	snprintf(to->type, sizeof(to->type), "%s", tmo_type_name(t->dtype));
	tmo_form_short(t, to->stored);
	to->rank = t->rank;
	memcpy(to->shape, t->shape, sizeof(to->shape));
	to->elements = t->count;
	to->encoded = t->codes.type != TMO_NONE;
	if (!to->encoded)
		return;
	to->form = (struct info_form){
		.encoding = tmo_form_name(t), .code = t->code, .bits = t->bits,
		.scales = t->scale.type != TMO_NONE ? t->scale.count : 0,
		.zero_points = t->zero_point.type != TMO_NONE ? t->zero_point.count : 0,
	};
	tmo_form_codebooks(t, &to->form.codebooks, &to->form.codebook_size);
	to->form.granularity = tmo_form_granularity(t, to->form.block);
}

int
info_add_other(struct info_contents *c, const char *path, uint64_t bytes, struct tmo_error *err)
{
	if (tmo_grow(&c->other, c->other_count, &c->other_room, sizeof(*c->other), err) < 0)
		return -1;
	c->other[c->other_count] = (struct info_other){ .path = tmo_copy_string(path, err), .bytes = bytes };
	if (c->other[c->other_count].path == NULL)
		return -1;
	c->other_count++;
	return 0;
}

int
info_add_metadata(struct info_contents *c, const char *key, uint64_t bytes, struct tmo_error *err)
{
	if (tmo_grow(&c->metadata, c->metadata_count, &c->metadata_room, sizeof(*c->metadata), err) < 0)
		return -1;
	c->metadata[c->metadata_count] = (struct info_metadata){
		.key = tmo_copy_string(key, err), .bytes = bytes,
	};
	if (c->metadata[c->metadata_count].key == NULL)
		return -1;
	c->metadata_count++;
	return 0;
}
