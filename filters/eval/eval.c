/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-eval: what a stream holds, and what it lost against another; passes it on unchanged. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/read_write.h"
#include "base/sink.h"
#include "base/source.h"
#include "base/string_map.h"
#include "report_formats.h"
#include "report_save.h"
#include "require.h"
#include "run/run.h"
#include "run/run_lookup.h"
#include "stream/manifest.h"
#include "tensor/encoding.h"

#define HELD_MAX ((size_t)64 << 20)	/* padding behind the archive's end that is put up with */

struct eval {
	const char *reference, *report;
	bool diff;
	const char *check;
	struct tmo_list require;
};

static const struct tmo_option options[] = {
	TMO_FILE('r', "reference", struct eval, reference, "stream or model to measure the loss against"),
	TMO_TEXT(0, "report", struct eval, report, "FILE", NULL,
	         "write the report there: .txt, .json or .html"),
	TMO_FLAG('d', "diff", struct eval, diff, "say what changed against the reference"),
	TMO_TEXT(0, "check", struct eval, check, "N:M", NULL,
	         "say which weights have N of every M nonzero"),
	TMO_LIST(0, "require", struct eval, require, "KEY>=X", 'r',
	         "fail unless the total is so: <= < = > too"),
	TMO_OPTIONS_END
};

struct state {
	struct tmo_run *run;
	struct tmo_buffer held;		/* the stream's end, until all requirements are met */
	struct tmo_lookup *reference;
	size_t found;			/* tensors that the reference has too */
	struct tmo_string_map *names;	/* of all tensors that came; only for --diff */
	struct tmo_pattern pattern;	/* of --check */
	struct report report;
};

static int
parse_check(const struct eval *o, struct tmo_pattern *pattern, struct tmo_error *err)
{
	if (tmo_pattern_parse(o->check, pattern, err) < 0 || pattern->kind != TMO_N_OF_M)
		return tmo_fail_usage(err, "--check: \"%.40s\" is not N:M, such as 2:4, with N from 1 "
		                      "to M - 1 and M at most %d", o->check, TMO_GROUP_MAX);
	return 0;
}

static int
eval_check(const void *data, struct tmo_error *err)
{
	const struct eval *o = data;
	struct tmo_pattern pattern;
	const char *dot = o->report != NULL ? strrchr(o->report, '.') : ".txt";

	if (dot == NULL || (strcmp(dot, ".txt") != 0 && strcmp(dot, ".json") != 0 &&
	                    strcmp(dot, ".html") != 0))
		return tmo_fail_usage(err, "--report: \"%.100s\" is neither .txt nor .json nor .html; "
		                      "give it one of these names", o->report);
	if (o->diff && o->reference == NULL)
		return tmo_fail_usage(err, "--diff: against what; name a stream with --reference");
	if (o->reference != NULL && strcmp(o->reference, "-") == 0)
		return tmo_fail_usage(err, "--reference: stdin is the stream itself; name a file");
	if (o->check != NULL && parse_check(o, &pattern, err) < 0)
		return -1;
	return eval_requirements_check(&o->require, o->reference != NULL, o->check != NULL, err);
}

/* Passes on what the reader used up; what could complete the stream stays here. */
static int
forward(void *arg, const void *data, size_t size, bool at_end, struct tmo_error *err)
{
	struct state *s = arg;

	s->report.stream_bytes += size;
	if (!tmo_run_has_output(s->run))
		return 0;
	if (at_end && s->held.size > HELD_MAX)
		return tmo_fail(err, "more than %zu bytes behind the archive's end; make it again with "
		                "less padding", HELD_MAX);
	if (at_end)
		return tmo_buffer_append(&s->held, data, size, err);
	return tmo_sink_write(tmo_run_sink(s->run), data, size, err);
}

/* Of a weight its channels; where the weights lie, and the errors, if the report shows it. */
static int
add_details(const struct state *s, const struct tmo_array *reference, const struct tmo_tensor *t,
              struct row *row, struct tmo_error *err)
{
	if (row->weight &&
	    eval_measure_channels(t, reference, !s->report.wants_channels, tmo_threads(s->run),
	                          &row->channels, err) < 0)
		return -1;
	if (!s->report.wants_histograms || !tmo_type_is_float(t->dtype))
		return 0;
	row->histogram = tmo_alloc(1, sizeof(*row->histogram), err);
	if (row->histogram == NULL)
		return -1;
	if (!eval_histogram_make(row->histogram, reference, &t->values)) {
		free(row->histogram);
		row->histogram = NULL;
	}
	return 0;
}

