/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a tensor whose elements come piece by piece, as importers do. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/element_type.h"
#include "stream/member_name.h"
#include "stream/stream.h"
#include "stream/tensor_yaml.h"

/* "tensors/", the name's stem and rest. */
static char *
path_of(const char *name, const char *rest, struct tmo_error *err)
{
	bool cut;
	char *stem = tmo_name_encode(name, &cut, err), *path = NULL;

	if (stem != NULL)
		path = tmo_member_path(stem, rest, err);
	free(stem);
	return path;
}

int
tmo_writer_begin_array(struct tmo_writer *w, const char *name, const char *part,
                       enum tmo_type type, int rank, const size_t *shape, struct tmo_error *err)
{
	struct tmo_buffer header = {0}, rest = {0};
	char *path = NULL;
	size_t count;
	int status = -1;

	if (tmo_buffer_printf(&rest, err, "%s%s.npy", part != NULL ? "/" : "",
	                      part != NULL ? part : "") == 0)
		path = path_of(name, (const char *)rest.data, err);
	if (path != NULL && tmo_shape_count(rank, shape, tmo_type_size(type), &count, err) == 0 &&
	    tmo_npy_header(type, rank, shape, &header, err) == 0 &&
	    tmo_writer_begin(w, path, header.size + (uint64_t)count * tmo_type_size(type), err) == 0)
		status = tmo_writer_data(w, header.data, header.size, err);
	tmo_buffer_free(&header);
	tmo_buffer_free(&rest);
	free(path);
	return status;
}

int
tmo_writer_begin_tensor(struct tmo_writer *w, const char *name, enum tmo_type type, int rank,
                        const size_t *shape, struct tmo_error *err)
{
	struct tmo_tensor head = {
		.dtype = type, .code = type, .rank = rank, .bits = (int)(8 * tmo_type_size(type)),
	};

	if (tmo_type_has_npy(type))
		return tmo_writer_begin_array(w, name, NULL, type, rank, shape, err);
	memcpy(head.shape, shape, (size_t)rank * sizeof(head.shape[0]));
	if (tmo_shape_count(rank, shape, 1, &head.count, err) < 0 ||
	    tmo_writer_tensor_yaml(w, name, &head, err) < 0)
		return -1;
	return tmo_writer_begin_array(w, name, "codes", tmo_type_size(type) == 2 ? TMO_U16 : TMO_U8,
	                              rank, shape, err);
}

int
tmo_writer_tensor_yaml(struct tmo_writer *w, const char *name, const struct tmo_tensor *t,
                       struct tmo_error *err)
{
	struct tmo_buffer yaml = {0};
	char *path = path_of(name, "/tensor.yaml", err);
	int status = -1;

	if (path != NULL && tmo_tensor_yaml(t, &yaml, err) == 0)
		status = tmo_writer_member(w, path, yaml.data, yaml.size, err);
	tmo_buffer_free(&yaml);
	free(path);
	return status;
}
