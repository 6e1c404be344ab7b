/* SPDX-License-Identifier: Apache-2.0 */
#include "report_save.h"

#include <string.h>

#include "base/read_write.h"
#include "base/replace.h"
#include "report_formats.h"

int
eval_report_save(const struct report *r, const char *path, struct tmo_error *err)
{
	const char *dot = strrchr(path, '.');
	struct tmo_buffer text = { 0 };
	struct tmo_replace file = { 0 };
	int status;

	if (dot != NULL && strcmp(dot, ".json") == 0)
		status = eval_report_json(r, &text, err);
	else if (dot != NULL && strcmp(dot, ".html") == 0)
		status = eval_report_html(r, &text, err);
	else if (r->diff)
		status = eval_report_diff(r, &text, err);
	else
		status = eval_report_text(r, &text, err);
	if (status == 0)
		status = tmo_replace_open(&file, path, err);
	if (status == 0 && tmo_write_full(file.fd, text.data, text.size, err) < 0)
		status = tmo_fail_at(err, path);
	if (status == 0)
		status = tmo_replace_commit(&file, err);
	tmo_replace_discard(&file);
	tmo_buffer_free(&text);
	return status;
}
