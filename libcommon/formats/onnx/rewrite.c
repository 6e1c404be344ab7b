/* SPDX-License-Identifier: Apache-2.0 */
/* rewrite.c: what the names of a model stand for, and changes of its nodes. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/onnx/build.h"
#include "formats/onnx/onnx_dtype.h"
#include "formats/onnx/rewrite.h"

/* Room for one more in a list of rw. */
#define GROW(rw, list) tmo_grow(&(rw)->list, (rw)->list##_count, &(rw)->list##_room, \
                                sizeof(*(rw)->list), (rw)->err)

/* What the name stands for, made if it is new; NULL on failure. */
static struct tmo_onnx_value *
value_of(struct tmo_onnx_rewrite *rw, const char *name)
{
	const size_t i = tmo_string_index_get(&rw->names, name);

	if (i < rw->value_count)
		return &rw->value[i];
	if (GROW(rw, value) < 0 || tmo_string_index_set(&rw->names, name, rw->value_count, rw->err) < 0)
		return NULL;
	rw->value[rw->value_count] = (struct tmo_onnx_value){
		.maker = TMO_ONNX_NOWHERE, .user = TMO_ONNX_NOWHERE, .constant = TMO_ONNX_NOWHERE
	};
	return &rw->value[rw->value_count++];
}

static int
count_definition(void *arg, char **name, struct tmo_error *err)
{
	struct tmo_onnx_value *v = value_of(arg, *name);

	(void)err;
	if (v == NULL)
		return -1;
	v->definitions++;
	return 0;
}

static int
count_use(void *arg, char **name, struct tmo_error *err)
{
	struct tmo_onnx_value *v = value_of(arg, *name);

	(void)err;
	if (v == NULL)
		return -1;
	v->uses++;
	return 0;
}

static int
note_constant(struct tmo_onnx_rewrite *rw, Onnx__GraphProto *g, Onnx__TensorProto *t,
              const char *name, size_t site)
{
	struct tmo_onnx_value *v = value_of(rw, name);

	if (v == NULL || GROW(rw, constant) < 0)
		return -1;
	v->constant = rw->constant_count;
	rw->constant[rw->constant_count++] = (struct tmo_onnx_const){ g, t, site, false };
	return 0;
}

static int
note_node(struct tmo_onnx_rewrite *rw, Onnx__GraphProto *g, Onnx__NodeProto *n)
{
	const size_t site = rw->site_count;
	Onnx__AttributeProto *a = NULL;
	struct tmo_onnx_value *v;

	if (GROW(rw, site) < 0)
		return -1;
	rw->site[rw->site_count++] = (struct tmo_onnx_site){ .graph = g, .node = n };
	for (size_t i = 0; i < n->n_input; i++) {
		if ((v = value_of(rw, n->input[i])) == NULL)
			return -1;
		v->user = site;
	}
	for (size_t i = 0; i < n->n_output; i++) {
		if ((v = value_of(rw, n->output[i])) == NULL)
			return -1;
		v->maker = site;
	}
	if (tmo_onnx_is(n, "Constant") && n->n_output == 1)
		a = tmo_onnx_attribute(n, "value");
	return a == NULL || a->t == NULL ? 0 : note_constant(rw, g, a->t, n->output[0], site);
}

static int
collect(void *arg, Onnx__GraphProto *g)
{
	struct tmo_onnx_rewrite *rw = arg;

	if (tmo_onnx_each_definition(g, count_definition, rw, rw->err) < 0 ||
	    tmo_onnx_each_reference(g, count_use, rw, rw->err) < 0)
		return -1;
	TMO_ONNX_EACH(Onnx__ValueInfoProto, o, g, output) {
		struct tmo_onnx_value *v = value_of(rw, tmo_onnx_text((*o)->name));

		if (v == NULL)
			return -1;
		v->outputs++;
	}
	TMO_ONNX_EACH(Onnx__TensorProto, t, g, initializer)
		if (note_constant(rw, g, *t, tmo_onnx_text((*t)->name), TMO_ONNX_NOWHERE) < 0)
			return -1;
	TMO_ONNX_EACH(Onnx__NodeProto, n, g, node)
		if (note_node(rw, g, *n) < 0)
			return -1;
	return tmo_onnx_each_inner(g, collect, rw);
}

