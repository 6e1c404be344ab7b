/* SPDX-License-Identifier: Apache-2.0 */
/*
 * archive_measure.c: the codes of small tensors, measured by several threads at a time. Threads for each tensor
 * took longer to start than they saved: 10,000 tensors of 100 codes took 0.9 s of processor time, but
 * up to 6 s of a busy machine's.
 */
#include <stdlib.h>

#include "archive.h"
#include "base/memory.h"

#define FEW 4096	/* codes */
#define CHUNK 64	/* entries that share what zstd works with */

bool
is_measured_later(const struct tmo_packed_part *part)
{
	return part->count < FEW;
}

struct work {
	struct archive *a;
	int level;
	struct outcome {
		int status;
		struct tmo_error err;
	} *outcome;		/* of each chunk */
};

static int
measure_entry(struct archive *a, size_t entry, int level, ZSTD_CCtx *zstd, struct tmo_error *err)
{
	struct codes *const codes = &a->codes[entry];
	const struct tmo_packed_part *part;
	void *data;
	int status;

	if (!codes->any)
		return 0;
	part = &a->index.tensor[entry].part[codes->part];
	if (!is_measured_later(part))
		return 0;
	if (spool_read(&a->raw, part->offset, (size_t)part->length, &data, err) < 0)
		return -1;
	status = measure_codings(data, part->type, part->count, level, 1, zstd, &codes->candidates,
	                         err);
	free(data);
	return status;
}

static void
measure_chunk(void *arg, size_t chunk)
{
	struct work *const w = arg;
	struct outcome *const o = &w->outcome[chunk];
	const size_t start = chunk * CHUNK, rest = w->a->index.count - start;
	ZSTD_CCtx *const zstd = ZSTD_createCCtx();

	if (zstd == NULL)
		o->status = tmo_fail_memory(&o->err, 0);
	for (size_t i = 0; i < rest && i < CHUNK && o->status == 0; i++)
		o->status = measure_entry(w->a, start + i, w->level, zstd, &o->err);
	ZSTD_freeCCtx(zstd);
}

int
archive_measure_small(struct archive *a, int level, int threads, struct tmo_error *err)
{
	const size_t chunks = (a->index.count + CHUNK - 1) / CHUNK;
	struct work w = {.a = a, .level = level};
	int status = 0;

	if ((w.outcome = tmo_alloc(chunks, sizeof(*w.outcome), err)) == NULL)
		return -1;
	tmo_parallel_for(threads, chunks, measure_chunk, &w);
	for (size_t i = 0; i < chunks && status == 0; i++) {
		status = w.outcome[i].status;
		if (status < 0)
			*err = w.outcome[i].err;
	}
	free(w.outcome);
	return status;
}
