/* SPDX-License-Identifier: Apache-2.0 */
/* granularity.c: what shares an entry, by roles, against a definition that goes by parts. */
#include <stdlib.h>
#include <string.h>

#include "tensor/axes.h"
#include "tensor/granularity.h"
#include "tests/unit/check.h"

#define PARTS_MAX 6

static const struct tmo_entry_cost free_of_charge = {.code_bits = 0, .numbers = 1, .number_bytes = 0};

/* A tensor of these parts. */
static struct tmo_tensor
tensor_of(int count, const struct tmo_axis_part *part)
{
	struct tmo_tensor t = {.dtype = TMO_F32, .count = 1};
	struct tmo_axes axes = {.count = count};

	for (int i = 0; i < count; i++) {
		axes.part[i] = part[i];
		if (part[i].axis == t.rank)
			t.shape[t.rank++] = 1;
		t.shape[part[i].axis] *= part[i].size;
		t.count *= part[i].size;
	}
	tmo_tensor_set_axes(&t, &axes);
	return t;
}

/* Indices of the input, which is its first part and those that follow it at once, as one line. */
static size_t
length_of_run(const struct tmo_axes *axes, int input)
{
	size_t length = 1;

	for (int p = input; p < tmo_axes_run_end(axes, input); p++)
		length *= axes->part[p].size;
	return length;
}

/* What element i belongs to: a number for each combination that the granularity keeps apart. */
static size_t
owner_of(const struct tmo_axes *axes, enum tmo_granularity g, size_t group, size_t i)
{
	size_t index[PARTS_MAX], owner = 0, line = 0;
	const int input = tmo_axes_part(axes, TMO_ROLE_INPUT);

	for (int p = axes->count - 1; p >= 0; p--) {
		index[p] = i % axes->part[p].size;
		i /= axes->part[p].size;
	}
	for (int p = 0; p < axes->count; p++) {
		const enum tmo_role role = axes->part[p].role;
		const size_t per = g == TMO_PER_TENSOR ? axes->part[p].size :
			g == TMO_PER_CHANNEL ? (role == TMO_ROLE_OUTPUT || role == TMO_ROLE_OWN ? 1 :
			axes->part[p].size) : 1;

		if (g == TMO_PER_GROUP && input >= 0 && p >= input && p < tmo_axes_run_end(axes, input)) {
			line = line * axes->part[p].size + index[p];
			if (p + 1 == tmo_axes_run_end(axes, input))
				owner = owner * length_of_run(axes, input) + line / group;
			continue;
		}
		owner = owner * axes->part[p].size + index[p] / per;
	}
	return owner;
}

static struct tmo_tensor
random_tensor(void)
{
	static const enum tmo_role roles[] = {
		TMO_ROLE_OUTPUT, TMO_ROLE_INPUT, TMO_ROLE_WITHIN, TMO_ROLE_OWN, TMO_ROLE_UNKNOWN,
	};
	struct tmo_axis_part part[PARTS_MAX];
	const int count = 1 + (int)random_below(PARTS_MAX);

	for (int i = 0; i < count; i++)
		part[i] = (struct tmo_axis_part){
			.axis = i == 0 ? 0 : part[i - 1].axis + (random_below(3) > 0),
			.role = roles[random_below(5)], .size = 1 + random_below(5),
		};
	return tensor_of(count, part);
}

/*
 * No entry spans two owners (where groups are shorter, two parts' lines); where nothing is said, no
 * owner has two entries. Blocks are what a stream can say.
 */
