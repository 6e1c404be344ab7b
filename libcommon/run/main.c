/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c: tmo_main, whatever makes its networks. Signals, the environment, stderr and exit status are the
 * business of this file, run.c and run_files.c, and of nothing else.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/read_write.h"
#include "base/sink.h"
#include "base/text.h"
#include "run/main.h"
#include "run/process.h"
#include "run/run_state.h"

/*
 * Some parents leave SIGPIPE ignored or blocked, and a pipe whose reader is gone would then be
 * written to for ever; a descriptor 0, 1 or 2 that is closed would be given to the next file.
 */
static void
clean_surroundings(void)
{
	sigset_t pipe_only;

	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	sigprocmask(SIG_UNBLOCK, &pipe_only, NULL);
	for (int fd = 0; fd <= 2; fd++)
		/* Opened the wrong way round, so that using it still fails. */
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
			_exit(1);
}

/* A full disk is one disk of several: the file behind standard output, if the system tells which it is. */
static void
name_stdout(struct tmo_error *err)
{
	char path[sizeof(err->where)];
	ssize_t length;
	struct stat st;

	if (err->kind != TMO_ERROR_SYSTEM || strcmp(err->where, "stdout") != 0 ||
	    fstat(STDOUT_FILENO, &st) < 0 || (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode)))
		return;
	length = readlink("/proc/self/fd/1", path, sizeof(path) - 1);
	if (length <= 0 || path[0] != '/')
		return;
	path[length] = '\0';
	memcpy(err->where, path, (size_t)length + 1);
}

/* Whether the stage before this one failed, and has said so. */
static bool
is_cut_off(const struct tmo_run *run, const struct tmo_error *err)
{
	return err->kind == TMO_ERROR_TRUNCATED && run->input == STDIN_FILENO &&
	       getenv(TMO_STAGE_VARIABLE) != NULL;
}

/* "tmo-NAME: where: text" in one write; control bytes as '?'. */
static int
report(const struct tmo_filter *f, struct tmo_error *err)
{
	char line[1024], shown[1024];
	struct tmo_error ignored = {0};
	size_t n;

	name_stdout(err);
	snprintf(line, sizeof(line), "tmo-%s: %s%s%s", f->name, err->where,
	         err->where[0] != '\0' ? ": " : "", err->text);
	tmo_printable(line, shown, sizeof(shown) - 1);
	n = strlen(shown);
	shown[n++] = '\n';
	tmo_write_full(STDERR_FILENO, shown, n, &ignored);
	return err->kind == TMO_ERROR_USAGE ? 2 : 1;
}

/* --help, --version and --describe: to stdout, checked as all output is. */
static int
tell(const struct tmo_run *run, struct tmo_error *err)
{
	const struct tmo_filter *const f = run->filter;
	struct tmo_buffer text = {0};
	int status;

	if (run->common.help)
		status = tmo_options_help(f, &text, err);
	else if (run->common.describe)
		status = tmo_options_describe(f, run->version, &text, err);
	else
		status = tmo_buffer_printf(&text, err, "tmo-%s %s\n", f->name, run->version);
	if (status == 0)
		status = tmo_write_full(STDOUT_FILENO, text.data, text.size, err);
	if (status == 0 && close(STDOUT_FILENO) < 0)
		status = tmo_fail_system(err, "cannot write");
	if (status < 0)
		tmo_fail_at(err, "stdout");
	tmo_buffer_free(&text);
	return status;
}

static int
choose_threads(struct tmo_run *run, struct tmo_error *err)
{
	const char *const text = getenv("TMO_THREADS");
	long n = (long)run->common.threads;
	char *end;

	if (n == 0 && text != NULL && text[0] != '\0') {
		n = strtol(text, &end, 10);
		if (*end != '\0' || n < 1 || n > TMO_THREADS_MAX)
			return tmo_fail_usage(err, "TMO_THREADS is \"%.20s\"; 1 to %d are possible", text,
			                      TMO_THREADS_MAX);
	}
	if (n == 0)
		n = sysconf(_SC_NPROCESSORS_ONLN);
	run->threads = n < 1 ? 1 : n > TMO_THREADS_MAX ? TMO_THREADS_MAX : (int)n;
	return 0;
}

/* "500M" as bytes; K, M, G and T count in 1,024s. */
static int
parse_size(const char *text, uint64_t *size, struct tmo_error *err)
{
	static const char units[] = "KMGT";
	const char *unit;
	double number;
	char *end;

	number = strtod(text, &end);
	unit = *end != '\0' ? strchr(units, toupper((unsigned char)*end)) : NULL;
	for (const char *u = units; unit != NULL && u <= unit; u++)
		number *= 1024;
	if (end == text || (*end != '\0' && (unit == NULL || end[1] != '\0')) ||
	    !(number >= 1 && number < 0x1p62))
		return tmo_fail_usage(err, "--max-memory: \"%.40s\" is no size such as 500M or 2G", text);
	*size = (uint64_t)number;
	return 0;
}

static int
choose_memory(struct tmo_run *run, struct tmo_error *err)
{
#ifdef HAVE_PHYS_PAGES
	const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
#else
	const long pages = 0, page = 0;		/* unknown: all that there is */
#endif

	run->max_memory = UINT64_MAX;
	if (run->common.max_memory != NULL)
		return parse_size(run->common.max_memory, &run->max_memory, err);
	if (pages > 0 && page > 0)
		run->max_memory = (uint64_t)pages / 2 * (uint64_t)page;
	return 0;
}

