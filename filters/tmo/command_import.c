/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tmo import`: a run without a pipeline. What an importer makes of a model, or, of a stream, what
 * unpacking it makes; and, by the output's name, on to another format.
 */
#include "base/strings.h"
#include "driver.h"
#include "run_plan.h"

static const struct tmo_option options[] = {
	TMO_FLAG(0, "dry-run", struct run_options, dry_run, "print the line for the shell"),
	TMO_OPTIONS_END
};

const struct tmo_filter driver_import_filter = {
	.name = "import", .summary = "model file to tensor stream, by what is in it",
	.options = options, .options_size = sizeof(struct run_options), .traits = TMO_NO_SELECTION,
	.example = "tmo import model.safetensors | tmo-quant >model.tar",
};

static int
import(struct plan *p, const struct tmo_strings *folders, struct tmo_error *err)
{
	if (driver_plan_input(p, folders, err) < 0 || driver_plan_export(p, folders, err) < 0)
		return -1;
	if (!driver_plan_has_first(p) && p->pipeline.count == 0 &&
	    driver_pipeline_add(&p->pipeline, "unpack", folders, err) < 0)
		return -1;
	return driver_plan_do(p, err);
}

int
driver_import(const struct tmo_strings *folders, int argc, char **argv)
{
	struct tmo_error err = {0};
	struct plan p = { .fd = -1 };
	int operand, status;

	status = driver_command_options(&driver_import_filter, argc, argv, &p.options, &p.common,
	                                &operand, &err);
	if (status == 0 && driver_command_is_asked(&p.common)) {
		status = driver_command_tell(&driver_import_filter, &p.common, &err);
	} else if (status == 0 && argc - operand > 1) {
		status = tmo_fail_usage(&err,
		                        "%d files, at most one is read; see tmo import --help",
		                        argc - operand);
	} else if (status == 0) {
		p.input = driver_file_or_standard(operand < argc ? argv[operand] : NULL);
		p.output = driver_file_or_standard(p.common.output);
		status = import(&p, folders, &err);
	}
	driver_plan_free(&p);
	tmo_options_free(options, &p.options);
	return status == 0 ? 0 : driver_complain(&err);
}
