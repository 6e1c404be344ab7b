/* SPDX-License-Identifier: Apache-2.0 */
/* `tmo complete`: the options of a program, for the shell's completion. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/strings.h"
#include "driver.h"
#include "run/program_description.h"
#include "run/programs.h"

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
