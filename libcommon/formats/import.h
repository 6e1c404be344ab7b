/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import.h: what the importers share. An importer, tmo_FORMAT_import, makes a tensor stream of a model
 * file: it writes all members but the archive's end to a tmo_writer. It holds one tensor in memory at
 * most, and mostly a block of one; it prints nothing: what there is to say goes to the caller's hooks.
 */
#ifndef TMO_IMPORT_H
#define TMO_IMPORT_H

#include "tmo.h"

/* The hooks may be NULL. */
struct tmo_import {
	int fd;			/* the model, from its offset on; borrowed */
	const char *name;	/* of its file, for messages and the manifest; "stdin" if it has none */
	const char *folder;	/* of other files that it names; NULL: that of its own */
	uint64_t limit;		/* of bytes of one tensor that must be in memory whole */

	void *arg;		/* of the hooks */
	/* So many tensors are to come. */
	void (*expect)(void *arg, uint64_t tensors);
	/* One more is begun. */
	void (*step)(void *arg);
	/* What follows, notes and an error, is about this tensor; NULL: about none. */
	void (*about)(void *arg, const char *tensor);
	/* One line, for people. NULL also says that what is only to be noted need not be found out. */
	void (*note)(void *arg, const char *text);
};

/* Call the hooks that there are. */
void tmo_import_expect(const struct tmo_import *model, uint64_t tensors);
void tmo_import_step(const struct tmo_import *model);
void tmo_import_about(const struct tmo_import *model, const char *tensor);
void tmo_import_note(const struct tmo_import *model, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
