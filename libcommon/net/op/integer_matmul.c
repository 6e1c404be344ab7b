/* SPDX-License-Identifier: Apache-2.0 */
/*
 * integer_matmul.c: products of matrices of codes: MatMulInteger, QLinearMatMul, and onnxruntime's QGemm,
 * DynamicQuantizeMatMul and MatMulIntegerToFloat. Sums are exact; what becomes of them is computed in f32.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/math/float_bits.h"
#include "base/memory.h"
#include "net/op/codes.h"
#include "net/op/matmul.h"
#include "net/op/op.h"

/* Which input is what; NONE: the operator has no such one. */
#define NONE (-1)
struct inputs {
	signed char a, a_scale, a_zero, b, b_scale, b_zero;
	signed char c;			/* i32, added to the sums */
	signed char bias;		/* added to the result */
	signed char y_scale, y_zero;
};

static const struct inputs inputs_of[] = {
	[TMO_MATMUL_INTEGER] = { 0, NONE, 2, 1, NONE, 3, NONE, NONE, NONE, NONE },
	[TMO_QLINEAR_MATMUL] = { 0, 1, 2, 3, 4, 5, NONE, NONE, 6, 7 },
	[TMO_QGEMM] = { 0, 1, 2, 3, 4, 5, 6, NONE, 7, 8 },
	[TMO_DYNAMIC_MATMUL] = { 0, NONE, NONE, 1, 2, 3, NONE, 4, NONE, NONE },
	[TMO_MATMUL_TO_FLOAT] = { 0, 2, 4, 1, 3, 5, NONE, 6, NONE, NONE },
};

struct product {
	struct inputs in;
	struct tmo_fact a, b;		/* as matrices, the right way round */
	bool a_transposed, b_transposed;
	int rank;
	size_t shape[TMO_RANK_MAX + 2];	/* of y while vectors are matrices */
	size_t matrices, rows, depth, columns;
	float alpha;
	size_t c_row, c_column;		/* steps in c */
};

static bool
has(const struct tmo_step *step, int input)
{
	return input >= 0 && tmo_step_has_input(step, (size_t)input);
}

/* Are there as many as one, as a line or column of one matrix has, or of all matrices? (A left out one is fine.) */
static int
check_count(const struct tmo_step *step, int input, size_t line, size_t all, struct tmo_error *err)
{
	const size_t count = has(step, input) ? tmo_fact_count(&step->input[input]) : 1;

	if (count == 1 || count == line || count == all)
		return 0;
	return tmo_fail(err, "input %d has %zu numbers where a matrix has %zu; the model is damaged", input, count, line);
}

static int
product_of(const struct tmo_step *step, struct product *p, struct tmo_error *err)
{
	const struct tmo_fact *const x = step->input;
	const bool is_gemm = step->version->function == TMO_QGEMM;

	*p = (struct product){ .in = inputs_of[step->version->function], .matrices = 1 };
	if (tmo_step_expect(step, (size_t)p->in.b + 1, err) < 0)
		return -1;
	p->alpha = tmo_node_real(step->node, "alpha", 1.0f);
	p->a_transposed = is_gemm && x[0].rank == 2 && tmo_node_number(step->node, "transA", 0) != 0;
	p->b_transposed = is_gemm && x[p->in.b].rank == 2 && tmo_node_number(step->node, "transB", 0) != 0;
	p->a = tmo_matmul_operand(&x[p->in.a], true);
	p->b = tmo_matmul_operand(&x[p->in.b], false);
	if (p->a_transposed) {
		p->a.shape[0] = x[p->in.a].shape[1];
		p->a.shape[1] = x[p->in.a].shape[0];
	}
	if (p->b_transposed) {
		p->b.shape[0] = x[p->in.b].shape[1];
		p->b.shape[1] = x[p->in.b].shape[0];
	}
	if (tmo_matmul_shape_of(&p->a, &p->b, &p->rank, p->shape, err) < 0)
		return -1;
	p->rows = p->shape[p->rank - 2];
	p->columns = p->shape[p->rank - 1];
	p->depth = p->a.shape[p->a.rank - 1];
	for (int i = 0; i < p->rank - 2; i++)
		p->matrices *= p->shape[i];
	return 0;
}

