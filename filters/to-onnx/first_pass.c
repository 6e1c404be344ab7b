/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "first_pass.h"
#include "onnx_elements.h"

int
to_onnx_check(const struct tmo_item *item, const struct tmo_onnx_slot *slot, struct tmo_error *err)
{
	char shape[80], wanted[80];

	if (slot->filled)
		return tmo_fail(err, "the stream has it twice");
	if (item->dtype != slot->type)
		return tmo_fail(err, "%s in the stream, %s in graph.onnx; keep the type",
		                tmo_type_name(item->dtype), tmo_type_name(slot->type));
	if (item->rank != slot->rank ||
	    memcmp(item->shape, slot->shape, (size_t)slot->rank * sizeof(item->shape[0])) != 0)
		return tmo_fail(err, "shape %s in the stream, %s in graph.onnx; keep the shape",
		                tmo_shape_text(item->rank, item->shape, shape, sizeof(shape)),
		                tmo_shape_text(slot->rank, slot->shape, wanted, sizeof(wanted)));
	return 0;
}

static int
scan_encoded(const struct tmo_onnx_writer *w, struct tmo_reader *in, struct tmo_onnx_slot *slot,
             struct tmo_error *err)
{
	struct tmo_tensor t = {0};
	int status = tmo_reader_load(in, &t, err);

	if (status == 0 && !to_onnx_is_plain(&t))
		status = tmo_onnx_writer_encode(w, slot, &t, err);
	tmo_tensor_free(&t);
	return status;
}

int
to_onnx_first_pass(struct tmo_run *run, struct tmo_onnx_writer *w, bool external,
                   struct tmo_error *err)
{
	struct tmo_reader *in = tmo_run_reader(run, err);
	struct tmo_onnx_slot *slot;
	struct tmo_item item;
	uint64_t plain = 0;
	int status;

	tmo_run_pass(run, 1);
	while ((status = tmo_run_next(run, &item, err)) == 0 && item.kind != TMO_ITEM_END) {
		slot = item.kind == TMO_ITEM_TENSOR ? tmo_onnx_writer_find(w, item.name) : NULL;
		if (slot == NULL)
			continue;
		if (to_onnx_check(&item, slot, err) < 0)
			return -1;
		if (item.encoded && scan_encoded(w, in, slot, err) < 0)
			return -1;
		if (!item.encoded)
			plain += (uint64_t)item.count * tmo_type_size(item.dtype);
		if (plain > INT32_MAX && !external)	/* before reading any more of it */
			return tmo_onnx_too_large(plain, err);
	}
	return status < 0 ? -1 : tmo_run_rewind(run, err);
}