int
tmo_onnx_rewrite_open(struct tmo_onnx_rewrite *rw)
{
	TMO_ONNX_EACH(Onnx__OperatorSetIdProto, o, rw->model, opset_import) {
		const char *domain = tmo_onnx_text((*o)->domain);

		if (domain[0] == '\0' || strcmp(domain, "ai.onnx") == 0)
			rw->opset = (*o)->version;
	}
	return collect(rw, rw->model->graph);
}

const char *
tmo_onnx_input(const Onnx__NodeProto *n, size_t i)
{
	return i < n->n_input ? n->input[i] : "";
}

struct tmo_onnx_value *
tmo_onnx_value(const struct tmo_onnx_rewrite *rw, const char *name)
{
	const size_t i = name[0] == '\0' ? SIZE_MAX : tmo_string_index_get(&rw->names, name);

	return i == SIZE_MAX || rw->value[i].definitions != 1 ? NULL : &rw->value[i];
}

struct tmo_onnx_const *
tmo_onnx_const(const struct tmo_onnx_rewrite *rw, const char *name)
{
	const struct tmo_onnx_value *v = tmo_onnx_value(rw, name);

	return v == NULL || v->constant == TMO_ONNX_NOWHERE ? NULL : &rw->constant[v->constant];
}

size_t
tmo_onnx_only_user(const struct tmo_onnx_rewrite *rw, const char *name,
                   const Onnx__GraphProto *graph)
{
	const struct tmo_onnx_value *v = tmo_onnx_value(rw, name);

	if (v == NULL || v->uses != 1 || v->outputs > 0 || v->user == TMO_ONNX_NOWHERE ||
	    rw->site[v->user].gone || rw->site[v->user].graph != graph)
		return TMO_ONNX_NOWHERE;
	return v->user;
}

size_t
tmo_onnx_followed_by(const struct tmo_onnx_rewrite *rw, const char *name, size_t site,
                     const char *op)
{
	const size_t user = tmo_onnx_only_user(rw, name, rw->site[site].graph);

	return user != TMO_ONNX_NOWHERE && rw->site[user].node->n_output == 1 &&
	       tmo_onnx_is(rw->site[user].node, op) ? user : TMO_ONNX_NOWHERE;
}

size_t
tmo_onnx_made_by(const struct tmo_onnx_rewrite *rw, const char *name, size_t site, const char *op)
{
	const struct tmo_onnx_value *v = tmo_onnx_value(rw, name);

	if (v == NULL || v->maker == TMO_ONNX_NOWHERE || rw->site[v->maker].gone ||
	    rw->site[v->maker].graph != rw->site[site].graph ||
	    !tmo_onnx_is(rw->site[v->maker].node, op))
		return TMO_ONNX_NOWHERE;
	return v->maker;
}

bool
tmo_onnx_is_free(const struct tmo_onnx_rewrite *rw, const char *name)
{
	return name[0] != '\0' && tmo_string_index_get(&rw->names, name) == SIZE_MAX;
}

char *
tmo_onnx_new_name(struct tmo_onnx_rewrite *rw, const char *name, const char *suffix)
{
	char *fresh = tmo_onnx_fresh(&rw->names, name, suffix, rw->err);

	/* It is in the index, as no value yet. */
	if (fresh != NULL && (tmo_string_index_set(&rw->names, fresh, SIZE_MAX, rw->err) < 0 ||
	                      value_of(rw, fresh) == NULL)) {
		free(fresh);
		return NULL;
	}
	return fresh;
}

