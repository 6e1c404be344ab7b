/* SPDX-License-Identifier: Apache-2.0 */
/* edit_attributes.c: attributes of nodes that are set anew, or go. */
#include <string.h>

#include "net/edit_rules.h"

static int
may_change(const struct tmo_net *net, size_t node, struct tmo_error *err)
{
	const struct tmo_node *const n = &net->node[node];

	if (tmo_net_may_edit(net, n->graph, err) < 0)
		return -1;
	if (n->inner_count > 0 || n->removed)
		return tmo_fail_unsupported(err, "attributes of %s %s, which has graphs in it, stay as they "
		                            "are", n->type, n->name);
	return 0;
}

/* The results may be of another shape now. */
static void
note_change(struct tmo_net *net, size_t node)
{
	struct tmo_node *const n = &net->node[node];

	n->edited = true;
	for (size_t i = 0; i < n->output_count; i++)
		if (n->output[i] != TMO_NET_NONE)
			tmo_net_forget_shape(net, n->output[i]);
}

/* The attribute of this name with no value yet, in the place of the old one; NULL on failure. */
static struct tmo_attribute *
fresh_attribute(struct tmo_net *net, size_t node, const char *name, enum tmo_attribute_kind kind,
                struct tmo_error *err)
{
	struct tmo_node *const n = &net->node[node];
	struct tmo_attribute *list;
	size_t i = 0;

	if (may_change(net, node, err) < 0)
		return NULL;
	while (i < n->attribute_count && strcmp(n->attribute[i].name, name) != 0)
		i++;
	if (i == n->attribute_count) {
		list = tmo_arena_alloc(&net->arena, i + 1, sizeof(*list), err);
		if (list == NULL)
			return NULL;
		if (i > 0)
			memcpy(list, n->attribute, i * sizeof(*list));
		n->attribute = list;
		n->attribute_count++;
	}
	n->attribute[i] = (struct tmo_attribute){
		.name = tmo_arena_string(&net->arena, name, err), .kind = kind, .edited = true,
	};
	note_change(net, node);
	return n->attribute[i].name != NULL ? &n->attribute[i] : NULL;
}

int
tmo_net_set_int(struct tmo_net *net, size_t node, const char *name, int64_t number,
                struct tmo_error *err)
{
	struct tmo_attribute *const a = fresh_attribute(net, node, name, TMO_ATTRIBUTE_INT, err);

	if (a == NULL)
		return -1;
	a->number = number;
	return 0;
}

int
tmo_net_set_float(struct tmo_net *net, size_t node, const char *name, float real,
                  struct tmo_error *err)
{
	struct tmo_attribute *const a = fresh_attribute(net, node, name, TMO_ATTRIBUTE_FLOAT, err);

	if (a == NULL)
		return -1;
	a->real = real;
	return 0;
}

int
tmo_net_set_text(struct tmo_net *net, size_t node, const char *name, const char *text,
                 struct tmo_error *err)
{
	struct tmo_attribute *const a = fresh_attribute(net, node, name, TMO_ATTRIBUTE_TEXT, err);

	if (a == NULL)
		return -1;
	a->count = strlen(text);
	a->text = tmo_arena_string(&net->arena, text, err);
	return a->text != NULL ? 0 : -1;
}

int
tmo_net_set_ints(struct tmo_net *net, size_t node, const char *name, const int64_t *numbers,
                 size_t count, struct tmo_error *err)
{
	struct tmo_attribute *const a = fresh_attribute(net, node, name, TMO_ATTRIBUTE_INTS, err);

	if (a == NULL)
		return -1;
	a->count = count;
	a->numbers = tmo_arena_copy(&net->arena, numbers, count * sizeof(*numbers), err);
	return a->numbers != NULL ? 0 : -1;
}

int
tmo_net_drop_attribute(struct tmo_net *net, size_t node, const char *name, struct tmo_error *err)
{
	struct tmo_node *const n = &net->node[node];
	size_t kept = 0;

	if (may_change(net, node, err) < 0)
		return -1;
	for (size_t i = 0; i < n->attribute_count; i++)
		if (strcmp(n->attribute[i].name, name) != 0)
			n->attribute[kept++] = n->attribute[i];
	if (kept < n->attribute_count)
		note_change(net, node);
	n->attribute_count = kept;
	return 0;
}
