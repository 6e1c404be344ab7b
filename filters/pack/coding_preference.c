/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What zstd makes of a tensor's codes depends on what stands around them: codes of one kind share its
 * statistics, a mixture does not. (Measured: of a MobileNet in 5 bits, the best codings of each tensor
 * alone gave 153,262 bytes, bits almost everywhere 146,995; of a ResNet with half of its weights
 * pruned, 30,878 and, with masks everywhere, 28,700.) So some preferences are tried on the whole
 * archive as well, or, where it is large, on a sample of its tensors. A trial is an archive as it will
 * be, tar headers and digests and all: without them it often named another preference than the real one
 * did.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "archive/tar.h"
#include "base/buffer.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/sha256.h"
#include "base/sink.h"
#include "blob_entry.h"
#include "coding_preference.h"
#include "sample.h"

#define INDEX_BYTES 300				/* about what an entry takes in the index */

#define NEVER 100000
static const struct preference preferences[] = {
	NO_PREFERENCE,
	{{105, 100, 100}},		/* plain is liked less, still less, and never taken */
	{{110, 100, 100}},
	{{NEVER, 100, 100}},
	{{0, 100, 100}},		/* always plain */
	{{NEVER, NEVER, 0}},		/* always mask */
};
_Static_assert(sizeof(preferences) / sizeof(preferences[0]) == PACK_TRIALS, "each is a trial");

/* Which entries are tried: each `stride`th of the small ones. */
struct sample {
	size_t stride;
	uint64_t bytes;		/* of all small ones */
};

static uint64_t
entry_bytes(const struct archive *a, size_t entry)
{
	const struct tmo_packed_tensor *const t = &a->index.tensor[entry];
	uint64_t bytes = INDEX_BYTES;

	for (size_t i = 0; i < t->part_count; i++)
		bytes += t->part[i].length;
	return bytes;
}

bool
pack_preference_covers(const struct archive *a, size_t entry)
{
	return entry_bytes(a, entry) <= PACK_SMALL;
}

static struct sample
choose_sample(const struct archive *a)
{
	struct sample s = { 1, 0 };

	for (size_t i = 0; i < a->index.count; i++)
		if (pack_preference_covers(a, i))
			s.bytes += entry_bytes(a, i);
	s.stride = pack_sample_stride(s.bytes);
	return s;
}

struct trials {
	const struct archive *a;
	int level;
	struct sample sample;
	size_t size[PACK_TRIALS];		/* what each comes to */
	atomic_size_t done;
};

/* One trial's archive as it grows. */
struct trial {
	struct tmo_packed_index index;	/* entries are borrowed but for their parts */
	struct tmo_buffer blob, text, tar;
};

static int
add_entry(struct trial *t, const struct archive *a, size_t entry,
          const struct preference *preference, struct tmo_error *err)
{
	struct tmo_packed_tensor *const to = &t->index.tensor[t->index.count];
	struct blob_output place = {.memory = &t->blob};
	unsigned char digest[TMO_SHA256_BYTES];
	const size_t from = t->blob.size;

	*to = a->index.tensor[entry];
	if ((to->part = tmo_alloc(to->part_count, sizeof(*to->part), err)) == NULL)
		return -1;
	t->index.count++;
	if (pack_blob_entry(a, entry, preference, &place, to->part, err) < 0)
		return -1;
	tmo_sha256_of(t->blob.data + from, t->blob.size - from, digest);
	memcpy(to->digest, digest, sizeof(to->digest));
	return 0;
}

static int
add_entries(struct trial *t, const struct trials *trials, const struct preference *preference,
            struct tmo_error *err)
{
	const struct archive *const a = trials->a;
	size_t small = 0;

	t->index.tensor = tmo_alloc(a->index.count, sizeof(*t->index.tensor), err);
	if (t->index.tensor == NULL)
		return -1;
	for (size_t i = 0; i < a->index.count; i++)
		if (pack_preference_covers(a, i) && small++ % trials->sample.stride == 0 &&
		    add_entry(t, a, i, preference, err) < 0)
			return -1;
	t->index.bytes = t->blob.size;
	return tmo_packed_emit(&t->index, &t->text, err);
}

static int
put_member(struct tmo_tar_writer *tar, const char *path, const void *data, size_t size,
           struct tmo_error *err)
{
	return tmo_tar_begin(tar, path, size, err) < 0 ? -1 : tmo_tar_write(tar, data, size, err);
}

/* As pack_archive_write has them; the digests of members are as long in every trial. */
static int
put_members(const struct trial *t, const struct tmo_members *head, struct tmo_tar_writer *tar,
            struct tmo_error *err)
{
	for (size_t i = 0; i < head->count; i++)
		if (head->member[i].bytes <= PACK_SAMPLE_BYTES &&
		    put_member(tar, head->member[i].path, head->member[i].data, head->member[i].bytes,
		               err) < 0)
			return -1;
	if (put_member(tar, TMO_PACKED_INDEX, t->text.data, t->text.size, err) < 0 ||
	    put_member(tar, TMO_PACKED_BLOB, t->blob.data, t->blob.size, err) < 0)
		return -1;
	return tmo_tar_finish(tar, err);
}

static int
write_tar(struct trial *t, const struct tmo_members *head, struct tmo_error *err)
{
	struct tmo_sink *const sink = tmo_sink_memory(&t->tar, err);
	struct tmo_tar_writer *tar = NULL;
	int status = -1;

	if (sink != NULL && (tar = tmo_tar_writer_new(sink, err)) != NULL &&
	    put_members(t, head, tar, err) == 0)
		status = tmo_sink_finish(sink, err);
	tmo_tar_writer_free(tar);
	tmo_sink_close(sink);
	return status;
}

static void
trial_free(struct trial *t)
{
	for (size_t i = 0; i < t->index.count; i++)
		free(t->index.tensor[i].part);
	free(t->index.tensor);
	tmo_buffer_free(&t->blob);
	tmo_buffer_free(&t->text);
	tmo_buffer_free(&t->tar);
}

static int
try_preference(void *arg, size_t i, struct tmo_error *err)
{
	struct trials *const trials = arg;
	struct trial t = {0};
	int status = -1;

	if (add_entries(&t, trials, &preferences[i], err) == 0 &&
	    write_tar(&t, trials->a->head, err) == 0)
		status = pack_compressed_size(t.tar.data, t.tar.size, trials->level, NULL,
		                              &trials->size[i], err);
	trial_free(&t);
	tmo_run_stretch_part(trials->a->expense.run,
	                     (double)(atomic_fetch_add(&trials->done, 1) + 1) / PACK_TRIALS);
	return status;
}

static bool
has_codes(const struct archive *a)
{
	for (size_t i = 0; i < a->index.count; i++)
		if (a->codes[i].any)
			return true;
	return false;
}

int
pack_find_preference(const struct archive *a, struct preference *preference, struct tmo_error *err)
{
	struct trials trials = {.a = a, .sample = choose_sample(a)};
	size_t best = 0;

	*preference = (struct preference)NO_PREFERENCE;
	if (!has_codes(a) || trials.sample.bytes == 0)
		return 0;
	trials.level = pack_sample_level(trials.sample.bytes, a->expense.level);
	atomic_init(&trials.done, 0);
	pack_expense_trials(&a->expense);
	if (tmo_parallel_try(a->expense.threads, PACK_TRIALS, try_preference, &trials, err) < 0)
		return -1;
	for (size_t i = 0; i < PACK_TRIALS; i++)
		if (trials.size[i] < trials.size[best])
			best = i;
	*preference = preferences[best];
	return 0;
}
