/* SPDX-License-Identifier: Apache-2.0 */
/* The way of all filters: the stream, tensor by tensor, through the hooks; the rest as it came. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "run/history.h"
#include "run/run_state.h"
#include "stream/manifest.h"
#include "tensor/encoding.h"

typedef int tensor_hook(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err);

/* Whether the filter works on the item at hand; *why not otherwise. */
static int
chosen(struct tmo_run *run, const struct tmo_item *item, bool *yes, const char **why,
       struct tmo_error *err)
{
	const struct tmo_uses *uses;

	if (tmo_run_uses(run, &uses, err) < 0 || tmo_slips_see(run, uses, err) < 0)
		return -1;
	*why = "f64 is left alone by this filter";
	*yes = (item->dtype != TMO_F64 || (run->filter->accepts & TMO_TAKES_F64) != 0) &&
	       tmo_selected(&run->selection, uses, item, run->first, run->last, why);
	run->any_chosen |= *yes;
	return 0;
}

static int
fail_at_item(const struct tmo_run *run, struct tmo_error *err)
{
	return tmo_fail_at(err, run->about != NULL ? run->about : run->item.path);
}

/* What the map says of the item at hand, which was chosen. */
static int
look_up_options(struct tmo_run *run, bool *yes, const char **why, struct tmo_error *err)
{
	const struct tmo_uses *uses;
	const char *const name = run->item.name;
	bool skip;

	if (run->map == NULL || !*yes)
		return 0;
	if (tmo_run_uses(run, &uses, err) < 0 ||
	    tmo_map_choose(run->map, name, uses != NULL ? tmo_uses_find(uses, name) : NULL,
	                   &run->current, &skip, err) < 0)
		return fail_at_item(run, err);
	if (skip) {
		*yes = false;
		*why = "skipped by --map";
	}
	return 0;
}

/* Whether t is encoded only since no .npy has its type: it goes out so again. */
static bool
is_own_form(const struct tmo_tensor *t)
{
	return t->code == t->dtype && t->codebook.data == NULL && t->scale.data == NULL &&
	       t->zero_point.data == NULL;
}

