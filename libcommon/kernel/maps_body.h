/* SPDX-License-Identifier: Apache-2.0 */
/*
 * maps_body.h: functions of each float, in one form: plain loops, which compilers vectorize, with the
 * instructions that the file is compiled for.
 */

static inline float
at_least(float x, float low)
{
	return low > x ? low : x;
}

static inline float
at_most(float x, float high)
{
	return x > high ? high : x;
}

#define MAP(name, expression) \
	static void \
	map_##name(float a, float b, const float *from, float *to, size_t n) \
	{ \
		(void)a; \
		(void)b; \
		INDEPENDENT \
		for (size_t i = 0; i < n; i++) { \
			const float x = from[i]; \
			\
			to[i] = tmo_f32_one_nan(expression); \
		} \
	}
TMO_MAPS(MAP)

#define BINARY(name, expression) \
	ALWAYS_INLINE void \
	binary_steps_##name(const float *xs, size_t x_step, const float *ys, size_t y_step, float *to, size_t n) \
	{ \
		INDEPENDENT \
		for (size_t i = 0; i < n; i++) { \
			const float x = xs[i * x_step], y = ys[i * y_step]; \
			\
			to[i] = tmo_f32_one_nan(expression); \
		} \
	} \
	\
	static void \
	binary_##name(const float *xs, size_t x_step, const float *ys, size_t y_step, float *to, size_t n) \
	{ \
		/* A number, not a place: the result may be written where it stands. */ \
		const float x = n > 0 ? xs[0] : 0.0f, y = n > 0 ? ys[0] : 0.0f; \
		\
		if (x_step == 1 && y_step == 1) \
			binary_steps_##name(xs, 1, ys, 1, to, n); \
		else if (x_step == 1) \
			binary_steps_##name(xs, 1, &y, 0, to, n); \
		else if (y_step == 1) \
			binary_steps_##name(&x, 0, ys, 1, to, n); \
		else \
			binary_steps_##name(&x, 0, &y, 0, to, n); \
	}
TMO_BINARIES(BINARY)

#define COMPARISON_LOOP(x_index, y_index, expression) \
	for (size_t i = 0; i < n; i++) { \
		const float x = xs[x_index], y = ys[y_index]; \
		\
		to[i] = expression; \
	}

#define COMPARISON(name, expression) \
	static void \
	compare_##name(const float *xs, size_t x_step, const float *ys, size_t y_step, uint8_t *to, size_t n) \
	{ \
		if (x_step == 1 && y_step == 1) \
			COMPARISON_LOOP(i, i, expression) \
		else if (x_step == 1) \
			COMPARISON_LOOP(i, 0, expression) \
		else \
			COMPARISON_LOOP(0, i * y_step, expression) \
	}
TMO_COMPARISONS(COMPARISON)

#define MAP_ENTRY(name, expression) [TMO_MAP_##name] = map_##name,
#define BINARY_ENTRY(name, expression) [TMO_BINARY_##name] = binary_##name,
#define COMPARISON_ENTRY(name, expression) [TMO_COMPARE_##name] = compare_##name,
