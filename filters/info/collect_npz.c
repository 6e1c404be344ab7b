/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "collect.h"
#include "formats/npz/npz.h"
#include "formats/npz/npz_import.h"

static int
add_member(const struct tmo_npz_member *from, struct info_contents *c, struct tmo_error *err)
{
	struct info_tensor *to;

	if (from->name == NULL)
		return info_add_other(c, from->path, from->bytes, err);
	to = info_add_tensor(c, from->name, err);
	if (to == NULL)
		return -1;
	snprintf(to->type, sizeof(to->type), "%s", tmo_type_name(from->npy.type));
	snprintf(to->stored, sizeof(to->stored), "plain");
	to->rank = from->npy.rank;
	memcpy(to->shape, from->npy.shape, sizeof(to->shape));
	to->elements = from->npy.count;
	to->bytes = (uint64_t)from->npy.count * tmo_type_size(from->npy.type);
	info_count_tensor(c);
	return 0;
}

int
info_collect_npz(const struct tmo_import *model, struct info_contents *c, struct tmo_error *err)
{
	char own[200];
	struct tmo_npz_reader *in;
	int status = 0;

	tmo_npz_own_name(model->name, own, sizeof(own));
	in = tmo_npz_open(model->fd, own, err);
	if (in == NULL)
		return tmo_fail_at(err, model->name);
	for (size_t i = 0; i < tmo_npz_count(in) && status == 0; i++)
		status = add_member(tmo_npz_member(in, i), c, err);
	tmo_npz_close(in);
	return status;
}
