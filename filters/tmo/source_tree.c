/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strings.h"
#include "base/text.h"
#include "run/programs.h"
#include "source_tree.h"

#define BUILT "/build/bin"

char *
driver_source_tree(void)
{
	char *const own = tmo_own_folder(NULL);
	struct tmo_strings file = {0};
	struct tmo_error ignored = {0};
	bool found = false;

	if (own != NULL && tmo_ends_with(own, BUILT)) {
		own[strlen(own) - strlen(BUILT)] = '\0';
		found = tmo_strings_printf(&file, &ignored, "%s/man/tmo.1", own) == 0 &&
		        access(file.item[0], R_OK) == 0;
		tmo_strings_free(&file);
	}
	if (found)
		return own;
	free(own);
	return NULL;
}
