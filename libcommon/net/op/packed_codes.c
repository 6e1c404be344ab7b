/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packed_codes.c: onnxruntime's operators over codes of a few bits in blocks, several to a byte, the first in the
 * lowest bits: MatMulNBits, GatherBlockQuantized.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/product.h"
#include "net/op/codes.h"
#include "net/op/op.h"

static unsigned
code_at(const uint8_t *packed, size_t i, size_t bits)
{
	return (unsigned int)packed[i * bits / 8] >> (i * bits % 8) & ((1u << bits) - 1);
}

static int
check_bits(int64_t bits, int64_t block, struct tmo_error *err)
{
	if (bits != 2 && bits != 4 && bits != 8)
		return tmo_fail_unsupported(err, "codes of %jd bits; 2, 4 and 8 are supported", (intmax_t)bits);
	if (block < 1 || block > INT32_MAX || block * bits % 8 != 0)
		return tmo_fail(err, "blocks of %jd codes; the model is damaged", (intmax_t)block);
	return 0;
}

/* ---- MatMulNBits: y[rows][n] = a[rows][k] * (b[n][k] - zero) * scale, plus a bias ---- */

enum phase { PHASE_PACK, PHASE_MULTIPLY };
enum { A, B, SCALES, ZEROS, GROUPS, BIAS };

struct product {
	size_t rows, k, n, bits, block, blocks;
	float *weights;			/* packed; NULL: they are not constant */
	size_t bias_at;			/* in the scratch, in floats; weights that are not constant are before it */
	struct tmo_product_tasks cut;
};

static void
release(void *prepared)
{
	struct product *const p = prepared;

	if (p != NULL)
		free(p->weights);
	free(p);
}

static int
product_of(const struct tmo_step *step, struct product *p, struct tmo_error *err)
{
	const int64_t k = tmo_node_number(step->node, "K", 0), n = tmo_node_number(step->node, "N", 0);
	const int64_t bits = tmo_node_number(step->node, "bits", 4), block = tmo_node_number(step->node, "block_size", 0);
	const struct tmo_fact *const a = &step->input[A];
	size_t zeros;

	if (tmo_step_expect(step, 3, err) < 0 || check_bits(bits, block, err) < 0)
		return -1;
	if (tmo_step_has_input(step, GROUPS) && tmo_fact_count(&step->input[GROUPS]) > 0)
		return tmo_fail_unsupported(err, "groups in another order (g_idx)");
	if (k < 1 || n < 1 || k > INT32_MAX || n > INT32_MAX || a->rank < 1 || a->shape[a->rank - 1] != (size_t)k)
		return tmo_fail(err, "K is %jd and N %jd for this input; give data of the shape that the network wants",
		                (intmax_t)k, (intmax_t)n);
	*p = (struct product){ .k = (size_t)k, .n = (size_t)n, .bits = (size_t)bits, .block = (size_t)block };
	p->rows = tmo_fact_count(a) / p->k;
	p->blocks = (p->k + p->block - 1) / p->block;
	zeros = step->input[ZEROS < step->input_count ? ZEROS : 0].type == TMO_U8 ? (p->blocks * p->bits + 7) / 8 : p->blocks;
	if (step->input[B].type != TMO_U8 || tmo_fact_count(&step->input[B]) != p->n * p->blocks * (p->block * p->bits / 8) ||
	    tmo_fact_count(&step->input[SCALES]) != p->n * p->blocks || !tmo_type_is_float(step->input[SCALES].type) ||
	    (tmo_step_has_input(step, ZEROS) && tmo_fact_count(&step->input[ZEROS]) != p->n * zeros) ||
	    (tmo_step_has_input(step, BIAS) && tmo_fact_count(&step->input[BIAS]) != p->n))
		return tmo_fail(err, "codes, scales, zero points or a bias that do not go with K and N; the model is damaged");
	return 0;
}

int
tmo_shape_matmul_bits(struct tmo_step *step, struct tmo_error *err)
{
	struct product p;
	struct tmo_fact y;

	if (product_of(step, &p, err) < 0)
		return -1;
	y = step->input[A];
	y.shape[y.rank - 1] = p.n;
	tmo_step_give(step, 0, y.type, y.rank, y.shape);
	return 0;
}

