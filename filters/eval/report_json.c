/* SPDX-License-Identifier: Apache-2.0 */
#include <float.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/json_text.h"
#include "report_formats.h"
#include "stream/member_name.h"

/* JSON has no infinity: null is the SQNR of what did not change, the largest double all others. */
static json_t *
number(double x, enum key key)
{
	const bool sqnr = key == KEY_SQNR || key == KEY_CHANNEL_SQNR || key == KEY_WORST_SQNR;

	if (sqnr && x > 0.0 && isinf(x))
		return json_null();
	if (isinf(x))
		x = x > 0.0 ? DBL_MAX : -DBL_MAX;
	if (key == KEY_ELEMENTS || key == KEY_BYTES || key == KEY_DISTINCT || key == KEY_DEAD_OUTPUTS ||
	    key == KEY_STREAM_BYTES)
		return json_integer((json_int_t)x);
	return json_real(x);
}

static json_t *
name_of(const char *name)
{
	struct tmo_error ignored = { 0 };
	char *shown = tmo_name_shown(name, &ignored);
	json_t *text = shown != NULL ? json_string(shown) : NULL;

	free(shown);
	return text;
}

static json_t *
object_of(const struct report *r, const struct row *row)
{
	json_t *o = json_object(), *shape = json_array();
	int failed = o == NULL || shape == NULL;

	for (int i = 0; i < row->rank; i++)
		failed |= json_array_append_new(shape, json_integer((json_int_t)row->shape[i]));
	if (row->name != NULL) {
		failed |= json_object_set_new(o, "name", name_of(row->name));
		failed |= json_object_set(o, "shape", shape);
		failed |= json_object_set_new(o, "dtype", json_string(tmo_type_name(row->dtype)));
		failed |= json_object_set_new(o, "encoding", json_string(row->encoding));
		if (r->diff)
			failed |= json_object_set_new(o, "change",
			                              json_string(eval_change_names[row->change]));
	}
	json_decref(shape);
	for (enum key key = 0; key < KEYS; key++) {
		if (key >= KEY_WORST_SPARSITY && row->name != NULL)
			continue;
		if (key_is_of_weights(key) && !row->weight)
			continue;
		if (key_needs_reference(key) && (!r->has_reference || !row->compared))
			continue;
		if (key == KEY_PATTERN && (r->pattern == NULL || !row->checked))
			continue;
		if (key == KEY_PATTERN && row->name != NULL) {
			failed |= json_object_set_new(o, "pattern", json_boolean(row->held > 0));
			continue;
		}
		failed |= json_object_set_new(o, eval_report_keys[key],
		                              number(eval_report_value(r, row, key), key));
	}
	if (failed) {
		json_decref(o);
		return NULL;
	}
	return o;
}

int
eval_report_json(const struct report *r, struct tmo_buffer *out, struct tmo_error *err)
{
	json_t *root = json_object(), *rows = json_array(), *removed = json_array();
	int failed = root == NULL || rows == NULL || removed == NULL;
	int status;

	for (size_t i = 0; i < r->count; i++)
		failed |= json_array_append_new(rows, object_of(r, &r->row[i]));
	failed |= json_object_set(root, "tensors", rows);
	for (size_t i = 0; r->diff && i < r->removed.count; i++)
		failed |= json_array_append_new(removed, name_of(r->removed.item[i]));
	if (r->diff)
		failed |= json_object_set(root, "removed", removed);
	failed |= json_object_set_new(root, "total", object_of(r, &r->total));
	status = failed ? tmo_fail_memory(err, 0) : tmo_json_emit(root, out, err);
	json_decref(removed);
	json_decref(rows);
	json_decref(root);
	return status;
}
