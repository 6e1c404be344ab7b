/* SPDX-License-Identifier: Apache-2.0 */
/* unary.c: operators of each element by itself. */
#include <math.h>
#include <string.h>

#include "base/element_type.h"
#include "base/minifloat.h"
#include "kernel/integers.h"
#include "net/broadcast.h"
#include "net/op/op.h"
#include "net/op/mixed.h"

enum { PIECE = 256 };

/* The attributes that are a function's numbers a and b, and what they are where there is none. */
static const struct numbers {
	const char *name[2];
	float otherwise[2];
} numbers[] = {
	[TMO_MAP_CLIP] = {{"min", "max"}, {-INFINITY, INFINITY}},
	[TMO_MAP_HARD_SIGMOID] = {{"alpha", "beta"}, {0.2f, 0.5f}},
	[TMO_MAP_LEAKY_RELU] = {{"alpha"}, {0.01f}},
	[TMO_MAP_THRESHOLDED_RELU] = {{"alpha"}, {1.0f}},
	[TMO_MAP_ELU] = {{"alpha"}, {1.0f}},
	[TMO_MAP_SELU] = {{"alpha", "gamma"}, {1.67326319217681884765625f, 1.05070102214813232421875f}},
	[TMO_MAP_CELU] = {{"alpha"}, {1.0f}},
	[TMO_MAP_SWISH] = {{"alpha"}, {1.0f}},
	[TMO_MAP_SHRINK] = {{"bias", "lambd"}, {0.0f, 0.5f}},
};

static float
number(const struct tmo_step *step, enum tmo_map f, int i)
{
	const struct numbers *const of = &numbers[f];

	if (f >= sizeof(numbers) / sizeof(*numbers))
		return 0.0f;
	if (f == TMO_MAP_SELU && step->version->since < 6)
		return tmo_node_real(step->node, of->name[i], i == 0 ? 1.6732f : 1.0507f);
	return of->name[i] == NULL ? of->otherwise[i] : tmo_node_real(step->node, of->name[i], of->otherwise[i]);
}

static bool
takes_integers(enum tmo_map f)
{
	return f == TMO_MAP_ABS || f == TMO_MAP_NEGATIVE || f == TMO_MAP_SIGN || f == TMO_MAP_RELU ||
	       f == TMO_MAP_CLIP || f == TMO_MAP_ERF || f == TMO_MAP_SHRINK;
}

int
tmo_shape_unary(struct tmo_step *step, struct tmo_error *err)
{
	const enum tmo_map f = (enum tmo_map)step->version->function;

	if (tmo_shape_same(step, err) < 0)
		return -1;
	if (!tmo_type_is_float(step->input[0].type) && !(takes_integers(f) && tmo_type_is_integer(step->input[0].type)))
		return tmo_fail_unsupported(err, "an input of type %s", tmo_type_name(step->input[0].type));
	for (size_t i = 1; f == TMO_MAP_CLIP && i < step->input_count; i++)
		if (tmo_step_has_input(step, i) &&
		    (step->input[i].type != step->input[0].type || tmo_fact_count(&step->input[i]) != 1))
			return tmo_fail(err, "input %zu is not one number of the first's type; the model is damaged", i);
	return 0;
}

/* ---- integers ---- */

/* A number of any type of integers. */
struct whole {
	uint64_t bytes;
};

static struct tmo_side
all(const struct whole *number)
{
	return (struct tmo_side){number, 0};
}

/* The function, of integers; low and high are Clip's. */
static void
map_integers(enum tmo_map f, enum tmo_type type, const void *x, const void *low, const void *high, void *y, size_t n)
{
	const struct whole zero = {0}, minus_1 = {UINT64_MAX};
	const struct tmo_side in = {x, 1}, out = {y, 1};
	struct whole one = {0};

	tmo_integer_pair(TMO_BINARY_SUBTRACT, type, all(&zero), all(&minus_1), &one, 1);
	switch (f) {
	case TMO_MAP_NEGATIVE:
		tmo_integer_pair(TMO_BINARY_SUBTRACT, type, all(&zero), in, y, n);
		break;
	case TMO_MAP_ABS:
		if (tmo_type_is_signed(type)) {
			tmo_integer_pair(TMO_BINARY_SUBTRACT, type, all(&zero), in, y, n);
			tmo_integer_pair(TMO_BINARY_LARGER, type, out, in, y, n);
		} else {
			memcpy(y, x, n * tmo_type_size(type));
		}
		break;
	case TMO_MAP_SIGN:
		tmo_integer_pair(TMO_BINARY_SMALLER, type, in, all(&one), y, n);
		if (tmo_type_is_signed(type))
			tmo_integer_pair(TMO_BINARY_LARGER, type, out, all(&minus_1), y, n);
		break;
	case TMO_MAP_RELU:
		tmo_integer_pair(TMO_BINARY_LARGER, type, in, all(&zero), y, n);
		break;
	default:
		memcpy(y, x, n * tmo_type_size(type));
		if (low != NULL)
			tmo_integer_pair(TMO_BINARY_LARGER, type, out, (struct tmo_side){low, 0}, y, n);
		if (high != NULL)
			tmo_integer_pair(TMO_BINARY_SMALLER, type, out, (struct tmo_side){high, 0}, y, n);
		break;
	}
}

