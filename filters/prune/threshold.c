/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "threshold.h"

#define KEY_BITS 63
#define FLOAT_ZEROS 29			/* low bits of a key that are 0 if the number was a float */
#define INFINITY_KEY ((uint64_t)0x7ff << 52)
#define CHUNK ((size_t)1 << 17)		/* elements that one thread cuts at a time */

/* With digits of 17 bits two do for floats; few numbers are not worth clearing 2^17 counters. */
#define DIGIT 17
#define SMALL_DIGIT 9
#define SMALL ((uint64_t)1 << 16)
#define GATHER_MAX ((size_t)1 << 18)	/* keys that are worth holding */

int
prune_selection_start(struct selection *s, uint64_t n, int threads, struct tmo_error *err)
{
	const int digit = n < SMALL ? SMALL_DIGIT : DIGIT;
	const int slabs = n < SMALL ? 1 : threads < PRUNE_SLABS_MAX ? threads : PRUNE_SLABS_MAX;

	*s = (struct selection){.digit = digit, .shift = KEY_BITS - digit, .slabs = slabs};
	s->counts = tmo_alloc((size_t)slabs << digit, sizeof(*s->counts), err);
	return s->counts == NULL ? -1 : 0;
}

void
prune_selection_free(struct selection *s)
{
	free(s->counts);
	free(s->gathered);
	s->counts = NULL;
	s->gathered = NULL;
}

/* Counters are whole numbers: how the work is shared out cannot change their sums. */
struct counting {
	struct selection *s;
	const void *x;
	size_t n, per_slab;
	uint64_t top[PRUNE_SLABS_MAX];	/* the largest key of each slab */
};

static float
next_f32(float x)
{
	return nextafterf(x, INFINITY);
}

static double
next_f64(double x)
{
	return nextafter(x, (double)INFINITY);
}

#define REAL float
#define NAME(name) name##_f32
#include "threshold_body.h"
#undef REAL
#undef NAME

#define REAL double
#define NAME(name) name##_f64
#include "threshold_body.h"

/* One more digit is known; *sharing numbers share what is. True if that is all that matters. */
static bool
narrow_digit(struct selection *s, uint64_t k, uint64_t *sharing)
{
	const size_t digits = (size_t)1 << s->digit;
	size_t d = digits;

	for (int slab = 1; slab < s->slabs; slab++)
		for (size_t i = 0; i < digits; i++)
			s->counts[i] += s->counts[(size_t)slab * digits + i];
	do {
		s->above += s->equal;
		s->equal = s->counts[--d];
	} while (d > 0 && s->above + s->equal < k);
	s->prefix = s->prefix << s->digit | d;
	if (s->shift <= (s->wide ? 0 : FLOAT_ZEROS))
		return true;
	memset(s->counts, 0, sizeof(*s->counts) * digits * (size_t)s->slabs);
	*sharing = s->equal;
	s->equal = 0;
	/* The last digit may be narrower. */
	if (s->shift < s->digit)
		s->digit = s->shift;
	s->shift -= s->digit;
	return false;
}

/* If it spares a reading; without the memory for it, counting goes on. */
static void
start_gathering(struct selection *s, uint64_t sharing)
{
	struct tmo_error ignored = {0};

	if (!s->wide || s->shift == 0 || sharing > GATHER_MAX)
		return;
	s->room = (size_t)sharing;
	s->gathered = tmo_alloc(s->room * (size_t)s->slabs, sizeof(*s->gathered), &ignored);
}

static void
count_gathered(struct selection *s)
{
	const uint64_t mask = ((uint64_t)1 << s->digit) - 1;

	for (size_t slab = 0; slab < (size_t)s->slabs; slab++)
		for (size_t i = 0; i < s->gathered_count[slab]; i++) {
			const uint64_t key = s->gathered[slab * s->room + i] >> s->shift;

			if (key >> s->digit == s->prefix)
				s->counts[key & mask]++;
		}
}

bool
prune_narrow(struct selection *s, uint64_t k)
{
	uint64_t sharing = 0;
	bool found;

	assert(k > 0);
	do {
		if (s->gathered != NULL)
			count_gathered(s);
		found = narrow_digit(s, k, &sharing);
	} while (!found && s->gathered != NULL);
	if (!found)
		start_gathering(s, sharing);
	return found;
}

double
prune_threshold(const struct selection *s)
{
	const uint64_t key = s->prefix << s->shift;
	double x;

	memcpy(&x, &key, sizeof(x));
	return x;
}
