/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mkonnx LINE... >model: an ONNX model for tests; one line of words an argument. Names hold anything
 * but spaces; "." is the empty name. TYPE: f32 f64 f16 bf16 f8e4m3 f8e5m2 bool i4…i64 u4…u64, or a
 * number of TensorProto.DataType. SHAPE: 16x3, - for rank 0; a side may be 0 or negative, of an
 * input or output a symbol, and ? for nothing that is known.
 *
 *	ir N | opset N | producer NAME VERSION | graph NAME
 *	input NAME [TYPE SHAPE] | output NAME [TYPE SHAPE]
 *	init NAME TYPE SHAPE FORM
 *	const NAME TYPE SHAPE FORM [NODE]	a Constant node
 *	node [DOMAIN:]OP NAME IN,… OUT,… [ATTRIBUTE INTEGER,…]…
 *	if COND OUT,… … else … end		two inner graphs; loop N,COND,… OUT,… … end: one
 *	sparse NAME				a sparse initializer
 *
 * FORM: raw, typed (packed), single (typed, one field an element), none, or LOCATION:OFFSET:LENGTH of
 * external data, LENGTH may be -. Element i is (7 i + 3) mod 101, a quarter of it in f32 and f64; in
 * the narrow float types it is the bit pattern; of 4 bits, the lowest four.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "formats/onnx/proto.h"

#define WORDS_MAX 20

struct words {
	int count;
	char *word[WORDS_MAX];
};

static void
die(const char *what, const char *word)
{
	fprintf(stderr, "mkonnx: %s: %s\n", what, word);
	exit(2);
}

#include "mkonnx_data.h"

static char *
copy(const char *text)
{
	char *to = allocate(strlen(text) + 1, 1);

	return strcmp(text, ".") == 0 ? to : strcpy(to, text);
}