/* The current tensor in the form in which the filter wants it. */
static int
prepare(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
{
	const struct tmo_uses *uses;

	run->decoded_bits = 0;
	if (tmo_reader_load(run->reader, t, err) < 0 || tmo_run_uses(run, &uses, err) < 0)
		return -1;
	tmo_selection_axes(&run->selection, uses, t);
	if ((run->filter->accepts & TMO_TAKES_ENCODED) != 0 && tmo_is_encoded(t))
		return 0;
	if (tmo_is_encoded(t)) {
		tmo_note(run, "decoded first");
		run->decoded_bits = is_own_form(t) ? 0 : t->bits;
	}
	if (tmo_decode(run, t, err) < 0)
		return -1;
	tmo_forget_encoding(t);
	return 0;
}

/* One tensor through a hook, if it is chosen; *taken says so. */
static int
one_tensor(struct tmo_run *run, tensor_hook *hook, struct tmo_tensor *t, bool *taken,
           struct tmo_error *err)
{
	const char *why = NULL;
	int status;

	if (chosen(run, &run->item, taken, &why, err) < 0 ||
	    look_up_options(run, taken, &why, err) < 0)
		return -1;
	if (run->scan != NULL && run->scan->also != NULL)
		*taken = *taken || run->scan->also(run, run->item.name);
	if (!*taken) {
		tmo_note(run, "left as it is: %s", why);
		return 0;
	}
	if (prepare(run, t, err) < 0 ||
	    (run->scan == NULL && tmo_losses_before(&run->losses, t, err) < 0))
		return fail_at_item(run, err);
	run->at_hand = t;
	run->handed_on = false;
	status = hook(run, t, err);
	run->at_hand = NULL;
	return status < 0 ? fail_at_item(run, err) : 0;
}

/* The next item, to which no map gives other options yet. */
static int
next_item(struct tmo_run *run, struct tmo_item *item, struct tmo_error *err)
{
	run->current = run->options;
	return tmo_run_next(run, item, err);
}

/* The stream through a scan, once. */
static int
scan_once(struct tmo_run *run, struct tmo_error *err)
{
	struct tmo_tensor t = {0};
	struct tmo_item item = {0};
	bool taken;
	int status;

	while ((status = next_item(run, &item, err)) == 0 && item.kind != TMO_ITEM_END)
		if (item.kind == TMO_ITEM_TENSOR && one_tensor(run, run->scan->tensor, &t, &taken, err) < 0) {
			status = -1;
			break;
		}
	tmo_tensor_free(&t);
	return status < 0 ? -1 : tmo_run_rewind(run, err);
}

/* Whether a scan is wanted with the options of the command line or those of a map. */
static bool
is_wanted(const struct tmo_run *run, const struct tmo_scan *scan)
{
	if (scan->wanted == NULL)
		return true;
	return run->map != NULL ? tmo_map_any(run->map, scan->wanted) : scan->wanted(run->options);
}

/* The first scan from this one on that is wanted; NULL: none. */
static const struct tmo_scan *
wanted_scan(const struct tmo_run *run, const struct tmo_scan *scan)
{
	for (; scan != NULL && scan->tensor != NULL; scan++)
		if (is_wanted(run, scan))
			return scan;
	return NULL;
}

/* How many times the stream is gone through after this scan: for other scans, and to be written. */
static unsigned
passes_after(const struct tmo_run *run, const struct tmo_scan *scan)
{
	unsigned passes = 1;

	while ((scan = wanted_scan(run, scan + 1)) != NULL)
		passes++;
	return passes;
}

static int
make_scans(struct tmo_run *run, struct tmo_error *err)
{
	bool again;

	run->scan = wanted_scan(run, run->filter->scans);
	while (run->scan != NULL) {
		again = false;
		tmo_run_pass(run, passes_after(run, run->scan));
		if (scan_once(run, err) < 0 ||
		    (run->scan->end != NULL && run->scan->end(run, &again, err) < 0))
			return -1;
		if (!again)
			run->scan = wanted_scan(run, run->scan + 1);
	}
	return 0;
}

/* No network tells them: it is the order of the stream, which may be that of the names. */
static void
say_first_last(struct tmo_run *run)
{
	tmo_run_about(run, NULL);
	if (run->first != NULL)
		tmo_run_warn(run, "no network in the stream: by their places in it %.150s is taken for the "
		             "first layer and %.150s for the last; if they are not, --skip the right ones",
		             run->first, run->last);
}

/* The network's first layer; its last ones it tells itself. Without one, the first and the last weight. */
static int
find_first_last(struct tmo_run *run, struct tmo_error *err)
{
	const struct tmo_uses *uses;
	struct tmo_item item = {0};
	const char *why;
	bool yes;

	if (tmo_run_uses(run, &uses, err) < 0)
		return -1;
	for (size_t i = 0; uses != NULL && i < uses->count && run->first == NULL; i++)
		if (uses->use[i].weight)
			run->first = uses->use[i].name;
	while (uses == NULL) {
		char *name;

		if (next_item(run, &item, err) < 0)
			return -1;
		if (item.kind == TMO_ITEM_END)
			break;
		if (item.kind != TMO_ITEM_TENSOR)
			continue;
		if (chosen(run, &item, &yes, &why, err) < 0)
			return -1;
		if (!yes)
			continue;
		name = tmo_copy_string(item.name, err);
		if (name == NULL)
			return -1;
		free(run->last_name);
		run->last_name = name;
		if (run->first_name == NULL && (run->first_name = tmo_copy_string(name, err)) == NULL)
			return -1;
	}
	if (uses == NULL) {
		run->first = run->first_name;
		run->last = run->last_name;
		say_first_last(run);
	}
	return tmo_run_rewind(run, err);
}

/* model.yaml with this program in its history, or as it came; then graph.onnx. */
static int
write_head(struct tmo_run *run, struct tmo_error *err)
{
	const struct tmo_members *head = tmo_reader_head(run->reader);
	struct tmo_yaml *manifest = NULL;
	struct tmo_buffer text = {0};
	int status = -1;

	if ((run->filter->traits & TMO_NO_HISTORY) == 0) {
		manifest = tmo_manifest_copy(tmo_reader_manifest(run->reader), err);
		if (manifest == NULL ||
		    tmo_history_add(manifest, run->filter, run->version, run->options,
		                         &run->common.selection, err) < 0 ||
		    (run->map != NULL && tmo_map_record(run->map, manifest, err) < 0) ||
		    tmo_yaml_emit(manifest, &text, err) < 0 ||
		    tmo_writer_member(run->writer, "model.yaml", text.data, text.size, err) < 0)
			goto out;
	}
	for (int graph = 0; graph < 2; graph++)
		for (size_t i = 0; i < head->count; i++) {
			const struct tmo_member *p = &head->member[i];
			const bool is_graph = strcmp(p->path, "graph.onnx") == 0;

			if (is_graph == (graph == 1) && (is_graph || (run->filter->traits & TMO_NO_HISTORY) != 0) &&
			    tmo_writer_member(run->writer, p->path, p->data, p->bytes, err) < 0)
				goto out;
		}
	status = 0;
out:
	tmo_buffer_free(&text);
	tmo_yaml_free(manifest);
	return status;
}

/* The item at hand as it came. */
static int
copy_item(struct tmo_run *run, const struct tmo_item *item, struct tmo_error *err)
{
	if ((item->kind == TMO_ITEM_TENSOR && tmo_run_name_gone(run, item->name, err) < 0) ||
	    tmo_writer_copy(run->writer, run->reader, item, err) < 0)
		return tmo_fail_at(err, item->path);
	return 0;
}

static int
write_all(struct tmo_run *run, struct tmo_error *err)
{
	const struct tmo_filter *const f = run->filter;
	struct tmo_tensor t = {0};
	struct tmo_item item = {0};
	bool taken = false;
	int status = -1;

	for (;;) {
		if (next_item(run, &item, err) < 0)
			goto out;
		if (item.kind == TMO_ITEM_END)
			break;
		taken = false;
		if (item.kind == TMO_ITEM_TENSOR && f->tensor != NULL &&
		    one_tensor(run, f->tensor, &t, &taken, err) < 0)
			goto out;
		if (!taken && f->kind != TMO_SINK && copy_item(run, &item, err) < 0)
			goto out;
	}
	status = 0;
out:
	tmo_tensor_free(&t);
	return status;
}

int
tmo_pass_all(struct tmo_run *run, struct tmo_error *err)
{
	const struct tmo_filter *const f = run->filter;
	int fd;

	if ((run->selection.exclude_first_last || wanted_scan(run, f->scans) != NULL) &&
	    (tmo_run_seekable(run, &fd, err) < 0 || tmo_run_rewind(run, err) < 0))
		return -1;
	if (run->selection.exclude_first_last && find_first_last(run, err) < 0)
		return -1;
	if (tmo_run_reader(run, err) == NULL || (f->begin != NULL && f->begin(run, err) < 0))
		return -1;
	if (make_scans(run, err) < 0 || tmo_run_reader(run, err) == NULL)
		return -1;
	if (f->kind != TMO_SINK &&
	    (tmo_run_writer(run, err) == NULL || write_head(run, err) < 0))
		return -1;
	if (write_all(run, err) < 0)
		return -1;
	return f->finish != NULL ? f->finish(run, err) : 0;
}
