/* SPDX-License-Identifier: Apache-2.0 */
/* quantized_form.c: which form an encoded tensor takes. */
#include <stdlib.h>
#include <string.h>

#include "base/minifloat.h"
#include "formats/onnx/onnx_dtype.h"
#include "formats/onnx/opset/opset.h"
#include "formats/onnx/quantize/emit.h"
#include "formats/onnx/quantize/scale_layout.h"
#include "tensor/tensor.h"

/* Whether DequantizeLinear does what scale and zero point of numbers of this type ask for. */
static bool
can_dequantize(const struct tmo_emit *e, int32_t type, const struct tmo_onnx_layout *l)
{
	if (e->compute != TMO_ONNX_FLOAT || !tmo_is_there(&e->t->scale) || l->opset > e->opset ||
	    tmo_onnx_dequantize_opset(type) > e->opset)
		return false;
	return !tmo_is_there(&e->t->zero_point) ||
	       (e->f->zero_whole && tmo_onnx_holds(type, e->f->zero_low, e->f->zero_high));
}

/* Scale or zero point with all the layout's entries. */
static int
add_entries(struct tmo_emit *e, struct tmo_emit_value *v, enum tmo_onnx_part_kind kind,
            int32_t type, const struct tmo_onnx_layout *l)
{
	struct tmo_onnx_part *p = tmo_emit_part(e, v, kind, type, l->rank, l->dims);

	if (p == NULL)
		return -1;
	p->rank = e->t->rank;
	memcpy(p->entries, l->entries, sizeof(p->entries));
	return 0;
}

static int
dequantize(struct tmo_emit *e, struct tmo_emit_value *v, const struct tmo_onnx_layout *l)
{
	const int32_t type = v->type;
	Onnx__NodeProto *n = tmo_emit_node(e, v, "DequantizeLinear", "_f32");
	struct tmo_emit_value scale = {0}, zero = {0};
	int status = -1;

	v->type = TMO_ONNX_FLOAT;
	if (n == NULL || add_entries(e, &scale, TMO_ONNX_SCALE, TMO_ONNX_FLOAT, l) < 0 ||
	    tmo_onnx_add_input(n, scale.name, e->err) < 0)
		goto out;
	if (tmo_is_there(&e->t->zero_point) &&
	    (add_entries(e, &zero, TMO_ONNX_ZERO_POINT, type, l) < 0 ||
	    tmo_onnx_add_input(n, zero.name, e->err) < 0))
		goto out;
	if ((l->axis >= 0 && tmo_onnx_set_int(n, "axis", l->axis, e->err) < 0) ||
	    (l->block > 0 && tmo_onnx_set_int(n, "block_size", (int64_t)l->block, e->err) < 0))
		goto out;
	status = 0;
out:
	free(scale.name);
	free(zero.name);
	return status;
}

/* ---- codebooks ---- */

static size_t
book_size(const struct tmo_tensor *t)
{
	return t->codebook.shape[t->rank];
}

/* Whether one value of the codebook has one scale, wherever it is used. */
static bool
scales_book(const struct tmo_tensor *t)
{
	if (!tmo_is_there(&t->scale) && !tmo_is_there(&t->zero_point))
		return false;
	for (int a = 0; a < t->rank; a++)
		if (tmo_onnx_most_entries(t, a) > 1 && tmo_onnx_most_entries(t, a) != t->codebook.shape[a])
			return false;
	return true;
}

/* One operation of a codebook's own: a parameter for each codebook, or one for all. */
static int
book_parameter(struct tmo_emit *e, struct tmo_emit_value *v, const char *op, const char *suffix,
               enum tmo_onnx_part_kind kind, const struct tmo_array *a, const struct tmo_onnx_layout *l)
{
	const int32_t own = tmo_onnx_parameter_type(a->type);
	struct tmo_emit_value p = {0};
	int status = -1;

	if (!tmo_is_there(a))
		return 0;
	if (add_entries(e, &p, kind, own != 0 ? own : e->compute, l) == 0 &&
	    tmo_emit_cast(e, &p, e->compute) == 0)
		status = tmo_emit_binary(e, v, op, suffix, &p);
	free(p.name);
	return status;
}

static int
scale_book(struct tmo_emit *e, struct tmo_emit_value *v, bool single)
{
	const struct tmo_tensor *t = e->t;
	struct tmo_onnx_layout l = { .opset = single ? 10 : 13, .axis = single ? -1 : 0 };

	for (int a = 0; a < t->rank; a++)
		l.entries[a] = single ? 1 : t->codebook.shape[a];
	l.rank = single ? 0 : 1;
	l.dims[0] = t->codebook.count / book_size(t);
	l.dims[1] = 1;
	if (can_dequantize(e, v->type, &l)) {
		if (dequantize(e, v, &l) < 0)
			return -1;
	} else {
		l.rank = single ? 0 : 2;
		if (tmo_emit_cast(e, v, e->compute) < 0 ||
		    book_parameter(e, v, "Sub", "_sub", TMO_ONNX_ZERO_POINT, &t->zero_point, &l) < 0 ||
		    book_parameter(e, v, "Mul", "_mul", TMO_ONNX_SCALE, &t->scale, &l) < 0)
			return -1;
	}
	return single ? 0 : tmo_emit_reshape(e, v, 1, &t->codebook.count);
}

