/* SPDX-License-Identifier: Apache-2.0 */
/* blocks.c: partitions against their definition, element by element. */
#include <stdlib.h>
#include <string.h>

#include "tensor/blocks.h"
#include "tests/unit/check.h"

#define AXES_MAX 7

/* What share an entry, by the definition: indices over block, in C order. */
static size_t
entry_of(int rank, const size_t *shape, const size_t *block, size_t i)
{
	size_t entry = 0, index[AXES_MAX];

	for (int a = rank - 1; a >= 0; a--) {
		index[a] = i % shape[a];
		i /= shape[a];
	}
	for (int a = 0; a < rank; a++) {
		const size_t per = block[a] == 0 || block[a] > shape[a] ? shape[a] : block[a];

		entry = entry * ((shape[a] + per - 1) / per) + index[a] / per;
	}
	return entry;
}

static void
check_entries(const struct tmo_blocks *b, const size_t *wanted)
{
	size_t entries = 0;

	for (size_t i = 0, n, entry; i < b->count; i += n) {
		n = tmo_blocks_run(b, i, &entry);
		CHECK(n > 0 && n <= b->count - i, "a run of %zu at %zu of %zu", n, i, b->count);
		for (size_t j = 0; j < n; j++) {
			CHECK(entry + (b->cols > 1 ? j : 0) == wanted[i + j], "entry %zu of element %zu, run",
			      entry, i + j);
			CHECK(tmo_blocks_entry(b, i + j) == wanted[i + j], "entry of element %zu", i + j);
			entries = wanted[i + j] + 1 > entries ? wanted[i + j] + 1 : entries;
		}
	}
	CHECK(entries == b->entries, "%zu entries, not %zu", b->entries, entries);
}

/* Spans, in order and begun anywhere, cover all elements once; parts can be folded in place. */
static void
check_spans(const struct tmo_blocks *b, const size_t *wanted)
{
	size_t at = 0;
	unsigned char *const met = calloc(b->entries + 1, 1);
	bool folds = false;
	struct tmo_span s, t;

	tmo_span_at(b, 0, &s);
	for (size_t k = 0; k < b->spans; k++, tmo_span_next(b, &s)) {
		tmo_span_at(b, k, &t);
		CHECK(t.start == s.start && t.rows == s.rows && t.entry == s.entry && t.part == s.part &&
		      t.first == s.first, "span %zu begun there is another", k);
		CHECK(s.part == k * b->cols, "part %zu of span %zu", s.part, k);
		CHECK(s.rows == 0 || s.start == at, "span %zu starts at %zu, not %zu", k, s.start, at);
		for (size_t i = 0; i < s.rows * b->cols; i++)
			CHECK(wanted[at + i] == s.entry + i % b->cols, "element %zu in span %zu", at + i, k);
		for (size_t j = 0; j < b->cols; j++) {
			const size_t entry = s.entry + j;

			CHECK(entry <= s.part + j, "entry %zu behind part %zu", entry, s.part + j);
			CHECK(s.first == (met[entry] == 0), "span %zu, first of entry %zu", k, entry);
			folds |= met[entry] != 0;
			met[entry] = 1;
		}
		at += s.rows * b->cols;
	}
	CHECK(at == b->count, "spans have %zu of %zu elements", at, b->count);
	CHECK(!folds || tmo_blocks_fold(b), "entries have several spans");
	CHECK(tmo_blocks_fold(b) || b->spans * b->cols == b->entries, "parts that are no entries");
	free(met);
}

/* Strips of all widths have the elements of their entries, all of them, in order. */
static void
check_strips(const struct tmo_blocks *b, const size_t *wanted)
{
	size_t *const last = calloc(b->entries + 1, sizeof(*last)), *const seen =
		calloc(b->entries + 1, sizeof(*seen)), most = 1 + random_below(9), all = 0;
	struct tmo_strip s;

	for (size_t entry = 0; entry < b->entries; entry += s.width) {
		tmo_strip_at(b, entry, most, &s);
		CHECK(s.width >= 1 && s.width <= most && s.entry == entry, "strip of %zu", s.width);
		CHECK(s.pitch == 1 || s.step == 1, "pitch %zu, step %zu", s.pitch, s.step);
		for (size_t k = 0; k < s.lines; k++)
			for (size_t j = 0; j < s.width; j++)
				for (size_t i = 0; i < s.length; i++) {
					const size_t at = tmo_strip_line(&s, k) + j * s.pitch + i * s.step;

					CHECK(at < b->count && wanted[at] == entry + j, "element %zu in entry %zu",
					      at, entry + j);
					CHECK(seen[entry + j] == 0 || at > last[entry + j], "element %zu", at);
					last[entry + j] = at;
					seen[entry + j]++;
					all++;
				}
		if (s.width == 0)
			break;
	}
	CHECK(all == b->count, "strips have %zu of %zu elements", all, b->count);
	free(last);
	free(seen);
}

static void
check_partition(int rank, const size_t *shape, const size_t *block)
{
	struct tmo_blocks b;
	size_t *wanted;

	tmo_blocks_init(&b, rank, shape, block);
	wanted = malloc((b.count + 1) * sizeof(*wanted));
	for (size_t i = 0; i < b.count; i++)
		wanted[i] = entry_of(rank, shape, block, i);
	check_entries(&b, wanted);
	check_spans(&b, wanted);
	check_strips(&b, wanted);
	free(wanted);
}

