/* SPDX-License-Identifier: Apache-2.0 */
/* onnx_slots.c: which weights a graph.onnx wants, and where they stand in the model that it becomes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/onnx/hoist.h"
#include "formats/onnx/onnx_dtype.h"
#include "formats/onnx/onnx_write_state.h"

/* ---- graph.onnx ---- */

/* What the graph says of one weight. */
static int
add_slot(struct tmo_onnx_writer *w, const Onnx__TensorProto *t, size_t place,
         struct tmo_error *err)
{
	struct tmo_onnx_slot *slot = &w->slot[w->count];
	const char *name = tmo_onnx_text(t->name);
	bool cut;

	slot->rank = (int)t->n_dims;
	slot->type = tmo_onnx_type(t);
	slot->place = place;
	if (name[0] == '\0' || slot->type == TMO_NONE)
		return tmo_fail(err, "graph.onnx wants data of a type or name that no stream has");
	if (tmo_onnx_shape(t, slot->type, slot->shape, &slot->count, err) < 0)
		return -1;
	if (tmo_string_index_get(&w->names, name) != SIZE_MAX)
		return tmo_fail(err, "graph.onnx has two initializers of this name");
	if (tmo_string_index_set(&w->names, name, w->count, err) < 0)
		return -1;
	w->count++;
	slot->name = tmo_copy_string(name, err);
	slot->value = tmo_copy_string(name, err);
	slot->stem = tmo_name_encode(name, &cut, err);
	if (slot->name == NULL || slot->value == NULL || slot->stem == NULL)
		return -1;
	return tmo_string_index_set(&w->stems, slot->stem, w->count - 1, err);
}

int
tmo_onnx_find_slots(struct tmo_onnx_writer *w, struct tmo_error *err)
{
	const Onnx__GraphProto *g = w->model->graph;

	w->slot = tmo_alloc(g->n_initializer, sizeof(*w->slot), err);
	if (w->slot == NULL)
		return -1;
	for (size_t i = 0; i < g->n_initializer; i++)
		if (tmo_onnx_is_external(g->initializer[i]) &&
		    add_slot(w, g->initializer[i], i, err) < 0)
			return tmo_fail_at(err, tmo_onnx_text(g->initializer[i]->name));
	w->initializer_slots = w->count;
	return 0;
}

static void
free_slot(struct tmo_onnx_slot *slot, bool taken)
{
	for (size_t i = 0; i < slot->blob_count && taken; i++)
		if (!slot->blob[i].external)
			onnx__tensor_proto__free_unpacked(slot->blob[i].proto, NULL);
	free(slot->blob);
	tmo_onnx_form_free(&slot->form);
	free(slot->facts);
	free(slot->name);
	free(slot->value);
	free(slot->stem);
}

void
tmo_onnx_free_slots(struct tmo_onnx_writer *w)
{
	for (size_t i = 0; i < w->count; i++)
		free_slot(&w->slot[i], w->initializer != NULL);
	free(w->slot);
	tmo_string_index_free(&w->names);
	tmo_string_index_free(&w->stems);
}

/* ---- the network before it ---- */

/* A restored network, and what of each slot it wants where. */
struct restored {
	struct tmo_onnx_writer *w;
	Onnx__ModelProto *model;
	bool inside;				/* the walk is not among the main graph's initializers */
	size_t place;				/* else there */
	struct where {
		size_t whole, inside, codes;	/* times; inside: whole, but no initializer */
		size_t place;			/* of a whole one */
		const char *value;		/* its name; borrowed */
	} *where;
};

/* For the restored network: a weight leaves that is not there in the form that it was. */
static bool
leaves(void *arg, const char *stem)
{
	const struct restored *r = arg;
	const size_t i = tmo_string_index_get(&r->w->stems, stem);
	const struct tmo_onnx_slot *slot = i == SIZE_MAX ? NULL : &r->w->slot[i];

	if (slot == NULL)
		return false;
	return tmo_onnx_origin_has_codes(r->w->origin, stem) ? !slot->fits : slot->facts != NULL;
}

static const char *
called(void *arg, const char *stem)
{
	const struct restored *r = arg;
	const size_t i = tmo_string_index_get(&r->w->stems, stem);

	return i == SIZE_MAX ? NULL : r->w->slot[i].name;
}

/* Notes the weights that t holds codes of, which all must be as they were. */
static int
note_codes(struct restored *r, const Onnx__TensorProto *t, struct tmo_error *err)
{
	char stem[TMO_STEM_MAX + 1];
	const char *digest;
	size_t i;

	TMO_ONNX_EACH(Onnx__StringStringEntryProto, e, t, external_data) {
		if (!tmo_onnx_codes_of(*e, stem, &digest))
			continue;
		i = tmo_string_index_get(&r->w->stems, stem);
		if (i == SIZE_MAX || !r->w->slot[i].fits)
			return tmo_fail(err, "codes of another form");
		r->where[i].codes++;
	}
	return 0;
}