/* All codebooks, one after the other, in a vector of numbers; *scaled: scale and zero point too. */
static int
make_book(struct tmo_emit *e, struct tmo_emit_value *v, bool *scaled)
{
	const struct tmo_tensor *t = e->t;
	const int32_t own = tmo_onnx_parameter_type(t->codebook.type);
	const size_t rows[2] = { t->codebook.count / book_size(t), book_size(t) };
	bool single = true;

	*scaled = scales_book(t);
	for (int a = 0; a < t->rank && *scaled; a++)
		single = single && tmo_onnx_most_entries(t, a) == 1;
	if (tmo_emit_part(e, v, TMO_ONNX_CODEBOOK, own != 0 ? own : e->compute, single ? 1 : 2,
	                  single ? &t->codebook.count : rows) == NULL)
		return -1;
	return *scaled ? scale_book(e, v, single) : tmo_emit_cast(e, v, e->compute);
}

/* From codes to the values that they stand for in the vector `book`. */
static int
gather(struct tmo_emit *e, struct tmo_emit_value *v, const struct tmo_emit_value *book,
       const struct tmo_array *books)
{
	Onnx__NodeProto *n;
	char *codes;

	if (tmo_emit_cast(e, v, TMO_ONNX_INT32) < 0 || tmo_emit_split(e, v) < 0)
		return -1;
	if (books != NULL && books->count > book_size(e->t) &&
	    tmo_emit_parameter(e, v, "Add", "_add", TMO_ONNX_OFFSETS, books) < 0)
		return -1;
	n = tmo_emit_node(e, v, "Gather", "_gather");
	if (n == NULL || tmo_onnx_add_input(n, book->name, e->err) < 0)
		return -1;
	codes = n->input[0];	/* they come second here */
	n->input[0] = n->input[1];
	n->input[1] = codes;
	v->type = e->compute;
	return 0;
}

static int
codebook_form(struct tmo_emit *e, struct tmo_emit_value *v)
{
	struct tmo_emit_value book = {0};
	bool scaled;
	int status = -1;

	if (make_book(e, &book, &scaled) == 0 && gather(e, v, &book, &e->t->codebook) == 0 &&
	    (scaled || tmo_emit_arithmetic(e, v) == 0))
		status = tmo_emit_join(e, v);
	free(book.name);
	return status;
}

/* Bit patterns of 8-bit floats as codes of a table of them, where there is no such type yet. */
static int
table_form(struct tmo_emit *e, struct tmo_emit_value *v)
{
	struct tmo_emit_value table = {0};
	uint8_t patterns[256];
	float values[256];
	int status = -1;

	for (size_t i = 0; i < 256; i++)
		patterns[i] = (uint8_t)i;
	tmo_to_f32(values, e->t->code, patterns, 256);
	if (tmo_emit_constant(e, &table, "_table", TMO_ONNX_FLOAT, 256, values) == 0 &&
	    tmo_emit_cast(e, &table, e->compute) == 0 && gather(e, v, &table, NULL) == 0 &&
	    tmo_emit_arithmetic(e, v) == 0)
		status = tmo_emit_join(e, v);
	free(table.name);
	return status;
}

/* Codes that are numbers. */
static int
affine_form(struct tmo_emit *e, struct tmo_emit_value *v, const struct tmo_onnx_layout *l)
{
	const bool scaled = tmo_is_there(&e->t->scale) || tmo_is_there(&e->t->zero_point);

	if (!scaled && e->t->code != TMO_NONE)
		return 0;	/* to be cast */
	if (can_dequantize(e, v->type, l)) {
		if (dequantize(e, v, l) < 0)
			return -1;
		return l->view_rank > 0 ? tmo_emit_reshape(e, v, e->t->rank, e->t->shape) : 0;
	}
	if (tmo_emit_cast(e, v, e->compute) < 0 || tmo_emit_split(e, v) < 0 ||
	    tmo_emit_arithmetic(e, v) < 0)
		return -1;
	return tmo_emit_join(e, v);
}

/* ---- the choice ---- */

static int
width_of(size_t most)
{
	int bits = 1;

	while (bits < 64 && most >> bits != 0)
		bits++;
	return bits;
}

