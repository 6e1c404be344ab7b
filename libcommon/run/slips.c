/* SPDX-License-Identifier: Apache-2.0 */
/* slips.c: what a run had nothing to do with: choices that match no tensor, streams that have none. */
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "run/run_state.h"

int
tmo_slips_see(struct tmo_run *run, const struct tmo_uses *uses, struct tmo_error *err)
{
	const struct tmo_list *const rules = &run->common.selection.rules;
	const char *const name = run->item.name;
	const struct tmo_use *const use = uses != NULL ? tmo_uses_find(uses, name) : NULL;

	if (run->rule_matched == NULL &&
	    (run->rule_matched = tmo_alloc(rules->count, sizeof(*run->rule_matched), err)) == NULL)
		return -1;
	for (size_t i = 0; i < rules->count; i++)
		run->rule_matched[i] = run->rule_matched[i] ||
			tmo_pattern_matches(rules->items[i].text, name, use);
	return 0;
}

/* An entry of a map that matches nothing is a slip more often than not. */
static int
say_unmatched_entries(struct tmo_run *run, struct tmo_error *err)
{
	struct tmo_buffer text = {0};
	const int status = tmo_map_unmatched(run->map, run->filter->name, &text, err);

	if (status == 0 && text.size > 0)
		tmo_run_say(run, (const char *)text.data, text.size);
	tmo_buffer_free(&text);
	return status;
}

/* So is an --only or --skip that does. */
static void
say_unmatched_rules(struct tmo_run *run)
{
	const struct tmo_list *const rules = &run->common.selection.rules;

	for (size_t i = 0; i < rules->count; i++)
		if (!run->rule_matched[i])
			tmo_run_warn(run, "no tensor matches --%s %.200s", rules->items[i].tag == 'o' ?
			             "only" : "skip", rules->items[i].text);
}

/* The first --only, NULL if there is none. */
static const char *
first_only(const struct tmo_run *run)
{
	const struct tmo_list *const rules = &run->common.selection.rules;

	for (size_t i = 0; i < rules->count; i++)
		if (rules->items[i].tag == 'o')
			return rules->items[i].text;
	return NULL;
}

static void
say_nothing_chosen(struct tmo_run *run)
{
	const char *const only = first_only(run);

	if (only != NULL)
		tmo_run_warn(run, "no tensor is chosen by --only %.200s; all pass as they came", only);
	else if ((run->filter->accepts & TMO_TAKES_ALL) == 0)
		tmo_run_warn(run, "nothing to work on: %s%s; all pass as they came, --only GLOB chooses "
		             "others", run->net != NULL ? "no tensor is the weight of a layer" :
		             "no tensor of floats has 2 axes",
		             run->common.selection.rules.count > 0 ? " and is left by --skip" : "");
}

int
tmo_slips_say(struct tmo_run *run, struct tmo_error *err)
{
	if (run->map != NULL && say_unmatched_entries(run, err) < 0)
		return -1;
	if (run->reader != NULL && run->at_end && !run->any_tensor)
		tmo_run_warn(run, "no tensors in the stream; tmo-from-onnx and its like make streams of "
		             "models");
	else if (run->filter->run == NULL && !run->any_chosen)
		say_nothing_chosen(run);
	else if (run->filter->run == NULL && run->rule_matched != NULL)
		say_unmatched_rules(run);
	return 0;
}
