/* SPDX-License-Identifier: Apache-2.0 */
/* run_summary.c: what came of a run, for people. */
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/read_write.h"
#include "run_plan.h"

/* The bytes of a regular file; false if it is none. */
static bool
size_of(const char *name, int fd, uint64_t *size)
{
	struct stat st;

	if ((name != NULL ? stat(name, &st) : fstat(fd, &st)) < 0 || !S_ISREG(st.st_mode))
		return false;
	*size = (uint64_t)st.st_size;
	return true;
}

static void
say(const char *text, size_t size)
{
	struct tmo_error ignored = {0};

	(void)tmo_write_full(STDERR_FILENO, text, size, &ignored);
}

/* "tmo: out.tar.zst: 15234 bytes, 11.2 % of model.onnx (136021), 4.1 s" */
static int
add_summary(const struct plan *p, bool known, uint64_t out, double seconds,
            struct tmo_buffer *text, struct tmo_error *err)
{
	const uint64_t in = p->input_bytes;
	int status = tmo_buffer_printf(text, err, "tmo: %s: ", p->output != NULL ? p->output : "stdout");

	if (status == 0 && known)
		status = tmo_buffer_printf(text, err, "%" PRIu64 " bytes, ", out);
	if (status == 0 && known && in > 0)
		status = tmo_buffer_printf(text, err, "%.1f %% of %s (%" PRIu64 "), ",
		                           100 * (double)out / (double)in,
		                           p->input != NULL ? p->input : "stdin", in);
	return status == 0 ? tmo_buffer_printf(text, err, "%.1f s\n", seconds) : -1;
}

static int
add_hints(const struct plan *p, bool known, uint64_t out, struct tmo_buffer *text,
          struct tmo_error *err)
{
	const uint64_t in = p->input_bytes;

	if (p->hint != NULL && tmo_buffer_printf(text, err, "tmo: %s: %s\n", p->output, p->hint) < 0)
		return -1;
	/* Not of a mere conversion, which was not meant to make anything smaller. */
	if (!known || p->exporter == NULL || p->file == NULL || (double)out < 0.9 * (double)in || in == 0)
		return 0;
	return tmo_buffer_printf(text, err, "tmo: %s: not smaller than %s: %s; -o NAME.tar.zst would be\n",
	                         p->output, p->input != NULL ? p->input : "stdin",
	                         strcmp(p->exporter, "to-onnx") == 0 ? "little of it is encoded" :
	                         "this format holds decoded weights");
}

void
driver_say_summary(const struct plan *p, double seconds)
{
	struct tmo_buffer text = {0};
	struct tmo_error ignored = {0};
	uint64_t out = 0;
	const bool known = size_of(p->output, STDOUT_FILENO, &out);
	int status = 0;

	if (p->common.quiet)
		return;
	if (p->common.verbose || isatty(STDERR_FILENO))
		status = add_summary(p, known, out, seconds, &text, &ignored);
	if (status == 0 && add_hints(p, known, out, &text, &ignored) == 0 && text.size > 0) {
		for (size_t i = 0; i < text.size; i++)	/* names are anything */
			if (text.data[i] != '\n' && (text.data[i] < ' ' || text.data[i] == 127))
				text.data[i] = '?';
		say((const char *)text.data, text.size);
	}
	tmo_buffer_free(&text);
}
