/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-pack: the packed form of a stream (tmo-stream(5)): few members, small codes, digests. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "archive.h"
#include "base/clock.h"
#include "base/memory.h"
#include "run/main.h"
#include "run/run.h"

#define MEASURE_LEVEL 19	/* what codings are measured at without --zstd */

struct pack {
	int64_t zstd;
};

static const struct tmo_option options[] = {
	TMO_INT('z', "zstd", struct pack, zstd, "LEVEL", 0, 0, 22,
	        "compress too, at this level; 0 leaves it to others"),
	TMO_OPTIONS_END
};

/* -v: how the codes of each tensor were written. */
static void
note_codes(struct tmo_run *run, const struct archive *a)
{
	static const char *const names[] = {"plain", "bits", "mask", "file"};

	for (size_t i = 0; i < a->index.count; i++) {
		const struct tmo_packed_tensor *t = &a->index.tensor[i];
		const struct tmo_packed_part *part = &t->part[a->codes[i].part];

		if (!a->codes[i].any)
			tmo_note(run, "%s: as it is", t->path);
		else if (part->coding == TMO_CODING_PLAIN)
			tmo_note(run, "%s: codes: plain, %" PRIu64 " bytes", t->path, part->length);
		else
			tmo_note(run, "%s: codes: %s of %d bits, %" PRIu64 " bytes of %zu", t->path,
			         names[part->coding], part->bits, part->length,
			         part->count * tmo_type_size(part->type));
	}
}

/* Whether the part is an array whose header is the one that tmo writes, so that it can be left out. */
static bool
is_array(const struct tmo_member *part, struct tmo_npy *npy)
{
	struct tmo_error ignored = {0};
	unsigned char head[TMO_NPY_HEADER_OWN];

	return part->head != NULL &&
	    tmo_npy_parse(part->head, part->head_bytes, npy, &ignored) == 0 &&
	    npy->type != TMO_NONE && part->bytes == npy->count * tmo_type_size(npy->type) &&
	    tmo_npy_header_text(npy->type, npy->rank, npy->shape, head) == part->head_bytes &&
	    memcmp(head, part->head, part->head_bytes) == 0;
}

static bool
is_named(const struct tmo_member *part, const char *folder, const char *name)
{
	const size_t length = strlen(folder);

	return strncmp(part->path, folder, length) == 0 && part->path[length] == '/' &&
	    strcmp(part->path + length + 1, name) == 0;
}

/* Its bytes, as they are, to the end of what was read; what it is to `to`. */
static int
take_part(struct archive *a, const struct tmo_member *part, struct tmo_packed_part *to,
          struct tmo_error *err)
{
	struct tmo_npy npy = {0};

	if ((to->path = tmo_copy_string(part->path, err)) == NULL)
		return -1;
	to->offset = a->raw.size;
	to->length = part->bytes;
	if (is_array(part, &npy)) {
		to->coding = TMO_CODING_PLAIN;
		to->type = npy.type;
		to->rank = npy.rank;
		memcpy(to->shape, npy.shape, sizeof(to->shape));
		to->count = npy.count;
	} else {
		to->coding = TMO_CODING_FILE;
		to->length += part->head_bytes;
		if (pack_file_write(&a->raw, part->head, part->head_bytes, err) < 0)
			return -1;
	}
	return pack_file_write(&a->raw, part->data, part->bytes, err);
}

/* tensor.yaml into the index, if it can stand there; *taken says so. */
static int
take_yaml(struct tmo_packed_tensor *t, const struct tmo_member *part, bool *taken,
          struct tmo_error *err)
{
	*taken = tmo_packed_yaml_fits(part->data, part->bytes);
	if (!*taken)
		return 0;
	t->yaml_place = t->part_count;
	if ((t->yaml = tmo_alloc(part->bytes + 1, 1, err)) == NULL)
		return -1;
	memcpy(t->yaml, part->data, part->bytes);
	return 0;
}

static int
measure(struct archive *a, const struct tmo_member *part, const struct tmo_packed_tensor *t,
        struct tmo_error *err)
{
	const struct tmo_packed_part *last = &t->part[t->part_count - 1];
	struct codes *codes = pack_archive_codes(a);
	const double start = tmo_seconds();
	size_t sample;

