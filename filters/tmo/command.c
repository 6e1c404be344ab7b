/* SPDX-License-Identifier: Apache-2.0 */
/* command.c: what the commands of tmo share, and the two small ones, help and complete. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/read_write.h"
#include "driver.h"
#include "process.h"

int
driver_print(const char *text, size_t size, struct tmo_error *err)
{
	if (tmo_write_full(STDOUT_FILENO, text, size, err) == 0)
		return 0;
	return tmo_fail_at(err, "stdout");
}

/* The option code speaks of "tmo-run". */
static void
name_command(char *text, const char *name)
{
	const size_t length = strlen(name);

	for (; (text = strstr(text, "tmo-")) != NULL; text += 4)
		if (strncmp(text + 4, name, length) == 0)
			text[3] = ' ';
}

int
driver_command_options(const struct tmo_filter *f, int argc, char **argv, void *options,
                       struct tmo_common *common, int *operand, struct tmo_error *err)
{
	int status = tmo_options_parse(f, argc, argv, options, common, operand, err);

	if (status < 0)
		name_command(err->text, f->name);
	return status;
}

int
driver_command_tell(const struct tmo_filter *f, const struct tmo_common *common,
                    struct tmo_error *err)
{
	struct tmo_buffer text = {0};
	int status;

	if (common->help)
		status = tmo_options_help(f, &text, err);
	else if (common->describe)
		status = tmo_options_describe(f, TMO_VERSION, &text, err);
	else
		status = tmo_buffer_printf(&text, err, "tmo %s\n", TMO_VERSION);
	if (status == 0)
		status = tmo_buffer_append(&text, "", 1, err);
	if (status == 0) {
		name_command((char *)text.data, f->name);
		status = driver_print((const char *)text.data, text.size - 1, err);
	}
	tmo_buffer_free(&text);
	return status;
}

/* Whether man(1) has a page of this name. */
static bool
has_page(const char *name)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)"man -w \"$0\"", (char *)name, NULL };
	struct tmo_error ignored = {0};
	int null = tmo_null_open(O_RDWR, &ignored), status = -1;
	const int fd[TMO_PROCESS_DESCRIPTORS] = { null, null, null, -1, -1 };
	pid_t pid;

	if (null < 0)
		return false;
	if (tmo_process_start("/bin/sh", argv, fd, 0, &pid, &ignored) == 0)
		waitpid(pid, &status, 0);
	close(null);
	return status == 0;
}

/* `tmo help NAME`: the manual page of tmo-NAME, else what the program says to --help. */
int
driver_help(const struct tmo_strings *folders, int argc, char **argv)
{
	struct tmo_error err = {0};
	struct tmo_strings page = {0};
	char *path = NULL;

	if (argc > 2) {
		tmo_fail_usage(&err, "help takes one name; see tmo list");
		return driver_complain(&err);
	}
	if (tmo_strings_printf(&page, &err, argc < 2 ? "tmo" : "tmo-%s", argv[1]) == 0 &&
	    has_page(page.item[0]))
		execlp("man", "man", page.item[0], (char *)NULL);
	if (argc < 2 || strcmp(argv[1], "help") == 0 || strcmp(argv[1], "complete") == 0)
		execl("/proc/self/exe", "tmo", "--help", (char *)NULL);
	else if (strcmp(argv[1], "run") == 0 || strcmp(argv[1], "import") == 0 ||
	         strcmp(argv[1], "list") == 0)
		execl("/proc/self/exe", "tmo", argv[1], "--help", (char *)NULL);
	else if (tmo_find_program(folders, argv[1], &path, &err) == 0 && path != NULL)
		execl(path, page.item[0], "--help", (char *)NULL);
	if (path != NULL)
		tmo_fail_system(&err, "cannot run %s", path);
	else if (err.kind == TMO_ERROR_NONE)
		tmo_no_such_program(folders, argv[1], tmo_command_names, &err);
	free(path);
	tmo_strings_free(&page);
	return driver_complain(&err);
}

static struct tmo_yaml *
describe_command(const struct tmo_filter *f, struct tmo_error *err)
{
	struct tmo_buffer text = {0};
	struct tmo_yaml *about = NULL;

	if (tmo_options_describe(f, TMO_VERSION, &text, err) == 0)
		about = tmo_yaml_parse(text.data, text.size, err);
	tmo_buffer_free(&text);
	return about;
}

/* One line for each option: "--bits=" if it takes a value, else "--symmetric". */
static int
complete(const struct tmo_yaml *about, struct tmo_error *err)
{
	struct tmo_buffer out = {0};
	struct tmo_strings names = {0};
	int status = tmo_description_names(about, &names, err);

	for (size_t i = 0; i < names.count && status == 0; i++) {
		const char *type = tmo_yaml_text(tmo_description_option(about, names.item[i]),
		                                 "type");
		bool truth = type != NULL && (strcmp(type, "flag") == 0 ||
		                              strcmp(type, "switch") == 0);

		status = tmo_buffer_printf(&out, err, "--%s%s\n", names.item[i], truth ? "" : "=");
	}
	if (status == 0)
		status = driver_print((const char *)out.data, out.size, err);
	tmo_buffer_free(&out);
	tmo_strings_free(&names);
	return status;
}

int
driver_complete(const struct tmo_strings *folders, int argc, char **argv)
{
	struct tmo_error err = {0};
	struct tmo_yaml *about = NULL;
	char *path = NULL;
	int status = 0;

	if (argc != 2)
		tmo_fail_usage(&err, "complete takes one name; see tmo list");
	else if (strcmp(argv[1], "run") == 0)
		about = describe_command(&driver_run_filter, &err);
	else if (strcmp(argv[1], "import") == 0)
		about = describe_command(&driver_import_filter, &err);
	else if (strcmp(argv[1], "list") == 0)
		about = describe_command(&driver_list_filter, &err);
	else if (tmo_find_program(folders, argv[1], &path, &err) == 0 && path == NULL)
		tmo_no_such_program(folders, argv[1], tmo_command_names, &err);
	else if (path != NULL)
		about = tmo_program_describe(path, &err);
	if (about == NULL || complete(about, &err) < 0)
		status = driver_complain(&err);
	tmo_yaml_free(about);
	free(path);
	return status;
}
