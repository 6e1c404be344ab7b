/* SPDX-License-Identifier: Apache-2.0 */
/* Where bytes come from: a descriptor, memory, or zstd frames out of another source. */
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/memory.h"
#include "base/read_write.h"
#include "base/source.h"


struct fd_source {
	struct tmo_source base;
	int fd;
	bool ended;
	unsigned char *block;
	size_t block_size;
	int (*tee)(void *arg, const void *data, size_t size, struct tmo_error *err);
	void *tee_arg;
	void (*wait)(void *arg, bool waits);
	void *wait_arg;
};

static int
give_to_tee(struct fd_source *f, struct tmo_error *err)
{
	const size_t size = f->block_size;

	f->block_size = 0;
	if (f->tee == NULL || size == 0)
		return 0;
	return f->tee(f->tee_arg, f->block, size, err);
}

static int
fd_fill(struct tmo_source *s, struct tmo_error *err)
{
	struct fd_source *f = (struct fd_source *)s;
	int status;

	if (f->ended)
		return 0;
	if (give_to_tee(f, err) < 0)
		return -1;
	if (f->wait != NULL)
		f->wait(f->wait_arg, true);
	status = tmo_read_full(f->fd, f->block, TMO_IO_BLOCK, &f->block_size, err);
	if (f->wait != NULL)
		f->wait(f->wait_arg, false);
	if (status < 0)
		return -1;
	f->ended = f->block_size == 0;
	s->next = f->block;
	s->left = f->block_size;
	return 0;
}

static void
fd_close(struct tmo_source *s)
{
	struct fd_source *f = (struct fd_source *)s;

	free(f->block);
	free(f);
}

struct tmo_source *
tmo_source_fd(int fd, struct tmo_error *err)
{
	struct fd_source *f = tmo_alloc(1, sizeof(*f), err);

	if (f == NULL)
		return NULL;
	f->base = (struct tmo_source){.fill = fd_fill, .close = fd_close};
	f->fd = fd;
	f->block = tmo_alloc(TMO_IO_BLOCK, 1, err);
	if (f->block == NULL) {
		free(f);
		return NULL;
	}
	return &f->base;
}

void
tmo_source_tee(struct tmo_source *fd_source,
               int (*fn)(void *arg, const void *data, size_t size, struct tmo_error *err),
               void *arg)
{
	struct fd_source *f = (struct fd_source *)fd_source;

	f->tee = fn;
	f->tee_arg = arg;
}

void
tmo_source_on_wait(struct tmo_source *fd_source, void (*wait)(void *arg, bool waits), void *arg)
{
	struct fd_source *f = (struct fd_source *)fd_source;

	f->wait = wait;
	f->wait_arg = arg;
}

int
tmo_source_tee_rest(struct tmo_source *fd_source, struct tmo_error *err)
{
	return give_to_tee((struct fd_source *)fd_source, err);
}

static int
memory_fill(struct tmo_source *s, struct tmo_error *err)
{
	(void)s;
	(void)err;
	return 0;
}

static void
memory_close(struct tmo_source *s)
{
	free(s);
}

struct tmo_source *
tmo_source_memory(const void *data, size_t size, struct tmo_error *err)
{
	struct tmo_source *s = tmo_alloc(1, sizeof(*s), err);

	if (s != NULL)
		*s = (struct tmo_source){
			.next = data, .left = size, .fill = memory_fill, .close = memory_close};
	return s;
}

struct zstd_source {
	struct tmo_source base;
	ZSTD_DStream *stream;
	size_t hint;		/* 0: between frames */
	unsigned char *block;
	size_t block_room;
};

/* One step of the decompressor; *made bytes are in the block. */
static int
zstd_step(struct zstd_source *z, size_t *made, struct tmo_error *err)
{
	ZSTD_inBuffer in = {z->base.under->next, z->base.under->left, 0};
	ZSTD_outBuffer out = {z->block, z->block_room, 0};
	const size_t hint = ZSTD_decompressStream(z->stream, &out, &in);

	if (ZSTD_isError(hint))
		return tmo_fail(err, "zstd: %s; the data is damaged, or needs zstd -d --long=31 first",
		                ZSTD_getErrorName(hint));
	z->base.under->next += in.pos;
	z->base.under->left -= in.pos;
	z->base.under->consumed += in.pos;
	z->hint = hint;
	*made = out.pos;
	return 0;
}

static int
zstd_fill(struct tmo_source *s, struct tmo_error *err)
{
	struct zstd_source *z = (struct zstd_source *)s;
	bool full = true;	/* there may be output without more input */
	size_t made = 0;

	while (made == 0) {
		if (z->base.under->left == 0 && !full) {
			if (tmo_source_fill(z->base.under, err) < 0)
				return -1;
			if (z->base.under->left == 0 && z->hint != 0) {
				tmo_fail(err, "truncated: the zstd frame does not end; send or make "
				         "it again");
				err->kind = TMO_ERROR_TRUNCATED;
				return -1;
			}
			if (z->base.under->left == 0)
				return 0;
		}
		if (z->base.under->left == 0 && z->hint == 0) {
			full = false;
			continue;
		}
		if (zstd_step(z, &made, err) < 0)
			return -1;
		full = false;
	}
	s->next = z->block;
	s->left = made;
	return 0;
}

static void
zstd_close(struct tmo_source *s)
{
	struct zstd_source *z = (struct zstd_source *)s;

	ZSTD_freeDStream(z->stream);
	free(z->block);
	free(z);
}

struct tmo_source *
tmo_source_zstd(struct tmo_source *packed, struct tmo_error *err)
{
	struct zstd_source *z = tmo_alloc(1, sizeof(*z), err);

	if (z == NULL)
		return NULL;
	z->base = (struct tmo_source){.fill = zstd_fill, .close = zstd_close, .under = packed};
	z->block_room = ZSTD_DStreamOutSize();
	z->block = tmo_alloc(z->block_room, 1, err);
	z->stream = ZSTD_createDStream();
	if (z->stream == NULL || z->block == NULL) {
		tmo_fail_memory(err, 0);
		zstd_close(&z->base);
		return NULL;
	}
	return &z->base;
}

bool
tmo_source_is_zstd(const struct tmo_source *s)
{
	static const unsigned char magic[4] = {0x28, 0xb5, 0x2f, 0xfd};

	return s->left >= 4 && (memcmp(s->next, magic, 4) == 0 ||
	       (memcmp(s->next + 1, "\x2a\x4d\x18", 3) == 0 && (s->next[0] & 0xf0) == 0x50));
}

int
tmo_source_fill(struct tmo_source *s, struct tmo_error *err)
{
	return s->left > 0 ? 0 : s->fill(s, err);
}

int
tmo_source_read(struct tmo_source *s, void *data, size_t size, size_t *got,
                struct tmo_error *err)
{
	*got = 0;
	while (*got < size) {
		size_t n = size - *got;

		if (tmo_source_fill(s, err) < 0)
			return -1;
		if (s->left == 0)
			return 0;
		if (n > s->left)
			n = s->left;
		memcpy((char *)data + *got, s->next, n);
		tmo_source_take(s, n);
		*got += n;
	}
	return 0;
}

void
tmo_source_take(struct tmo_source *s, size_t n)
{
	s->next += n;
	s->left -= n;
	s->consumed += n;
}

void
tmo_source_close(struct tmo_source *s)
{
	if (s != NULL)
		s->close(s);
}
