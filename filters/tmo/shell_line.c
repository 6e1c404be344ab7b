/* SPDX-License-Identifier: Apache-2.0 */
/* shell_line.c: the run as a line for the shell (--dry-run) and as a rule for make (--make). */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/strings.h"
#include "run/programs.h"
#include "run_plan.h"

/* In a job's word: the name of the temporary file that holds the input, known to the shell only. */
#define VARIABLE '\001'

static int
add(struct tmo_buffer *out, const char *text, struct tmo_error *err)
{
	return tmo_buffer_append(out, text, strlen(text), err);
}

/* The word as sh reads it back. */
static int
add_word(struct tmo_buffer *out, const char *word, struct tmo_error *err)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                            "0123456789_./:=,@%+-";
	const char *variable = strchr(word, VARIABLE);
	int status;

	if (variable != NULL) {
		status = tmo_buffer_append(out, word, (size_t)(variable - word), err);
		return status == 0 ? add(out, "\"$stream\"", err) : -1;
	}
	if (word[0] != '\0' && word[strspn(word, plain)] == '\0')
		return add(out, word, err);
	status = add(out, "'", err);
	for (; *word != '\0' && status == 0; word++)
		status = *word == '\'' ? add(out, "'\\''", err) : tmo_buffer_append(out, word, 1,
		                                                                    err);
	return status == 0 ? add(out, "'", err) : -1;
}

/* The program by its name if the shell finds the same one, else by its path. */
static int
add_program(struct tmo_buffer *out, const struct job *job, struct tmo_error *err)
{
	struct tmo_strings folders = {0};
	char *found = NULL;
	int status;

	if (strncmp(job->argv.item[0], "tmo-", 4) != 0)
		return add_word(out, job->argv.item[0], err);
	status = tmo_program_folders_of(&folders, "PATH", err);
	if (status == 0)
		status = tmo_find_program(&folders, job->argv.item[0] + 4, &found, err);
	if (status == 0)
		status = add_word(out, found != NULL && strcmp(found, job->path) == 0 ?
		                  job->argv.item[0] : job->path, err);
	free(found);
	tmo_strings_free(&folders);
	return status;
}

static int
add_job(struct tmo_buffer *out, const struct job *job, struct tmo_error *err)
{
	if (add_program(out, job, err) < 0)
		return -1;
	for (size_t i = 1; i < job->argv.count; i++)
		if (add(out, " ", err) < 0 || add_word(out, job->argv.item[i], err) < 0)
			return -1;
	return 0;
}

/* ` <"$stream"` or ` <FILE`. */
static int
add_input(const struct plan *p, bool from_variable, struct tmo_buffer *out, struct tmo_error *err)
{
	if (from_variable)
		return add(out, " <\"$stream\"", err);
	if (p->input == NULL)
		return 0;
	return add(out, " <", err) < 0 ? -1 : add_word(out, p->input, err);
}

/* What runs before the other stages: it knows a regular file by its name. */
static int
add_first(const struct plan *p, struct tmo_buffer *out, struct tmo_error *err)
{
	struct job job = {0};
	int status = driver_plan_first_job(p, &job, err);

	if (status == 0)
		status = add_job(out, &job, err);
	if (status == 0 && !p->by_name)
		status = add_input(p, false, out, err);
	driver_job_free(&job);
	return status;
}

/* `>OUT`, by way of another name if that is the file that is read. */
static int
add_output(const struct plan *p, struct tmo_buffer *out, struct tmo_error *err)
{
	struct tmo_strings other = {0};
	struct stat in, there;
	int status;

	if (p->output == NULL)
		return 0;
	if (p->input == NULL || !p->regular || stat(p->input, &in) < 0 ||
	    stat(p->output, &there) < 0 || in.st_dev != there.st_dev || in.st_ino != there.st_ino)
		return add(out, " >", err) < 0 ? -1 : add_word(out, p->output, err);
	status = tmo_strings_printf(&other, err, "%s.new", p->output);
	if (status == 0 && (add(out, " >", err) < 0 || add_word(out, other.item[0], err) < 0 ||
	                    add(out, " && mv ", err) < 0 ||
	                    add_word(out, other.item[0], err) < 0 || add(out, " ", err) < 0))
		status = -1;
	if (status == 0)
		status = add_word(out, p->output, err);
	tmo_strings_free(&other);
	return status;
}

static int
add_stages(const struct plan *p, bool copies, struct tmo_buffer *out, struct tmo_error *err)
{
	static const char variable[] = { VARIABLE, '\0' };
	int status = 0;

	for (size_t i = p->first; i < p->pipeline.count && status == 0; i++) {
		struct job job = {0};

		status = driver_plan_job(p, i, copies ? variable : p->input, &job, err);
		if (status == 0 && i > p->first)
			status = add(out, " | ", err);
		if (status == 0)
			status = add_job(out, &job, err);
		if (status == 0 && i == p->first && (copies || !driver_plan_has_first(p)))
			status = add_input(p, copies, out, err);
		driver_job_free(&job);
	}
	return status;
}

