/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands of tmo share: their options, what they print, their messages. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/read_write.h"
#include "base/text.h"
#include "driver.h"

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

int
driver_complain(const struct tmo_error *err)
{
	char line[sizeof(err->where) + sizeof(err->text) + 8], shown[sizeof(line)];
	struct tmo_error ignored = {0};
	size_t length;

	snprintf(line, sizeof(line), "tmo: %s%s%s", err->where, err->where[0] ? ": " : "",
	         err->text);
	length = strlen(tmo_printable(line, shown, sizeof(shown) - 1));
	shown[length++] = '\n';
	(void)tmo_write_full(STDERR_FILENO, shown, length, &ignored);
	return err->kind == TMO_ERROR_USAGE ? 2 : 1;
}
