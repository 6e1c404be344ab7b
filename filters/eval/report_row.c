/* SPDX-License-Identifier: Apache-2.0 */
/* report_row.c: what one tensor has to say for itself. */
#include <string.h>

#include "entropy.h"
#include "report.h"
#include "tensor/axes.h"
#include "tensor/encoding.h"

static double
array_bits(const struct tmo_array *a)
{
	return a->data == NULL ? 0.0 : 8.0 * (double)tmo_type_size(a->type) * (double)a->count;
}

void
eval_row_check(struct row *row, const struct tmo_tensor *t, const struct tmo_pattern *pattern)
{
	const int part = tmo_axes_part(&t->axes, TMO_ROLE_INPUT);
	struct tmo_groups_found found;
	struct tmo_lines lines;

	if ((t->data == NULL && t->data64 == NULL) || part < 0 || t->count == 0)
		return;
	lines = tmo_lines_along(&t->axes, part);
	found = t->data != NULL ? tmo_groups_check_f32(t->data, &lines, pattern->n, pattern->m) :
	                          tmo_groups_check_f64(t->data64, &lines, pattern->n, pattern->m);
	row->checked = true;
	row->checked_elements = t->count;
	row->held = found.broken == 0 ? t->count : 0;
}

/* Several codes that stand for one value, as merged ones of a codebook do, count as one. */
static int
count_values(struct row *row, const struct tmo_tensor *t, int threads, struct tmo_error *err)
{
	struct entropy v;

	if (t->codebook.data == NULL)
		return 0;
	if (eval_measure_entropy(t->values.data, t->count, tmo_type_size(t->values.type), threads, &v,
	                         err) < 0)
		return -1;
	row->distinct = v.distinct < row->distinct ? v.distinct : row->distinct;
	return 0;
}

int
eval_row_measure(struct row *row, struct tmo_tensor *t, int threads, struct tmo_error *err)
{
	const struct tmo_array *patterns = tmo_is_encoded(t) ? &t->codes : &t->values;
	struct entropy v;
	size_t zeros;

	row->rank = t->rank;
	memcpy(row->shape, t->shape, sizeof(row->shape));
	row->dtype = t->dtype;
	row->encoding = tmo_form_name(t);
	tmo_form_short(t, row->stored);
	row->elements = t->count;
	row->bits = array_bits(&t->values);
	if (tmo_is_encoded(t))
		row->bits = (double)t->bits * (double)t->count + array_bits(&t->scale) +
		            array_bits(&t->zero_point) + array_bits(&t->codebook);
	if (eval_measure_entropy(patterns->data, t->count, tmo_type_size(patterns->type),
	                         threads, &v, err) < 0)
		return -1;
	row->distinct = v.distinct;
	row->information = v.bits * (double)t->count;
	if (tmo_is_encoded(t) &&
	    (tmo_tensor_decode(t, threads, err) < 0 || count_values(row, t, threads, err) < 0))
		return -1;
	if (eval_measure_zeros(t->values.data, t->values.type, t->count, threads, &zeros, err) < 0)
		return -1;
	row->zeros = zeros;
	return 0;
}
