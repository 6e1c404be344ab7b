/* SPDX-License-Identifier: Apache-2.0 */
/*
 * archive_measure.c: the codes of small tensors, measured by several threads at a time. Threads for
 * each tensor took longer to start than they saved: 10,000 tensors of 100 codes took 0.9 s of processor
 * time, but up to 6 s of a busy machine's.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "archive.h"
#include "base/parallel.h"

#define FEW 4096	/* codes */
#define CHUNK 64	/* entries that share what zstd works with */

bool
pack_measured_later(const struct tmo_packed_part *part)
{
	return part->count < FEW;
}

struct work {
	struct archive *a;
	size_t chunks;
	atomic_size_t done;	/* of them */
};

static int
measure_entry(struct archive *a, size_t entry, ZSTD_CCtx *zstd, struct tmo_error *err)
{
	struct codes *const codes = &a->codes[entry];
	const struct tmo_packed_part *part;
	void *data;
	int status;

	if (!codes->any)
		return 0;
	part = &a->index.tensor[entry].part[codes->part];
	if (!pack_measured_later(part))
		return 0;
	if (pack_file_read(&a->raw, part->offset, (size_t)part->length, &data, err) < 0)
		return -1;
	status = pack_measure_codings(data, part->type, part->count, a->expense.level, 1, zstd,
	                              &codes->candidates, err);
	free(data);
	return status;
}

static int
measure_chunk(void *arg, size_t chunk, struct tmo_error *err)
{
	struct work *const w = arg;
	const size_t start = chunk * CHUNK, rest = w->a->index.count - start;
	ZSTD_CCtx *const zstd = ZSTD_createCCtx();
	int status = 0;

	if (zstd == NULL)
		return tmo_fail_memory(err, 0);
	for (size_t i = 0; i < rest && i < CHUNK && status == 0; i++)
		status = measure_entry(w->a, start + i, zstd, err);
	ZSTD_freeCCtx(zstd);
	tmo_run_stretch_part(w->a->expense.run,
	                     (double)(atomic_fetch_add(&w->done, 1) + 1) / (double)w->chunks);
	return status;
}

int
pack_archive_measure(struct archive *a, struct tmo_error *err)
{
	struct work w = {.a = a, .chunks = (a->index.count + CHUNK - 1) / CHUNK};

	atomic_init(&w.done, 0);
	pack_expense_measure(&a->expense);
	return tmo_parallel_try(a->expense.threads, w.chunks, measure_chunk, &w, err);
}
