/* SPDX-License-Identifier: Apache-2.0 */
/* units_body.h: units.c's functions for one type, REAL; included once for each. */

static REAL
NAME(magnitude)(REAL x)
{
	return x < 0 ? -x : x;
}

size_t
NAME(prune_look)(const REAL *x, size_t n, double *largest)
{
	REAL top = 0;
	bool odd = false;

	for (size_t i = 0; i < n; i++) {
		const REAL m = NAME(magnitude)(x[i]);

		odd |= !(m <= LARGEST);
		top = m > top ? m : top;
	}
	*largest = (double)top;
	if (!odd)
		return n;
	top = 0;
	for (size_t i = 0; i < n; i++) {
		const REAL m = NAME(magnitude)(x[i]);

		if (isnan(m))
			return i;
		top = m > top && m <= LARGEST ? m : top;
	}
	*largest = (double)top;
	return n;
}

struct NAME(squaring) {
	const REAL *x;
	size_t n;
	double scale;
	struct NAME(square_sum) {
		double sum;
		size_t finite;
	} *part;		/* one a chunk */
};

static void
NAME(square_chunk)(void *arg, size_t chunk)
{
	const struct NAME(squaring) *const q = arg;
	const size_t start = chunk * CHUNK, end = q->n - start < CHUNK ? q->n : start + CHUNK;
	struct NAME(square_sum) total = {0};

	for (size_t i = start; i < end; i++) {
		const bool finite = NAME(magnitude)(q->x[i]) <= LARGEST;
		const double x = finite ? (double)q->x[i] * q->scale : 0;

		total.sum += x * x;
		total.finite += finite;
	}
	q->part[chunk] = total;
}

int
NAME(prune_rms)(const REAL *x, size_t n, double scale, double *rms, int threads,
                struct tmo_error *err)
{
	struct NAME(squaring) q = {.x = x, .n = n, .scale = scale};
	const size_t chunks = chunks_of(n);
	double sum = 0;
	size_t finite = 0;

	q.part = tmo_alloc(chunks, sizeof(*q.part), err);
	if (q.part == NULL)
		return -1;
	tmo_parallel_for(threads, chunks, NAME(square_chunk), &q);
	for (size_t i = 0; i < chunks; i++) {
		sum += q.part[i].sum;
		finite += q.part[i].finite;
	}
	free(q.part);
	*rms = finite > 0 ? sqrt(sum / (double)finite) : 0;
	return 0;
}

struct NAME(scoring) {
	const REAL *x;
	const struct prune_units *u;
	enum tmo_pattern_measure measure;
	double scale, *score;
};

static void
NAME(score_weights)(void *arg, size_t chunk)
{
	const struct NAME(scoring) *const c = arg;
	const size_t n = c->u->count, start = chunk * CHUNK;
	const size_t end = n - start < CHUNK ? n : start + CHUNK;

	for (size_t i = start; i < end; i++)
		c->score[i] = (double)NAME(magnitude)(c->x[i]) * c->scale;
}

/* What a run of elements, all of one unit, adds to its score. */
static double
NAME(add_run)(const struct NAME(scoring) *c, const REAL *x, size_t n, double score)
{
	switch (c->measure) {
	case TMO_LARGEST:
		for (size_t i = 0; i < n; i++) {
			const double m = (double)NAME(magnitude)(x[i]) * c->scale;

			score = m > score ? m : score;
		}
		return score;
	case TMO_ROOT_MEAN_SQUARE:
		for (size_t i = 0; i < n; i++)
			score += ((double)x[i] * c->scale) * ((double)x[i] * c->scale);
		return score;
	default:
		for (size_t i = 0; i < n; i++)
			score += (double)NAME(magnitude)(x[i]) * c->scale;
		return score;
	}
}

/* What single elements add, each to a score of its own. */
static void
NAME(add_each)(const struct NAME(scoring) *c, const REAL *x, size_t n, double *score,
               size_t stride)
{
	const double scale = c->scale;

	switch (c->measure) {
	case TMO_LARGEST:
		for (size_t i = 0; i < n; i++) {
			const double m = (double)NAME(magnitude)(x[i]) * scale, s = score[i * stride];

			score[i * stride] = m > s ? m : s;
		}
		return;
	case TMO_ROOT_MEAN_SQUARE:
		for (size_t i = 0; i < n; i++)
			score[i * stride] += ((double)x[i] * scale) * ((double)x[i] * scale);
		return;
	default:
		for (size_t i = 0; i < n; i++)
			score[i * stride] += (double)NAME(magnitude)(x[i]) * scale;
		return;
	}
}