/* Adds a pointer to an array of them. */
#define ADD(message, list, item) \
	((message)->list = grow((message)->list, (message)->n_##list), \
	 (message)->list[(message)->n_##list++] = (item))

static void *
grow(void *list, size_t count)
{
	void *wider = realloc(list, (count + 1) * sizeof(void *));

	if (wider == NULL)
		die("out of memory", "stop");
	return wider;
}

/* Splits text at every c. */
static size_t
split(const char *text, char c, char ***out)
{
	size_t n = 0;
	char *list = copy(text), *rest = list;

	*out = NULL;
	while (rest != NULL && strcmp(text, "-") != 0) {
		char *end = strchr(rest, c);

		if (end != NULL)
			*end++ = '\0';
		*out = grow(*out, n);
		(*out)[n++] = copy(rest);
		rest = end;
	}
	free(list);
	return n;
}

static int32_t
data_type(const char *name)
{
	static const char *const names[] = {
		"", "f32", "u8", "i8", "u16", "i16", "i32", "i64", "string", "bool", "f16", "f64",
		"u32", "u64", "c64", "c128", "bf16", "f8e4m3", "", "f8e5m2", "", "u4", "i4",
	};

	for (size_t i = 1; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return (int32_t)i;
	return (int32_t)strtol(name, NULL, 10);
}

static size_t
set_dims(Onnx__TensorProto *t, const char *shape)
{
	char **side;
	size_t count = 1;

	t->n_dims = split(shape, 'x', &side);
	t->dims = allocate(t->n_dims, sizeof(t->dims[0]));
	for (size_t i = 0; i < t->n_dims; i++) {
		t->dims[i] = strtoll(side[i], NULL, 10);
		count *= (size_t)(t->dims[i] < 0 ? 0 : t->dims[i]);
		free(side[i]);
	}
	free(side);
	return count;
}

static Onnx__StringStringEntryProto *
entry(const char *key, const char *value)
{
	Onnx__StringStringEntryProto *e = allocate(1, sizeof(*e));

	onnx__string_string_entry_proto__init(e);
	e->key = copy(key);
	e->value = copy(value);
	return e;
}

static void
set_external(Onnx__TensorProto *t, const char *form)
{
	char **part;
	const size_t n = split(form, ':', &part);

	if (n != 3)
		die("no form of data", form);
	t->has_data_location = true;
	t->data_location = ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
	ADD(t, external_data, entry("location", part[0]));
	ADD(t, external_data, entry("offset", part[1]));
	if (strcmp(part[2], "-") != 0)
		ADD(t, external_data, entry("length", part[2]));
	for (size_t i = 0; i < n; i++)
		free(part[i]);
	free(part);
}

/* word: NAME TYPE SHAPE FORM */
static Onnx__TensorProto *
tensor(char *const *word)
{
	Onnx__TensorProto *t = allocate(1, sizeof(*t));
	size_t count;

	onnx__tensor_proto__init(t);
	t->name = copy(word[0]);
	t->has_data_type = true;
	t->data_type = data_type(word[1]);
	count = set_dims(t, word[2]);
	if (strcmp(word[3], "raw") == 0)
		set_raw(t, count);
	else if (strcmp(word[3], "typed") == 0)
		set_typed(t, count);
	else if (strcmp(word[3], "single") == 0)
		set_single(t, count);
	else if (strcmp(word[3], "none") != 0)
		set_external(t, word[3]);
	return t;
}

static Onnx__AttributeProto *
attribute(Onnx__NodeProto *n, const char *name, Onnx__AttributeProto__AttributeType type)
{
	Onnx__AttributeProto *a = allocate(1, sizeof(*a));

	onnx__attribute_proto__init(a);
	a->name = copy(name);
	a->has_type = true;
	a->type = type;
	ADD(n, attribute, a);
	return a;
}

static Onnx__NodeProto *
node(Onnx__GraphProto *g, const char *op, const char *name, const char *in, const char *out)
{
	Onnx__NodeProto *n = allocate(1, sizeof(*n));

	onnx__node_proto__init(n);
	if (strchr(op, ':') != NULL) {
		n->domain = copy(op);
		n->domain[strcspn(op, ":")] = '\0';
		op = strchr(op, ':') + 1;
	}
	n->op_type = copy(op);
	n->name = copy(name);
	n->n_input = split(in, ',', &n->input);
	n->n_output = split(out, ',', &n->output);
	ADD(g, node, n);
	return n;
}

/* A number, a symbol, or nothing. */
static Onnx__TensorShapeProto__Dimension *
dimension(const char *side)
{
	Onnx__TensorShapeProto__Dimension *d = allocate(1, sizeof(*d));
	char *end;
	const long long size = strtoll(side, &end, 10);

	onnx__tensor_shape_proto__dimension__init(d);
	if (*end == '\0') {
		d->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
		d->dim_value = size;
	} else if (strcmp(side, "?") != 0) {
		d->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
		d->dim_param = copy(side);
	}
	return d;
}

static Onnx__TypeProto *
value_type(const char *type, const char *shape)
{
	Onnx__TypeProto *t = allocate(1, sizeof(*t));
	Onnx__TensorShapeProto *s = allocate(1, sizeof(*s));
	char **side;
	size_t count;

	onnx__type_proto__init(t);
	t->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
	t->tensor_type = allocate(1, sizeof(*t->tensor_type));
	onnx__type_proto__tensor__init(t->tensor_type);
	t->tensor_type->has_elem_type = true;
	t->tensor_type->elem_type = data_type(type);
	onnx__tensor_shape_proto__init(s);
	t->tensor_type->shape = s;
	count = split(shape, 'x', &side);
	for (size_t i = 0; i < count; i++) {
		ADD(s, dim, dimension(side[i]));
		free(side[i]);
	}
	free(side);
	return t;
}

/* word: NAME, or NAME TYPE SHAPE */
static Onnx__ValueInfoProto *
value(char *const *word, int count)
{
	Onnx__ValueInfoProto *v = allocate(1, sizeof(*v));

	onnx__value_info_proto__init(v);
	v->name = copy(word[0]);
	if (count == 3)
		v->type = value_type(word[1], word[2]);
	return v;
}

static Onnx__GraphProto *
inner_graph(Onnx__NodeProto *n, const char *name)
{
	Onnx__AttributeProto *a = attribute(n, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__GRAPH);

	a->g = allocate(1, sizeof(*a->g));
	onnx__graph_proto__init(a->g);
	a->g->name = copy(name);
	return a->g;
}

static void
set_integers(Onnx__NodeProto *n, const char *name, const char *list)
{
	char **text;
	const size_t count = split(list, ',', &text);
	const bool one = strchr(list, ',') == NULL && strcmp(name, "perm") != 0 &&
	                 strcmp(name, "axes") != 0;
	Onnx__AttributeProto *a = attribute(n, name,
		one ? ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT :
		      ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);

	a->has_i = one;
	a->i = strtoll(list, NULL, 10);
	a->n_ints = one ? 0 : count;
	a->ints = allocate(count, sizeof(a->ints[0]));
	for (size_t i = 0; i < count; i++) {
		a->ints[i] = strtoll(text[i], NULL, 10);
		free(text[i]);
	}
	free(text);
}

static void
add_sparse(Onnx__GraphProto *g, char *name)
{
	char *const values[] = { name, (char[]){"f32"}, (char[]){"300"}, (char[]){"raw"} };
	char *const indices[] = { (char[]){"."}, (char[]){"i64"}, (char[]){"300"}, (char[]){"raw"} };
	Onnx__SparseTensorProto *s = allocate(1, sizeof(*s));

	onnx__sparse_tensor_proto__init(s);
	s->values = tensor(values);
	s->indices = tensor(indices);
	s->n_dims = 2;
	s->dims = allocate(2, sizeof(s->dims[0]));
	s->dims[0] = s->dims[1] = 20;
	ADD(g, sparse_initializer, s);
}

/* What stands in one graph. */
static bool
graph_line(Onnx__GraphProto *g, const struct words *w)
{
	char *const *word = w->word;
	const char *what = word[0];
	Onnx__NodeProto *n;

	if (strcmp(what, "graph") == 0) {
		free(g->name);
		g->name = copy(word[1]);
	} else if (strcmp(what, "input") == 0) {
		ADD(g, input, value(word + 1, w->count - 1));
	} else if (strcmp(what, "output") == 0) {
		ADD(g, output, value(word + 1, w->count - 1));
	} else if (strcmp(what, "init") == 0 && w->count == 5) {
		ADD(g, initializer, tensor(word + 1));
	} else if (strcmp(what, "const") == 0 && w->count >= 5) {
		n = node(g, "Constant", w->count > 5 ? word[5] : ".", "-", word[1]);
		attribute(n, "value", ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR)->t =
			tensor(word + 1);
	} else if (strcmp(what, "node") == 0 && w->count >= 5) {
		n = node(g, word[1], word[2], word[3], word[4]);
		for (int i = 5; i + 1 < w->count; i += 2)
			set_integers(n, word[i], word[i + 1]);
	} else if (strcmp(what, "sparse") == 0) {
		add_sparse(g, word[1]);
	} else {
		return false;
	}
	return true;
}

/* Lines up to the end of the graph; returns how many, "end" or "else" with them. */
static int
graph_lines(Onnx__ModelProto *model, Onnx__GraphProto *g, int count, char *const *lines)
{
	int i = 0;

	while (i < count) {
		struct words w = {0};
		char *text = copy(lines[i++]), *rest = text;

		while ((w.word[w.count] = strtok_r(rest, " ", &rest)) != NULL)
			if (++w.count == WORDS_MAX)
				die("too many words", lines[i - 1]);
		if (w.count > 0 && (strcmp(w.word[0], "end") == 0 ||
		                    strcmp(w.word[0], "else") == 0)) {
			free(text);
			return i;
		}
		if (w.count < 2)
			die("what is this", lines[i - 1]);
		if (strcmp(w.word[0], "ir") == 0) {
			model->ir_version = strtoll(w.word[1], NULL, 10);
		} else if (strcmp(w.word[0], "opset") == 0) {
			model->opset_import[0]->version = strtoll(w.word[1], NULL, 10);
		} else if (strcmp(w.word[0], "producer") == 0 && w.count == 3) {
			free(model->producer_name);
			model->producer_name = copy(w.word[1]);
			model->producer_version = copy(w.word[2]);
		} else if (strcmp(w.word[0], "if") == 0 && w.count == 3) {
			Onnx__NodeProto *n = node(g, "If", ".", w.word[1], w.word[2]);

			i += graph_lines(model, inner_graph(n, "then_branch"), count - i, lines + i);
			i += graph_lines(model, inner_graph(n, "else_branch"), count - i, lines + i);
		} else if (strcmp(w.word[0], "loop") == 0 && w.count == 3) {
			Onnx__NodeProto *n = node(g, "Loop", ".", w.word[1], w.word[2]);

			i += graph_lines(model, inner_graph(n, "body"), count - i, lines + i);
		} else if (!graph_line(g, &w)) {
			die("what is this", lines[i - 1]);
		}
		free(text);
	}
	return i;
}

int
main(int argc, char **argv)
{
	Onnx__ModelProto *model = allocate(1, sizeof(*model));
	Onnx__OperatorSetIdProto *opset = allocate(1, sizeof(*opset));
	struct tmo_buffer out = {0};
	struct tmo_error err = {0};

	onnx__model_proto__init(model);
	onnx__operator_set_id_proto__init(opset);
	opset->domain = copy(".");
	opset->has_version = true;
	opset->version = 17;
	model->has_ir_version = true;
	model->ir_version = 8;
	model->producer_name = copy("mkonnx");
	ADD(model, opset_import, opset);
	model->graph = allocate(1, sizeof(*model->graph));
	onnx__graph_proto__init(model->graph);
	model->graph->name = copy("g");
	graph_lines(model, model->graph, argc - 1, argv + 1);
	if (tmo_onnx_pack(&model->base, &out, &err) < 0)
		die("cannot write", err.text);
	if (fwrite(out.data, 1, out.size, stdout) != out.size || fflush(stdout) != 0)
		die("cannot write", "stdout");
	tmo_buffer_free(&out);
	tmo_onnx_free(model);
	return 0;
}