/* What t lost against r, the reference's tensor of its name. */
static int
compare_with(struct state *s, const struct tmo_tensor *t, struct tmo_tensor *r, struct row *row,
             struct tmo_error *err)
{
	const int threads = tmo_threads(s->run);
	char here[128], there[128];
	bool alike;

	if (r->rank != t->rank ||
	    memcmp(r->shape, t->shape, (size_t)t->rank * sizeof(*t->shape)) != 0)
		return tmo_fail(err, "shape %s, in the reference %s; name the stream that this one "
		                "was made from",
		                tmo_shape_text(t->rank, t->shape, here, sizeof(here)),
		                tmo_shape_text(r->rank, r->shape, there, sizeof(there)));
	alike = s->report.diff && eval_same_form(t, r);
	tmo_form_text(r, row->was);
	if (tmo_make_plain(r, threads, err) < 0 ||
	    eval_measure_difference(r->values.data, r->values.type, t->values.data, t->values.type,
	                            t->count, threads, &row->difference, err) < 0)
		return -1;
	row->change = row->difference.largest > 0 ? CHANGED : alike ? SAME : REENCODED;
	return add_details(s, &r->values, t, row, err);
}

/* What t lost against the reference's tensor of its name, if there is one. */
static int
compare(struct state *s, const struct tmo_tensor *t, struct row *row, struct tmo_error *err)
{
	struct tmo_tensor r = { 0 };
	int status;

	row->change = ADDED;
	status = tmo_lookup_load(s->reference, row->name, &r, &row->compared, err);
	if (status == 0 && row->compared) {
		s->found++;
		status = compare_with(s, t, &r, row, err);
	} else if (status == 0) {
		status = add_details(s, NULL, t, row, err);
	}
	tmo_tensor_free(&r);
	return status;
}

/* Whether t is one of the weights that filters work on; if so it gets its axes. */
static int
look_at_use(const struct state *s, const struct tmo_item *item, struct tmo_tensor *t, struct row *row,
            struct tmo_error *err)
{
	const struct tmo_selection *const selection = &tmo_run_common(s->run)->selection;
	const struct tmo_uses *uses;
	const char *why;

	if (tmo_run_uses(s->run, &uses, err) < 0)
		return -1;
	row->weight = tmo_selected(selection, uses, item, NULL, NULL, &why);
	if (row->weight)
		tmo_selection_axes(selection, uses, t);
	return 0;
}

/* Has a weight checked for the pattern. */
static int
check_pattern(const struct state *s, struct tmo_tensor *t, struct row *row, struct tmo_error *err)
{
	if (s->report.pattern == NULL || !row->weight)
		return 0;
	if (tmo_tensor_widen(t, err) < 0)
		return -1;
	eval_row_check(row, t, &s->pattern);
	return 0;
}

/* Notes a name that only the reference has. */
static int
note_removed(void *arg, const char *name, struct tmo_error *err)
{
	struct state *s = arg;

	return tmo_string_map_has(s->names, name) ? 0 : tmo_strings_add(&s->report.removed, name, err);
}

/* Of a tensor's time these parts have gone by once it is there, and once it was looked at by itself. */
#define LOADED 0.3
#define MEASURED 0.6

static int
is_past(const struct state *s, double part)
{
	tmo_run_tensor_part(s->run, part);
	return 0;
}

static int
eval_tensor(struct state *s, const struct tmo_item *item, struct tmo_tensor *t,
            struct tmo_error *err)
{
	struct row row = { .name = tmo_copy_string(item->name, err), .bytes = item->bytes };
	bool added;

	if (row.name == NULL)
		return -1;
	if (tmo_reader_load(tmo_run_reader(s->run, err), t, err) < 0 || is_past(s, LOADED) < 0 ||
	    look_at_use(s, item, t, &row, err) < 0 ||
	    eval_row_measure(&row, t, tmo_threads(s->run), err) < 0 || is_past(s, MEASURED) < 0 ||
	    (s->reference != NULL ? compare(s, t, &row, err) :
	                            add_details(s, NULL, t, &row, err)) < 0 ||
	    check_pattern(s, t, &row, err) < 0 ||
	    (s->names != NULL && tmo_string_map_add(s->names, row.name, NULL, &added, err) < 0)) {
		eval_row_free(&row);
		return -1;
	}
	tmo_form_text(t, row.form);
	return eval_report_add(&s->report, &row, err);
}