/* Rows of one element after the other: the output axis is the last. */
static void
NAME(score_columns)(const struct NAME(scoring) *c, size_t first, size_t end)
{
	const struct prune_units *const u = c->u;

	for (size_t column = 0; column < u->outputs.before_count; column++) {
		const REAL *const x = c->x + column * u->outputs.length;
		double *score = c->score + first / u->rows * u->across + column / u->columns;

		if (u->rows == 1) {
			NAME(add_each)(c, x + first, end - first, score, u->across);
			continue;
		}
		for (size_t row = first, n; row < end; row += n, score += u->across) {
			n = end - row < u->rows ? end - row : u->rows;
			*score = NAME(add_run)(c, x + row, n, *score);
		}
	}
}

static void
NAME(score_lines)(const struct NAME(scoring) *c, size_t first, size_t end)
{
	const struct prune_units *const u = c->u;
	const size_t run = u->outputs.after_count;

	for (size_t before = 0; before < u->outputs.before_count; before++)
		for (size_t row = first; row < end; row++) {
			const REAL *const x = c->x + (before * u->outputs.length + row) * run;
			double *score = c->score + row / u->rows * u->across + before * run / u->columns;
			size_t left = u->columns - before * run % u->columns;

			for (size_t i = 0, n; i < run; i += n, left = u->columns, score++) {
				n = left < run - i ? left : run - i;
				*score = NAME(add_run)(c, x + i, n, *score);
			}
		}
}

/* The units of some rows, whole ones: memory is read in its order. */
static void
NAME(score_rows)(void *arg, size_t chunk)
{
	const struct NAME(scoring) *const c = arg;
	const struct prune_units *const u = c->u;
	const size_t height = u->outputs.length, first = chunk * chunk_rows(u);
	const size_t end = height - first < chunk_rows(u) ? height : first + chunk_rows(u);

	for (size_t i = first / u->rows * u->across; i < ((end - 1) / u->rows + 1) * u->across; i++)
		c->score[i] = 0;
	if (u->outputs.after_count == 1)
		NAME(score_columns)(c, first, end);
	else
		NAME(score_lines)(c, first, end);
	if (c->measure != TMO_LARGEST)
		sums_to_means(u, c->measure == TMO_ROOT_MEAN_SQUARE, c->score, first, end);
}

void
NAME(prune_score)(const REAL *x, const struct prune_units *u, enum tmo_pattern_measure measure,
                  double scale, double *score, int threads)
{
	struct NAME(scoring) c = {.x = x, .u = u, .measure = measure, .scale = scale, .score = score};

	if (are_weights(u))
		tmo_parallel_for(threads, chunks_of(u->count), NAME(score_weights), &c);
	else
		tmo_parallel_for(threads, row_chunks(u), NAME(score_rows), &c);
}

struct NAME(zeroing) {
	REAL *x;
	const struct prune_units *u;
	const unsigned char *keep;
};

static void
NAME(zero_weights)(void *arg, size_t chunk)
{
	const struct NAME(zeroing) *const z = arg;
	const size_t n = z->u->count, start = chunk * CHUNK;
	const size_t end = n - start < CHUNK ? n : start + CHUNK;
	const unsigned char *const keep = z->keep;
	REAL *const x = z->x;

	for (size_t i = start; i < end; i++)
		x[i] = keep[i] == 0 && x[i] != 0 ? 0 : x[i];
}

static void
NAME(zero_rows)(void *arg, size_t chunk)
{
	const struct NAME(zeroing) *const z = arg;
	const struct prune_units *const u = z->u;
	const size_t height = u->outputs.length, first = chunk * chunk_rows(u);
	const size_t end = height - first < chunk_rows(u) ? height : first + chunk_rows(u);
	const size_t run = u->outputs.after_count;

	for (size_t before = 0; before < u->outputs.before_count; before++)
		for (size_t row = first; row < end; row++) {
			REAL *const x = z->x + (before * height + row) * run;
			const unsigned char *keep = z->keep + row / u->rows * u->across +
				before * run / u->columns;
			size_t left = u->columns - before * run % u->columns;

			for (size_t i = 0, n; i < run; i += n, left = u->columns, keep++) {
				n = left < run - i ? left : run - i;
				for (size_t k = i; k < i + n && *keep == 0; k++)
					x[k] = x[k] != 0 ? 0 : x[k];
			}
		}
}

void
NAME(prune_zero)(REAL *x, const struct prune_units *u, const unsigned char *keep, int threads)
{
	struct NAME(zeroing) z = {.x = x, .u = u, .keep = keep};

	if (are_weights(u))
		tmo_parallel_for(threads, chunks_of(u->count), NAME(zero_weights), &z);
	else
		tmo_parallel_for(threads, row_chunks(u), NAME(zero_rows), &z);
}
