/* SPDX-License-Identifier: Apache-2.0 */
/* command_list.c: `tmo list`. */

#include <stdlib.h>

#include "base/buffer.h"
#include "base/strings.h"
#include "base/text.h"
#include "driver.h"
#include "installed_pipelines.h"
#include "pipeline.h"
#include "run/program_description.h"
#include "run/programs.h"

struct list_options {
	bool names, pipelines;
};

static const struct tmo_option list_table[] = {
	TMO_FLAG(0, "names", struct list_options, names, "only names, without running anything"),
	TMO_FLAG(0, "pipelines", struct list_options, pipelines,
	         "the pipelines that came with tmo, instead of programs"),
	TMO_OPTIONS_END
};

const struct tmo_filter driver_list_filter = {
	.name = "list", .summary = "list the programs that tmo finds, -v: and those it does not use",
	.operands = "", .options = list_table, .options_size = sizeof(struct list_options),
	.traits = TMO_NO_SELECTION,
};

/* One program: its line, and under -v its path, or why it is not used. */
static int
list_plugin(const struct tmo_program *p, bool verbose, struct tmo_buffer *out,
            struct tmo_error *err)
{
	struct tmo_error inner = {0};
	struct tmo_yaml *about = NULL;
	char shown[256];
	const char *summary;
	int status = 0;

	if (p->fault != NULL)
		return verbose ? tmo_buffer_printf(out, err, "%-16s not used: %s: %s%s%s\n",
		                                   p->name, p->path, p->fault,
		                                   p->hidden_by != NULL ?
		                                   " " : "",
		                                   p->hidden_by != NULL ? p->hidden_by : "") : 0;
	about = tmo_program_describe(p->path, &inner);
	if (about != NULL) {
		summary = tmo_yaml_text(about, "summary");
		status = tmo_buffer_printf(out, err, "%-16s %s\n", p->name,
		                           tmo_printable(summary != NULL ? summary : "", shown,
		                                         sizeof(shown)));
		if (status == 0 && verbose)
			status = tmo_buffer_printf(out, err, "%-16s %s\n", "", p->path);
	} else if (verbose) {
		status = tmo_buffer_printf(out, err, "%-16s not used: %s: %s\n", p->name, p->path,
		                           inner.text);
	}
	tmo_yaml_free(about);
	return status;
}

static int
list(const struct tmo_strings *folders, const struct list_options *o, bool verbose,
     struct tmo_error *err)
{
	struct tmo_programs all = {0};
	struct tmo_buffer out = {0};
	int status = tmo_programs_find(folders, &all, err);

	for (size_t i = 0; i < all.count && status == 0; i++)
		if (!o->names)
			status = list_plugin(&all.program[i], verbose, &out, err);
		else if (all.program[i].fault == NULL)
			status = tmo_buffer_printf(&out, err, "%s\n", all.program[i].name);
	if (status == 0)
		status = driver_print((const char *)out.data, out.size, err);
	tmo_buffer_free(&out);
	tmo_programs_free(&all);
	return status;
}

/* A pipeline and what its summary says, if it can be read. */
static int
list_pipeline(const struct tmo_strings *folders, const char *name, struct tmo_buffer *out,
              struct tmo_error *err)
{
	struct pipeline p = {0};
	struct tmo_error ignored = {0};
	const char *summary = NULL;
	char *file = NULL, shown[256];
	int status;

	if (driver_find_pipeline(name, &file, &ignored) == 0 &&
	    driver_pipeline_load(&p, file, folders, &ignored) == 0)
		summary = tmo_yaml_text(p.document, "summary");
	status = tmo_buffer_printf(out, err, "%-16s %s\n", name,
	                           tmo_printable(summary != NULL ? summary : "", shown,
	                                         sizeof(shown)));
	driver_pipeline_free(&p);
	free(file);
	return status;
}

static int
list_pipelines(const struct tmo_strings *folders, bool only_names, struct tmo_error *err)
{
	struct tmo_strings names = {0};
	struct tmo_buffer out = {0};
	int status = driver_pipeline_names(&names, err);

	for (size_t i = 0; i < names.count && status == 0; i++)
		status = only_names ? tmo_buffer_printf(&out, err, "%s\n", names.item[i])
		                    : list_pipeline(folders, names.item[i], &out, err);
	if (status == 0)
		status = driver_print((const char *)out.data, out.size, err);
	tmo_buffer_free(&out);
	tmo_strings_free(&names);
	return status;
}

int
driver_list(const struct tmo_strings *folders, int argc, char **argv)
{
	struct list_options o = {0};
	struct tmo_common common = {0};
	struct tmo_error err = {0};
	int operand, status;

	status = driver_command_options(&driver_list_filter, argc, argv, &o, &common, &operand,
	                                &err);
	if (status == 0 && driver_command_is_asked(&common))
		status = driver_command_tell(&driver_list_filter, &common, &err);
	else if (status == 0 && (operand < argc || common.output != NULL))
		status = tmo_fail_usage(&err, "list takes no file; see tmo list --help");
	else if (status == 0 && o.pipelines)
		status = list_pipelines(folders, o.names, &err);
	else if (status == 0)
		status = list(folders, &o, common.verbose, &err);
	return status == 0 ? 0 : driver_complain(&err);
}
