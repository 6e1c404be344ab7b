/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "formats/onnx/network_fields.h"
#include "formats/onnx/onnx_dtype.h"
#include "stream/member_name.h"
#include "tensor/npy.h"
#include "tensor/tensor.h"

/* Fields that nobody else looks at. */
enum {
	ATTRIBUTE_FLOAT = 2, ATTRIBUTE_INT = 3, ATTRIBUTE_TEXT = 4, ATTRIBUTE_TENSOR = 5,
	ATTRIBUTE_INTS = 8, ATTRIBUTE_TYPE = 20,
	TENSOR_DIMS = 1, TENSOR_TYPE = 2, TENSOR_DOC = 12, TENSOR_RAW = 9, TENSOR_EXTERNAL = 13,
	TENSOR_LOCATION = 14, TENSOR_METADATA = 16,
	ENTRY_KEY = 1, ENTRY_VALUE = 2,
	VALUE_NAME = 1, VALUE_TYPE = 2, TYPE_TENSOR = 1, TENSOR_TYPE_ELEMENT = 1, TENSOR_TYPE_SHAPE = 2,
	SHAPE_DIM = 1, DIM_SIZE = 1,
};

/* Moves what was written of a message into a field; it is empty then. */
static int
put_message(struct tmo_buffer *out, uint32_t number, struct tmo_buffer *body, int status,
            struct tmo_error *err)
{
	if (status == 0)
		status = tmo_wire_put_bytes(out, number, body->data, body->size, err);
	tmo_buffer_free(body);
	return status;
}

static int
put_names(const struct tmo_net *net, uint32_t number, const size_t *value, size_t count,
          struct tmo_buffer *out, struct tmo_error *err)
{
	while (count > 0 && value[count - 1] == TMO_NET_NONE)
		count--;
	for (size_t i = 0; i < count; i++)
		if (tmo_wire_put_text(out, number,
		                      value[i] != TMO_NET_NONE ? net->value[value[i]].name : "", err) < 0)
			return -1;
	return 0;
}

int
tmo_onnx_put_ends(const struct tmo_net *net, const struct tmo_node *node, struct tmo_buffer *out,
                  struct tmo_error *err)
{
	if (put_names(net, TMO_ONNX_NODE_INPUT, node->input, node->input_count, out, err) < 0)
		return -1;
	return put_names(net, TMO_ONNX_NODE_OUTPUT, node->output, node->output_count, out, err);
}

static int
put_attribute(const struct tmo_attribute *a, struct tmo_buffer *out, struct tmo_error *err)
{
	struct tmo_buffer body = {0};
	uint64_t type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS;
	int status = tmo_wire_put_text(&body, TMO_ONNX_ATTRIBUTE_NAME, a->name, err);

	if (status == 0)
		switch (a->kind) {
		case TMO_ATTRIBUTE_INT:
			type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT;
			status = tmo_wire_put_number(&body, ATTRIBUTE_INT, (uint64_t)a->number, err);
			break;
		case TMO_ATTRIBUTE_FLOAT:
			type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT;
			status = tmo_wire_put_float(&body, ATTRIBUTE_FLOAT, a->real, err);
			break;
		case TMO_ATTRIBUTE_TEXT:
			type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING;
			status = tmo_wire_put_bytes(&body, ATTRIBUTE_TEXT, a->text, a->count, err);
			break;
		default:	/* edit.h sets no other kinds */
			for (size_t i = 0; i < a->count && status == 0; i++)
				status = tmo_wire_put_number(&body, ATTRIBUTE_INTS, (uint64_t)a->numbers[i], err);
		}
	if (status == 0)
		status = tmo_wire_put_number(&body, ATTRIBUTE_TYPE, type, err);
	return put_message(out, TMO_ONNX_NODE_ATTRIBUTE, &body, status, err);
}

int
tmo_onnx_put_attributes(const struct tmo_node *node, struct tmo_buffer *out, struct tmo_error *err)
{
	for (size_t i = 0; i < node->attribute_count; i++)
		if (node->attribute[i].edited && put_attribute(&node->attribute[i], out, err) < 0)
			return -1;
	return 0;
}

int
tmo_onnx_put_new_node(const struct tmo_net *net, const struct tmo_node *node,
                      struct tmo_buffer *out, struct tmo_error *err)
{
	struct tmo_buffer body = {0};
	int status = tmo_onnx_put_ends(net, node, &body, err);

	if (status == 0 && node->name[0] != '\0')
		status = tmo_wire_put_text(&body, TMO_ONNX_NODE_NAME, node->name, err);
	if (status == 0)
		status = tmo_wire_put_text(&body, TMO_ONNX_NODE_TYPE, node->type, err);
	if (status == 0)
		status = tmo_onnx_put_attributes(node, &body, err);
	if (status == 0 && node->domain[0] != '\0')
		status = tmo_wire_put_text(&body, TMO_ONNX_NODE_DOMAIN, node->domain, err);
	return put_message(out, TMO_ONNX_GRAPH_NODE, &body, status, err);
}

/* ---- tensors ---- */

