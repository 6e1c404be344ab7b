/* SPDX-License-Identifier: Apache-2.0 */
/* reduction_body.h: sums and maxima in 16 lanes, in one form: plain loops, which compilers vectorize. */

enum {
	LANES = 16,
	CHANNELS_AT_ONCE = 64,	/* 4 KiB of lanes */
};

#define REDUCTION(name, start, value, taken) \
	ALWAYS_INLINE float \
	value_##name(float x) \
	{ \
		return value; \
	} \
	\
	ALWAYS_INLINE float \
	taken_##name(float lane, float x) \
	{ \
		return taken; \
	} \
	\
	static float \
	reduce_row_##name(const float *from, size_t n) \
	{ \
		float lane[LANES]; \
		size_t i = 0; \
		\
		for (size_t j = 0; j < LANES; j++) \
			lane[j] = start; \
		for (; i + LANES <= n; i += LANES) \
			ROLLED for (size_t j = 0; j < LANES; j++) \
				lane[j] = taken_##name(lane[j], value_##name(from[i + j])); \
		for (size_t j = 0; i + j < n; j++) \
			lane[j] = taken_##name(lane[j], value_##name(from[i + j])); \
		for (size_t half = LANES / 2; half > 0; half /= 2) \
			for (size_t j = 0; j < half; j++) \
				lane[j] = taken_##name(lane[j], lane[j + half]); \
		return tmo_f32_one_nan(lane[0]); \
	} \
	\
	/* Some channels side by side; from is that of the first. */ \
	static void \
	reduce_channels_##name(const struct tmo_reduction *shape, const float *from, size_t channels, float *to) \
	{ \
		float lane[LANES][CHANNELS_AT_ONCE]; \
		const size_t n = shape->lines * shape->columns, used = n < LANES ? n : LANES; \
		size_t i = 0; \
		\
		for (size_t j = 0; j < (used > 0 ? used : 1); j++) \
			for (size_t c = 0; c < channels; c++) \
				lane[j][c] = start; \
		for (size_t line = 0; line < shape->lines; line++) \
			for (size_t column = 0; column < shape->columns; column++, i = (i + 1) % LANES) { \
				const float *const x = from + (ptrdiff_t)line * shape->line_step + \
					(ptrdiff_t)column * shape->column_step; \
				\
				for (size_t c = 0; c < channels; c++) \
					lane[i][c] = taken_##name(lane[i][c], value_##name(x[c])); \
			} \
		/* Lanes that took nothing would change nothing. */ \
		for (size_t half = LANES / 2; half > 0; half /= 2) \
			for (size_t j = 0; j < half && j + half < used; j++) \
				for (size_t c = 0; c < channels; c++) \
					lane[j][c] = taken_##name(lane[j][c], lane[j + half][c]); \
		for (size_t c = 0; c < channels; c++) \
			to[c] = tmo_f32_one_nan(lane[0][c]); \
	} \
	\
	static void \
	reduce_##name(const struct tmo_reduction *shape, const float *from, float *to) \
	{ \
		for (size_t c = 0; c < shape->channels; c += CHANNELS_AT_ONCE) { \
			const size_t left = shape->channels - c; \
			\
			reduce_channels_##name(shape, from + c, left < CHANNELS_AT_ONCE ? left : CHANNELS_AT_ONCE, \
			                       to + c); \
		} \
	}
TMO_REDUCTIONS(REDUCTION)

#define REDUCE_ENTRY(name, start, value, taken) [TMO_REDUCE_##name] = reduce_##name,
#define REDUCE_ROW_ENTRY(name, start, value, taken) [TMO_REDUCE_##name] = reduce_row_##name,

static void
softmax(const float *from, float *to, size_t n)
{
	const float largest = reduce_row_LARGEST(from, n);
	float sum;

	INDEPENDENT
	for (size_t i = 0; i < n; i++)
		to[i] = tmo_exp(from[i] - largest);
	sum = reduce_row_SUM(to, n);
	INDEPENDENT
	for (size_t i = 0; i < n; i++)
		to[i] = tmo_f32_one_nan(to[i] / sum);
}

static void
log_softmax(const float *from, float *to, size_t n)
{
	const float largest = reduce_row_LARGEST(from, n);
	float lane[LANES] = {0}, log_sum;

	/* The sum of reduce_row_SUM, of exponentials that nobody keeps. */
	for (size_t i = 0; i < n; i += LANES)
		for (size_t j = 0; j < LANES && i + j < n; j++)
			lane[j] += tmo_exp(from[i + j] - largest);
	log_sum = tmo_log(reduce_row_SUM(lane, LANES));
	INDEPENDENT
	for (size_t i = 0; i < n; i++)
		to[i] = tmo_f32_one_nan((from[i] - largest) - log_sum);
}
