/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "apart.h"
#include "sqnr.h"
#include "tensor/encoding.h"
#include "tensor/tensor.h"
#include "trial.h"

/* Everything that makes t an encoded tensor, to another one that is plain. */
static void
move_encoding(struct tmo_tensor *to, struct tmo_tensor *from)
{
	tmo_forget_encoding(to);
	to->codes = from->codes;
	to->codebook = from->codebook;
	to->scale = from->scale;
	to->zero_point = from->zero_point;
	to->code = from->code;
	to->bits = from->bits;
	to->blocked = from->blocked;
	memcpy(to->block, from->block, sizeof(to->block));
	to->extra = from->extra;
	from->codes = from->codebook = from->scale = from->zero_point = (struct tmo_array){0};
	from->extra = NULL;
	tmo_forget_encoding(from);
}

static int
copy_array(struct tmo_array *to, const struct tmo_array *from, struct tmo_error *err)
{
	if (tmo_array_new(to, from->type, from->rank, from->shape, err) < 0)
		return -1;
	memcpy(to->data, from->data, from->count * tmo_type_size(from->type));
	return 0;
}

int
quant_trial_begin(struct tmo_tensor *t, const struct plan *plan, bool measurable, int threads,
                  struct trial *trial, struct tmo_error *err)
{
	if (!tmo_is_encoded(t))
		return 0;
	trial->shared = quant_plan_shares(plan, t);
	if ((!trial->shared || measurable) && tmo_tensor_decode(t, threads, err) < 0)
		return -1;
	if (trial->shared)
		return copy_array(&trial->codebook, &t->codebook, err);
	trial->decoded = true;
	if (measurable)
		move_encoding(&trial->original, t);
	tmo_forget_encoding(t);
	return 0;
}

int
quant_trial_encode(struct tmo_tensor *t, const struct plan *plan, int threads,
                   struct tmo_error *err)
{
	if (plan->is_cast)
		return quant_encode_floats(t, &plan->cast, threads, err);
	if (t->codebook.data != NULL)
		return quant_encode_codebook(t, &plan->coding, err);
	return quant_encode_values(t, &plan->coding, threads, err);
}

static void
point_data(struct tmo_tensor *t)
{
	t->data = t->values.type == TMO_F32 ? t->values.data : NULL;
	t->data64 = t->values.type == TMO_F64 ? t->values.data : NULL;
}

int
quant_trial_measure(struct tmo_tensor *t, double db, bool *enough, int threads,
                    struct tmo_error *err)
{
	struct tmo_array values = t->values;
	int status = -1;

	t->values = (struct tmo_array){0};
	if (tmo_tensor_decode(t, threads, err) == 0)
		status = quant_near_enough(values.data, t->values.data, values.type == TMO_F64,
		                           values.count, db, threads, enough, err);
	tmo_array_free(&t->values);
	t->values = values;
	point_data(t);
	return status;
}

static size_t
bytes(const struct tmo_array *a)
{
	return a->data != NULL ? a->count * tmo_type_size(a->type) : 0;
}

int
quant_trial_apart(const struct tmo_tensor *t, const struct trial *trial, bool *apart,
                  struct tmo_error *err)
{
	return quant_stays_apart(t, &trial->codebook, apart, err);
}

bool
quant_trial_is_larger(const struct tmo_tensor *t, const struct trial *trial)
{
	return bytes(&t->codebook) + bytes(&t->scale) + bytes(&t->zero_point) >
	       bytes(&trial->codebook);
}

int
quant_trial_undo(struct tmo_tensor *t, struct trial *trial, bool back, struct tmo_error *err)
{
	if (!trial->shared) {
		tmo_forget_encoding(t);
		if (back && trial->decoded)
			move_encoding(t, &trial->original);
		return 0;
	}
	tmo_array_free(&t->codebook);
	tmo_array_free(&t->scale);
	tmo_array_free(&t->zero_point);
	return copy_array(&t->codebook, &trial->codebook, err);
}

void
quant_trial_free(struct trial *trial)
{
	tmo_tensor_free(&trial->original);
	tmo_array_free(&trial->codebook);
}
