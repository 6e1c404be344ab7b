/* SPDX-License-Identifier: Apache-2.0 */
/* choose_coding.c: which coding compresses best cannot be foretold, so they are tried. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "choose_coding.h"

#define BLOCKS 16	/* of a sample */

static int
append_mask(const struct coding *coding, const void *codes, enum tmo_type type, size_t n,
            struct tmo_buffer *out, struct tmo_error *err)
{
	const size_t mask = n / 8 + (n % 8 != 0), room = mask + tmo_bits_bytes(n, coding->bits);
	void *others = tmo_alloc(n, tmo_type_size(type), err);
	size_t count;

	if (others == NULL || tmo_buffer_reserve(out, room, err) < 0) {
		free(others);
		return -1;
	}
	count = tmo_mask_split(codes, type, n, coding->common, out->data + out->size, others);
	tmo_bits_pack(others, type, count, coding->bits, out->data + out->size + mask);
	out->size += mask + tmo_bits_bytes(count, coding->bits);
	free(others);
	return 0;
}

int
pack_codes(const struct coding *coding, const void *codes, enum tmo_type type, size_t n,
           struct tmo_buffer *out, struct tmo_error *err)
{
	const size_t bytes = tmo_bits_bytes(n, coding->bits);

	if (coding->kind == TMO_CODING_PLAIN)
		return tmo_buffer_append(out, codes, n * tmo_type_size(type), err);
	if (coding->kind == TMO_CODING_MASK)
		return append_mask(coding, codes, type, n, out, err);
	if (tmo_buffer_reserve(out, bytes, err) < 0)
		return -1;
	tmo_bits_pack(codes, type, n, coding->bits, out->data + out->size);
	out->size += bytes;
	return 0;
}

int
pack_compressed_size(const void *data, size_t size, int level, ZSTD_CCtx *zstd, size_t *compressed,
                     struct tmo_error *err)
{
	const size_t bound = ZSTD_compressBound(size);
	void *out = tmo_alloc(bound, 1, err);

	if (out == NULL)
		return -1;
	*compressed = zstd != NULL ? ZSTD_compressCCtx(zstd, out, bound, data, size, level)
	                           : ZSTD_compress(out, bound, data, size, level);
	free(out);
	if (ZSTD_isError(*compressed))
		return tmo_fail(err, "zstd: %s; use a lower --zstd", ZSTD_getErrorName(*compressed));
	return 0;
}

struct trial {
	const void *codes;
	enum tmo_type type;
	size_t n;
	int level;
	ZSTD_CCtx *zstd;
	struct candidates *c;
};

static int
try_candidate(void *arg, size_t i, struct tmo_error *err)
{
	struct trial *t = arg;
	struct tmo_buffer bytes = {0};
	int status = pack_codes(&t->c->coding[i], t->codes, t->type, t->n, &bytes, err);

	if (status == 0)
		status = pack_compressed_size(bytes.data, bytes.size, t->level, t->zstd,
		                              &t->c->size[i], err);
	tmo_buffer_free(&bytes);
	return status;
}

/* PACK_SAMPLE codes out of more, in blocks that are spread evenly. */
static void *
take_sample(const void *codes, size_t size, size_t n, struct tmo_error *err)
{
	const size_t block = PACK_SAMPLE / BLOCKS, step = (n - block) / (BLOCKS - 1);
	unsigned char *sample = tmo_alloc(PACK_SAMPLE, size, err);

	for (size_t i = 0; i < BLOCKS && sample != NULL; i++)
		memcpy(sample + i * block * size, (const unsigned char *)codes + i * step * size,
		       block * size);
	return sample;
}

int
pack_measure_codings(const void *codes, enum tmo_type type, size_t n, int level, int threads,
                     ZSTD_CCtx *zstd, struct candidates *c, struct tmo_error *err)
{
	struct trial trial = {
		.codes = codes, .type = type, .n = n, .level = level, .zstd = zstd, .c = c,
	};
	const int bits = tmo_bits_width(codes, type, n);
	void *sample = NULL;
	int status;

	*c = (struct candidates){{{.kind = TMO_CODING_PLAIN, .bits = bits},
	                          {.kind = TMO_CODING_BITS, .bits = bits},
	                          {.kind = TMO_CODING_MASK, .bits = bits}}, {0}};
	if (bits == 8 * (int)tmo_type_size(type))
		c->coding[1].kind = TMO_CODING_PLAIN;	/* the same bytes */
	if (tmo_bits_common(codes, type, n, &c->coding[2].common, err) < 0)
		return -1;
	if (n > PACK_SAMPLE) {
		if ((sample = take_sample(codes, tmo_type_size(type), n, err)) == NULL)
			return -1;
		trial.codes = sample;
		trial.n = PACK_SAMPLE;
	}
	status = tmo_parallel_try(threads, CANDIDATES, try_candidate, &trial, err);
	free(sample);
	return status;
}

const struct coding *
pack_choose_coding(const struct candidates *c, const struct preference *preference)
{
	const unsigned *const percent = preference->percent;
	size_t best = 0;

	for (size_t i = 1; i < CANDIDATES; i++)
		if ((uint64_t)c->size[i] * percent[i] < (uint64_t)c->size[best] * percent[best])
			best = i;
	return &c->coding[best];
}