static int
put_entry(struct tmo_buffer *out, const char *key, const char *value, struct tmo_error *err)
{
	struct tmo_buffer body = {0};
	int status = tmo_wire_put_text(&body, ENTRY_KEY, key, err);

	if (status == 0)
		status = tmo_wire_put_text(&body, ENTRY_VALUE, value, err);
	return put_message(out, TENSOR_EXTERNAL, &body, status, err);
}

/* Where in the stream its data are. */
static int
put_place(const struct tmo_value *v, struct tmo_buffer *out, struct tmo_error *err)
{
	size_t shape[TMO_RANK_MAX], count;
	char offset[24], length[24], *stem, *path = NULL;
	bool cut;
	int status = -1;

	for (int i = 0; i < v->rank; i++)
		shape[i] = v->dim[i].size;
	stem = tmo_name_encode(v->name, &cut, err);
	if (stem == NULL || (path = tmo_member_path(stem, ".npy", err)) == NULL ||
	    tmo_shape_count(v->rank, shape, tmo_type_size(v->type), &count, err) < 0)
		goto out;
	snprintf(offset, sizeof(offset), "%zu", tmo_npy_header_length(v->type, v->rank, shape));
	snprintf(length, sizeof(length), "%zu", count * tmo_type_size(v->type));
	if (put_entry(out, "location", path, err) == 0 && put_entry(out, "offset", offset, err) == 0 &&
	    put_entry(out, "length", length, err) == 0)
		status = tmo_wire_put_number(out, TENSOR_LOCATION,
		                             ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL, err);
out:
	free(stem);
	free(path);
	return status;
}

/* Shape, type and data. */
static int
put_elements(const struct tmo_value *v, struct tmo_buffer *out, struct tmo_error *err)
{
	for (int i = 0; i < v->rank; i++)
		if (tmo_wire_put_number(out, TENSOR_DIMS, v->dim[i].size, err) < 0)
			return -1;
	if (tmo_wire_put_number(out, TENSOR_TYPE, (uint64_t)tmo_onnx_type_of(v->type), err) < 0)
		return -1;
	if (v->data == NULL)
		return put_place(v, out, err);
	return tmo_wire_put_bytes(out, TENSOR_RAW, v->data->data,
	                          v->data->count * tmo_type_size(v->type), err);
}

int
tmo_onnx_put_constant(const struct tmo_value *v, struct tmo_buffer *out, struct tmo_error *err)
{
	struct tmo_buffer body = {0}, tensor = {0};
	int status = tmo_wire_put_text(&body, TMO_ONNX_ATTRIBUTE_NAME, "value", err);

	if (status == 0)
		status = put_message(&body, ATTRIBUTE_TENSOR, &tensor, put_elements(v, &tensor, err), err);
	if (status == 0)
		status = tmo_wire_put_number(&body, ATTRIBUTE_TYPE,
		                             ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR, err);
	return put_message(out, TMO_ONNX_NODE_ATTRIBUTE, &body, status, err);
}

/* Is it of neither shape nor data? What is not known stays. */
static bool
stays(uint32_t number)
{
	return number == TMO_ONNX_TENSOR_NAME || number == TENSOR_DOC || number >= TENSOR_METADATA;
}

int
tmo_onnx_put_initializer(const struct tmo_value *v, const struct tmo_wire_field *old,
                         struct tmo_buffer *out, struct tmo_error *err)
{
	const unsigned char *at = old != NULL ? old->body : NULL;
	struct tmo_buffer body = {0};
	struct tmo_wire_field f;
	int status = put_elements(v, &body, err);

	while (status == 0 && old != NULL && tmo_wire_next(&at, old->end, &f))
		if (stays(f.number))
			status = tmo_wire_put_field(&body, &f, err);
	if (status == 0 && old == NULL)
		status = tmo_wire_put_text(&body, TMO_ONNX_TENSOR_NAME, v->name, err);
	return put_message(out, TMO_ONNX_GRAPH_INITIALIZER, &body, status, err);
}

static int
put_dims(const struct tmo_value *v, struct tmo_buffer *out, struct tmo_error *err)
{
	struct tmo_buffer shape = {0};
	int status = 0;

	for (int i = 0; i < v->rank && status == 0; i++) {
		struct tmo_buffer dim = {0};

		status = put_message(&shape, SHAPE_DIM, &dim,
		                     tmo_wire_put_number(&dim, DIM_SIZE, v->dim[i].size, err), err);
	}
	return put_message(out, TENSOR_TYPE_SHAPE, &shape, status, err);
}

int
tmo_onnx_put_declared(const struct tmo_value *v, struct tmo_buffer *out, struct tmo_error *err)
{
	struct tmo_buffer body = {0}, type = {0}, tensor = {0};
	int status = tmo_wire_put_number(&tensor, TENSOR_TYPE_ELEMENT,
	                                 (uint64_t)tmo_onnx_type_of(v->type), err);

	if (status == 0)
		status = put_dims(v, &tensor, err);
	status = put_message(&type, TYPE_TENSOR, &tensor, status, err);
	if (status == 0)
		status = tmo_wire_put_text(&body, VALUE_NAME, v->name, err);
	if (status == 0)
		status = put_message(&body, VALUE_TYPE, &type, 0, err);
	tmo_buffer_free(&type);
	return put_message(out, TMO_ONNX_GRAPH_INPUT, &body, status, err);
}