/* The stream to its end; only the last of its bytes are still in s->held. */
static int
eval_stream(struct state *s, struct tmo_error *err)
{
	struct tmo_tensor t = { 0 };
	struct tmo_item item;
	int status;

	tmo_run_tee(s->run, forward, s);
	while ((status = tmo_run_next(s->run, &item, err)) == 0 && item.kind != TMO_ITEM_END)
		if (item.kind == TMO_ITEM_TENSOR && (status = eval_tensor(s, &item, &t, err)) < 0)
			break;
	tmo_tensor_free(&t);
	return status;
}

/* What the page says of the stream as a whole, and of the file that it is measured against. */
static int
look_at_files(struct state *s, const struct eval *o, struct tmo_error *err)
{
	const struct tmo_yaml *const manifest = tmo_reader_manifest(tmo_run_reader(s->run, err));
	const char *const name = manifest != NULL ? tmo_yaml_text(manifest, "name") : NULL;
	struct stat st;

	if (name != NULL && (s->report.model = tmo_copy_string(name, err)) == NULL)
		return -1;
	if (o->reference != NULL) {
		s->report.reference = tmo_path_name(o->reference);
		if (stat(o->reference, &st) == 0 && S_ISREG(st.st_mode))
			s->report.reference_bytes = (uint64_t)st.st_size;
	}
	return tmo_manifest_stages(manifest, &s->report.stages, err);
}

/* The report to where it is wanted. */
static int
tell(struct state *s, const struct eval *o, struct tmo_error *err)
{
	struct tmo_buffer text = { 0 };
	int status;

	if (o->report != NULL)
		return eval_report_save(&s->report, o->report, err);
	status = o->diff ? eval_report_diff(&s->report, &text, err) :
	                   eval_report_text(&s->report, &text, err);
	if (status == 0 && tmo_run_has_output(s->run))
		tmo_run_say(s->run, (const char *)text.data, text.size);
	else if (status == 0)
		status = tmo_write_full(STDOUT_FILENO, text.data, text.size, err) < 0 ?
		         tmo_fail_at(err, "stdout") : 0;
	tmo_buffer_free(&text);
	return status;
}

static int
eval_run(struct tmo_run *run, struct tmo_error *err)
{
	const struct eval *o = tmo_options(run);
	struct state *s = tmo_state(run);

	s->run = run;
	s->report.diff = o->diff;
	s->report.pattern = o->check;
	if (o->check != NULL && parse_check(o, &s->pattern, err) < 0)
		return -1;
	s->report.wants_channels = o->report != NULL || o->require.count > 0;
	s->report.wants_histograms = o->report != NULL && strcmp(strrchr(o->report, '.'), ".html") == 0;
	if (o->diff && (s->names = tmo_string_map_new(err)) == NULL)
		return -1;
	if (o->reference != NULL) {
		s->report.has_reference = true;
		s->reference = tmo_run_lookup(run, o->reference, err);
		if (s->reference == NULL)
			return -1;
	}
	if (eval_stream(s, err) < 0 || look_at_files(s, o, err) < 0 ||
	    (s->reference != NULL && tmo_lookup_finish(s->reference, err) < 0) ||
	    (o->diff && tmo_lookup_names(s->reference, note_removed, s, err) < 0))
		return -1;
	if (o->reference != NULL && s->report.count > 0 && s->found == 0) {
		tmo_fail(err, "none of the stream's %zu tensors is in it; name the stream that this "
		         "one was made from", s->report.count);
		return tmo_fail_at(err, o->reference);
	}
	if (tell(s, o, err) < 0 || eval_requirements_meet(&o->require, &s->report, err) < 0)
		return -1;
	return tmo_sink_write(tmo_run_sink(run), s->held.data, s->held.size, err);
}

static void
eval_release(struct tmo_run *run)
{
	struct state *s = tmo_state(run);

	tmo_lookup_close(s->reference);
	eval_report_free(&s->report);
	tmo_string_map_free(s->names);
	tmo_buffer_free(&s->held);
}

int
main(int argc, char **argv)
{
	static const struct tmo_filter eval = {
		.name = "eval",
		.summary = "measure a stream, pass it on unchanged",
		.example = "tmo-eval --reference a.tar --require 'sqnr_db>=30' <b.tar >ok.tar",
		.options = options,
		.options_size = sizeof(struct eval),
		.state_size = sizeof(struct state),
		.traits = TMO_NO_HISTORY | TMO_NO_SELECTION | TMO_MAY_REPORT,
		.check = eval_check,
		.run = eval_run,
		.release = eval_release,
	};

	return tmo_main(&eval, argc, argv);
}
