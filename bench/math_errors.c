/* SPDX-License-Identifier: Apache-2.0 */
/*
 * math_errors: the largest error of each function of libcommon/base/math over all 2^32 floats, against libm's
 * in doubles, and of tmo_pow over 2^28 pairs. Prints "name TAB ulp TAB the float where TAB % of the floats
 * whose result is not the nearest TAB ulp that its declaration allows"; fails where it is more.
 *
 *	math_errors [-j N] [-s STEP] [NAME...]		only each STEP-th float, only these functions
 *
 * Half of the work is spared where a function is odd or even: f(-x) is then held to the bits of f(x).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "tests/unit/functions.h"
#include "tmo.h"

enum { CHUNKS = 4096 };		/* of the floats, each of 2^20 that follow one another */

struct worst {
	double error;	/* 0.5 stands for all that is the nearest float */
	float at, power;	/* power: of tmo_pow alone */
	uint64_t floats, not_nearest;
};

struct search {
	const struct function *function;
	uint32_t step;
	struct worst of_chunk[CHUNKS];
};

static bool
same_of_other_sign(const struct function *f, float x, float of_x)
{
	const uint32_t sign = of_x == of_x && f->symmetry == ODD ? 0x80000000u : 0;

	return tmo_bits_of_f32(f->of(-x)) == (tmo_bits_of_f32(of_x) ^ sign);
}

static void
note(struct worst *w, float x, float power, float got, double wanted)
{
	double error = 0.5;

	if (tmo_bits_of_f32(got) != tmo_bits_of_f32(tmo_f32_one_nan((float)wanted))) {
		error = error_in_ulp(got, wanted);
		w->not_nearest++;
	}
	w->floats++;
	if (error > w->error) {
		w->error = error;
		w->at = x;
		w->power = power;
	}
}

static void
search_chunk(void *arg, size_t chunk)
{
	struct search *const s = arg;
	const struct function *const f = s->function;
	struct worst *const w = &s->of_chunk[chunk];
	const uint64_t from = (uint64_t)chunk << 20, to = from + (1u << 20);

	*w = (struct worst){0};
	if (f->symmetry != NEITHER && chunk >= CHUNKS / 2)
		return;		/* seen with their positive counterparts */
	for (uint64_t bits = (from + s->step - 1) / s->step * s->step; bits < to; bits += s->step) {
		const float x = tmo_f32_of_bits((uint32_t)bits), got = f->of(x);

		note(w, x, 0.0f, got, f->wanted((double)x));
		if (f->symmetry != NEITHER && !same_of_other_sign(f, x, got)) {
			w->error = INFINITY;
			w->at = -x;
		}
	}
}

static struct worst
worst_of_all(const struct search *s)
{
	struct worst all = {0};

	for (size_t i = 0; i < CHUNKS; i++) {
		const struct worst *const w = &s->of_chunk[i];

		all.floats += w->floats;
		all.not_nearest += w->not_nearest;
		if (w->error > all.error) {
			all.error = w->error;
			all.at = w->at;
			all.power = w->power;
		}
	}
	return all;
}

static double
percent_not_nearest(const struct worst *w)
{
	return 100.0 * (double)w->not_nearest / (double)w->floats;
}

static bool
measure(const struct function *f, uint32_t step, int threads)
{
	static struct search s;
	struct worst all;

	s.function = f;
	s.step = step;
	tmo_parallel_for(threads, CHUNKS, search_chunk, &s);
	all = worst_of_all(&s);
	printf("%s\t%.6f\t%a\t%.3g\t%g\n", f->name, all.error, (double)all.at, percent_not_nearest(&all), f->most);
	fflush(stdout);
	return all.error <= f->most;
}

/* 2^16 random pairs of any x, and a y for which the result is mostly a float. */
static void
search_powers(void *arg, size_t chunk)
{
	struct search *const s = arg;
	struct worst *const w = &s->of_chunk[chunk];
	struct tmo_rng r;

	*w = (struct worst){0};
	tmo_rng_start(&r, 0, chunk);
	for (uint32_t i = 0; i < 1u << 16; i += s->step) {
		const float x = tmo_f32_of_bits(tmo_rng_u32(&r) & 0x7fffffffu);
		const float y = (float)(105.0 / log((double)x) * (2.0 * (double)tmo_rng_float(&r) - 1.0));

		note(w, x, y, tmo_pow(x, y), pow((double)x, (double)y));
	}
}

static bool
measure_powers(uint32_t step, int threads)
{
	static struct search s;
	struct worst all;

	s.step = step;
	tmo_parallel_for(threads, CHUNKS, search_powers, &s);
	all = worst_of_all(&s);
	printf("pow\t%.6f\t%a ^ %a\t%.3g\t%g\n", all.error, (double)all.at, (double)all.power,
		percent_not_nearest(&all), POW_MOST);
	return all.error <= POW_MOST;
}

static bool
is_wanted(const char *name, char **names)
{
	if (*names == NULL)
		return true;
	for (; *names != NULL; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

static bool
measure_some(const struct function *functions, size_t count, char **names, uint32_t step, int threads)
{
	bool good = true;

	for (size_t i = 0; i < count; i++)
		if (is_wanted(functions[i].name, names))
			good = measure(&functions[i], step, threads) && good;
	return good;
}

int
main(int argc, char **argv)
{
	const struct function *(*const families[])(size_t *) = {
		exponential_functions, elementary_functions, trigonometric_functions};
	int threads = 1, option;
	uint32_t step = 1;
	bool good = true;

	while ((option = getopt(argc, argv, "j:s:")) != -1) {
		if (option == 'j')
			threads = (int)strtol(optarg, NULL, 10);
		else if (option == 's' && strtoul(optarg, NULL, 10) > 0)
			step = (uint32_t)strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
		size_t count;
		const struct function *const functions = families[i](&count);

		good = measure_some(functions, count, argv + optind, step, threads) && good;
	}
	if (is_wanted("pow", argv + optind))
		good = measure_powers(step, threads) && good;
	return !good;
}