/* For tmo_onnx_each_tensor: a tensor without data is a slot's, whole or in parts. Else it fails. */
static int
note_place(void *arg, Onnx__TensorProto *t, struct tmo_error *err)
{
	struct restored *r = arg;
	char stem[TMO_STEM_MAX + 1];
	size_t i, shape[TMO_RANK_MAX], count;
	const struct tmo_onnx_slot *slot;
	struct where *where;
	int part;

	if (!tmo_onnx_is_external(t))
		return 0;
	i = tmo_onnx_points_at(t, stem, &part) ? tmo_string_index_get(&r->w->stems, stem) : SIZE_MAX;
	if (i == SIZE_MAX)
		return tmo_fail(err, "a tensor whose data are nowhere");
	slot = &r->w->slot[i];
	where = &r->where[i];
	if (part != TMO_ONNX_WHOLE && !slot->fits)
		return tmo_fail(err, "a part of another form");
	if (part != TMO_ONNX_WHOLE)
		return part == TMO_ONNX_CODES ? note_codes(r, t, err) : 0;
	if (tmo_onnx_type(t) != slot->type || (int)t->n_dims != slot->rank ||
	    tmo_onnx_shape(t, slot->type, shape, &count, err) < 0 || count != slot->count)
		return tmo_fail(err, "a weight of another shape");
	if (r->inside) {
		where->inside++;
		return 0;
	}
	where->whole++;
	where->place = r->place;
	where->value = tmo_onnx_text(t->name);
	return 0;
}

/* Where all slots are; fails unless each is there once. */
static int
find_places(struct restored *r, struct tmo_error *err)
{
	Onnx__GraphProto *g = r->model->graph;
	const size_t n = g->n_initializer;
	int status;

	for (r->place = 0; r->place < n; r->place++)
		if (note_place(r, g->initializer[r->place], err) < 0)
			return -1;
	r->inside = true;
	g->n_initializer = 0;
	status = tmo_onnx_each_tensor(&r->model->base, note_place, r, err);
	g->n_initializer = n;
	for (size_t i = 0; i < r->w->count && status == 0; i++) {
		const struct where *at = &r->where[i];

		if (at->whole + at->inside + at->codes != 1 ||
		    (at->inside > 0 && r->w->slot[i].facts != NULL))
			status = tmo_fail(err, "a weight that is not there once");
	}
	return status;
}

/* For qsort: initializers by their place, then the others. */
static int
by_place(const void *a, const void *b)
{
	const struct tmo_onnx_slot *x = a, *y = b;

	return x->place < y->place ? -1 : x->place > y->place;
}

/* The slots are those of the restored network from now on. */
static int
take_places(struct restored *r, struct tmo_error *err)
{
	struct tmo_onnx_writer *w = r->w;

	for (size_t i = 0; i < w->count; i++) {
		w->slot[i].place = r->where[i].whole > 0 ? r->where[i].place : SIZE_MAX;
		if (r->where[i].whole > 0 &&
		    tmo_onnx_replace(&w->slot[i].value, r->where[i].value, err) < 0)
			return -1;
	}
	qsort(w->slot, w->count, sizeof(*w->slot), by_place);
	w->initializer_slots = 0;
	for (size_t i = 0; i < w->count; i++) {
		w->initializer_slots += w->slot[i].place != SIZE_MAX;
		if (tmo_string_index_set(&w->names, w->slot[i].name, i, err) < 0 ||
		    tmo_string_index_set(&w->stems, w->slot[i].stem, i, err) < 0)
			return -1;
	}
	tmo_onnx_free(w->model);
	w->model = r->model;
	r->model = NULL;
	return 0;
}

static bool
any_leaves(struct restored *r)
{
	for (size_t i = 0; i < r->w->count; i++)
		if (r->w->slot[i].facts != NULL || leaves(r, r->w->slot[i].stem))
			return true;
	return false;
}

int
tmo_onnx_writer_go_back(struct tmo_onnx_writer *w, bool none_inside, const char *temporary_dir,
                        struct tmo_error *err)
{
	struct restored r = { .w = w };
	const struct tmo_onnx_leaving leaving = { leaves, called, &r, none_inside };
	struct tmo_error why = {0};
	int status = -1;

	if (w->origin == NULL)
		return 0;
	r.where = tmo_alloc(w->count, sizeof(*r.where), err);
	if (r.where == NULL)
		return -1;
	r.model = tmo_onnx_restore(w->origin, &leaving, temporary_dir, &why);
	/* IR version 3 has no initializers that are no inputs. */
	if (r.model != NULL && (!any_leaves(&r) || tmo_onnx_raise_version(r.model, &why) == 0) &&
	    find_places(&r, &why) == 0) {
		status = take_places(&r, err);
		w->is_restored = true;
	} else if (why.kind == TMO_ERROR_SYSTEM || why.kind == TMO_ERROR_MEMORY) {
		*err = why;
	} else {	/* graph.onnx computes the same */
		snprintf(w->note, sizeof(w->note), "weights stay where the import put them: %.200s",
		         why.text);
		status = 0;
	}
	tmo_onnx_free(r.model);
	free(r.where);
	return status;
}
