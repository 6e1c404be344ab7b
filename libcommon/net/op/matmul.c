/* SPDX-License-Identifier: Apache-2.0 */
/* matmul.c: products of matrices: MatMul, Gemm. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/product.h"
#include "net/op/matmul.h"
#include "net/op/op.h"

enum phase { PHASE_PACK, PHASE_MULTIPLY, PHASE_ADD };

/* y[i][m][n] = sum over k of a[i][m][k] * b[i][k][n], i being matrices side by side. */
struct matmul {
	size_t matrices, rows, depth, columns;	/* of y */
	size_t *a_matrix, *b_matrix;		/* which ones of a and b belong to each of y's */
	size_t a_matrices, b_matrices;
	bool a_transposed, b_transposed;
	float *weights;				/* b, packed; NULL: it is not constant */
	size_t packed;				/* floats of a packed matrix */
	size_t weights_at, a_at, bias_at;	/* in the scratch, in floats */
	struct tmo_product_tasks cut;		/* of one of y's matrices */

	/* Of Gemm: alpha * y + beta * c. */
	bool has_c, c_is_bias;			/* the latter: sums begin with it */
	float alpha, beta;
	size_t c_row, c_column;			/* steps in c; 0: it has one for all */
};

static void
release(void *prepared)
{
	struct matmul *const m = prepared;

	if (m == NULL)
		return;
	free(m->a_matrix);
	free(m->b_matrix);
	free(m->weights);
	free(m);
}

/* ---- shapes ---- */

struct tmo_fact
tmo_matmul_operand(const struct tmo_fact *fact, bool left)
{
	struct tmo_fact m = *fact;

	if (m.rank != 1)
		return m;
	m.rank = 2;
	m.shape[left ? 1 : 0] = fact->shape[0];
	m.shape[left ? 0 : 1] = 1;
	return m;
}

int
tmo_matmul_shape_of(const struct tmo_fact *left, const struct tmo_fact *right, int *rank, size_t *shape,
                    struct tmo_error *err)
{
	struct tmo_fact a = *left, b = *right;
	size_t rows, columns;

	if (a.rank < 2 || b.rank < 2 || a.shape[a.rank - 1] != b.shape[b.rank - 2])
		return tmo_fail(err, "matrices of ranks %d and %d that do not go together; give data of the shapes that "
		                "the network wants", a.rank, b.rank);
	rows = a.shape[a.rank - 2];
	columns = b.shape[b.rank - 1];
	a.rank -= 2;
	b.rank -= 2;
	*rank = a.rank;
	memcpy(shape, a.shape, (size_t)a.rank * sizeof(*shape));
	if (tmo_broadcast(rank, shape, &b, err) < 0)
		return -1;
	shape[(*rank)++] = rows;
	shape[(*rank)++] = columns;
	return 0;
}

/* What y's shape is while vectors still are matrices. */
static int
matmul_shape(const struct tmo_step *step, int *rank, size_t *shape, struct tmo_error *err)
{
	struct tmo_fact a, b;

	if (tmo_step_expect(step, 2, err) < 0)
		return -1;
	a = tmo_matmul_operand(&step->input[0], true);
	b = tmo_matmul_operand(&step->input[1], false);
	return tmo_matmul_shape_of(&a, &b, rank, shape, err);
}

int
tmo_shape_matmul(struct tmo_step *step, struct tmo_error *err)
{
	size_t shape[TMO_RANK_MAX + 2];
	int rank;

	if (matmul_shape(step, &rank, shape, err) < 0)
		return -1;
	if (step->input[0].rank == 1) {
		shape[rank - 2] = shape[rank - 1];
		rank--;
	}
	if (step->input[1].rank == 1)
		rank--;
	tmo_step_give(step, 0, step->input[0].type, rank, shape);
	return 0;
}

int
tmo_shape_gemm(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const a = &step->input[0], *const b = &step->input[1];
	const bool a_transposed = tmo_node_number(step->node, "transA", 0) != 0;
	const bool b_transposed = tmo_node_number(step->node, "transB", 0) != 0;
	size_t shape[2];
	int rank = 2;

	if (tmo_step_expect(step, 2, err) < 0)
		return -1;
	if (a->rank != 2 || b->rank != 2 || a->shape[a_transposed ? 0 : 1] != b->shape[b_transposed ? 1 : 0])
		return tmo_fail(err, "matrices of ranks %d and %d that do not go together; give data of the shapes that "
		                "the network wants", a->rank, b->rank);
	shape[0] = a->shape[a_transposed ? 1 : 0];
	shape[1] = b->shape[b_transposed ? 0 : 1];
	tmo_step_give(step, 0, a->type, 2, shape);
	if (tmo_step_has_input(step, 2) && (tmo_broadcast(&rank, shape, &step->input[2], err) < 0 || rank != 2 ||
	                                    shape[0] != step->output[0].shape[0] || shape[1] != step->output[0].shape[1]))
		return tmo_fail(err, "input 2 does not go with the product's shape; the model is damaged");
	return 0;
}

