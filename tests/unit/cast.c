/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-quant's casts to f16 and bf16. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "filters/quant/cast.h"
#include "libcommon/float.h"

static int failures;

#define CHECK(ok, ...) \
	do { \
		if (!(ok) && failures++ < 20) { \
			printf("%s:%d: ", __FILE__, __LINE__); \
			printf(__VA_ARGS__); \
			printf("\n"); \
		} \
	} while (0)

/* Every finite pattern comes back, from f32 and from f64. */
static void
test_cast_patterns(enum tmo_type type)
{
	static float x[65536];
	static double wide[65536];
	static uint16_t out[65536];
	struct tmo_error err = {0};
	size_t n = 0;

	for (unsigned code = 0; code < 65536; code++) {
		const float v = type == TMO_F16 ? tmo_f16_to_f32((uint16_t)code) :
			tmo_bf16_to_f32((uint16_t)code);

		if (isfinite(v)) {
			wide[n] = v;
			x[n++] = v;
		}
	}
	CHECK(quant_cast(x, false, n, type, false, out, 2, &err) == 0, "%s", err.text);
	for (size_t i = 0; i < n; i++) {
		const float v = type == TMO_F16 ? tmo_f16_to_f32(out[i]) : tmo_bf16_to_f32(out[i]);

		CHECK(memcmp(&v, &x[i], sizeof(v)) == 0, "%g became %g", (double)x[i], (double)v);
	}
	CHECK(quant_cast(wide, true, n, type, false, out, 2, &err) == 0, "%s", err.text);
	for (size_t i = 0; i < n; i++) {
		const float v = type == TMO_F16 ? tmo_f16_to_f32(out[i]) : tmo_bf16_to_f32(out[i]);

		CHECK(memcmp(&v, &x[i], sizeof(v)) == 0, "%g became %g", wide[i], (double)v);
	}
}

static void
test_casts(void)
{
	/* LiteRT f6745779, tflite/tools/optimize/quantization_utils_test.cc: f16 with clipping. */
	static const float x[] = {2, 1, 65504, 65505, -65504, -99999};
	static const float want[] = {2, 1, 65504, 65504, -65504, -65504};
	static const double twice = 1 + 0x1p-11 + 0x1p-40;	/* through f32: 1 */
	struct tmo_error err = {0};
	uint16_t out[6];

	test_cast_patterns(TMO_F16);
	test_cast_patterns(TMO_BF16);
	CHECK(quant_cast(x, false, 6, TMO_F16, true, out, 1, &err) == 0, "%s", err.text);
	for (size_t i = 0; i < 6; i++)
		CHECK(tmo_f16_to_f32(out[i]) == want[i], "%g", (double)x[i]);
	CHECK(quant_cast(x, false, 6, TMO_F16, false, out, 1, &err) == -1 &&
	      strstr(err.text, "-99999 at index 5 is beyond the largest f16, 65504; ") == err.text,
	      "%s", err.text);
	CHECK(quant_cast((const float[]){1, INFINITY}, false, 2, TMO_F16, true, out, 1, &err) == -1 &&
	      strstr(err.text, "infinity at index 1;") == err.text, "%s", err.text);
	CHECK(quant_cast((const float[]){NAN}, false, 1, TMO_BF16, true, out, 1, &err) == -1 &&
	      strstr(err.text, "NaN at index 0;") == err.text, "%s", err.text);
	CHECK(quant_cast(&twice, true, 1, TMO_F16, false, out, 1, &err) == 0 && out[0] == 0x3c01,
	      "a double was rounded twice: %04x", (unsigned)out[0]);
}

int
main(void)
{
	test_casts();
	return failures > 0;
}
