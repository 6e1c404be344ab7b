/* SPDX-License-Identifier: Apache-2.0 */
/* sort.c: against qsort, and keys against the order of their numbers. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "tests/unit/check.h"

static void
expect(bool ok, const char *what, size_t n, int threads)
{
	CHECK(ok, "%s: n %zu, %d threads", what, n, threads);
}

static int
compare_u32(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static int
compare_u64(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* mask: which bits vary, so that some digits are the same in all keys. */
static void
test_u32(size_t n, uint32_t mask, int threads)
{
	uint32_t *keys = calloc(n + 1, sizeof(*keys)), *spare = calloc(n + 1, sizeof(*keys));
	uint32_t *wanted = calloc(n + 1, sizeof(*keys));
	struct tmo_error err = {0};

	for (size_t i = 0; i < n; i++)
		keys[i] = wanted[i] = (uint32_t)random_bits() & mask;
	qsort(wanted, n, sizeof(*keys), compare_u32);
	expect(tmo_sort_u32(&keys, &spare, n, threads, &err) == 0, "u32 fails", n, threads);
	expect(memcmp(keys, wanted, n * sizeof(*keys)) == 0, "u32 order", n, threads);
	free(keys);
	free(spare);
	free(wanted);
}

static void
test_u64(size_t n, uint64_t mask, int threads)
{
	uint64_t *keys = calloc(n + 1, sizeof(*keys)), *spare = calloc(n + 1, sizeof(*keys));
	uint64_t *wanted = calloc(n + 1, sizeof(*keys));
	struct tmo_error err = {0};

	for (size_t i = 0; i < n; i++)
		keys[i] = wanted[i] = random_bits() & mask;
	qsort(wanted, n, sizeof(*keys), compare_u64);
	expect(tmo_sort_u64(&keys, &spare, n, threads, &err) == 0, "u64 fails", n, threads);
	expect(memcmp(keys, wanted, n * sizeof(*keys)) == 0, "u64 order", n, threads);
	free(keys);
	free(spare);
	free(wanted);
}

static void
test_keys(void)
{
	static const double ascending[] = {
		-INFINITY, -1.7e308, -3.4e38, -2.0, -1.0000001, -1.0, -1e-40, -0.0, 0.0, 1e-40, 1e-38,
		0.5, 1.0, 1.0000001, 3.4e38, 1.7e308, INFINITY,
	};
	const size_t n = sizeof(ascending) / sizeof(ascending[0]);

	for (size_t i = 0; i < n; i++) {
		const double x = ascending[i];
		const float f = (float)x;
		const double x_back = tmo_f64_of_key(tmo_key_f64(x));
		const float f_back = tmo_f32_of_key(tmo_key_f32(f));

		expect(memcmp(&x, &x_back, sizeof(x)) == 0, "f64 key and back", i, 1);
		expect(memcmp(&f, &f_back, sizeof(f)) == 0, "f32 key and back", i, 1);
		if (i == 0)
			continue;
		expect(tmo_key_f64(ascending[i - 1]) < tmo_key_f64(x), "f64 keys", i, 1);
		if ((float)ascending[i - 1] < f)
			expect(tmo_key_f32((float)ascending[i - 1]) < tmo_key_f32(f), "f32 keys", i, 1);
	}
}

int
main(void)
{
	static const size_t sizes[] = {0, 1, 2, 3, 63, 64, 65, 255, 1000, 70000, 300000};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (int threads = 1; threads <= 3; threads += 2) {
			test_u32(sizes[i], UINT32_MAX, threads);
			test_u32(sizes[i], 0x00ff00ff, threads);
			test_u32(sizes[i], 0, threads);
			test_u64(sizes[i], UINT64_MAX, threads);
			test_u64(sizes[i], UINT64_C(0xf00000000000000f), threads);
		}
	test_keys();
	return check_status();
}
