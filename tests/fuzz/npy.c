/* SPDX-License-Identifier: Apache-2.0 */
/* A .npy header that is read can be written, reads back the same, and its data is put in order. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "tensor/npy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
write_back(const struct tmo_npy *npy)
{
	struct tmo_error err = {0};
	struct tmo_buffer out = {0};
	struct tmo_npy again = {0};

	if (tmo_npy_header(npy->type, npy->rank, npy->shape, &out, &err) < 0
	    || out.size != tmo_npy_header_length(npy->type, npy->rank, npy->shape)
	    || out.size % 64 != 0 || tmo_npy_parse(out.data, out.size, &again, &err) < 0
	    || again.type != npy->type || again.rank != npy->rank || again.swapped || again.fortran
	    || memcmp(again.shape, npy->shape, sizeof npy->shape[0] * (size_t)npy->rank) != 0
	    || again.count != npy->count)
		abort();
	tmo_buffer_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t prefix = size < TMO_NPY_PREFIX ? size : TMO_NPY_PREFIX;
	struct tmo_error err = {0};
	struct tmo_npy npy = {0};
	size_t header = 0, bytes;
	void *values;

	if (tmo_npy_header_bytes(data, prefix, &header, &err) < 0)
		return 0;
	if (header > size || tmo_npy_parse(data, header, &npy, &err) < 0 || npy.type == TMO_NONE)
		return 0;
	write_back(&npy);
	bytes = size - npy.header_bytes;
	if (npy.count > bytes / tmo_type_size(npy.type))
		return 0;
	if ((values = malloc(bytes > 0 ? bytes : 1)) == NULL)
		return 0;
	memcpy(values, data + npy.header_bytes, bytes);
	tmo_npy_normalize(&npy, &values, &err);
	free(values);
	return 0;
}
