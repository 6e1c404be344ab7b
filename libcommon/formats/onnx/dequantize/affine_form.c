/* SPDX-License-Identifier: Apache-2.0 */
/* affine_form.c: constants that make a weight, (codes - zero point) * scale, as a form. */
#include <stdlib.h>
#include <string.h>

#include "formats/onnx/dequantize/affine_form.h"
#include "formats/onnx/dequantize/constant_parts.h"
#include "formats/onnx/dequantize/node_to_weight.h"
#include "tensor/tensor.h"

/* Where the entries of scale or zero point are: true, and the shape that a stream gives them. */
static bool
place(const struct tmo_onnx_affine *a, const Onnx__TensorProto *t, struct tmo_onnx_coded *form,
      size_t *shape)
{
	size_t own[TMO_RANK_MAX], count, axis;
	int rank;

	if (!tmo_onnx_dims(t, &rank, own, &count))
		return false;
	for (int i = 0; i < form->rank; i++)
		shape[i] = 1;
	if (count == 1 && (rank <= 1 || rank == form->rank))
		return true;
	axis = (size_t)(a->axis < 0 ? a->axis + form->rank : a->axis);
	if (axis >= (size_t)form->rank)
		return false;
	if (a->block <= 0) {
		shape[axis] = form->shape[axis];
		return rank == 1 && own[0] == form->shape[axis];
	}
	if (rank != form->rank)
		return false;
	for (size_t i = 0; i < (size_t)rank; i++) {
		const size_t b = i == axis ? (size_t)a->block : 1, n = form->shape[i];

		shape[i] = n / b + (n % b != 0);
		if (own[i] != shape[i])
			return false;
		form->block[i] = b;
		form->blocked = form->blocked || (b > 1 && shape[i] > 1);
	}
	return true;
}

static int
or_bytes(void *arg, const void *data, size_t size, struct tmo_error *err)
{
	const unsigned char *bytes = data;
	unsigned char *all = arg;

	(void)err;
	for (size_t i = 0; i < size; i++)
		*all |= bytes[i];
	return 0;
}

/*
 * The zero point. Quantizers write one of zeros where they mean a range on both sides of 0, which has
 * signed codes; a stream goes without. *fits: nothing is wrong with it.
 */
static int
add_zero(struct tmo_onnx_rewrite *rw, const struct tmo_onnx_affine *a, struct tmo_onnx_coded *form,
         const struct tmo_onnx_storage *s, bool *fits)
{
	const Onnx__TensorProto *t = a->zero->tensor;
	struct tmo_onnx_coded_part *p = &form->part[form->part_count];
	size_t shape[TMO_RANK_MAX];
	unsigned char any = 0;
	const struct tmo_onnx_out out = { or_bytes, &any };

	*fits = (a->codes != NULL ? t->data_type == a->codes->tensor->data_type :
	         tmo_onnx_type(t) == s->type) && place(a, t, form, shape);
	if (!*fits)
		return 0;
	if (tmo_onnx_add_part(rw, form, "zero_point", s, form->rank, shape, t) < 0)
		return -1;
	if (tmo_onnx_read_part(rw->files, p, &out, rw->err) < 0)
		return tmo_fail_at(rw->err, tmo_onnx_text(t->name));
	if (any == 0 && (s->code != TMO_NONE || tmo_type_is_signed(s->type))) {
		free(p->data.location);
		form->part_count--;
		return 0;
	}
	/* ONNX wants 0 there; and decoding in f32 would round differences of large integers. */
	*fits = s->code == TMO_NONE && s->type != TMO_I32;
	return 0;
}

int
tmo_onnx_affine_parameters(struct tmo_onnx_rewrite *rw, const struct tmo_onnx_affine *a,
                           enum tmo_type codes, struct tmo_onnx_coded *form, bool *fits)
{
	const struct tmo_onnx_storage number = { .type = TMO_F32 }, s = { .type = codes, .bits = 8 };
	size_t shape[TMO_RANK_MAX];

	*fits = place(a, a->scale->tensor, form, shape);
	if (!*fits)
		return 0;
	if (tmo_onnx_add_part(rw, form, "scale", &number, form->rank, shape, a->scale->tensor) < 0)
		return -1;
	return a->zero != NULL ? add_zero(rw, a, form, &s, fits) : 0;
}

int
tmo_onnx_affine_form(struct tmo_onnx_rewrite *rw, const struct tmo_onnx_affine *a,
                     struct tmo_onnx_coded *form, bool *fits)
{
	const struct tmo_onnx_storage number = { .type = tmo_onnx_type(a->scale->tensor) };
	struct tmo_onnx_storage s = {0};
	size_t shape[TMO_RANK_MAX], count;

	*form = (struct tmo_onnx_coded){ .dtype = number.type };
	*fits = (number.type == TMO_F32 || number.type == TMO_F16) &&
	        tmo_onnx_storage(a->codes->tensor, &s) && s.code != TMO_F16 && s.code != TMO_BF16 &&
	        tmo_onnx_dims(a->codes->tensor, &form->rank, form->shape, &count) &&
	        form->rank > 0 && count > 0 && place(a, a->scale->tensor, form, shape);
	if (!*fits)
		return 0;
	if (tmo_onnx_add_codes(rw, form, a->codes, &s) < 0 ||
	    tmo_onnx_add_part(rw, form, "scale", &number, form->rank, shape,
	                      a->scale->tensor) < 0 ||
	    (a->zero != NULL && add_zero(rw, a, form, &s, fits) < 0)) {
		tmo_onnx_coded_free(form);
		return -1;
	}
	if (!*fits)
		tmo_onnx_coded_free(form);
	return 0;
}

bool
tmo_onnx_affine_inputs(const struct tmo_onnx_rewrite *rw, const Onnx__NodeProto *n, size_t codes,
                       size_t scale, size_t zero, struct tmo_onnx_affine *a)
{
	a->codes = tmo_onnx_const(rw, tmo_onnx_input(n, codes));
	a->scale = tmo_onnx_const(rw, tmo_onnx_input(n, scale));
	a->zero = tmo_onnx_const(rw, tmo_onnx_input(n, zero));
	return a->codes != NULL && a->scale != NULL &&
	       (a->zero != NULL || tmo_onnx_input(n, zero)[0] == '\0');
}

void
tmo_onnx_take_affine(const struct tmo_onnx_affine *a)
{
	a->codes->taken = a->scale->taken = true;
	if (a->zero != NULL)
		a->zero->taken = true;
}

char *
tmo_onnx_affine_weight(struct tmo_onnx_rewrite *rw, const struct tmo_onnx_affine *a,
                       const char *codes_name, struct tmo_onnx_coded *form)
{
	char *name = tmo_onnx_base_name(rw, codes_name, true);

	if (name != NULL && strcmp(name, codes_name) == 0) {
		free(name);
		name = tmo_onnx_new_name(rw, codes_name, "_float");
	}
	if (name == NULL) {
		tmo_onnx_coded_free(form);
		return NULL;
	}
	if (tmo_onnx_add_weight(rw, name, a->codes, form) < 0) {
		free(name);
		return NULL;
	}
	tmo_onnx_take_affine(a);
	return name;
}
