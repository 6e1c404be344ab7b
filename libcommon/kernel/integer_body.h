/* SPDX-License-Identifier: Apache-2.0 */
/*
 * integer_body.h: the loops of integers.c for one type. Before it is included: ELEMENT, the type; NAME(x), x
 * with the type in its name; IS_SIGNED, 0 or 1. Sums are of uint64_t, which wraps around.
 */
#define WIDE(x) ((uint64_t)(x))
#define BELOW_0(x) (IS_SIGNED && ((x) >> (8 * sizeof(ELEMENT) - 1) & 1) != 0)

static ELEMENT
NAME(quotient)(ELEMENT u, ELEMENT v)
{
	if (v == 0)
		return 0;
	if (IS_SIGNED && v == (ELEMENT)-1)	/* the least number's would be too large */
		return (ELEMENT)(0 - WIDE(u));
	return (ELEMENT)(u / v);
}

static ELEMENT
NAME(rest)(ELEMENT u, ELEMENT v, bool as_python)
{
	ELEMENT r;

	if (v == 0 || (IS_SIGNED && v == (ELEMENT)-1))
		return 0;
	r = (ELEMENT)(u % v);
	return as_python && r != 0 && BELOW_0(r ^ v) ? (ELEMENT)(r + v) : r;
}

static ELEMENT
NAME(power)(ELEMENT u, ELEMENT v)
{
	uint64_t power = 1, square = WIDE(u);

	if (BELOW_0(v))
		return u == 1 ? 1 : u == (ELEMENT)-1 ? (ELEMENT)((v & 1) != 0 ? u : 1) : 0;
	for (uint64_t left = WIDE(v); left > 0; left >>= 1, square *= square)
		if ((left & 1) != 0)
			power *= square;
	return (ELEMENT)power;
}

#define LOOP(u_index, v_index, result) \
	for (size_t i = 0; i < n; i++) { \
		const ELEMENT u = p[u_index], v = q[v_index]; \
		y[i] = result; \
	}

#define CASE(function, result) \
	case function: \
		if (a.step != 0 && b.step != 0) \
			LOOP(i, i, result) \
		else if (a.step != 0) \
			LOOP(i, 0, result) \
		else \
			LOOP(0, i * b.step, result) \
		break;

#define PAIR(function, formula) CASE(function, (ELEMENT)(formula))

static void
NAME(pair)(int f, struct tmo_side a, struct tmo_side b, void *out, size_t n)
{
	const ELEMENT *const p = a.data, *const q = b.data;
	ELEMENT *const y = out;

	switch (f) {
	PAIR(TMO_BINARY_ADD, WIDE(u) + WIDE(v))
	PAIR(TMO_BINARY_SUBTRACT, WIDE(u) - WIDE(v))
	PAIR(TMO_BINARY_MULTIPLY, WIDE(u) * WIDE(v))
	PAIR(TMO_BINARY_DIVIDE, NAME(quotient)(u, v))
	PAIR(TMO_BINARY_POWER, NAME(power)(u, v))
	PAIR(TMO_BINARY_LARGER, u > v ? u : v)
	PAIR(TMO_BINARY_SMALLER, u < v ? u : v)
	PAIR(TMO_BINARY_REST, NAME(rest)(u, v, true))
	PAIR(TMO_BINARY_C_REST, NAME(rest)(u, v, false))
	PAIR(TMO_BINARY_PRELU, BELOW_0(u) ? WIDE(u) * WIDE(v) : WIDE(u))
	PAIR(TMO_BINARY_BITS_AND, u & v)
	PAIR(TMO_BINARY_BITS_OR, u | v)
	PAIR(TMO_BINARY_BITS_XOR, u ^ v)
	PAIR(TMO_BINARY_SHIFT_LEFT, WIDE(v) < 8 * sizeof(ELEMENT) ? WIDE(u) << v : 0)
	PAIR(TMO_BINARY_SHIFT_RIGHT, WIDE(v) < 8 * sizeof(ELEMENT) ? WIDE(u >> v) : BELOW_0(u) ? UINT64_MAX : 0)
	PAIR(TMO_BINARY_AND, (u != 0) & (v != 0))
	PAIR(TMO_BINARY_OR, (u != 0) | (v != 0))
	PAIR(TMO_BINARY_XOR, (u != 0) ^ (v != 0))
	}
}

static void
NAME(compare)(enum tmo_comparison f, struct tmo_side a, struct tmo_side b, uint8_t *y, size_t n)
{
	const ELEMENT *const p = a.data, *const q = b.data;

	switch (f) {
	CASE(TMO_COMPARE_EQUAL, u == v)
	CASE(TMO_COMPARE_LESS, u < v)
	CASE(TMO_COMPARE_LESS_OR_EQUAL, u <= v)
	CASE(TMO_COMPARE_GREATER, u > v)
	CASE(TMO_COMPARE_GREATER_OR_EQUAL, u >= v)
	default: break;
	}
}

#undef WIDE
#undef BELOW_0
#undef LOOP
#undef CASE
#undef PAIR
#undef ELEMENT
#undef NAME
#undef IS_SIGNED
