/* SPDX-License-Identifier: Apache-2.0 */
#include "choose_coding.h"
#include "expense.h"
#include "sample.h"

/* Seconds that zstd takes for a MB of codes: measured, to half a digit, which is all that it is for. */
static double
seconds(double bytes, int level)
{
	static const struct { int level; double seconds; } speeds[] = {
		{ 3, 0.005 }, { 8, 0.02 }, { 12, 0.05 }, { 15, 0.15 }, { 17, 0.4 }, { 19, 0.7 },
	};
	const size_t n = sizeof(speeds) / sizeof(*speeds);
	size_t i = 0;

	while (i < n - 1 && level > speeds[i].level)
		i++;
	return bytes / 1e6 * speeds[i].seconds;
}

void
pack_expense_add(struct expense *e, const struct tmo_packed_part *part, int bits, bool later)
{
	e->blob += bits > 0 ? part->count * (uint64_t)bits / 8 : part->length;
	e->small_codes += later ? part->length : 0;
}

static double
measuring(const struct expense *e)
{
	return seconds((double)(CANDIDATES * e->small_codes), e->level) / e->threads;
}

void
pack_expense_measured(const struct expense *e, uint64_t bytes, double took)
{
	const int rounds = (CANDIDATES + e->threads - 1) / e->threads;

	tmo_run_pace(e->run, rounds * seconds((double)bytes, e->level), took);
}

static double
trying(const struct expense *e)
{
	const int rounds = (PACK_TRIALS + e->threads - 1) / e->threads;
	const uint64_t bytes = pack_sample_stride(e->small) > 1 ? PACK_SAMPLE_BYTES : e->small;

	return rounds * seconds((double)bytes, pack_sample_level(e->small, e->level));
}

static double
compressing(const struct expense *e)
{
	return e->compresses ? seconds((double)e->blob, e->level) : 0;
}

void
pack_expense_read(struct expense *e, uint64_t bytes)
{
	e->small += bytes <= PACK_SMALL ? bytes : 0;
	tmo_run_later(e->run, measuring(e) + trying(e) + compressing(e));
}

void
pack_expense_measure(const struct expense *e)
{
	tmo_run_stretch(e->run, "trying codings", measuring(e), trying(e) + compressing(e));
}

void
pack_expense_trials(const struct expense *e)
{
	tmo_run_stretch(e->run, "trying layouts", trying(e), compressing(e));
}

void
pack_expense_compress(const struct expense *e)
{
	tmo_run_stretch(e->run, e->compresses ? "compressing" : "writing", compressing(e), 0);
}
