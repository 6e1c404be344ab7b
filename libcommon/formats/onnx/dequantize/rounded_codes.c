/* SPDX-License-Identifier: Apache-2.0 */
/* rounded_codes.c: the codes that a QuantizeLinear makes of a model's numbers, as they are read. */
#include <math.h>
#include <string.h>

#include "base/buffer.h"
#include "formats/onnx/dequantize/rounded_codes.h"

/* Numbers on their way to codes. */
struct rounding {
	const struct tmo_onnx_coded_part *part;
	const struct tmo_onnx_out *to;
	const float *scale;
	const unsigned char *zero;	/* one byte each; NULL: 0 */
	size_t at;			/* numbers so far */
};

enum { SOME = 4096 };			/* numbers that are rounded at a time */

/* One code, by ONNX's rule: x / scale rounded to nearest even, plus the zero point, saturated. */
static unsigned char
round_one(const struct rounding *r, float x, size_t entry)
{
	const bool is_signed = r->part->type == TMO_I8;
	const float low = is_signed ? -128 : 0, high = is_signed ? 127 : 255;
	const float zero = r->zero == NULL ? 0 :
		is_signed ? (float)(int8_t)r->zero[entry] : (float)r->zero[entry];
	float v = rintf(x / r->scale[entry]) + zero;

	v = v > low ? v : low;		/* NaN too */
	v = v < high ? v : high;
	return is_signed ? (unsigned char)(int8_t)v : (unsigned char)v;
}

static int
round_piece(void *arg, const void *data, size_t size, struct tmo_error *err)
{
	struct rounding *const r = arg;
	const struct tmo_onnx_grid *const g = &r->part->grid;
	const unsigned char *in = data;
	unsigned char codes[SOME];

	for (size_t left = size / sizeof(float); left > 0;) {
		const size_t n = left < SOME ? left : SOME;

		for (size_t i = 0; i < n; i++, in += sizeof(float)) {
			float x;

			memcpy(&x, in, sizeof(x));
			codes[i] = round_one(r, x, (r->at + i) / g->each % g->entries);
		}
		if (r->to->write(r->to->arg, codes, n, err) < 0)
			return -1;
		r->at += n;
		left -= n;
	}
	return 0;
}

int
tmo_onnx_read_rounded(struct tmo_onnx_files *files, const struct tmo_onnx_coded_part *part,
                      const struct tmo_onnx_out *out, struct tmo_error *err)
{
	const struct tmo_onnx_grid *const g = &part->grid;
	struct tmo_buffer scale = {0}, zero = {0};
	struct rounding r = {.part = part, .to = out};
	const struct tmo_onnx_out through = {round_piece, &r};
	int status = -1;

	if (tmo_onnx_load(files, &g->scale, TMO_F32, g->entries, &scale, err) < 0 ||
	    (g->has_zero && tmo_onnx_load(files, &g->zero, part->type, g->entries, &zero, err) < 0))
		goto out;
	r.scale = (const float *)(const void *)scale.data;
	r.zero = g->has_zero ? zero.data : NULL;
	status = tmo_onnx_read_data(files, &part->data, TMO_F32, part->count, &through, err);
out:
	tmo_buffer_free(&scale);
	tmo_buffer_free(&zero);
	return status;
}