static int
check_inputs(const struct tmo_step *step, struct product *p, struct tmo_error *err)
{
	const size_t a_lines = p->depth == 0 ? 0 : tmo_fact_count(&p->a) / p->depth;
	const size_t b_lines = p->depth == 0 ? 0 : tmo_fact_count(&p->b) / p->depth;
	struct tmo_fact y = { .rank = 2, .shape = { p->rows, p->columns } };
	const struct tmo_fact *const c = has(step, p->in.c) ? &step->input[p->in.c] : NULL;

	if (!tmo_type_is_code(step->input[p->in.b].type) ||
	    (step->version->function == TMO_DYNAMIC_MATMUL ? step->input[p->in.a].type != TMO_F32 :
	                                                     !tmo_type_is_code(step->input[p->in.a].type)))
		return tmo_fail_unsupported(err, "a product of %s and %s", tmo_type_name(step->input[p->in.a].type),
		                            tmo_type_name(step->input[p->in.b].type));
	if (check_count(step, p->in.a_scale, p->rows, a_lines, err) < 0 ||
	    check_count(step, p->in.a_zero, p->rows, a_lines, err) < 0 ||
	    check_count(step, p->in.b_scale, p->columns, b_lines, err) < 0 ||
	    check_count(step, p->in.b_zero, p->columns, b_lines, err) < 0 ||
	    check_count(step, p->in.bias, p->columns, p->columns, err) < 0 ||
	    check_count(step, p->in.y_scale, p->rows, p->rows * p->matrices, err) < 0 ||
	    check_count(step, p->in.y_zero, p->rows, p->rows * p->matrices, err) < 0)
		return -1;
	if (c == NULL)
		return 0;
	if (tmo_broadcast(&y.rank, y.shape, c, err) < 0 || y.rank != 2 || y.shape[0] != p->rows || y.shape[1] != p->columns)
		return tmo_fail(err, "c does not go with the product's shape; the model is damaged");
	p->c_column = c->rank > 0 && c->shape[c->rank - 1] != 1;
	p->c_row = c->rank < 2 || c->shape[0] == 1 ? 0 : c->shape[1];
	return 0;
}

int
tmo_shape_integer_matmul(struct tmo_step *step, struct tmo_error *err)
{
	struct product p;
	enum tmo_type type = TMO_I32;
	int rank;

	if (product_of(step, &p, err) < 0 || check_inputs(step, &p, err) < 0)
		return -1;
	if (has(step, p.in.y_scale))
		type = has(step, p.in.y_zero) ? step->input[p.in.y_zero].type : step->input[p.in.a].type;
	else if (step->version->function == TMO_MATMUL_TO_FLOAT && has(step, p.in.a_scale))
		type = step->input[p.in.a_scale].type;
	else if (step->version->function != TMO_MATMUL_INTEGER)
		type = TMO_F32;
	rank = p.rank;
	if (step->input[p.in.a].rank == 1) {
		p.shape[rank - 2] = p.shape[rank - 1];
		rank--;
	}
	if (step->input[p.in.b].rank == 1)
		rank--;
	tmo_step_give(step, 0, type, rank, p.shape);
	return 0;
}

/* ---- running ---- */

/* Memory of a run, and how an operand of floats is coded. */
struct buffers {
	int32_t *a, *b, *sums;
	float *line;
	float a_scale, a_zero;
};

static void
load(const struct tmo_array *x, size_t matrix, size_t rows, size_t columns, bool transposed, int32_t *out)
{
	const size_t first = matrix * rows * columns;

	if (!transposed)
		tmo_read_codes(x, first, rows * columns, out);
	for (size_t i = 0; transposed && i < rows * columns; i++)
		tmo_read_codes(x, first + i % columns * rows + i / columns, 1, &out[i]);
}

/* Which of an operand's scales or zero points belongs to line number `line` of a matrix. */
static size_t
number_at(const struct tmo_work *work, int input, size_t matrix, size_t lines, size_t line)
{
	const size_t count = work->input[input]->count;

	return count == 1 ? 0 : count == lines ? line : matrix * lines + line;
}

static int32_t
zero_at(const struct tmo_step *step, const struct tmo_work *work, int input, size_t matrix, size_t lines, size_t line)
{
	return !has(step, input) ? 0 : tmo_code_of(step, work, input, number_at(work, input, matrix, lines, line));
}

static float
scale_at(const struct tmo_step *step, const struct tmo_work *work, int input, size_t matrix, size_t lines, size_t line)
{
	return !has(step, input) ? 1.0f :
	       tmo_real_of(step, work, input, number_at(work, input, matrix, lines, line), 1.0f);
}

