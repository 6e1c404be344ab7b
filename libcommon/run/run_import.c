/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>
#include <unistd.h>

#include "base/pipe_peek.h"
#include "base/read_write.h"
#include "run/run_import.h"
#include "stream/recognize.h"

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

/*
 * The first bytes of the input, which stay where they are; *seen: none are there because there are none.
 * Of what is neither a file nor a pipe nothing can be seen.
 */
static int
see_front(int fd, unsigned char *head, size_t room, size_t *size, bool *seen, struct tmo_error *err)
{
	const off_t at = lseek(fd, 0, SEEK_CUR);
	struct stat st;

	*size = 0;
	*seen = false;
	if (fstat(fd, &st) < 0)
		return tmo_fail_system(err, "cannot read");
	if (S_ISFIFO(st.st_mode))
		return tmo_pipe_peek(fd, head, room, size, err);
	if (!S_ISREG(st.st_mode) || at < 0)
		return 0;
	*seen = true;
	return tmo_pread_full(fd, head, room, (uint64_t)at, size, err);
}

/* An input that is known to be something else never reaches the importer, which would call it damaged. */
static int
check_input(const struct tmo_import *model, const char *format, struct tmo_error *err)
{
	unsigned char head[TMO_RECOGNIZE_HEAD];
	size_t size;
	bool seen;
	int status = see_front(model->fd, head, sizeof(head), &size, &seen, err);

	if (status == 0 && seen && size == 0)
		status = tmo_fail(err, "empty input; make it again");
	if (status == 0 && size > 0)
		status = tmo_recognize_other(head, size, false, format, err);
	return status < 0 ? tmo_fail_at(err, model->name) : 0;
}

int
tmo_run_import(struct tmo_run *run, const char *format, const char *folder, bool seekable,
               struct tmo_import *model, struct tmo_error *err)
{
	*model = (struct tmo_import){
		.fd = tmo_run_input(run), .name = tmo_run_input_name(run), .folder = folder,
		.limit = tmo_run_limit(run), .arg = run, .expect = expect, .step = step, .about = about,
		.note = tmo_run_common(run)->verbose ? note : NULL,
	};
	if (seekable && tmo_run_seekable(run, &model->fd, err) < 0)
		return -1;
	return check_input(model, format, err);
}
