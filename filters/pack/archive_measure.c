/* SPDX-License-Identifier: Apache-2.0 */
/*
 * archive_measure.c: the codes of small tensors, measured by several threads at a time. Threads for
 * each tensor took longer to start than they saved: 10,000 tensors of 100 codes took 0.9 s of processor
 * time, but up to 6 s of a busy machine's.
 */
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
	int level;
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
	if (!pack_measured_later(part))
		return 0;
	if (pack_file_read(&a->raw, part->offset, (size_t)part->length, &data, err) < 0)
		return -1;
	status = pack_measure_codings(data, part->type, part->count, level, 1, zstd,
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
		status = measure_entry(w->a, start + i, w->level, zstd, err);
	ZSTD_freeCCtx(zstd);
	return status;
}

int
pack_archive_measure(struct archive *a, int level, int threads, struct tmo_error *err)
{
	const size_t chunks = (a->index.count + CHUNK - 1) / CHUNK;
	struct work w = {.a = a, .level = level};

	return tmo_parallel_try(threads, chunks, measure_chunk, &w, err);
}