static void
load_operands(const struct product *p, const struct tmo_step *step, const struct tmo_work *work, size_t a, size_t b,
              struct buffers *m)
{
	if (step->version->function == TMO_DYNAMIC_MATMUL)
		for (size_t i = 0; i < p->rows * p->depth; i++) {
			const float code = rintf(((const float *)work->input[0]->data)[a * p->rows * p->depth + i] / m->a_scale);

			m->a[i] = (int32_t)(!(code > -m->a_zero) ? -m->a_zero :
			                    code > 255.0f - m->a_zero ? 255.0f - m->a_zero : code);
		}
	else
		load(work->input[p->in.a], a, p->rows, p->depth, p->a_transposed, m->a);
	for (size_t i = 0; has(step, p->in.a_zero) && i < p->rows; i++) {
		const int32_t zero = zero_at(step, work, p->in.a_zero, a, p->rows, i);

		for (size_t k = 0; k < p->depth; k++)
			m->a[i * p->depth + k] -= zero;
	}
	load(work->input[p->in.b], b, p->depth, p->columns, p->b_transposed, m->b);
	for (size_t j = 0; has(step, p->in.b_zero) && j < p->columns; j++) {
		const int32_t zero = zero_at(step, work, p->in.b_zero, b, p->columns, j);

		for (size_t k = 0; k < p->depth; k++)
			m->b[k * p->columns + j] -= zero;
	}
}

/* A row of sums becomes what the operator gives. */
static void
finish_row(const struct product *p, const struct tmo_step *step, const struct tmo_work *work, size_t matrix, size_t a,
           size_t b, size_t row, struct buffers *m)
{
	const bool quantizes = has(step, p->in.y_scale);
	const float a_scale = p->alpha * m->a_scale * scale_at(step, work, p->in.a_scale, a, p->rows, row);
	const float y_scale = scale_at(step, work, p->in.y_scale, matrix, p->rows, row);
	const float y_zero = (float)zero_at(step, work, p->in.y_zero, matrix, p->rows, row);

	for (size_t j = 0; j < p->columns; j++) {
		const float scale = a_scale * scale_at(step, work, p->in.b_scale, b, p->columns, j);
		const uint32_t c = (uint32_t)tmo_code_of(step, work, p->in.c, row * p->c_row + j * p->c_column);
		const float sum = (float)(int32_t)((uint32_t)m->sums[row * p->columns + j] + c);

		m->line[j] = quantizes ? rintf(sum * (scale / y_scale)) + y_zero :
		             tmo_f32_one_nan(sum * scale + (has(step, p->in.bias) ? scale_at(step, work, p->in.bias, 0, p->columns,
		                                                                              j) : 0.0f));
	}
	tmo_write_reals(work->output[0], (matrix * p->rows + row) * p->columns, p->columns, m->line);
}

static void
multiply_all(const struct product *p, const struct tmo_step *step, const struct tmo_work *work, struct buffers *m)
{
	m->a_scale = 1.0f;
	if (step->version->function == TMO_DYNAMIC_MATMUL)
		tmo_dynamic_range(work->input[0]->data, work->input[0]->count, &m->a_scale, &m->a_zero);
	for (size_t i = 0; i < p->matrices; i++) {
		const size_t a = tmo_matmul_matrix_of(i, p->rank, p->shape, &p->a);
		const size_t b = tmo_matmul_matrix_of(i, p->rank, p->shape, &p->b);

		load_operands(p, step, work, a, b, m);
		tmo_codes_multiply(m->a, m->b, p->rows, p->depth, p->columns, m->sums);
		if (step->version->function == TMO_MATMUL_INTEGER)
			memcpy((int32_t *)work->output[0]->data + i * p->rows * p->columns, m->sums,
			       p->rows * p->columns * sizeof(*m->sums));
		for (size_t row = 0; step->version->function != TMO_MATMUL_INTEGER && row < p->rows; row++)
			finish_row(p, step, work, i, a, b, row, m);
	}
}

int
tmo_run_integer_matmul(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	struct buffers m = {0};
	struct product p;
	int status = -1;

	if (product_of(step, &p, err) < 0 || check_inputs(step, &p, err) < 0)
		return -1;
	m.a = tmo_alloc(p.rows * p.depth + 1, sizeof(*m.a), err);
	m.b = tmo_alloc(p.depth * p.columns + 1, sizeof(*m.b), err);
	m.sums = tmo_alloc(p.rows * p.columns + 1, sizeof(*m.sums), err);
	m.line = tmo_alloc(p.columns + 1, sizeof(*m.line), err);
	if (m.a != NULL && m.b != NULL && m.sums != NULL && m.line != NULL) {
		multiply_all(&p, step, work, &m);
		status = 0;
	}
	free(m.a);
	free(m.b);
	free(m.sums);
	free(m.line);
	return status;
}
