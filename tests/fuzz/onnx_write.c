/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A graph.onnx takes weights of many encodings and its operator set is raised: what is written can
 * be read again, and is as long as was said before its first byte. The first byte of the input chooses
 * the encodings.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/sink.h"
#include "formats/onnx/onnx_write.h"
#include "tensor/tensor.h"

#define ELEMENTS_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(int status, const struct tmo_error *err)
{
	if (status < 0 && err->kind == TMO_ERROR_NONE)
		abort();
}

static void
add_array(struct tmo_array *a, enum tmo_type type, int rank, const size_t *shape)
{
	struct tmo_error err = {0};

	if (tmo_array_new(a, type, rank, shape, &err) < 0)
		exit(1);
}

/* An encoding of the slot's shape: codebooks, scales for all, for channels, for groups, ... */
static void
encode(struct tmo_tensor *t, const struct tmo_onnx_slot *slot, unsigned how)
{
	size_t entries[TMO_RANK_MAX + 1];

	t->dtype = slot->type;
	t->rank = slot->rank;
	t->count = slot->count;
	memcpy(t->shape, slot->shape, sizeof(t->shape));
	t->bits = 1 + (int)(how & 7);
	add_array(&t->codes, (how & 8) != 0 ? TMO_U8 : TMO_I8, t->rank, t->shape);
	t->blocked = (how & 16) != 0;
	for (int a = 0; a < t->rank; a++) {
		t->block[a] = t->blocked && a == (int)(how & 1) ? 3 : 1;
		entries[a] = (how >> a & 32) != 0 ? t->shape[a] / t->block[a] +
		             (t->shape[a] % t->block[a] != 0) : 1;
	}
	entries[t->rank] = 1 + (how & 31);
	if ((how & 128) != 0)
		add_array(&t->codebook, TMO_F32, t->rank + 1, entries);
	if ((how & 64) != 0)
		add_array(&t->scale, TMO_F32, t->rank, entries);
	if ((how & 4) != 0)
		add_array(&t->zero_point, t->codes.type, t->rank, entries);
}

/* Parameters may have entries along axes other than one of no elements. */
static bool
is_small(const struct tmo_onnx_slot *slot)
{
	size_t product = 1;

	for (int a = 0; a < slot->rank && product <= ELEMENTS_MAX; a++)
		if (slot->shape[a] > ELEMENTS_MAX)
			return false;
		else if (slot->shape[a] > 1)
			product *= slot->shape[a];
	return product <= ELEMENTS_MAX;
}

static void
encode_slots(struct tmo_onnx_writer *w, unsigned how)
{
	for (size_t i = 0; i < tmo_onnx_writer_count(w); i++) {
		struct tmo_onnx_slot *slot = tmo_onnx_writer_slot(w, i);
		struct tmo_tensor t = {0};
		struct tmo_error err = {0};

		if (!is_small(slot) || slot->rank > 8 || !tmo_type_is_float(slot->type))
			continue;
		encode(&t, slot, how + 37 * (unsigned)i);
		check(tmo_onnx_writer_encode(w, slot, &t, &err), &err);
		tmo_forget_encoding(&t);
	}
}

/* Zeros in the place of all data. */
static int
put_zeros(struct tmo_sink *sink, uint64_t left, struct tmo_error *err)
{
	static const unsigned char zeros[1 << 16];

	for (uint64_t n; left > 0; left -= n) {
		n = left < sizeof(zeros) ? left : sizeof(zeros);
		if (tmo_sink_write(sink, zeros, (size_t)n, err) < 0)
			exit(1);
	}
	return 0;
}

static int
fill(void *sink, const struct tmo_onnx_hole *hole, struct tmo_error *err)
{
	return put_zeros(sink, hole->part.bytes, err);
}

static void
write_model(struct tmo_onnx_writer *w, struct tmo_buffer *out)
{
	struct tmo_error err = {0};
	struct tmo_sink *sink = tmo_sink_memory(out, &err);

	if (sink == NULL || tmo_onnx_write_head(w, fill, sink, sink, &err) < 0)
		abort();
	for (size_t i = 0; i < tmo_onnx_writer_count(w); i++) {
		const struct tmo_onnx_slot *slot = tmo_onnx_writer_slot(w, i);

		for (size_t k = 0; k < slot->blob_count; k++) {
			if (tmo_onnx_write_blob(w, &slot->blob[k], sink, &err) < 0)
				abort();
			put_zeros(sink, slot->blob[k].bytes, &err);
		}
	}
	if (tmo_onnx_write_tail(w, sink, &err) < 0 || tmo_sink_finish(sink, &err) < 0)
		abort();
	tmo_sink_close(sink);
}

static uint64_t
all_bytes(struct tmo_onnx_writer *w)
{
	size_t holes;
	const struct tmo_onnx_hole *hole = tmo_onnx_writer_holes(w, &holes);
	uint64_t bytes = 0;

	for (size_t i = 0; i < holes; i++)
		bytes += hole[i].part.bytes;
	for (size_t i = 0; i < tmo_onnx_writer_count(w); i++) {
		const struct tmo_onnx_slot *slot = tmo_onnx_writer_slot(w, i);

		for (size_t k = 0; k < slot->blob_count; k++)
			bytes += slot->blob[k].bytes;
	}
	return bytes;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tmo_error err = {0};
	struct tmo_onnx_writer *w;
	struct tmo_buffer out = {0};
	Onnx__ModelProto *again;

	if (size == 0)
		return 0;
	w = tmo_onnx_writer_open(data + 1, size - 1, &err);
	if (w == NULL) {
		check(-1, &err);
		return 0;
	}
	encode_slots(w, data[0]);
	if (tmo_onnx_writer_go_back(w, (data[0] & 2) != 0, NULL, &err) < 0 ||
	    tmo_onnx_writer_begin(w, NULL, &err) < 0) {
		check(-1, &err);
	} else if (all_bytes(w) < 1 << 20) {
		write_model(w, &out);
		again = tmo_onnx_unpack(out.data, out.size, &err);
		if (again == NULL)
			abort();
		tmo_onnx_free(again);
	}
	tmo_buffer_free(&out);
	tmo_onnx_writer_close(w);
	return 0;
}
