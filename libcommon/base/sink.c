/* SPDX-License-Identifier: Apache-2.0 */
/* Where bytes go: a descriptor, memory, or zstd into another sink. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#ifdef HAVE_ZSTD_PROGRESSION
#define ZSTD_STATIC_LINKING_ONLY	/* for ZSTD_getFrameProgression, which the shared one has too */
#endif
#include <zstd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/read_write.h"
#include "base/sink.h"


struct tmo_sink {
	int (*write)(struct tmo_sink *s, const void *data, size_t size, struct tmo_error *err);
	int (*finish)(struct tmo_sink *s, struct tmo_error *err);
	uint64_t count;
	int fd;
	const char *name;		/* of the descriptor's file, for messages; borrowed; may be NULL */
	struct tmo_buffer *memory;
	struct tmo_sink *to;
	ZSTD_CCtx *zstd;
	void (*step)(void *arg, uint64_t compressed);
	void *step_arg;
	unsigned char *block;
	size_t fill;
};

static struct tmo_sink *
new_sink(size_t block, struct tmo_error *err)
{
	struct tmo_sink *s = tmo_alloc(1, sizeof(*s), err);

	if (s == NULL)
		return NULL;
	s->fd = -1;
	s->block = tmo_alloc(block, 1, err);
	if (s->block == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

static int
write_out(struct tmo_sink *s, const void *data, size_t size, struct tmo_error *err)
{
	if (tmo_write_full(s->fd, data, size, err) == 0)
		return 0;
	return s->name != NULL ? tmo_fail_at(err, s->name) : -1;
}

static int
fd_finish(struct tmo_sink *s, struct tmo_error *err)
{
	const size_t size = s->fill;

	s->fill = 0;
	return write_out(s, s->block, size, err);
}

/* Small writes are gathered, large ones go out from where they are. */
static int
fd_write(struct tmo_sink *s, const void *data, size_t size, struct tmo_error *err)
{
	if (size > TMO_IO_BLOCK - s->fill && fd_finish(s, err) < 0)
		return -1;
	if (size >= TMO_IO_BLOCK)
		return write_out(s, data, size, err);
	if (size > 0)	/* an empty part has no data */
		memcpy(s->block + s->fill, data, size);
	s->fill += size;
	return 0;
}

struct tmo_sink *
tmo_sink_fd(int fd, struct tmo_error *err)
{
	struct tmo_sink *s = new_sink(TMO_IO_BLOCK, err);

	if (s != NULL) {
		s->write = fd_write;
		s->finish = fd_finish;
		s->fd = fd;
	}
	return s;
}

void
tmo_sink_call(struct tmo_sink *s, const char *name)
{
	s->name = name;
}

static int
memory_write(struct tmo_sink *s, const void *data, size_t size, struct tmo_error *err)
{
	return tmo_buffer_append(s->memory, data, size, err);
}

static int
memory_finish(struct tmo_sink *s, struct tmo_error *err)
{
	(void)s;
	(void)err;
	return 0;
}

struct tmo_sink *
tmo_sink_memory(struct tmo_buffer *b, struct tmo_error *err)
{
	struct tmo_sink *s = new_sink(1, err);

	if (s != NULL) {
		s->write = memory_write;
		s->finish = memory_finish;
		s->memory = b;
	}
	return s;
}

/* zstd gives back control when so many bytes are full; less slows nothing that could be measured. */
#define STEP ((size_t)16 << 10)

static void
tell_step(const struct tmo_sink *s)
{
#ifdef HAVE_ZSTD_PROGRESSION
	if (s->step != NULL)
		s->step(s->step_arg, ZSTD_getFrameProgression(s->zstd).consumed);
#else
	(void)s;
#endif
}

static int
zstd_push(struct tmo_sink *s, ZSTD_inBuffer *in, ZSTD_EndDirective end, struct tmo_error *err)
{
	size_t left;

	do {
		ZSTD_outBuffer out = {s->block, s->step != NULL ? STEP : TMO_IO_BLOCK, 0};

		left = ZSTD_compressStream2(s->zstd, &out, in, end);
		if (ZSTD_isError(left))
			return tmo_fail(err, "zstd: %s; report this as a bug", ZSTD_getErrorName(left));
		if (tmo_sink_write(s->to, s->block, out.pos, err) < 0)
			return -1;
		tell_step(s);
	} while (in->pos < in->size || (end == ZSTD_e_end && left != 0));
	return 0;
}

static int
zstd_write(struct tmo_sink *s, const void *data, size_t size, struct tmo_error *err)
{
	ZSTD_inBuffer in = {data, size, 0};

	return size == 0 ? 0 : zstd_push(s, &in, ZSTD_e_continue, err);
}

static int
zstd_finish(struct tmo_sink *s, struct tmo_error *err)
{
	ZSTD_inBuffer in = {NULL, 0, 0};

	return zstd_push(s, &in, ZSTD_e_end, err);
}

struct tmo_sink *
tmo_sink_zstd(struct tmo_sink *to, int level, int threads, uint64_t size, struct tmo_error *err)
{
	struct tmo_sink *s = new_sink(TMO_IO_BLOCK, err);

	if (s == NULL)
		return NULL;
	s->write = zstd_write;
	s->finish = zstd_finish;
	s->to = to;
	s->zstd = ZSTD_createCCtx();
	/* With any nbWorkers >= 1 the bytes are the same; with 0 they would differ. */
	if (s->zstd == NULL ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(s->zstd, ZSTD_c_compressionLevel, level)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(s->zstd, ZSTD_c_checksumFlag, 1)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(s->zstd, ZSTD_c_nbWorkers,
	                                        threads > 1 ? threads : 1)) ||
	    ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(s->zstd, size))) {
		tmo_fail(err, "zstd refuses level %d with threads; install a libzstd built with them",
		         level);
		tmo_sink_close(s);
		return NULL;
	}
	return s;
}

void
tmo_sink_on_step(struct tmo_sink *s, void (*step)(void *arg, uint64_t compressed), void *arg)
{
	s->step = step;
	s->step_arg = arg;
}

int
tmo_sink_write(struct tmo_sink *s, const void *data, size_t size, struct tmo_error *err)
{
	s->count += size;
	return s->write(s, data, size, err);
}

int
tmo_sink_finish(struct tmo_sink *s, struct tmo_error *err)
{
	return s->finish(s, err);
}

uint64_t
tmo_sink_count(const struct tmo_sink *s)
{
	return s->count;
}

void
tmo_sink_close(struct tmo_sink *s)
{
	if (s == NULL)
		return;
	ZSTD_freeCCtx(s->zstd);
	free(s->block);
	free(s);
}
