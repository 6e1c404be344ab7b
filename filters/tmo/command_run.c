/* SPDX-License-Identifier: Apache-2.0 */
/* command_run.c: `tmo run`. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/read_write.h"
#include "base/replace.h"
#include "base/strings.h"
#include "driver.h"
#include "installed_pipelines.h"
#include "run_plan.h"

static const struct tmo_option options[] = {
	TMO_FILE('i', "input", struct run_options, input,
	         "read FILE, a stream or a model that an importer reads"),
	TMO_LIST(0, "set", struct run_options, set, "STAGE.OPTION=VALUE", 's',
	         "instead of what the pipeline says"),
	TMO_FLAG(0, "dry-run", struct run_options, dry_run, "print the line for the shell"),
	TMO_FLAG(0, "make", struct run_options, make, "print a rule for make"),
	TMO_OPTIONS_END
};

const struct tmo_filter driver_run_filter = {
	.name = "run", .summary = "run the stages of a pipeline file, joined by pipes",
	.operands = "PIPELINE.yaml", .options = options, .options_size = sizeof(struct run_options),
	.traits = TMO_NO_SELECTION,
	.example = "tmo run pipelines/ota-int8.yaml -i model.onnx -o out.tar.zst",
};

/* One or more jobs from c->in to c->out. */
static int
run_jobs(const struct plan *p, struct jobs *c, int *by, struct tmo_error *err)
{
	c->shown = !p->common.quiet;
	return driver_run_jobs(c, by, err);
}

/* Has the output of one job in an unlinked temporary file, and that read from now on. */
static int
run_into_copy(struct plan *p, struct job *job, int *by, struct tmo_error *err)
{
	struct jobs c = { .count = 1, .job = job, .in = p->fd, .copy = -1 };

	c.out = tmo_temporary(getenv("TMPDIR"), err);
	if (c.out < 0)
		return -1;
	if (run_jobs(p, &c, by, err) < 0) {
		close(c.out);
		return -1;
	}
	if (lseek(c.out, 0, SEEK_SET) != 0) {
		tmo_fail_system(err, "cannot go back in a temporary file");
		close(c.out);
		return -1;
	}
	close(p->fd);
	p->fd = c.out;
	return 0;
}

/* What cannot seek is copied if we must look into it or read it twice. */
static int
copy_input(struct plan *p, int *by, struct tmo_error *err)
{
	struct job cat = {0};
	int status = -1;

	cat.label = tmo_copy_string("reading the input", err);
	cat.path = tmo_copy_string("/bin/cat", err);
	if (cat.label != NULL && cat.path != NULL && tmo_strings_add(&cat.argv, "cat", err) == 0)
		status = run_into_copy(p, &cat, by, err);
	driver_job_free(&cat);
	return status;
}

static int
run_stages(struct plan *p, int out, int *by, struct tmo_error *err)
{
	bool copies = driver_pipeline_wants_input(&p->pipeline);
	bool first = driver_plan_has_first(p);
	struct jobs c = { .out = out, .copy = -1 };
	int status = 0;

	c.job = tmo_alloc(p->pipeline.count + 1, sizeof(*c.job), err);
	if (c.job == NULL)
		return -1;
	if (first)
		status = driver_plan_first_job(p, &c.job[c.count++], err);
	if (status == 0 && copies && (first || !p->regular)) {
		status = first ? run_into_copy(p, c.job, by, err) : copy_input(p, by, err);
		driver_job_free(c.job);
		c.job[0] = (struct job){0};
		c.count = 0;
	}
	for (size_t i = p->first; i < p->pipeline.count && status == 0; i++)
		status = driver_plan_job(p, i, "/dev/fd/3", &c.job[c.count++], err);
	c.in = p->fd;
	c.copy = copies ? p->fd : -1;
	if (status == 0 && c.count > 0)
		status = run_jobs(p, &c, by, err);
	for (size_t i = 0; i < c.count; i++)
		driver_job_free(&c.job[i]);
	free(c.job);
	return status;
}

/* Signals are blocked from before there is a temporary file until there is none. */
static int
run_all(struct plan *p, struct tmo_error *err)
{
	struct tmo_replace file = { .fd = -1 };	/* -1 without -o: stdout */
	sigset_t before;
	int status, by = 0;

	driver_block_signals(&before);
	status = p->output != NULL ? tmo_replace_open(&file, p->output, err) : 0;
	if (status == 0)
		status = run_stages(p, file.fd, &by, err);
	if (status == 0 && p->output != NULL)
		status = tmo_replace_commit(&file, err);
	tmo_replace_discard(&file);
	if (by != 0) {
		signal(by, SIG_DFL);
		raise(by);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return status;
}

static int
print(struct plan *p, struct tmo_error *err)
{
	struct tmo_buffer text = {0};
	int status = p->options.make ? driver_make_rule(p, &text, err) : driver_shell_line(p, &text,
	                                                                                   err);

	if (status == 0)
		status = tmo_write_full(STDOUT_FILENO, text.data, text.size, err);
	tmo_buffer_free(&text);
	return status;
}

static int
run(struct plan *p, const char *name, const struct tmo_strings *folders, struct tmo_error *err)
{
	if (driver_find_pipeline(name, &p->file, err) < 0 ||
	    driver_pipeline_load(&p->pipeline, p->file, folders, err) < 0)
		return -1;
	for (size_t i = 0; i < p->options.set.count; i++)
		if (driver_pipeline_set(&p->pipeline, p->options.set.items[i].text, err) < 0)
			return -1;
	if (driver_pipeline_find_files(&p->pipeline, err) < 0)
		return -1;
	if (!p->options.make && driver_plan_input(p, folders, err) < 0)
		return -1;
	if (driver_plan_export(p, folders, err) < 0)
		return -1;
	if (p->options.make)
		return print(p, err);
	return driver_plan_do(p, err);
}

int
driver_plan_do(struct plan *p, struct tmo_error *err)
{
	double start;

	if (p->options.dry_run)
		return print(p, err);
	if (p->common.output == NULL && isatty(STDOUT_FILENO))
		return tmo_fail_usage(err, "stdout is a terminal; pipe it or use -o FILE");
	start = tmo_seconds();
	if (run_all(p, err) < 0)
		return -1;
	driver_say_summary(p, tmo_seconds() - start);
	return 0;
}

void
driver_plan_free(struct plan *p)
{
	driver_pipeline_free(&p->pipeline);
	free(p->file);
	if (p->fd >= 0)
		close(p->fd);
	free(p->importer);
	free(p->importer_path);
	free(p->exporter);
}

const char *
driver_file_or_standard(const char *name)
{
	return name != NULL && strcmp(name, "-") != 0 ? name : NULL;
}

int
driver_run(const struct tmo_strings *folders, int argc, char **argv)
{
	struct tmo_error err = {0};
	struct plan p = { .fd = -1 };
	int operand, status;

	status = driver_command_options(&driver_run_filter, argc, argv, &p.options, &p.common,
	                                &operand, &err);
	p.input = driver_file_or_standard(p.options.input);
	p.output = driver_file_or_standard(p.common.output);
	if (status == 0 && driver_command_is_asked(&p.common))
		status = driver_command_tell(&driver_run_filter, &p.common, &err);
	else if (status == 0 && argc - operand != 1)
		status = tmo_fail_usage(&err,
		                        "one pipeline file is wanted, %d are given; see tmo run "
		                        "--help", argc - operand);
	else if (status == 0)
		status = run(&p, argv[operand], folders, &err);
	driver_plan_free(&p);
	tmo_options_free(options, &p.options);
	return status == 0 ? 0 : driver_complain(&err);
}
