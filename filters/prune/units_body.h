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

/* Rows whose elements lie side by side, all of one column. */
static void
NAME(score_columns)(const struct NAME(scoring) *c, const struct tmo_strip *s)
{
	const struct prune_units *const u = c->u;
	const size_t first = row_in_block(u, s->entry);
	double *const scores = c->score + unit_of_row(u, s->entry);

	for (size_t column = 0; column < s->lines * s->length; column++) {
		const REAL *const x = c->x + tmo_strip_line(s, column / s->length) +
			column % s->length * s->step;
		double *score = scores + column / u->columns;
		size_t left = u->rows - first;

		if (u->rows == 1) {
			NAME(add_each)(c, x, s->width, score, u->across);
			continue;
		}
		for (size_t row = 0, n; row < s->width; row += n, score += u->across, left = u->rows) {
			n = s->width - row < left ? s->width - row : left;
			*score = NAME(add_run)(c, x + row, n, *score);
		}
	}
}

/* Rows whose elements follow each other. */
static void
NAME(score_lines)(const struct NAME(scoring) *c, const struct tmo_strip *s)
{
	const struct prune_units *const u = c->u;
	const size_t first = row_in_block(u, s->entry);
	double *const scores = c->score + unit_of_row(u, s->entry);

	for (size_t line = 0; line < s->lines; line++) {
		const REAL *const from = c->x + tmo_strip_line(s, line);
		const size_t column = line * s->length;

		for (size_t row = 0; row < s->width; row++) {
			const REAL *const x = from + row * s->pitch;
			double *score = scores + (first + row) / u->rows * u->across + column / u->columns;
			size_t left = u->columns - column % u->columns;

			for (size_t i = 0, n; i < s->length; i += n, left = u->columns, score++) {
				n = left < s->length - i ? left : s->length - i;
				*score = NAME(add_run)(c, x + i, n, *score);
			}
		}
	}
}

/* The units of some rows, whole ones: memory is read in its order. */
static void
NAME(score_rows)(void *arg, size_t chunk)
{
	const struct NAME(scoring) *const c = arg;
	const struct prune_units *const u = c->u;
	struct tmo_strip s;
	size_t first, end;

	rows_of_chunk(u, chunk, &first, &end);
	for (size_t i = unit_of_row(u, first); i < unit_of_row(u, end - 1) + u->across; i++)
		c->score[i] = 0;
	for (size_t row = first; row < end; row += s.width) {
		tmo_strip_at(&u->channels, row, end - row, &s);
		if (s.step == 1)
			NAME(score_lines)(c, &s);
		else
			NAME(score_columns)(c, &s);
	}
	if (c->measure != TMO_LARGEST)
		sums_to_means(u, c->measure == TMO_ROOT_MEAN_SQUARE, c->score, first, end);
}

void
NAME(prune_score)(const REAL *x, const struct prune_units *u, enum tmo_pattern_measure measure,
                  double scale, double *score, int threads)
{
	struct NAME(scoring) c = {.x = x, .u = u, .measure = measure, .scale = scale, .score = score};

	if (u->single)
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
NAME(zero_columns)(const struct NAME(zeroing) *z, const struct tmo_strip *s)
{
	const struct prune_units *const u = z->u;
	const size_t first = row_in_block(u, s->entry);
	const unsigned char *const keeps = z->keep + unit_of_row(u, s->entry);

	for (size_t column = 0; column < s->lines * s->length; column++) {
		REAL *const x = z->x + tmo_strip_line(s, column / s->length) +
			column % s->length * s->step;
		const unsigned char *const keep = keeps + column / u->columns;

		for (size_t row = 0; row < s->width; row++)
			if (keep[(first + row) / u->rows * u->across] == 0)
				x[row] = x[row] != 0 ? 0 : x[row];
	}
}

static void
NAME(zero_lines)(const struct NAME(zeroing) *z, const struct tmo_strip *s)
{
	const struct prune_units *const u = z->u;
	const size_t first = row_in_block(u, s->entry);
	const unsigned char *const keeps = z->keep + unit_of_row(u, s->entry);

	for (size_t line = 0; line < s->lines; line++) {
		REAL *const from = z->x + tmo_strip_line(s, line);
		const size_t column = line * s->length;

		for (size_t row = 0; row < s->width; row++) {
			REAL *const x = from + row * s->pitch;
			const unsigned char *keep = keeps + (first + row) / u->rows * u->across +
				column / u->columns;
			size_t left = u->columns - column % u->columns;

			for (size_t i = 0, n; i < s->length; i += n, left = u->columns, keep++) {
				n = left < s->length - i ? left : s->length - i;
				for (size_t k = i; k < i + n && *keep == 0; k++)
					x[k] = x[k] != 0 ? 0 : x[k];
			}
		}
	}
}

static void
NAME(zero_rows)(void *arg, size_t chunk)
{
	const struct NAME(zeroing) *const z = arg;
	struct tmo_strip s;
	size_t first, end;

	rows_of_chunk(z->u, chunk, &first, &end);
	for (size_t row = first; row < end; row += s.width) {
		tmo_strip_at(&z->u->channels, row, end - row, &s);
		if (s.step == 1)
			NAME(zero_lines)(z, &s);
		else
			NAME(zero_columns)(z, &s);
	}
}

void
NAME(prune_zero)(REAL *x, const struct prune_units *u, const unsigned char *keep, int threads)
{
	struct NAME(zeroing) z = {.x = x, .u = u, .keep = keep};

	if (u->single)
		tmo_parallel_for(threads, chunks_of(u->count), NAME(zero_weights), &z);
	else
		tmo_parallel_for(threads, row_chunks(u), NAME(zero_rows), &z);
}
