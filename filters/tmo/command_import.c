/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command_import.c: `tmo import`: a run without a pipeline: what an importer makes of a model, or what a
 * stream is unpacked; and, by the output's name, on to another format.
 */
#include "run_plan.h"

static const struct tmo_option options[] = {
	TMO_FLAG(0, "dry-run", struct run_options, dry_run, "print the line for the shell"),
	TMO_OPTIONS_END
};

const struct tmo_filter import_filter = {
	.name = "import", .summary = "model file to tensor stream, by what is in it",
	.options = options, .options_size = sizeof(struct run_options), .no_selection = true,
	.example = "tmo import model.safetensors | tmo-quant >model.tar",
};

static int
import(struct plan *p, const struct words *folders, struct tmo_error *err)
{
	if (plan_input(p, folders, err) < 0 || plan_export(p, folders, err) < 0)
		return -1;
	if (!plan_has_first(p) && p->pipeline.count == 0 &&
	    pipeline_add(&p->pipeline, "unpack", folders, err) < 0)
		return -1;
	return plan_do(p, err);
}

int
command_import(const struct words *folders, int argc, char **argv)
{
	struct tmo_error err = {0};
	struct plan p = { .fd = -1 };
	int operand, status;

	status = command_options(&import_filter, argc, argv, &p.options, &p.common, &operand, &err);
	if (status == 0 && command_is_asked(&p.common)) {
		status = command_tell(&import_filter, &p.common, &err);
	} else if (status == 0 && argc - operand > 1) {
		status = tmo_fail_usage(&err, "%d files, at most one is read; see tmo import --help",
		                        argc - operand);
	} else if (status == 0) {
		p.input = file_or_standard(operand < argc ? argv[operand] : NULL);
		p.output = file_or_standard(p.common.output);
		status = import(&p, folders, &err);
	}
	plan_free(&p);
	tmo_options_free(options, &p.options);
	return status == 0 ? 0 : complain(&err);
}