int
tmo_onnx_give_up_name(struct tmo_onnx_rewrite *rw, const char *name)
{
	char *const fresh = tmo_onnx_new_name(rw, name, "_float");
	struct tmo_onnx_value *from, *to;
	int status = -1;

	if (fresh == NULL)
		return -1;
	from = &rw->value[tmo_string_index_get(&rw->names, name)];
	to = &rw->value[tmo_string_index_get(&rw->names, fresh)];
	to->definitions = 1;
	to->constant = from->constant;
	from->definitions = 0;
	from->constant = TMO_ONNX_NOWHERE;
	status = tmo_onnx_replace(&rw->constant[to->constant].tensor->name, fresh, rw->err);
	free(fresh);
	return status;
}

int
tmo_onnx_remove(struct tmo_onnx_rewrite *rw, size_t site, const char *keep)
{
	struct tmo_onnx_site *s = &rw->site[site];
	const Onnx__NodeProto *n = s->node;

	s->gone = true;
	for (size_t i = 0; i < n->n_input; i++)
		rw->value[tmo_string_index_get(&rw->names, n->input[i])].uses--;
	for (size_t i = 0; i < n->n_output; i++)
		if ((keep == NULL || strcmp(n->output[i], keep) != 0) &&
		    tmo_string_index_set(&rw->dropped, n->output[i], 1, rw->err) < 0)
			return -1;
	return 0;
}

Onnx__NodeProto *
tmo_onnx_put_node(struct tmo_onnx_rewrite *rw, size_t site, const char *op, const char *name,
                const char *const *inputs, const char *output)
{
	struct tmo_onnx_site *s = &rw->site[site];
	Onnx__NodeProto *n = tmo_onnx_node(op, output, rw->err);

	if (n == NULL)
		return NULL;
	s->added[s->added_count++] = n;
	if (name != NULL && tmo_onnx_replace(&n->name, name, rw->err) < 0)
		return NULL;
	for (; *inputs != NULL; inputs++) {
		struct tmo_onnx_value *v = value_of(rw, *inputs);

		if (v == NULL || tmo_onnx_add_input(n, *inputs, rw->err) < 0)
			return NULL;
		v->uses++;
	}
	return n;
}

void
tmo_onnx_move_attributes(Onnx__NodeProto *to, Onnx__NodeProto *from)
{
	to->n_attribute = from->n_attribute;
	to->attribute = from->attribute;
	from->n_attribute = 0;
	from->attribute = NULL;
}

static Onnx__TensorProto *
declare(const char *name, const struct tmo_onnx_coded *form, struct tmo_error *err)
{
	int64_t dims[TMO_RANK_MAX];

	for (int i = 0; i < form->rank; i++)
		dims[i] = (int64_t)form->shape[i];
	return tmo_onnx_raw_tensor(name, tmo_onnx_type_of(form->dtype), (size_t)form->rank, dims, NULL,
	                           0, err);
}

int
tmo_onnx_add_weight(struct tmo_onnx_rewrite *rw, const char *name,
                    const struct tmo_onnx_const *anchor, struct tmo_onnx_coded *form)
{
	struct tmo_onnx_weights *w = rw->weights;
	struct tmo_onnx_value *v = value_of(rw, name);
	Onnx__TensorProto *t = NULL;

	if (v == NULL ||
	    tmo_grow(&w->list, w->count, &w->room, sizeof(*w->list), rw->err) < 0 ||
	    tmo_string_index_set(&w->names, name, w->count, rw->err) < 0 ||
	    (t = declare(name, form, rw->err)) == NULL) {
		tmo_onnx_coded_free(form);
		return -1;
	}
	v->definitions = 1;
	w->list[w->count++] = (struct tmo_onnx_weight){
		t, (size_t)(anchor - rw->constant), *form
	};
	form->part_count = 0;
	return 0;
}