int
driver_shell_line(const struct plan *p, struct tmo_buffer *out, struct tmo_error *err)
{
	bool first = driver_plan_has_first(p), rest = p->first < p->pipeline.count;
	bool copies = driver_pipeline_wants_input(&p->pipeline) &&
	              (first || p->input == NULL || !p->regular);
	int status = 0;

	if (copies)
		status = add(out, "(stream=$(mktemp) && trap 'rm -f \"$stream\"' EXIT && ", err);
	if (status == 0 && first)
		status = add_first(p, out, err);
	else if (status == 0 && copies)
		status = add(out, "cat", err) < 0 ? -1 : add_input(p, false, out, err);
	if (status == 0 && (copies || (first && rest)))
		status = add(out, copies ? " >\"$stream\" && " : " | ", err);
	if (status == 0)
		status = add_stages(p, copies, out, err);
	if (status == 0)
		status = add_output(p, out, err);
	return status == 0 ? add(out, copies ? ")\n" : "\n", err) : -1;
}

/* ---- make ---- */

/* A file's name as a target or a prerequisite. */
static int
add_name(struct tmo_buffer *out, const char *name, struct tmo_error *err)
{
	if (name[strcspn(name, "\n\t\\:;|%*?[]=~")] != '\0')
		return tmo_fail_usage(err, "make cannot take a file name such as \"%s\"; rename it",
		                      name);
	for (; *name != '\0'; name++) {
		const char *before = *name == '$' ? "$" : *name == '#' || *name == ' ' ? "\\" : "";

		if (add(out, before, err) < 0 || tmo_buffer_append(out, name, 1, err) < 0)
			return -1;
	}
	return 0;
}

/* A word for the shell in a recipe: make sees it first. */
static int
add_recipe_word(struct tmo_buffer *out, const char *before, const char *word,
                struct tmo_error *err)
{
	struct tmo_buffer quoted = {0};
	int status = strchr(word, '\n') == NULL ? 0 :
	             tmo_fail_usage(err, "a recipe of make cannot hold a line break");

	if (status == 0)
		status = add_word(&quoted, word, err);
	if (status == 0)
		status = add(out, before, err);
	for (size_t i = 0; i < quoted.size && status == 0; i++)
		status = tmo_buffer_append(out, quoted.data[i] == '$' ? "$$" :
		                           (const char *)quoted.data + i,
		                           quoted.data[i] == '$' ? 2 : 1, err);
	tmo_buffer_free(&quoted);
	return status;
}

static int
add_recipe(const struct plan *p, struct tmo_buffer *out, struct tmo_error *err)
{
	int status = add(out, "\n\ttmo run", err);

	if (status == 0 && p->common.quiet)
		status = add(out, " -q", err);
	if (status == 0 && p->common.verbose)
		status = add(out, " -v", err);
	if (status == 0 && p->common.threads > 0)
		status = tmo_buffer_printf(out, err, " -j %lld", (long long)p->common.threads);
	if (status == 0 && p->common.max_memory != NULL)
		status = add_recipe_word(out, " --max-memory ", p->common.max_memory, err);
	for (size_t i = 0; i < p->options.set.count && status == 0; i++)
		status = add_recipe_word(out, " --set ", p->options.set.items[i].text, err);
	if (status == 0 && (add_recipe_word(out, " -i ", p->input, err) < 0 ||
	                    add_recipe_word(out, " -o ", p->output, err) < 0 ||
	                    add_recipe_word(out, " ", p->pipeline.file, err) < 0))
		status = -1;
	return status == 0 ? add(out, "\n", err) : -1;
}

int
driver_make_rule(const struct plan *p, struct tmo_buffer *out, struct tmo_error *err)
{
	struct tmo_strings files = {0};
	int status;

	if (p->input == NULL || p->output == NULL)
		return tmo_fail_usage(err,
		                      "--make needs -i FILE and -o FILE: the names for its rule");
	status = tmo_strings_add(&files, p->input, err);
	if (status == 0)
		status = tmo_strings_add(&files, p->pipeline.file, err);
	if (status == 0)
		status = driver_pipeline_files(&p->pipeline, &files, err);
	if (status == 0)
		status = add_name(out, p->output, err);
	if (status == 0)
		status = add(out, ":", err);
	for (size_t i = 0; i < files.count && status == 0; i++)
		if (add(out, " ", err) < 0 || add_name(out, files.item[i], err) < 0)
			status = -1;
	if (status == 0)
		status = add_recipe(p, out, err);
	tmo_strings_free(&files);
	return status;
}