static void
test_random(void)
{
	for (int turn = 0; turn < 4000; turn++) {
		const int rank = (int)random_below(AXES_MAX);
		size_t shape[AXES_MAX], block[AXES_MAX];

		for (int a = 0; a < rank; a++) {
			shape[a] = 1 + random_below(a < 3 ? 6 : 4);
			block[a] = random_below(3) == 0 ? 1 : random_below(shape[a] + 2);
		}
		check_partition(rank, shape, block);
	}
}

/* Axes that are alike taken together, and apart again; what is no partition of the shape is none. */
static void
test_reshape(void)
{
	const size_t shape[] = {2, 3, 4, 5}, merged[] = {6, 20}, other[] = {4, 3, 2, 5};
	struct tmo_blocks b, view, back;

	tmo_blocks_init(&b, 4, shape, (size_t[]){1, 1, 0, 0});
	CHECK(tmo_blocks_reshape(&b, 2, merged, &view) && view.entries_along[0] == 6 &&
	      view.entries_along[1] == 1, "6 rows have %zu entries", view.entries_along[0]);
	CHECK(tmo_blocks_reshape(&view, 4, shape, &back) &&
	      memcmp(back.block, b.block, 4 * sizeof(size_t)) == 0, "not the same again");
	CHECK(!tmo_blocks_reshape(&b, 4, other, &view), "4 x 3 has no entries of 20");
	CHECK(!tmo_blocks_reshape(&b, 1, (size_t[]){100}, &view), "of another size");
	CHECK(tmo_blocks_reshape(&b, 1, (size_t[]){120}, &view) && view.block[0] == 20,
	      "blocks of %zu", view.block[0]);
	tmo_blocks_init(&b, 4, shape, (size_t[]){1, 0, 1, 0});
	CHECK(tmo_blocks_reshape(&b, 2, merged, &view) && view.block[0] == 3 && view.block[1] == 5,
	      "blocks of %zu, %zu", view.block[0], view.block[1]);
	CHECK(!tmo_blocks_reshape(&b, 2, (size_t[]){24, 5}, &view), "entries on both sides of what shares");
	for (int turn = 0; turn < 2000; turn++) {
		size_t whole[4], block[4];

		for (int a = 0; a < 4; a++) {
			whole[a] = 1 + random_below(4);
			block[a] = random_below(2);
		}
		tmo_blocks_init(&b, 4, whole, block);
		CHECK(tmo_blocks_reshape(&b, 4, whole, &view) && view.entries == b.entries, "turn %d", turn);
		if (tmo_blocks_reshape(&b, 2, (size_t[]){whole[0] * whole[1], whole[2] * whole[3]}, &view))
			for (size_t i = 0; i < b.count; i++)
				CHECK(tmo_blocks_entry(&b, i) == tmo_blocks_entry(&view, i), "element %zu", i);
	}
}

/* Large enough for several pieces, in blocks and across columns. */
static void
test_pieces(void)
{
	static const size_t shapes[][3] = {
		{300000, 1, 1}, {3, 140000, 1}, {2, 70000, 3}, {2, 3, 70001}, {140000, 2, 2}, {2, 65, 3000},
	};
	static const size_t blocks[][3] = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 1}, {1, 66000, 1}};

	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
		for (size_t j = 0; j < sizeof(blocks) / sizeof(*blocks); j++)
			check_partition(3, shapes[i], blocks[j]);
}

static void
test_empty(void)
{
	const size_t shape[] = {3, 0, 2}, block[] = {1, 0, 1};
	struct tmo_blocks b;

	tmo_blocks_init(&b, 3, shape, block);
	CHECK(b.count == 0 && b.spans == 0 && b.entries == 0, "%zu spans of nothing", b.spans);
}

static void
check_encoding(const size_t *entries, bool blocked, const size_t *block, const size_t *per)
{
	struct tmo_tensor t = {.rank = 3, .shape = {4, 7, 5}, .blocked = blocked};
	struct tmo_array scale = {.rank = 3};
	struct tmo_blocks b;

	memcpy(scale.shape, entries, 3 * sizeof(*entries));
	if (blocked)
		memcpy(t.block, block, 3 * sizeof(*block));
	tmo_blocks_of_encoding(&b, &t, &scale);
	for (size_t i = 0; i < b.count; i++)
		CHECK(tmo_blocks_entry(&b, i) == entry_of(3, t.shape, per, i), "element %zu", i);
	for (int a = 0; a < 3; a++)
		CHECK(b.entries_along[a] == entries[a], "%zu entries along axis %d", b.entries_along[a], a);
}

static void
test_encodings(void)
{
	const size_t block[] = {1, 3, 1};

	check_encoding((size_t[]){1, 1, 1}, false, NULL, (size_t[]){4, 7, 5});
	check_encoding((size_t[]){4, 1, 1}, false, NULL, (size_t[]){1, 7, 5});
	check_encoding((size_t[]){4, 1, 5}, false, NULL, (size_t[]){1, 7, 1});
	check_encoding((size_t[]){4, 3, 5}, true, block, (size_t[]){1, 3, 1});
	check_encoding((size_t[]){1, 3, 1}, true, block, (size_t[]){4, 3, 5});
	check_encoding((size_t[]){1, 7, 1}, true, block, (size_t[]){4, 1, 5});
}

int
main(void)
{
	test_random();
	test_reshape();
	test_pieces();
	test_empty();
	test_encodings();
	return check_status();
}
