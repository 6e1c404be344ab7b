/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "collect.h"
#include "formats/safetensors/safetensors_model.h"

static int
add_tensor(const struct tmo_st_tensor *from, struct info_contents *c, struct tmo_error *err)
{
	const bool known = from->dtype != NULL && from->dtype->type != TMO_NONE;
	struct info_tensor *const to = info_add_tensor(c, from->name, err);

	if (to == NULL)
		return -1;
	snprintf(to->type, sizeof(to->type), "%s",
	         known ? tmo_type_name(from->dtype->type) : from->dtype_name);
	snprintf(to->stored, sizeof(to->stored), "plain");
	to->rank = from->rank;
	memcpy(to->shape, from->shape, sizeof(to->shape));
	to->elements = 1;
	for (int i = 0; i < from->rank; i++)
		to->elements *= from->shape[i];
	to->bytes = from->end - from->start;
	info_count_tensor(c);
	return 0;
}

static int
add_metadata(const struct tmo_st_model *m, struct info_contents *c, struct tmo_error *err)
{
	const char *key;
	json_t *value;

	json_object_foreach(m->metadata, key, value)
		if (info_add_metadata(c, key, json_string_length(value), err) < 0)
			return -1;
	return 0;
}

int
info_collect_safetensors(const struct tmo_import *model, struct info_contents *c,
                         struct tmo_error *err)
{
	struct tmo_st_model m;
	int status = tmo_st_model_open(&m, model->fd, model->name, NULL, err);

	for (size_t i = 0; status == 0 && i < m.count; i++)
		status = add_tensor(&m.tensor[i], c, err);
	if (status == 0)
		status = add_metadata(&m, c, err);
	if (status < 0)
		tmo_fail_at(err, m.path != NULL ? m.path : model->name);
	tmo_st_model_close(&m);
	return status;
}
