/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "run/selection.h"
#include "tensor/axes.h"

static bool
any_matches(const char *pattern, char *const *text, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (tmo_glob(pattern, text[i]))
			return true;
	return false;
}

bool
tmo_pattern_matches(const char *pattern, const char *name, const struct tmo_use *use)
{
	if (strncmp(pattern, "op:", 3) == 0)
		return use != NULL && any_matches(pattern + 3, use->ops, use->op_count);
	if (strncmp(pattern, "node:", 5) == 0)
		return use != NULL && any_matches(pattern + 5, use->nodes, use->node_count);
	return tmo_glob(pattern, name);
}

/* What the rules make of the default choice; the last one that matches wins. */
static bool
follow_rules(const struct tmo_list *rules, const char *name, const struct tmo_use *use,
             bool chosen, const char **why)
{
	for (size_t i = 0; i < rules->count; i++)
		if (rules->items[i].tag == 'o') {
			chosen = false;
			*why = "not among --only";
			break;
		}
	for (size_t i = 0; i < rules->count; i++) {
		if (!tmo_pattern_matches(rules->items[i].text, name, use))
			continue;
		chosen = rules->items[i].tag == 'o';
		*why = "skipped by --skip";
	}
	return chosen;
}

bool
tmo_selected(const struct tmo_selection *s, const struct tmo_uses *uses,
             const struct tmo_item *item, const char *first, const char *last,
             const char **why)
{
	const struct tmo_use *use = uses != NULL ? tmo_uses_find(uses, item->name) : NULL;
	const bool weight = uses != NULL ? use != NULL && use->weight : item->rank >= 2;

	if (!tmo_type_is_float(item->dtype)) {
		*why = "not of a float type";
		return false;
	}
	*why = uses != NULL ? "not a layer's weight" : "fewer than 2 axes";
	if (!follow_rules(&s->rules, item->name, use, weight, why))
		return false;
	if (s->exclude_first_last && ((first != NULL && strcmp(item->name, first) == 0) ||
	                              (last != NULL && strcmp(item->name, last) == 0) ||
	                              (use != NULL && use->is_last))) {
		*why = "first or last layer";
		return false;
	}
	if (item->count < (uint64_t)s->min_elements) {
		*why = "fewer elements than --min-elements";
		return false;
	}
	*why = NULL;
	return true;
}

void
tmo_selection_axes(const struct tmo_selection *s, const struct tmo_uses *uses, struct tmo_tensor *t)
{
	const struct tmo_use *use = uses != NULL ? tmo_uses_find(uses, t->name) : NULL;
	struct tmo_axes axes;

	if (use != NULL && use->axes.count > 0 && tmo_axes_fit(&use->axes, t->rank, t->shape))
		axes = use->axes;
	else if (use != NULL && use->weight)
		tmo_axes_unknown(&axes, t->rank, t->shape);	/* a guess would be wrong in silence */
	else
		tmo_axes_assumed(&axes, t->rank, t->shape, s->axis);
	tmo_tensor_set_axes(t, &axes);
}