/* ---- preparation ---- */

size_t
tmo_matmul_matrix_of(size_t i, int rank, const size_t *shape, const struct tmo_fact *operand)
{
	size_t at = 0, step = 1;

	for (int k = 1; k <= rank - 2; k++) {
		const size_t index = i % shape[rank - 2 - k];

		i /= shape[rank - 2 - k];
		if (k > operand->rank - 2)
			continue;
		if (operand->shape[operand->rank - 2 - k] != 1)
			at += index * step;
		step *= operand->shape[operand->rank - 2 - k];
	}
	return at;
}

/* Which matrices are multiplied. Where all of a's meet one of b's, they are one taller matrix. */
static int
match_matrices(struct matmul *m, const struct tmo_step *step, int rank, const size_t *shape, struct tmo_error *err)
{
	const struct tmo_fact a = tmo_matmul_operand(&step->input[0], true), b = tmo_matmul_operand(&step->input[1], false);

	m->matrices = 1;
	for (int i = 0; i < rank - 2; i++)
		m->matrices *= shape[i];
	m->b_matrices = m->depth * m->columns == 0 ? 0 : tmo_fact_count(&b) / m->depth / m->columns;
	if (m->b_matrices == 1 && !m->a_transposed) {
		m->rows *= m->matrices;
		m->matrices = 1;
	}
	m->a_matrices = m->depth * m->rows == 0 ? 0 : tmo_fact_count(&a) / m->depth / m->rows;
	m->a_matrix = tmo_alloc(m->matrices + 1, sizeof(size_t), err);
	m->b_matrix = tmo_alloc(m->matrices + 1, sizeof(size_t), err);
	if (m->a_matrix == NULL || m->b_matrix == NULL)
		return -1;
	for (size_t i = 0; m->matrices > 1 && i < m->matrices; i++) {
		m->a_matrix[i] = tmo_matmul_matrix_of(i, rank, shape, &a);
		m->b_matrix[i] = tmo_matmul_matrix_of(i, rank, shape, &b);
	}
	return 0;
}

static void
pack_matrix(const struct matmul *m, const float *b, size_t matrix, float *to)
{
	const ptrdiff_t row = m->b_transposed ? 1 : (ptrdiff_t)m->columns;
	const ptrdiff_t column = m->b_transposed ? (ptrdiff_t)m->depth : 1;

	tmo_product_pack(b + matrix * m->depth * m->columns, m->depth, m->columns, row, column,
	                 to + matrix * m->packed);
}

/* Once rows, depth, columns and transpositions are there. */
static int
prepare(struct tmo_step *step, struct matmul *m, int rank, const size_t *shape, struct tmo_error *err)
{
	const struct tmo_array *const b = step->input[1].constant;
	struct tmo_product p;
	size_t weights;

	if (match_matrices(m, step, rank, shape, err) < 0 ||
	    tmo_mul_size(m->depth, tmo_product_padded(m->columns), &m->packed, err) < 0 ||
	    tmo_mul_size(m->b_matrices, m->packed, &weights, err) < 0)
		return -1;
	if (b != NULL) {
		m->weights = tmo_alloc(weights + 1, sizeof(*m->weights), err);
		if (m->weights == NULL)
			return -1;
		for (size_t i = 0; i < m->b_matrices; i++)
			pack_matrix(m, b->data, i, m->weights);
	}
	m->bias_at = b != NULL ? 0 : weights;
	m->a_at = m->bias_at + tmo_product_padded(m->columns);
	if (tmo_mul_size(m->a_at + (m->a_transposed ? m->rows * m->depth : 0), sizeof(float), &step->scratch, err) < 0)
		return -1;
	step->tasks[PHASE_PACK] = 1 + (b != NULL ? 0 : m->b_matrices);
	if (m->matrices * m->rows * m->columns == 0)
		return 0;
	p = tmo_product_of_matrices(m->rows, m->depth, m->columns);
	m->cut = tmo_product_cut(step->kernels, &p, step->threads);
	step->tasks[PHASE_MULTIPLY] = m->matrices * m->cut.row_tasks * m->cut.panel_tasks;
	return 0;
}

