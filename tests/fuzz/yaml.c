/* SPDX-License-Identifier: Apache-2.0 */
/* What is read as YAML can be written, reads back the same, and is then written the same. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "yaml/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
same(const struct tmo_yaml *a, const struct tmo_yaml *b)
{
	const struct tmo_yaml *x = a->first, *y = b->first;

	if (a->kind != b->kind || (a->key == NULL) != (b->key == NULL)
	    || (a->key != NULL && strcmp(a->key, b->key) != 0)
	    || (a->text != NULL && strcmp(a->text, b->text) != 0))
		return false;
	for (; x != NULL && y != NULL; x = x->next, y = y->next)
		if (!same(x, y))
			return false;
	return x == NULL && y == NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tmo_error err = {0};
	struct tmo_yaml *root = tmo_yaml_parse(data, size, &err), *again;
	struct tmo_buffer first = {0}, second = {0};

	if (root == NULL) {
		if (err.kind == TMO_ERROR_NONE)
			abort();
		return 0;
	}
	if (tmo_yaml_emit(root, &first, &err) < 0)
		abort();
	again = tmo_yaml_parse(first.data, first.size, &err);
	if (again == NULL || !same(root, again) || tmo_yaml_emit(again, &second, &err) < 0
	    || first.size != second.size || memcmp(first.data, second.data, first.size) != 0)
		abort();
	tmo_yaml_free(root);
	tmo_yaml_free(again);
	tmo_buffer_free(&first);
	tmo_buffer_free(&second);
	return 0;
}
