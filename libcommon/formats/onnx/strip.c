/* SPDX-License-Identifier: Apache-2.0 */
/* strip.c: walks all messages of a model by their descriptors, for text that is for people. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "formats/onnx/strip.h"
#include "formats/onnx/wire.h"

struct walk {
	bool remove;		/* else only count */
	uint64_t bytes;
};

/* Bytes of a length-prefixed field. */
static uint64_t
field_bytes(uint32_t number, uint64_t length)
{
	return tmo_wire_varint_size((uint64_t)number << 3) + tmo_wire_varint_size(length) + length;
}

/* The number of metadata_props where the installed onnx.proto may be too old to have them; 0: none. */
static uint32_t
metadata_field(const ProtobufCMessageDescriptor *d)
{
	static const struct {
		const ProtobufCMessageDescriptor *message;
		uint32_t number;
	} fields[] = {
		{ &onnx__node_proto__descriptor, 9 }, { &onnx__value_info_proto__descriptor, 4 },
		{ &onnx__graph_proto__descriptor, 16 }, { &onnx__tensor_proto__descriptor, 16 },
		{ &onnx__function_proto__descriptor, 14 },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (fields[i].message == d)
			return fields[i].number;
	return 0;
}

static void
walk_unknown(struct walk *w, ProtobufCMessage *m)
{
	const uint32_t number = metadata_field(m->descriptor);
	unsigned kept = 0;

	for (unsigned i = 0; i < m->n_unknown_fields; i++) {
		const ProtobufCMessageUnknownField u = m->unknown_fields[i];

		if (u.tag == number)
			w->bytes += tmo_wire_varint_size((uint64_t)number << 3) + u.len;
		if (u.tag == number && w->remove)
			free(u.data);
		else
			m->unknown_fields[kept++] = u;
	}
	m->n_unknown_fields = kept;
}

static void
walk_text(struct walk *w, const ProtobufCFieldDescriptor *f, char **text)
{
	if (*text == NULL || *text == f->default_value)
		return;
	w->bytes += field_bytes(f->id, strlen(*text));
	if (w->remove) {
		free(*text);
		*text = NULL;
	}
}

static void walk_message(struct walk *w, ProtobufCMessage *m);

/* The message's field of messages: metadata, or what may hold more of it. */
static void
walk_messages(struct walk *w, ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
	const bool metadata = f->id == metadata_field(m->descriptor);
	char *const base = (char *)m;
	ProtobufCMessage **list = (void *)(base + f->offset);
	size_t n = 1;

	if (f->label == PROTOBUF_C_LABEL_REPEATED) {
		memcpy(&n, base + f->quantifier_offset, sizeof(n));
		memcpy(&list, base + f->offset, sizeof(list));
	} else if ((f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
		return;		/* types and dimensions: no text there */
	}
	for (size_t i = 0; i < n; i++) {
		if (!metadata && list[i] != NULL)
			walk_message(w, list[i]);
		if (metadata)
			w->bytes += field_bytes(f->id, protobuf_c_message_get_packed_size(list[i]));
		if (metadata && w->remove)
			protobuf_c_message_free_unpacked(list[i], NULL);
	}
	if (metadata && w->remove) {
		n = 0;
		memcpy(base + f->quantifier_offset, &n, sizeof(n));
	}
}

static void
walk_message(struct walk *w, ProtobufCMessage *m)
{
	const ProtobufCMessageDescriptor *d = m->descriptor;

	walk_unknown(w, m);
	for (unsigned i = 0; i < d->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &d->fields[i];

		if (f->type == PROTOBUF_C_TYPE_MESSAGE)
			walk_messages(w, m, f);
		else if (f->type == PROTOBUF_C_TYPE_STRING && strcmp(f->name, "doc_string") == 0)
			walk_text(w, f, (void *)((char *)m + f->offset));
	}
}

static bool
is_named(const struct tmo_list *keys, const char *key)
{
	for (size_t i = 0; i < keys->count; i++)
		if (tmo_glob(keys->items[i].text, key))
			return true;
	return false;
}

/* The model's own metadata, where a pattern names the key. */
static uint64_t
strip_keys(Onnx__ModelProto *model, const struct tmo_list *keys)
{
	uint64_t bytes = 0;
	size_t kept = 0;

	for (size_t i = 0; i < model->n_metadata_props; i++) {
		Onnx__StringStringEntryProto *e = model->metadata_props[i];

		if (!is_named(keys, tmo_onnx_text(e->key))) {
			model->metadata_props[kept++] = e;
			continue;
		}
		bytes += field_bytes(14, onnx__string_string_entry_proto__get_packed_size(e));
		onnx__string_string_entry_proto__free_unpacked(e, NULL);
	}
	model->n_metadata_props = kept;
	return bytes;
}

uint64_t
tmo_onnx_strip(Onnx__ModelProto *model, const struct tmo_onnx_strip *what)
{
	struct walk w = { .remove = true };

	if (what->text)
		walk_message(&w, &model->base);
	return w.bytes + (what->keys != NULL ? strip_keys(model, what->keys) : 0);
}

uint64_t
tmo_onnx_text_bytes(Onnx__ModelProto *model)
{
	struct walk w = { .remove = false };

	walk_message(&w, &model->base);
	return w.bytes;
}

int
tmo_onnx_count_text(const void *model, size_t size, uint64_t *bytes, struct tmo_error *err)
{
	Onnx__ModelProto *m = tmo_onnx_unpack(model, size, err);

	if (m == NULL)
		return -1;
	*bytes = tmo_onnx_text_bytes(m);
	tmo_onnx_free(m);
	return 0;
}