/* The weights of output `row`, as floats. */
static void
decode_row(const struct product *p, const struct tmo_array *b, const struct tmo_array *scales,
           const struct tmo_array *zeros, size_t row, float *out)
{
	const uint8_t *const codes = (const uint8_t *)b->data + row * p->blocks * (p->block * p->bits / 8);
	const float *const scale = (const float *)scales->data + row * p->blocks;
	const size_t zero_bytes = (p->blocks * p->bits + 7) / 8;

	for (size_t i = 0; i < p->k; i++) {
		const size_t block = i / p->block;
		const float zero = zeros == NULL ? (float)(1u << (p->bits - 1)) :
		                   zeros->type == TMO_U8 ?
		                   (float)code_at((const uint8_t *)zeros->data + row * zero_bytes, block, p->bits) :
		                   ((const float *)zeros->data)[row * p->blocks + block];

		out[i] = ((float)code_at(codes, i, p->bits) - zero) * scale[block];
	}
}

/* Panel by panel, so that not all weights lie there twice. */
static int
pack(const struct product *p, const struct tmo_array *b, const struct tmo_array *scales, const struct tmo_array *zeros,
     float *to, struct tmo_error *err)
{
	float *const rows = tmo_alloc(p->k * TMO_PANEL, sizeof(*rows), err);

	if (rows == NULL)
		return -1;
	for (size_t first = 0; first < p->n; first += TMO_PANEL) {
		const size_t count = p->n - first < TMO_PANEL ? p->n - first : TMO_PANEL;

		for (size_t i = 0; i < count; i++)
			decode_row(p, b, scales, zeros, first + i, rows + i * p->k);
		tmo_product_pack(rows, p->k, count, 1, (ptrdiff_t)p->k, to + first * p->k);
	}
	free(rows);
	return 0;
}

int
tmo_prepare_matmul_bits(struct tmo_step *step, struct tmo_error *err)
{
	struct product *const p = step->prepared = tmo_alloc(1, sizeof(*p), err);
	const struct tmo_array *const b = step->input[B].constant, *const scales = step->input[SCALES].constant;
	const bool has_zeros = tmo_step_has_input(step, ZEROS);
	const struct tmo_array *const zeros = has_zeros ? step->input[ZEROS].constant : NULL;
	struct tmo_product kernel;
	size_t size;

	step->release = release;
	if (p == NULL || product_of(step, p, err) < 0 || tmo_mul_size(p->k, tmo_product_padded(p->n), &size, err) < 0)
		return -1;
	if (b != NULL && scales != NULL && (!has_zeros || zeros != NULL)) {
		p->weights = tmo_alloc(size, sizeof(*p->weights), err);
		if (p->weights == NULL || pack(p, b, scales, zeros, p->weights, err) < 0)
			return -1;
	}
	p->bias_at = p->weights != NULL ? 0 : size;
	if (tmo_mul_size(p->bias_at + tmo_product_padded(p->n), sizeof(float), &step->scratch, err) < 0)
		return -1;
	if (p->rows == 0) {
		step->tasks[PHASE_PACK] = 0;
		return 0;
	}
	kernel = tmo_product_of_matrices(p->rows, p->k, p->n);
	p->cut = tmo_product_cut(step->kernels, &kernel, step->threads);
	step->tasks[PHASE_MULTIPLY] = p->cut.row_tasks * p->cut.panel_tasks;
	return 0;
}

int
tmo_run_matmul_bits(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct product *const p = step->prepared;
	const bool has_bias = tmo_step_has_input(step, BIAS);
	float *const scratch = work->scratch;
	struct tmo_product kernel;

	if (work->phase == PHASE_PACK) {
		if (has_bias)
			memcpy(scratch + p->bias_at, work->input[BIAS]->data, p->n * sizeof(*scratch));
		return p->weights != NULL ? 0 :
		       pack(p, work->input[B], work->input[SCALES], tmo_step_has_input(step, ZEROS) ? work->input[ZEROS] : NULL,
		            scratch, err);
	}
	kernel = tmo_product_of_matrices(p->rows, p->k, p->n);
	kernel.input = work->input[A]->data;
	kernel.output = work->output[0]->data;
	kernel.weights = p->weights != NULL ? p->weights : scratch;
	kernel.bias = has_bias ? scratch + p->bias_at : NULL;
	tmo_product_task(step->kernels, &kernel, &p->cut, work->task);
	return 0;
}