static void
check_granularity(struct tmo_tensor *t, enum tmo_granularity wanted, size_t group)
{
	const char *why;
	const enum tmo_granularity g = tmo_granularity_for(t, wanted, group, &free_of_charge, &why);
	const bool shorter = strstr(why, "shorter") != NULL, exact = !shorter && *why == '\0';
	const size_t of_owner = shorter ? SIZE_MAX : group;
	size_t *const owner_of_entry = malloc((t->count + 1) * sizeof(size_t)), *const entry_of_owner =
		malloc((t->count + 1) * sizeof(size_t));
	struct tmo_blocks b, told;
	struct tmo_array scale = {.rank = t->rank};

	tmo_blocks_of_granularity(&b, t, g, group);
	tmo_blocks_tell(&b, t);
	memcpy(scale.shape, b.entries_along, sizeof(scale.shape));
	tmo_blocks_of_encoding(&told, t, &scale);
	memset(owner_of_entry, 0xff, t->count * sizeof(size_t));
	memset(entry_of_owner, 0xff, t->count * sizeof(size_t));
	for (size_t i = 0; i < t->count; i++) {
		const size_t entry = tmo_blocks_entry(&b, i), owner = owner_of(&t->axes, g, of_owner, i);

		CHECK(entry == tmo_blocks_entry(&told, i), "the stream says another entry for %zu", i);
		CHECK(owner_of_entry[entry] == SIZE_MAX || owner_of_entry[entry] == owner,
		      "entry %zu has elements of two, %zu is one", entry, i);
		CHECK(!exact || entry_of_owner[owner] == SIZE_MAX || entry_of_owner[owner] == entry,
		      "element %zu has entry %zu, others of its kind another", i, entry);
		owner_of_entry[entry] = owner;
		entry_of_owner[owner] = entry;
	}
	CHECK(g == wanted || *why != '\0', "%d became %d in silence", (int)wanted, (int)g);
	free(owner_of_entry);
	free(entry_of_owner);
}

static void
test_random(void)
{
	for (int turn = 0; turn < 2000; turn++) {
		struct tmo_tensor t = random_tensor();

		for (int g = TMO_PER_TENSOR; g <= TMO_PER_GROUP; g++)
			check_granularity(&t, (enum tmo_granularity)g, 1 + random_below(6));
	}
}

/* The shape of the scales, as text. */
static const char *
scales_of(struct tmo_tensor *t, enum tmo_granularity g, size_t group, char *text)
{
	struct tmo_blocks b;
	size_t n = 0;

	tmo_blocks_of_granularity(&b, t, g, group);
	tmo_blocks_tell(&b, t);
	for (int a = 0; a < t->rank; a++)
		n += (size_t)sprintf(text + n, "%s%zu", a > 0 ? "x" : "", b.entries_along[a]);
	for (int a = 0; a < t->rank && t->blocked; a++)
		n += (size_t)sprintf(text + n, "%s%zu", a > 0 ? "," : " by ", t->block[a]);
	return text;
}

#define OUT TMO_ROLE_OUTPUT
#define IN TMO_ROLE_INPUT
#define WITHIN TMO_ROLE_WITHIN
#define OWN TMO_ROLE_OWN

static void
check_scales(int count, const struct tmo_axis_part *part, enum tmo_granularity g, size_t group,
             const char *wanted)
{
	struct tmo_tensor t = tensor_of(count, part);
	char text[200];

	CHECK(strcmp(scales_of(&t, g, group, text), wanted) == 0, "%s, not %s", text, wanted);
}

static void
test_layers(void)
{
	const struct tmo_axis_part conv[] = {{0, OUT, 16}, {1, IN, 8}, {2, WITHIN, 3}, {3, WITHIN, 3}};
	const struct tmo_axis_part transposed[] = {{0, OWN, 4}, {0, IN, 6}, {1, OUT, 5}, {2, WITHIN, 3}};
	const struct tmo_axis_part experts[] = {{0, OWN, 3}, {1, IN, 24}, {2, OUT, 20}};
	const struct tmo_axis_part merged[] = {{0, IN, 24}, {1, OUT, 8}, {2, OUT, 8}};
	const struct tmo_axis_part flat[] = {{0, OUT, 20}, {0, IN, 24}}, flat_in[] = {{0, IN, 24}, {0, OUT, 20}};

	const struct tmo_axis_part heads[] = {{0, IN, 4}, {1, IN, 32}, {2, OUT, 48}};
	const struct tmo_axis_part halves[] = {{0, IN, 32}, {1, IN, 2}, {1, OUT, 6}};
	const struct tmo_axis_part merged_in[] = {{0, IN, 4}, {0, IN, 8}, {1, OUT, 5}};

	check_scales(3, heads, TMO_PER_GROUP, 16, "4x2x48 by 1,16,1");
	check_scales(3, heads, TMO_PER_GROUP, 64, "2x1x48 by 2,1,1");
	check_scales(3, halves, TMO_PER_GROUP, 8, "8x12 by 4,1");
	check_scales(3, merged_in, TMO_PER_GROUP, 4, "8x5 by 4,1");
	check_scales(3, merged_in, TMO_PER_GROUP, 16, "2x5 by 16,1");
	check_scales(4, conv, TMO_PER_TENSOR, 0, "1x1x1x1");
	check_scales(4, conv, TMO_PER_CHANNEL, 0, "16x1x1x1");
	check_scales(4, conv, TMO_PER_GROUP, 3, "16x3x3x3 by 1,3,1,1");
	check_scales(4, conv, TMO_PER_GROUP, 64, "16x1x3x3");
	check_scales(4, transposed, TMO_PER_CHANNEL, 0, "4x5x1 by 6,1,1");
	check_scales(4, transposed, TMO_PER_GROUP, 3, "8x5x3 by 3,1,1");
	check_scales(4, transposed, TMO_PER_GROUP, 4, "8x5x3 by 3,1,1");
	check_scales(4, transposed, TMO_PER_GROUP, 9, "4x5x3 by 6,1,1");
	check_scales(3, experts, TMO_PER_CHANNEL, 0, "3x1x20");
	check_scales(3, experts, TMO_PER_GROUP, 10, "3x3x20 by 1,10,1");
	check_scales(3, merged, TMO_PER_CHANNEL, 0, "1x8x8");
	check_scales(2, flat, TMO_PER_CHANNEL, 0, "20 by 24");
	check_scales(2, flat, TMO_PER_GROUP, 8, "60 by 8");
	check_scales(2, flat_in, TMO_PER_CHANNEL, 0, "480");
}

