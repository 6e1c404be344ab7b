/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layout.c: the blob, coded. What zstd makes of a tensor's codes depends on what stands around them:
 * codes of one kind share its statistics, a mixture does not. (Measured: of a MobileNet in 5 bits,
 * the best codings of each tensor alone gave 153,262 bytes, bits almost everywhere 146,995.) So
 * some leanings towards and away from plain codes are tried on the whole as well, behind the head,
 * whose text spoils zstd's first guesses.
 */
#include <stdlib.h>
#include <string.h>

#include "archive.h"

#define TRIAL_MAX ((uint64_t)4 << 20)	/* larger tensors fill zstd's blocks by themselves */

/* Hundredths that a plain size counts for: as measured; less and less liked; never; always. */
static const unsigned handicaps[] = {100, 105, 110, 100000, 0};
#define HANDICAPS (sizeof(handicaps) / sizeof(handicaps[0]))

/* Where the blob goes: a file, or memory for a trial. */
struct place {
	struct spool *file;
	struct tmo_buffer *memory;
};

static int
put(struct place *to, const void *data, size_t size, struct tmo_error *err)
{
	return to->file != NULL ? spool_write(to->file, data, size, err)
	       : tmo_buffer_append(to->memory, data, size, err);
}

static uint64_t
end_of(const struct place *to)
{
	return to->file != NULL ? to->file->size : to->memory->size;
}

/* Plain arrays stand on a multiple of their element size: a device may map the blob. */
static int
align(struct place *to, const struct tmo_packed_part *part, struct tmo_error *err)
{
	static const unsigned char zeros[8];
	const size_t size = part->coding == TMO_CODING_PLAIN ? tmo_type_size(part->type) : 1;

	return put(to, zeros, (size_t)(-end_of(to) & (size - 1)), err);
}

/* Codes as `coding` has it. */
static int
put_codes(const struct spool *raw, const struct tmo_packed_part *part,
          const struct coding *coding, struct place *to, struct tmo_error *err)
{
	struct tmo_buffer bytes = {0};
	void *codes = NULL;
	int status = -1;

	if (spool_read(raw, part->offset, (size_t)part->length, &codes, err) == 0 &&
	    pack_codes(coding, codes, part->type, part->count, &bytes, err) == 0)
		status = put(to, bytes.data, bytes.size, err);
	free(codes);
	tmo_buffer_free(&bytes);
	return status;
}

static int
put_as_it_is(const struct spool *raw, const struct tmo_packed_part *part, struct place *to,
             struct tmo_error *err)
{
	void *data = NULL;
	int status;

	if (to->file != NULL)
		return spool_copy(raw, part->offset, part->length, to->file, err);
	status = spool_read(raw, part->offset, (size_t)part->length, &data, err);
	if (status == 0)
		status = put(to, data, (size_t)part->length, err);
	free(data);
	return status;
}

/* One entry; part[] becomes what its parts are in the blob. */
static int
put_entry(const struct archive *a, size_t entry, unsigned handicap, struct place *to,
          struct tmo_packed_part *part, struct tmo_error *err)
{
	const struct tmo_packed_tensor *t = &a->index.tensor[entry];
	const struct codes *codes = &a->codes[entry];
	const struct coding *coding;

	if (to->file != NULL)
		spool_mark(to->file);
	for (size_t i = 0; i < t->part_count; i++) {
		part[i] = t->part[i];
		coding = NULL;
		if (codes->any && codes->part == i) {
			coding = pick_coding(&codes->candidates, handicap);
			part[i].coding = coding->kind;
			part[i].bits = coding->bits;
			part[i].common = coding->common;
		}
		if (align(to, &part[i], err) < 0)
			return -1;
		if (i == 0 && to->file != NULL)
			spool_mark(to->file);
		part[i].offset = end_of(to);
		if ((part[i].coding == TMO_CODING_BITS || part[i].coding == TMO_CODING_MASK
		     ? put_codes(&a->raw, &t->part[i], coding, to, err)
		     : put_as_it_is(&a->raw, &t->part[i], to, err)) < 0)
			return -1;
		part[i].length = end_of(to) - part[i].offset;
	}
	return 0;
}

struct trials {
	const struct archive *a;
	int level;
	struct {
		size_t size;
		int status;
		struct tmo_error err;
	} outcome[HANDICAPS];
};

static void
try_handicap(void *arg, size_t i)
{
	struct trials *trials = arg;
	const struct archive *a = trials->a;
	struct tmo_error *err = &trials->outcome[i].err;
	struct tmo_buffer blob = {0};
	struct place to = {.memory = &blob};
	struct tmo_packed_part *part;
	int status = 0;

	for (size_t head = 0; head < a->head->count && status == 0; head++)
		status = tmo_buffer_append(&blob, a->head->part[head].data, a->head->part[head].bytes, err);
	for (size_t entry = 0; entry < a->index.count && status == 0; entry++) {
		part = tmo_alloc(a->index.tensor[entry].part_count, sizeof(*part), err);
		status = part == NULL ? -1 : put_entry(a, entry, handicaps[i], &to, part, err);
		free(part);
	}
	if (status == 0)
		status = compressed_size(blob.data, blob.size, trials->level, &trials->outcome[i].size,
		                         err);
	trials->outcome[i].status = status;
	tmo_buffer_free(&blob);
}

static int
choose_handicap(const struct archive *a, int level, int threads, unsigned *handicap,
                struct tmo_error *err)
{
	struct trials trials = {.a = a, .level = level};
	uint64_t size = a->raw.size;
	size_t best = 0;

	*handicap = handicaps[0];
	for (size_t i = 0; i < a->head->count; i++)
		size += a->head->part[i].bytes;
	if (size > TRIAL_MAX)
		return 0;
	tmo_parallel_for(threads, HANDICAPS, try_handicap, &trials);
	for (size_t i = 0; i < HANDICAPS; i++) {
		if (trials.outcome[i].status < 0) {
			*err = trials.outcome[i].err;
			return -1;
		}
		if (trials.outcome[i].size < trials.outcome[best].size)
			best = i;
	}
	*handicap = handicaps[best];
	return 0;
}

int
archive_lay_out(struct archive *a, int level, int threads, struct tmo_error *err)
{
	struct place to = {.file = &a->blob};
	unsigned char digest[SHA256_DIGEST_SIZE];
	struct tmo_packed_part *part;
	unsigned handicap;

	if (choose_handicap(a, level, threads, &handicap, err) < 0)
		return -1;
	for (size_t i = 0; i < a->index.count; i++) {
		struct tmo_packed_tensor *t = &a->index.tensor[i];

		if ((part = tmo_alloc(t->part_count, sizeof(*part), err)) == NULL)
			return -1;
		if (put_entry(a, i, handicap, &to, part, err) < 0) {
			free(part);
			return -1;
		}
		free(t->part);
		t->part = part;
		spool_digest_entry(&a->blob, digest);
		memcpy(t->digest, digest, sizeof(t->digest));
	}
	spool_digest_all(&a->blob, a->blob_digest);
	return 0;
}
