/* SPDX-License-Identifier: Apache-2.0 */
#include "tensor/live_channels.h"

#include "base/minifloat.h"
#include "tensor/granularity.h"

/* A tensor, and which entries of its parameters count for an element; blocks hold where there are any. */
struct elements {
	const struct tmo_tensor *t;
	struct tmo_blocks codebook, scale, zero_point;
};

void
tmo_channels_of(struct tmo_blocks *channels, const struct tmo_axes *axes)
{
	tmo_blocks_of_roles(channels, axes, TMO_ROLES(OUTPUT) | TMO_ROLES(OWN));
}

static double
number(const struct tmo_array *a, enum tmo_type type, size_t i)
{
	double x;

	tmo_to_f64(&x, type, (const char *)a->data + i * tmo_type_size(type), 1);
	return x;
}

/* Rounded as decoding rounds: to what the tensor holds. */
static double
rounded(double x, enum tmo_type dtype)
{
	float narrow = (float)x;
	uint32_t pattern = 0;

	if (dtype == TMO_F64)
		return x;
	if (dtype != TMO_F32) {
		tmo_from_f32(&pattern, dtype, &narrow, 1);
		tmo_to_f32(&narrow, dtype, &pattern, 1);
	}
	return (double)narrow;
}

/* Each step rounded once, in f32 or f64, as tmo-stream(5) has it. */
static bool
decodes_to_zero(const struct elements *e, size_t i)
{
	const struct tmo_tensor *const t = e->t;
	const enum tmo_type step = t->dtype == TMO_F64 ? TMO_F64 : TMO_F32;
	double v = number(&t->codes, t->code != TMO_NONE ? t->code : t->codes.type, i);

	if (t->codebook.data != NULL) {
		const size_t values = t->codebook.shape[t->rank];

		if (!(v >= 0 && v < (double)values))
			return false;
		v = number(&t->codebook, t->codebook.type,
		           tmo_blocks_entry(&e->codebook, i) * values + (size_t)v);
	}
	v = rounded(v, step);
	if (t->zero_point.data != NULL)
		v = rounded(v - number(&t->zero_point, t->zero_point.type,
		                       tmo_blocks_entry(&e->zero_point, i)), step);
	if (t->scale.data != NULL)
		v = rounded(v * rounded(number(&t->scale, t->scale.type, tmo_blocks_entry(&e->scale, i)),
		                        step), step);
	return !(rounded(v, t->dtype) < 0 || rounded(v, t->dtype) > 0) && v == v;
}

static bool
is_zero(const struct elements *e, size_t i)
{
	const struct tmo_tensor *const t = e->t;

	if (tmo_is_encoded(t))
		return decodes_to_zero(e, i);
	return t->data64 != NULL ? t->data64[i] == 0 : t->data[i] == 0;
}

static bool
any_in_channel(const struct elements *e, const struct tmo_strip *s)
{
	for (size_t line = 0; line < s->lines; line++) {
		const size_t start = tmo_strip_line(s, line);

		for (size_t i = 0; i < s->length; i++)
			if (!is_zero(e, start + i * s->step))
				return true;
	}
	return false;
}

void
tmo_live_channels(const struct tmo_tensor *t, const struct tmo_blocks *channels, unsigned char *live)
{
	struct elements e = {.t = t};

	if (t->codebook.data != NULL)
		tmo_blocks_of_encoding(&e.codebook, t, &t->codebook);
	if (t->scale.data != NULL)
		tmo_blocks_of_encoding(&e.scale, t, &t->scale);
	if (t->zero_point.data != NULL)
		tmo_blocks_of_encoding(&e.zero_point, t, &t->zero_point);
	for (size_t i = 0; i < channels->entries; i++) {
		struct tmo_strip strip;

		tmo_strip_at(channels, i, 1, &strip);
		live[i] = any_in_channel(&e, &strip);
	}
}
