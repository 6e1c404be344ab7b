/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-quant's casts to f16, bf16 and fp8. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/minifloat.h"
#include "filters/quant/cast.h"
#include "tests/unit/check.h"

/* Every finite pattern comes back, from f32 and from f64. */
static void
test_cast_patterns(enum tmo_type type)
{
	static float x[65536];
	static double wide[65536];
	static uint16_t out[65536];
	const struct cast how = {.type = type};
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
	CHECK(quant_cast(&how, x, false, n, out, 2, &err) == 0, "%s", err.text);
	for (size_t i = 0; i < n; i++) {
		const float v = type == TMO_F16 ? tmo_f16_to_f32(out[i]) : tmo_bf16_to_f32(out[i]);

		CHECK(memcmp(&v, &x[i], sizeof(v)) == 0, "%g became %g", (double)x[i], (double)v);
	}
	CHECK(quant_cast(&how, wide, true, n, out, 2, &err) == 0, "%s", err.text);
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
	const struct cast half = {.type = TMO_F16}, cutting = {.type = TMO_F16, .saturate = true};
	const struct cast brain = {.type = TMO_BF16, .saturate = true};
	struct tmo_error err = {0};
	uint16_t out[6];

	test_cast_patterns(TMO_F16);
	test_cast_patterns(TMO_BF16);
	CHECK(quant_cast(&cutting, x, false, 6, out, 1, &err) == 0, "%s", err.text);
	for (size_t i = 0; i < 6; i++)
		CHECK(tmo_f16_to_f32(out[i]) == want[i], "%g", (double)x[i]);
	CHECK(quant_cast(&half, x, false, 6, out, 1, &err) == -1 &&
	      strstr(err.text, "-99999 at index 5 is beyond the largest f16, 65504; ") == err.text,
	      "%s", err.text);
	CHECK(quant_cast(&cutting, (const float[]){1, INFINITY}, false, 2, out, 1, &err) == -1 &&
	      strstr(err.text, "infinity at index 1;") == err.text, "%s", err.text);
	CHECK(quant_cast(&brain, (const float[]){NAN}, false, 1, out, 1, &err) == -1 &&
	      strstr(err.text, "NaN at index 0;") == err.text, "%s", err.text);
	CHECK(quant_cast(&half, &twice, true, 1, out, 1, &err) == 0 && out[0] == 0x3c01,
	      "a double was rounded twice: %04x", (unsigned)out[0]);
}

/* What is beyond a type, and what is no number: each type's own way. */
static void
test_special(void)
{
	static const struct {
		struct cast how;
		float x;
		int want;		/* -1: an error */
	} cases[] = {
		{{.type = TMO_F8E4M3}, 448, 0x7e},
		{{.type = TMO_F8E4M3}, 464, 0x7e},
		{{.type = TMO_F8E4M3}, 465, 0x7e},
		{{.type = TMO_F8E4M3}, -1e30f, 0xfe},
		{{.type = TMO_F8E4M3}, INFINITY, -1},
		{{.type = TMO_F8E4M3}, NAN, -1},
		{{.type = TMO_F8E4M3, .keep = true}, INFINITY, 0x7e},
		{{.type = TMO_F8E4M3, .keep = true}, -INFINITY, 0xfe},
		{{.type = TMO_F8E4M3, .keep = true}, NAN, 0x7f},
		{{.type = TMO_F8E5M2}, 57344, 0x7b},
		{{.type = TMO_F8E5M2}, 61439, 0x7b},
		{{.type = TMO_F8E5M2}, 61440, -1},
		{{.type = TMO_F8E5M2, .saturate = true}, -1e30f, 0xfb},
		{{.type = TMO_F8E5M2, .saturate = true}, INFINITY, -1},
		{{.type = TMO_F8E5M2, .keep = true}, -INFINITY, 0xfc},
		{{.type = TMO_F8E5M2, .keep = true}, 1e30f, -1},
		{{.type = TMO_F8E5M2, .keep = true}, NAN, 0x7e},
		{{.type = TMO_F16, .keep = true, .saturate = true}, INFINITY, 0x7c00},
		{{.type = TMO_F16, .keep = true, .saturate = true}, 1e30f, 0x7bff},
		{{.type = TMO_F16, .keep = true}, NAN, 0x7e00},
		{{.type = TMO_BF16, .keep = true}, -INFINITY, 0xff80},
		{{.type = TMO_BF16, .saturate = true}, -0x1.fffffep127f, 0xff7f},
		{{.type = TMO_F16}, 65520, -1},
		{{.type = TMO_BF16, .keep = true}, NAN, 0x7fc0},
	};

	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		const struct cast *const how = &cases[i / 2].how;
		const double wide = (double)cases[i / 2].x;
		const bool small = how->type == TMO_F8E4M3 || how->type == TMO_F8E5M2;
		struct tmo_error err = {0};
		uint16_t out = 0;
		const int status = quant_cast(how, i % 2 == 0 ? (const void *)&cases[i / 2].x : &wide,
		                              i % 2 == 1, 1, &out, 1, &err);
		const int got = status < 0 ? -1 : small ? *(uint8_t *)&out : out;

		CHECK(got == cases[i / 2].want, "case %zu: %g is %x, wanted %x; %s", i / 2, wide,
		      (unsigned)got, (unsigned)cases[i / 2].want, err.text);
	}
}

int
main(void)
{
	test_casts();
	test_special();
	return check_status();
}
