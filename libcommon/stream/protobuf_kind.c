/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/read_write.h"
#include "stream/protobuf_kind.h"

#define FIELDS_MAX 10000	/* of a protobuf message, before giving up */

int
tmo_glimpse_read(const struct tmo_glimpse *g, uint64_t at, void *bytes, size_t size, size_t *got,
                 struct tmo_error *err)
{
	if (g->fd >= 0)
		return tmo_pread_full(g->fd, bytes, size, at, got, err);
	*got = at >= g->head_size ? 0 : g->head_size - (size_t)at;
	if (*got > size)
		*got = size;
	if (*got > 0)
		memcpy(bytes, g->head + at, *got);
	return 0;
}

/* A number of protobuf's: 7 bits a byte. Returns how many bytes it has, 0 if it is none. */
static size_t
varint(const unsigned char *bytes, size_t size, uint64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < size && i < 10; i++) {
		*value |= (uint64_t)(bytes[i] & 0x7f) << (7 * i);
		if (bytes[i] < 0x80)
			return i + 1;
	}
	return 0;
}

/* A field's key: of a ModelProto, numbers 1 and 5 are integers, all else up to 30 has a length. */
static bool
is_model_key(uint64_t key)
{
	const uint64_t number = key >> 3, type = key & 7;

	return number >= 1 && number <= 30 && type == (number == 1 || number == 5 ? 0 : 2);
}

int
tmo_is_onnx(const struct tmo_glimpse *g, bool *onnx, struct tmo_error *err)
{
	const bool head_only = g->fd < 0;
	uint64_t at = 0, key, value;
	bool graph = false;

	*onnx = false;
	for (int n = 0; at < g->size && n < FIELDS_MAX; n++) {
		unsigned char bytes[20];
		size_t got, used, more;

		if (tmo_glimpse_read(g, at, bytes, sizeof(bytes), &got, err) < 0)
			return -1;
		if (head_only && got < sizeof(bytes)) {
			*onnx = graph || n > 1;
			return 0;
		}
		used = varint(bytes, got, &key);
		more = used != 0 ? varint(bytes + used, got - used, &value) : 0;
		if (more == 0 || !is_model_key(key))
			return 0;
		graph = graph || key >> 3 == 7;
		at += used + more;
		if ((key & 7) == 2) {
			if (value > g->size - at) {
				*onnx = key >> 3 == 7;
				return 0;
			}
			at += value;
		}
	}
	*onnx = graph;
	return 0;
}

/* A walk over the head: each step fails once one has failed. */
struct walk {
	const unsigned char *p, *end;
	bool ok;
};

/* The key of a field that has a length, and the length. */
static uint64_t
enter(struct walk *w, unsigned char key)
{
	uint64_t length = 0;
	size_t used;

	w->ok = w->ok && w->p < w->end && *w->p == key;
	if (!w->ok)
		return 0;
	w->p++;
	used = varint(w->p, (size_t)(w->end - w->p), &length);
	w->ok = used != 0;
	w->p += used;
	return length;
}

/* What `enter` entered, if it is in the head as a whole, is left again. */
static void
leave(struct walk *w, uint64_t length)
{
	w->ok = w->ok && length <= (uint64_t)(w->end - w->p);
	if (w->ok)
		w->p += length;
}

/* A message that begins with a small number, field 1, and then has a message as its field 2. */
static struct walk
versioned(const struct tmo_glimpse *g, unsigned char lowest, unsigned char highest)
{
	struct walk w = { g->head, g->head + g->head_size, g->head_size > 4 };

	w.ok = w.ok && w.p[0] == 0x08 && w.p[1] >= lowest && w.p[1] <= highest;
	if (w.ok)
		w.p += 2;
	enter(&w, 0x12);
	return w;
}

/*
 * Its version, then its description, which begins with a feature: a name, and a type (3) or a text (2) in
 * the same feature. Where ONNX has a string behind its version, the producer's name, no letter is 0x0a.
 */
bool
tmo_is_core_ml(const struct tmo_glimpse *g)
{
	struct walk w = versioned(g, 1, 30);

	enter(&w, 0x0a);
	leave(&w, enter(&w, 0x0a));
	return w.ok && w.p < w.end && (*w.p == 0x1a || *w.p == 0x12);
}

/* Its version, always 1, then a MetaGraphDef, which begins with its MetaInfoDef. */
bool
tmo_is_saved_model(const struct tmo_glimpse *g)
{
	struct walk w = versioned(g, 1, 1);

	enter(&w, 0x0a);
	return w.ok && !tmo_is_core_ml(g);
}

/* A node: its name, and then its operator. */
bool
tmo_is_graph_def(const struct tmo_glimpse *g)
{
	struct walk w = { g->head, g->head + g->head_size, true };

	enter(&w, 0x0a);
	leave(&w, enter(&w, 0x0a));
	leave(&w, enter(&w, 0x12));
	return w.ok;
}
