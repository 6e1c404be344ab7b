/* SPDX-License-Identifier: Apache-2.0 */
/*
 * product_body.h: the tiles of products, in one form. All sums of a tile are in registers; where a sum
 * has several blocks, what was added up so far waits in memory.
 */

typedef vector tile_sums[TMO_TILE_ROWS][TMO_TILE_VECTORS];

/* Where vector v of a tile is among weights that lie in panels. */
ALWAYS_INLINE size_t
weight_of(size_t v, size_t panel_step)
{
	return v * VECTOR / TMO_PANEL * panel_step + v * VECTOR % TMO_PANEL;
}

/* Sums begin: with the bias, or with +0. */
ALWAYS_INLINE void
tile_begin(size_t rows, size_t vectors, tile_sums sum, const float *bias)
{
	UNROLLED
	for (size_t v = 0; v < vectors; v++) {
		const vector start = bias != NULL ? vector_load(bias + v * VECTOR) : vector_all(0.0f);

		UNROLLED
		for (size_t r = 0; r < rows; r++)
			sum[r][v] = start;
	}
}

/* A block is complete: onto the blocks before it. */
ALWAYS_INLINE void
tile_add(size_t rows, size_t vectors, tile_sums total, tile_sums sum, bool first)
{
	UNROLLED
	for (size_t r = 0; r < rows; r++) {
		UNROLLED
		for (size_t v = 0; v < vectors; v++) {
			if (first)
				total[r][v] = sum[r][v];
			else
				total[r][v] += sum[r][v];
		}
	}
}

ALWAYS_INLINE void
tile_store(size_t rows, size_t vectors, tile_sums sum, const struct tmo_tile *t)
{
	const struct tmo_product *const p = t->product;
	const struct tmo_epilogue *const e = &p->epilogue;
	const size_t full = t->width / VECTOR, rest = t->width % VECTOR;
	const vector low = vector_all(e->low), high = vector_all(e->high);

	UNROLLED
	for (size_t r = 0; r < rows; r++) {
		UNROLLED
		for (size_t v = 0; v < vectors; v++) {
			const size_t i = v * VECTOR;
			const bool whole = v < full;
			vector a = sum[r][v];

			if (!whole && (v > full || rest == 0))
				continue;
			if (e->scale != NULL)
				a = a * vector_load(e->scale + t->channel + i);
			if (e->shift != NULL)
				a = a + vector_load(e->shift + t->channel + i);
			if (p->addend != NULL)
				a = a + (whole ? vector_load(t->addend[r] + i) :
					vector_load_part(t->addend[r] + i, rest));
			a = vector_one_nan(vector_smaller(high, vector_larger(low, a)));
			if (whole)
				vector_store(t->output[r] + i, a);
			else
				vector_store_part(t->output[r] + i, a, rest);
		}
	}
}

ALWAYS_INLINE void
product_tile(size_t rows, size_t vectors, const struct tmo_tile *t)
{
	const struct tmo_product *const p = t->product;
	const size_t weight_step = p->weight_step, panel_step = p->panel_step;
	const float *weights = p->weights + t->channel / TMO_PANEL * panel_step;
	tile_sums sum, total;
	size_t left = TMO_PRODUCT_BLOCK, blocks = 0;

	tile_begin(rows, vectors, sum, p->bias != NULL ? p->bias + t->channel : NULL);
	for (size_t s = 0; s < p->segments; s++) {
		const float *input[TMO_TILE_ROWS];
		size_t i = 0, end;

		UNROLLED
		for (size_t r = 0; r < rows; r++)
			input[r] = t->input[r] + p->offsets[s];
		for (; i < p->segment; left -= end - i, i = end) {
			if (left == 0) {
				tile_add(rows, vectors, total, sum, blocks++ == 0);
				tile_begin(rows, vectors, sum, NULL);
				left = TMO_PRODUCT_BLOCK;
			}
			end = p->segment - i < left ? p->segment : i + left;
			for (size_t k = i; k < end; k++, weights += weight_step) {
				vector w[TMO_TILE_VECTORS];

				UNROLLED
				for (size_t v = 0; v < vectors; v++)
					w[v] = vector_load(weights + weight_of(v, panel_step));
				UNROLLED
				for (size_t r = 0; r < rows; r++) {
					const vector a = vector_all(input[r][k]);

					UNROLLED
					for (size_t v = 0; v < vectors; v++)
						sum[r][v] = vector_fma(a, w[v], sum[r][v]);
				}
			}
		}
	}
	if (blocks > 0) {
		tile_add(rows, vectors, total, sum, false);
		tile_store(rows, vectors, total, t);
	} else {
		tile_store(rows, vectors, sum, t);
	}
}

#define TILE(rows, vectors) \
	static void product_tile_##rows##x##vectors(const struct tmo_tile *t) { product_tile(rows, vectors, t); }
TILES(TILE)
#undef TILE
#define TILE(rows, vectors) [vectors][rows] = product_tile_##rows##x##vectors,