/* ---- GatherBlockQuantized ---- */

/* A table of `rows` rows of `size` codes, in blocks along the last axis, which may be more than one to a byte. */
struct table {
	size_t rows, size, lines;	/* lines of a row: those of its axes but the last */
	size_t bits, block, blocks;
};

static int
table_of(const struct tmo_step *step, struct table *t, struct tmo_error *err)
{
	const int64_t bits = tmo_node_number(step->node, "bits", 4), block = tmo_node_number(step->node, "block_size", 128);
	const struct tmo_fact *const x = &step->input[0];
	int gather, quantize;
	size_t zeros;

	if (tmo_step_expect(step, 3, err) < 0 || check_bits(bits, block, err) < 0)
		return -1;
	if (x->type != TMO_U8 || x->rank < 2 || tmo_step_axis(tmo_node_number(step->node, "gather_axis", 0), x->rank, &gather,
	    err) < 0 || tmo_step_axis(tmo_node_number(step->node, "quantize_axis", 1), x->rank, &quantize, err) < 0 ||
	    gather != 0 || quantize != x->rank - 1)
		return tmo_fail_unsupported(err, "a table of %s that is not gathered along its first axis and quantized along its "
		                            "last", tmo_type_name(x->type));
	*t = (struct table){ .rows = x->shape[0], .lines = 1, .bits = (size_t)bits, .block = (size_t)block };
	t->size = x->shape[x->rank - 1] * (8 / t->bits);
	for (int i = 1; i < x->rank - 1; i++)
		t->lines *= x->shape[i];
	t->blocks = (t->size + t->block - 1) / t->block;
	zeros = (t->blocks * t->bits + 7) / 8;
	if (tmo_fact_count(&step->input[2]) != t->rows * t->lines * t->blocks || !tmo_type_is_float(step->input[2].type) ||
	    (step->input[1].type != TMO_I64 && step->input[1].type != TMO_I32) ||
	    (tmo_step_has_input(step, 3) && (step->input[3].type != TMO_U8 ||
	                                     tmo_fact_count(&step->input[3]) != t->rows * t->lines * zeros)))
		return tmo_fail(err, "scales, zero points or indices that do not go with the table; the model is damaged");
	return 0;
}

int
tmo_shape_gather_codes(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0], *const index = &step->input[1];
	size_t shape[TMO_RANK_MAX];
	struct table t;
	int rank = 0;

	if (table_of(step, &t, err) < 0)
		return -1;
	if (index->rank + x->rank - 1 > TMO_RANK_MAX)
		return tmo_fail_unsupported(err, "a result of rank %d", index->rank + x->rank - 1);
	for (int i = 0; i < index->rank; i++)
		shape[rank++] = index->shape[i];
	for (int i = 1; i < x->rank; i++)
		shape[rank++] = x->shape[i];
	shape[rank - 1] = t.size;
	tmo_step_give(step, 0, step->input[2].type, rank, shape);
	return 0;
}

int
tmo_run_gather_codes(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const index = work->input[1];
	float *y = work->output[0]->data;
	struct table t;
	size_t zero_bytes;

	if (table_of(step, &t, err) < 0)
		return -1;
	zero_bytes = (t.blocks * t.bits + 7) / 8;
	for (size_t i = 0; i < index->count; i++) {
		int64_t row = index->type == TMO_I64 ? ((const int64_t *)index->data)[i] : ((const int32_t *)index->data)[i];

		row += row < 0 ? (int64_t)t.rows : 0;
		if (row < 0 || (size_t)row >= t.rows)
			return tmo_fail(err, "index %jd of %zu rows; give indices of the rows that there are", (intmax_t)row, t.rows);
		for (size_t line = (size_t)row * t.lines; line < ((size_t)row + 1) * t.lines; line++)
			for (size_t k = 0; k < t.size; k++) {
				const size_t block = k / t.block;
				const unsigned code = code_at((const uint8_t *)work->input[0]->data + line * t.size * t.bits / 8, k, t.bits);
				const unsigned zero = !tmo_step_has_input(step, 3) ? 1u << (t.bits - 1) :
				                      code_at((const uint8_t *)work->input[3]->data + line * zero_bytes, block, t.bits);

				*y++ = ((float)code - (float)zero) * ((const float *)work->input[2]->data)[line * t.blocks + block];
			}
	}
	return 0;
}
