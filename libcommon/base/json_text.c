/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/json_text.h"

int
tmo_json_emit(const json_t *root, struct tmo_buffer *out, struct tmo_error *err)
{
	char *const text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
	int status;

	if (text == NULL)
		return tmo_fail_memory(err, 0);
	status = tmo_buffer_append(out, text, strlen(text), err);
	free(text);
	return status < 0 ? -1 : tmo_buffer_append(out, "\n", 1, err);
}