int
tmo_prepare_matmul(struct tmo_step *step, struct tmo_error *err)
{
	struct matmul *const m = step->prepared = tmo_alloc(1, sizeof(*m), err);
	size_t shape[TMO_RANK_MAX + 2];
	int rank;

	step->release = release;
	if (m == NULL || matmul_shape(step, &rank, shape, err) < 0)
		return -1;
	m->rows = shape[rank - 2];
	m->columns = shape[rank - 1];
	m->depth = step->input[0].shape[step->input[0].rank - 1];
	return prepare(step, m, rank, shape, err);
}

int
tmo_prepare_gemm(struct tmo_step *step, struct tmo_error *err)
{
	struct matmul *const m = step->prepared = tmo_alloc(1, sizeof(*m), err);
	const struct tmo_fact *const c = &step->input[2];

	step->release = release;
	if (m == NULL)
		return -1;
	m->a_transposed = tmo_node_number(step->node, "transA", 0) != 0;
	m->b_transposed = tmo_node_number(step->node, "transB", 0) != 0;
	m->rows = step->output[0].shape[0];
	m->columns = step->output[0].shape[1];
	m->depth = step->input[0].shape[m->a_transposed ? 0 : 1];
	m->alpha = tmo_node_real(step->node, "alpha", 1.0f);
	m->beta = tmo_node_real(step->node, "beta", 1.0f);
	m->has_c = tmo_step_has_input(step, 2);
	if (m->has_c) {
		m->c_column = c->rank > 0 && c->shape[c->rank - 1] != 1;
		m->c_row = c->rank < 2 || c->shape[0] == 1 ? 0 : c->shape[1];
		m->c_is_bias = m->c_row == 0 && m->alpha == 1.0f && m->beta == 1.0f;
	}
	if (prepare(step, m, 2, step->output[0].shape, err) < 0)
		return -1;
	if (m->alpha != 1.0f || (m->has_c && !m->c_is_bias))
		step->tasks[PHASE_ADD] = m->rows;
	return 0;
}

/* ---- running ---- */

/* Task 0: a the right way round, the bias with room behind it; the others: a matrix of b each. */
static void
pack(const struct matmul *m, const struct tmo_work *work)
{
	float *const scratch = work->scratch;
	const float *const a = work->input[0]->data;

	if (work->task > 0) {
		pack_matrix(m, work->input[1]->data, work->task - 1, scratch);
		return;
	}
	for (size_t i = 0; m->a_transposed && i < m->rows; i++)
		for (size_t k = 0; k < m->depth; k++)
			scratch[m->a_at + i * m->depth + k] = a[k * m->rows + i];
	for (size_t j = 0; m->c_is_bias && j < m->columns; j++)
		scratch[m->bias_at + j] = ((const float *)work->input[2]->data)[j * m->c_column];
}

static void
multiply(const struct matmul *m, const struct tmo_step *step, const struct tmo_work *work)
{
	const size_t cuts = m->cut.row_tasks * m->cut.panel_tasks, matrix = work->task / cuts;
	const float *const scratch = work->scratch;
	struct tmo_product p = tmo_product_of_matrices(m->rows, m->depth, m->columns);

	p.input = m->a_transposed ? scratch + m->a_at :
	          (const float *)work->input[0]->data + m->a_matrix[matrix] * m->rows * m->depth;
	p.weights = (m->weights != NULL ? m->weights : scratch) + m->b_matrix[matrix] * m->packed;
	p.output = (float *)work->output[0]->data + matrix * m->rows * m->columns;
	p.bias = m->c_is_bias ? scratch + m->bias_at : NULL;
	tmo_product_task(step->kernels, &p, &m->cut, work->task % cuts);
}

/* A row of Gemm's result, where sums did not begin with c. */
static void
add(const struct matmul *m, const struct tmo_work *work)
{
	float *const y = (float *)work->output[0]->data + work->task * m->columns;
	const float *const c = m->has_c ? (const float *)work->input[2]->data + work->task * m->c_row : NULL;

	for (size_t j = 0; j < m->columns; j++) {
		y[j] *= m->alpha;
		if (c != NULL)
			y[j] += m->beta * c[j * m->c_column];
	}
}

int
tmo_run_matmul(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct matmul *const m = step->prepared;

	(void)err;
	if (work->phase == PHASE_PACK)
		pack(m, work);
	else if (work->phase == PHASE_MULTIPLY)
		multiply(m, step, work);
	else
		add(m, work);
	return 0;
}