/* What falls back, and what is said of it. */
static void
check_fall(int count, const struct tmo_axis_part *part, enum tmo_granularity wanted, size_t group,
           enum tmo_granularity falls_to, const char *said)
{
	const struct tmo_entry_cost cost = {.code_bits = 8, .numbers = 1, .number_bytes = 4};
	const struct tmo_tensor t = tensor_of(count, part);
	const char *why;
	const enum tmo_granularity g = tmo_granularity_for(&t, wanted, group, &cost, &why);

	CHECK(g == falls_to, "%d falls to %d, not %d", (int)wanted, (int)g, (int)falls_to);
	CHECK(strstr(why, said) != NULL && (*said != '\0' || *why == '\0'), "\"%s\", not \"%s\"", why, said);
}

static void
test_falls(void)
{
	const struct tmo_axis_part matrix[] = {{0, OUT, 16}, {1, IN, 8}}, thin[] = {{0, OUT, 16}, {1, IN, 1}};
	const struct tmo_axis_part flat_in[] = {{0, IN, 24}, {0, OUT, 20}}, no_in[] = {{0, OUT, 16}, {1, WITHIN, 8}};
	const struct tmo_axis_part unknown[] = {{0, TMO_ROLE_UNKNOWN, 16}, {1, TMO_ROLE_UNKNOWN, 8}};
	const struct tmo_axis_part transposed[] = {{0, OWN, 4}, {0, IN, 6}, {1, OUT, 5}, {2, WITHIN, 3}};

	check_fall(2, matrix, TMO_PER_CHANNEL, 0, TMO_PER_CHANNEL, "");
	check_fall(2, matrix, TMO_PER_GROUP, 2, TMO_PER_GROUP, "");
	check_fall(2, matrix, TMO_PER_GROUP, 1, TMO_PER_CHANNEL, "more room");
	check_fall(2, thin, TMO_PER_CHANNEL, 0, TMO_PER_TENSOR, "more room");
	check_fall(2, flat_in, TMO_PER_CHANNEL, 0, TMO_PER_TENSOR, "more room");
	check_fall(2, no_in, TMO_PER_GROUP, 4, TMO_PER_CHANNEL, "no input axis");
	check_fall(2, unknown, TMO_PER_GROUP, 4, TMO_PER_TENSOR, "no output axis");
	check_fall(4, transposed, TMO_PER_GROUP, 4, TMO_PER_GROUP, "shorter");
}

static void
test_empty(void)
{
	for (size_t rows = 0; rows < 2; rows++) {
		const struct tmo_axis_part part[] = {{0, OUT, rows * 3}, {1, IN, 3 - rows * 3}};
		struct tmo_tensor t = tensor_of(2, part);

		for (int g = TMO_PER_TENSOR; g <= TMO_PER_GROUP; g++) {
			struct tmo_blocks b;
			const char *why;

			tmo_granularity_for(&t, (enum tmo_granularity)g, 2, &free_of_charge, &why);
			tmo_blocks_of_granularity(&b, &t, (enum tmo_granularity)g, 2);
			CHECK(b.count == 0 && b.spans == 0, "%zu spans of nothing", b.spans);
		}
	}
}

int
main(void)
{
	test_random();
	test_layers();
	test_falls();
	test_empty();
	return check_status();
}
