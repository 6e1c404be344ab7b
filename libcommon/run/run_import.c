/* SPDX-License-Identifier: Apache-2.0 */
#include "run/run_import.h"

static void
expect(void *arg, uint64_t tensors)
{
	tmo_run_expect(arg, tensors, 0);
}

static void
step(void *arg)
{
	tmo_run_progress(arg);
}

static void
about(void *arg, const char *tensor)
{
	tmo_run_about(arg, tensor);
}

static void
note(void *arg, const char *text)
{
	tmo_note(arg, "%s", text);
}

int
tmo_run_import(struct tmo_run *run, const char *folder, bool seekable, struct tmo_import *model,
               struct tmo_error *err)
{
	*model = (struct tmo_import){
		.fd = tmo_run_input(run), .name = tmo_run_input_name(run), .folder = folder,
		.limit = tmo_run_limit(run), .arg = run, .expect = expect, .step = step, .about = about,
		.note = tmo_run_common(run)->verbose ? note : NULL,
	};
	return seekable ? tmo_run_seekable(run, &model->fd, err) : 0;
}