/* Functions that are defined for integers, but whose formula is one of floats. */
static void
map_as_floats(const struct tmo_step *step, enum tmo_map f, enum tmo_type type, const char *x, char *y, size_t n)
{
	const size_t size = tmo_type_size(type);
	double wide[PIECE];
	float piece[PIECE];

	for (size_t i = 0; i < n; i += PIECE) {
		const size_t part = n - i < PIECE ? n - i : PIECE;

		tmo_to_f64(wide, type, x + i * size, part);
		for (size_t k = 0; k < part; k++)
			piece[k] = (float)wide[k];
		tmo_map(step->kernels, f, number(step, f, 0), number(step, f, 1), piece, piece, part);
		tmo_integers_of(type, piece, y + i * size, part);
	}
}

/* ---- any type ---- */

static const void *
limit(const struct tmo_step *step, const struct tmo_work *work, size_t i)
{
	return tmo_step_has_input(step, i) ? work->input[i]->data : NULL;
}

int
tmo_run_unary(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const enum tmo_map f = (enum tmo_map)step->version->function;
	const enum tmo_type type = work->input[0]->type;
	const size_t at = work->task * TMO_PART, n = tmo_part_end(work->task, work->output[0]->count) - at;
	const char *const x = (const char *)work->input[0]->data + at * tmo_type_size(type);
	char *const y = (char *)work->output[0]->data + at * tmo_type_size(type);
	const void *const low = f == TMO_MAP_CLIP ? limit(step, work, 1) : NULL;
	const void *const high = f == TMO_MAP_CLIP ? limit(step, work, 2) : NULL;

	(void)err;
	if (type == TMO_F32)
		tmo_map(step->kernels, f, low != NULL ? *(const float *)low : number(step, f, 0),
		        high != NULL ? *(const float *)high : number(step, f, 1), (const float *)x, (float *)y, n);
	else if (f == TMO_MAP_ERF || f == TMO_MAP_SHRINK)
		map_as_floats(step, f, type, x, y, n);
	else
		map_integers(f, type, x, low, high, y, n);
	return 0;
}

/* Gelu has its formula as an attribute. */
int
tmo_run_gelu(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const char *const formula = tmo_node_text(step->node, "approximate", "none");
	const size_t at = work->task * TMO_PART, n = tmo_part_end(work->task, work->output[0]->count) - at;

	if (strcmp(formula, "none") != 0 && strcmp(formula, "tanh") != 0)
		return tmo_fail_unsupported(err, "approximate is \"%.40s\"", formula);
	tmo_map(step->kernels, formula[0] == 't' ? TMO_MAP_GELU_TANH : TMO_MAP_GELU, 0.0f, 0.0f,
	        (const float *)work->input[0]->data + at, (float *)work->output[0]->data + at, n);
	return 0;
}

/* ---- bits and truth values ---- */

int
tmo_shape_not(struct tmo_step *step, struct tmo_error *err)
{
	const bool of_bits = step->version->function == TMO_BINARY_BITS_XOR;

	if (tmo_shape_same(step, err) < 0)
		return -1;
	if (of_bits ? !tmo_type_is_integer(step->input[0].type) : step->input[0].type != TMO_BOOL)
		return tmo_fail_unsupported(err, "an input of type %s", tmo_type_name(step->input[0].type));
	return 0;
}

int
tmo_run_not(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct whole ones = {UINT64_MAX};
	const struct tmo_array *const x = work->input[0];
	const size_t at = work->task * TMO_PART, size = tmo_type_size(x->type);
	const struct tmo_side in = {(const char *)x->data + at * size, 1};

	(void)err;
	tmo_integer_pair(step->version->function, x->type, in, all(&ones),
	                 (char *)work->output[0]->data + at * size, tmo_part_end(work->task, x->count) - at);
	return 0;
}