/* What the codes are stored as; 0: the operator set has nothing. *table: as indices into one. */
static int32_t
choose_type(const struct tmo_onnx_facts *f, int64_t opset, bool *table)
{
	const struct tmo_tensor *t = &f->t;
	const int most = 8 * (int)tmo_type_size(t->codes.type);
	int bits;

	*table = false;
	if (t->code != TMO_NONE) {
		if (tmo_onnx_cast_opset(tmo_onnx_type_of(t->code)) <= opset)
			return tmo_onnx_type_of(t->code);
		*table = tmo_type_size(t->code) == 1;
		return *table ? TMO_ONNX_UINT8 : 0;
	}
	if (tmo_is_there(&t->codebook)) {
		bits = width_of(book_size(t) - 1);
		return tmo_onnx_code_type(false, bits < most ? bits : most, opset);
	}
	bits = f->width > t->bits ? f->width : t->bits;
	return tmo_onnx_code_type(tmo_type_is_signed(t->codes.type), bits < most ? bits : most,
	                          opset);
}

/* Whether a parameter has an entry for each element along an axis that has blocks. */
static bool
mixes_blocks(const struct tmo_tensor *t)
{
	for (int a = 0; a < t->rank && t->blocked; a++)
		if (t->block[a] > 1 && t->shape[a] > 1 && (tmo_onnx_most_entries(t, a) == t->shape[a] ||
		    (tmo_is_there(&t->codebook) && t->codebook.shape[a] == t->shape[a])))
			return true;
	return false;
}

static bool
is_possible(const struct tmo_tensor *t, int64_t opset)
{
	return opset >= TMO_ONNX_OPSET_MIN && t->count > 0 && tmo_type_size(t->dtype) > 1 &&
	       t->code != t->dtype && !mixes_blocks(t) &&
	       (!tmo_is_there(&t->codebook) || t->codebook.count <= INT32_MAX);
}

/* What it takes in the model, but for a few bytes of lengths. */
static uint64_t
form_bytes(const struct tmo_onnx_form *form)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < form->count; i++)
		bytes += form->part[i].bytes +
		         onnx__tensor_proto__get_packed_size(form->part[i].proto);
	for (size_t i = 0; i < form->constant_count; i++)
		bytes += onnx__tensor_proto__get_packed_size(form->constant[i]);
	for (size_t i = 0; i < form->nodes.count; i++)
		bytes += onnx__node_proto__get_packed_size(form->nodes.node[i]);
	return bytes;
}

static int
make_form(struct tmo_emit *e, struct tmo_emit_value *v, int32_t type, bool table)
{
	const struct tmo_tensor *t = e->t;
	const struct tmo_onnx_form *form = e->form;
	const struct tmo_onnx_layout l = tmo_onnx_layout_of(t, e->opset);
	const bool by_view = !tmo_is_there(&t->codebook) && !table && l.view_rank > 0 &&
	                     can_dequantize(e, type, &l);
	int status;

	if (tmo_emit_part(e, v, TMO_ONNX_CODES, type, by_view ? l.view_rank : t->rank,
	                  by_view ? l.view : t->shape) == NULL)
		return -1;
	status = tmo_is_there(&t->codebook) ? codebook_form(e, v) : table ? table_form(e, v) :
	         affine_form(e, v, &l);
	if (status < 0 || tmo_emit_cast(e, v, tmo_onnx_type_of(t->dtype)) < 0)
		return -1;
	return tmo_onnx_replace(&form->nodes.node[form->nodes.count - 1]->output[0], e->name,
	                        e->err);
}

int
tmo_onnx_form(const struct tmo_onnx_facts *facts, const char *name, int64_t opset,
              struct tmo_string_index *names, struct tmo_onnx_form *form, struct tmo_error *err)
{
	const struct tmo_tensor *t = &facts->t;
	struct tmo_emit e = {
		.f = facts, .t = t, .name = name, .opset = opset, .names = names, .form = form,
		.err = err, .compute = t->dtype == TMO_F64 ? TMO_ONNX_DOUBLE : TMO_ONNX_FLOAT,
	};
	struct tmo_emit_value v = {0};
	bool table;
	int32_t type;
	int status;

	*form = (struct tmo_onnx_form){0};
	if (!is_possible(t, opset) || (type = choose_type(facts, opset, &table)) == 0)
		return 0;
	status = make_form(&e, &v, type, table);
	free(v.name);
	if (status < 0 || form_bytes(form) >= (uint64_t)t->count * tmo_type_size(t->dtype))
		tmo_onnx_form_free(form);
	for (size_t i = 0; i < form->count; i++)
		if (tmo_onnx_type_ir(form->part[i].type) > form->ir)
			form->ir = tmo_onnx_type_ir(form->part[i].type);
	return status;
}

int64_t
tmo_onnx_form_opset(const struct tmo_onnx_facts *facts, const char *name)
{
	struct tmo_error ignored = {0};
	struct tmo_onnx_form form = {0};
	struct tmo_string_index names = {0};
	int64_t opset = 0;

	/* The best form is tried, to see whether it will be wanted at all. */
	if (tmo_onnx_form(facts, name, TMO_ONNX_OPSET_RAISED, &names, &form, &ignored) == 0 &&
	    form.count > 0)
		opset = tmo_onnx_cast_opset(form.part[0].type);
	tmo_onnx_form_free(&form);
	tmo_string_index_free(&names);
	return opset;
}
