/* SPDX-License-Identifier: Apache-2.0 */
/* integers.c: what of integers is easily undefined: quotients, rests, powers, shifts, and what wraps around. */
#include "kernel/integers.h"
#include "tests/unit/check.h"

static int8_t
pair(int f, int8_t a, int8_t b)
{
	int8_t y = 0;

	tmo_integer_pair(f, TMO_I8, (struct tmo_side){&a, 0}, (struct tmo_side){&b, 0}, &y, 1);
	return y;
}

static uint64_t
wide_pair(int f, uint64_t a, uint64_t b)
{
	uint64_t y = 0;

	tmo_integer_pair(f, TMO_U64, (struct tmo_side){&a, 0}, (struct tmo_side){&b, 0}, &y, 1);
	return y;
}

/* All pairs of i8, against C's own arithmetic of int, wrapped around. */
static void
all_pairs(void)
{
	for (int a = -128; a < 128; a++)
		for (int b = -128; b < 128; b++) {
			const int8_t u = (int8_t)a, v = (int8_t)b;
			const int rest = b == 0 ? 0 : a % b;

			CHECK(pair(TMO_BINARY_ADD, u, v) == (int8_t)(a + b), "%d + %d", a, b);
			CHECK(pair(TMO_BINARY_MULTIPLY, u, v) == (int8_t)(a * b), "%d * %d", a, b);
			CHECK(pair(TMO_BINARY_DIVIDE, u, v) == (b == 0 ? 0 : (int8_t)(a / b)), "%d / %d", a, b);
			CHECK(pair(TMO_BINARY_C_REST, u, v) == rest, "fmod %d %d", a, b);
			CHECK(pair(TMO_BINARY_REST, u, v) == (rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest),
			      "mod %d %d", a, b);
			CHECK(pair(TMO_BINARY_SHIFT_RIGHT, u, v) == (b >= 0 && b < 8 ? a >> b : (a < 0 ? -1 : 0)), "%d >> %d", a, b);
			CHECK(pair(TMO_BINARY_LARGER, u, v) == (a > b ? a : b), "max %d %d", a, b);
		}
}

int
main(void)
{
	all_pairs();
	CHECK(pair(TMO_BINARY_POWER, -3, 3) == -27, "(-3)^3");
	CHECK(pair(TMO_BINARY_POWER, -1, -3) == -1, "(-1)^-3");
	CHECK(pair(TMO_BINARY_POWER, 2, -1) == 0, "2^-1");
	CHECK(pair(TMO_BINARY_POWER, 2, 7) == -128, "2^7 wraps around");
	CHECK(wide_pair(TMO_BINARY_POWER, 3, 40) == 12157665459056928801u, "3^40");
	CHECK(wide_pair(TMO_BINARY_SHIFT_LEFT, 1, 63) == (uint64_t)1 << 63, "1 << 63");
	CHECK(wide_pair(TMO_BINARY_SHIFT_LEFT, 1, 64) == 0, "1 << 64");
	return check_status();
}