/* A filter for all tensors reads --skip as "all but"; the others start from the weights. */
static int
understand_selection(struct tmo_run *run, struct tmo_error *err)
{
	const struct tmo_list *const rules = &run->common.selection.rules;

	run->selection = run->common.selection;
	if ((run->filter->accepts & TMO_TAKES_ALL) == 0)
		return 0;
	for (size_t i = 0; i < rules->count; i++)
		if (rules->items[i].tag == 'o')
			return 0;
	run->rules = tmo_alloc(rules->count + 1, sizeof(*run->rules), err);
	if (run->rules == NULL)
		return -1;
	run->rules[0] = (struct tmo_list_item){.tag = 'o', .text = "*"};
	if (rules->count > 0)
		memcpy(run->rules + 1, rules->items, rules->count * sizeof(*run->rules));
	run->selection.rules = (struct tmo_list){.count = rules->count + 1, .items = run->rules};
	return 0;
}

/* Where `tmo run` wants to hear of progress, or -1. It is ours alone: a pipe, not for our children. */
static int
progress_descriptor(void)
{
	const char *const text = getenv(TMO_PROGRESS_VARIABLE);
	struct stat st;
	int fd;

	if (text == NULL || sscanf(text, "%d", &fd) != 1 || fd <= STDERR_FILENO ||
	    fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode))
		return -1;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

static void
note_skipped(void *run, const char *path)
{
	tmo_note(run, "%s: skipped: what macOS keeps about a file", path);
}

static int
set_up(struct tmo_run *run, int argc, char **argv, int operand, struct tmo_error *err)
{
	const char *const term = getenv("TERM");

	if (argc - operand > 1)
		return tmo_fail_usage(err, "%d files, at most one is read; see tmo-%s --help",
		                      argc - operand, run->filter->name);
	if (tmo_options_check(run->filter, run->options, err) < 0)
		return -1;
	run->current = run->options;
	if (run->common.map != NULL) {
		run->map = tmo_map_open(run->common.map, run->filter, run->options, err);
		if (run->map == NULL)
			return -1;
	}
	if (choose_threads(run, err) < 0 || choose_memory(run, err) < 0 || understand_selection(run, err) < 0 ||
	    tmo_files_open_input(run, operand < argc ? argv[operand] : NULL, err) < 0 ||
	    tmo_files_open_output(run, err) < 0)
		return -1;
	tmo_pipe_widen(run->input);
	tmo_pipe_widen(run->output);
	run->skipped = note_skipped;
	run->state = tmo_alloc(1, run->filter->state_size, err);
	run->sink = tmo_sink_fd(run->output, err);
	if (run->sink != NULL)
		tmo_sink_call(run->sink, run->file.target != NULL ? run->common.output : "stdout");
	tmo_run_progress_start(run, !run->common.quiet && isatty(STDERR_FILENO) &&
	                       (term == NULL || strcmp(term, "dumb") != 0), progress_descriptor());
	return run->state == NULL || run->sink == NULL ? -1 : 0;
}

/* The work, and everything that is written checked to its last byte. */
static int
work(struct tmo_run *run, struct tmo_error *err)
{
	const struct tmo_filter *const f = run->filter;

	if ((f->run != NULL ? f->run(run, err) : tmo_pass_all(run, err)) < 0)
		return run->about != NULL ? tmo_fail_at(err, run->about) : -1;
	tmo_run_warnings_end(run);
	if (tmo_slips_say(run, err) < 0)
		return -1;
	if (run->writer != NULL && tmo_writer_finish(run->writer, err) < 0)
		return -1;
	if (tmo_sink_finish(run->sink, err) < 0)
		return -1;
	return tmo_files_commit(run, err);
}

static void
tear_down(struct tmo_run *run)
{
	const struct tmo_filter *const f = run->filter;

	if (f->release != NULL && run->state != NULL)
		f->release(run);
	tmo_run_progress_end(run);
	tmo_run_forget_reader(run);
	tmo_writer_close(run->writer);
	tmo_sink_close(run->sink);
	tmo_files_discard(run);
	tmo_uses_free(&run->uses);
	tmo_net_free(run->net);
	tmo_map_free(run->map);
	if (f->options != NULL && run->options != NULL)
		tmo_options_free(f->options, run->options);
	tmo_options_free(tmo_selection_options, &run->common.selection);
	tmo_string_map_free(run->names_gone);
	tmo_losses_free(&run->losses);
	free(run->rules);
	free(run->rule_matched);
	free(run->first_name);
	free(run->last_name);
	free(run->about);
	free(run->state);
	free(run->options);
}

/*
 * A program that was built with other structs: nothing of *filter is read but its name, which is the
 * first field in all versions.
 */
static int
refuse(const struct tmo_filter *filter)
{
	struct tmo_error err = {0};

	tmo_fail(&err, "built for another libtmo; build it again");
	return report(filter, &err);
}

int
tmo_main_with(const struct tmo_filter *filter, int abi, tmo_network_fn *network, int argc, char **argv)
{
	struct tmo_run run = {
		.filter = filter, .network = network, .input = -1, .seekable = -1, .output = -1,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	struct tmo_error err = {0};
	int operand, status = -1;

	if (abi != TMO_ABI)
		return refuse(filter);
	clean_surroundings();
	run.version = filter->version != NULL ? filter->version : TMO_VERSION;
	if (tmo_filter_check(filter, &err) == 0)
		run.options = tmo_alloc(1, filter->options_size, &err);
	if (run.options != NULL)
		status = tmo_options_parse(filter, argc, argv, run.options, &run.common, &operand, &err);
	if (status == 0 && (run.common.help || run.common.version || run.common.describe))
		status = tell(&run, &err);
	else if (status == 0 && (status = set_up(&run, argc, argv, operand, &err)) == 0)
		status = work(&run, &err);
	tear_down(&run);
	if (status < 0 && is_cut_off(&run, &err))
		return TMO_EXIT_CUT_OFF;
	return status < 0 ? report(filter, &err) : 0;
}