	if (last->coding != TMO_CODING_PLAIN || !tmo_type_is_integer(last->type))
		return 0;
	codes->any = true;
	codes->part = t->part_count - 1;
	if (pack_measured_later(last))
		return 0;
	if (pack_measure_codings(part->data, last->type, last->count, a->expense.level,
	                         a->expense.threads, NULL, &codes->candidates, err) < 0)
		return -1;
	sample = last->count < PACK_SAMPLE ? last->count : PACK_SAMPLE;
	pack_expense_measured(&a->expense, sample * tmo_type_size(last->type), tmo_seconds() - start);
	return 0;
}

/* What is known of the time that the entry at hand will take. */
static void
note_expense(struct archive *a, const struct tmo_packed_tensor *t)
{
	const struct codes *codes = pack_archive_codes(a);
	uint64_t bytes = 0;

	for (size_t i = 0; i < t->part_count; i++) {
		const bool coded = codes->any && codes->part == i;

		pack_expense_add(&a->expense, &t->part[i], coded ? codes->candidates.coding[0].bits : 0,
		                 coded && pack_measured_later(&t->part[i]));
		bytes += t->part[i].length;
	}
	pack_expense_read(&a->expense, bytes);
}

static int
take_parts(struct archive *a, const struct tmo_item *item, const struct tmo_members *parts,
           struct tmo_error *err)
{
	struct tmo_packed_tensor *t = pack_archive_tensor(a, item->path, err);

	if (t == NULL || (t->part = tmo_alloc(parts->count, sizeof(*t->part), err)) == NULL)
		return -1;
	t->encoded = item->encoded;
	for (size_t i = 0; i < parts->count; i++) {
		const struct tmo_member *part = &parts->member[i];
		bool taken = false;

		if (item->encoded && is_named(part, item->path, "tensor.yaml") &&
		    take_yaml(t, part, &taken, err) < 0)
			return -1;
		if (taken)
			continue;
		if (take_part(a, part, &t->part[t->part_count++], err) < 0)
			return -1;
		if (item->encoded && is_named(part, item->path, "codes.npy") &&
		    measure(a, part, t, err) < 0)
			return -1;
	}
	note_expense(a, t);
	return 0;
}

static int
pack_tensor(struct archive *a, struct tmo_reader *reader, const struct tmo_item *item,
            struct tmo_error *err)
{
	struct tmo_members parts = {0};
	int status = -1;

	if (tmo_reader_members(reader, &parts, err) == 0)
		status = take_parts(a, item, &parts, err);
	tmo_members_free(&parts);
	return status;
}

static int
pack_other(struct archive *a, struct tmo_reader *reader, const struct tmo_item *item,
           struct tmo_error *err)
{
	const void *data;
	size_t size;

	if (pack_archive_begin_other(a, item->path, err) < 0)
		return -1;
	do {
		if (tmo_reader_some(reader, &data, &size, err) < 0 ||
		    pack_file_write(&a->other_bytes, data, size, err) < 0)
			return -1;
	} while (size > 0);
	pack_archive_end_other(a);
	return 0;
}

static int
pack_stream(struct tmo_run *run, struct tmo_error *err)
{
	const struct pack *o = tmo_options(run);
	struct tmo_reader *reader = tmo_run_reader(run, err);
	struct archive a;
	struct tmo_item item;
	int status;

	if (reader == NULL)
		return -1;
	status = pack_archive_open(&a, tmo_reader_head(reader), run,
	                           o->zstd > 0 ? (int)o->zstd : MEASURE_LEVEL, o->zstd > 0, err);
	while (status == 0) {
		status = tmo_run_next(run, &item, err);
		if (status < 0 || item.kind == TMO_ITEM_END)
			break;
		status = item.kind == TMO_ITEM_TENSOR ? pack_tensor(&a, reader, &item, err)
		                                      : pack_other(&a, reader, &item, err);
	}
	if (status == 0)
		status = pack_archive_end(&a, err);
	if (status == 0)
		status = pack_archive_measure(&a, err);
	if (status == 0)
		status = pack_archive_lay_out(&a, err);
	if (status == 0)
		note_codes(run, &a);
	if (status == 0)
		status = pack_archive_write(&a, tmo_run_sink(run), err);
	pack_archive_close(&a);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct tmo_filter pack = {
		.name = "pack",
		.summary = "write a stream in its small, verifiable form",
		.example = "tmo-quant --bits 4 model.tar | tmo-pack --zstd 19 -o model.tar.zst",
		.kind = TMO_FILTER,
		.options = options,
		.options_size = sizeof(struct pack),
		.traits = TMO_NO_HISTORY | TMO_NO_SELECTION,
		.run = pack_stream,
	};

	return tmo_main_with(&pack, TMO_ABI, NULL, argc, argv);
}
