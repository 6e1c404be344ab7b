/* SPDX-License-Identifier: Apache-2.0 */
/* product.c: how products are cut into tiles; the tiles are in product_body.h. */
#include <assert.h>

#include "kernel/forms.h"

/* Weights that are used again and again for the next rows: they should stay in the second-level cache. */
enum { CACHED_WEIGHTS = 384 * 1024 / sizeof(float) };

struct tmo_product
tmo_product_of_matrices(size_t rows, size_t k, size_t channels)
{
	static const ptrdiff_t whole_row = 0;

	return (struct tmo_product){
		.segments = 1, .segment = k, .offsets = &whole_row, .weight_step = TMO_PANEL,
		.panel_step = k * TMO_PANEL, .channels = channels, .epilogue = TMO_EPILOGUE_NONE,
		.count = { 1, 1, rows }, .input_step = { 0, 0, (ptrdiff_t)k },
		.output_step = { 0, 0, (ptrdiff_t)channels },
	};
}

void
tmo_product_pack(const float *from, size_t k, size_t channels, ptrdiff_t k_step, ptrdiff_t channel_step,
                 float *packed)
{
	for (size_t first = 0; first < channels; first += TMO_PANEL) {
		const size_t n = channels - first < TMO_PANEL ? channels - first : TMO_PANEL;

		for (size_t i = 0; i < k; i++, packed += TMO_PANEL) {
			const float *const row = from + (ptrdiff_t)i * k_step + (ptrdiff_t)first * channel_step;

			for (size_t j = 0; j < TMO_PANEL; j++)
				packed[j] = j < n ? row[(ptrdiff_t)j * channel_step] : 0.0f;
		}
	}
}

static size_t
divided_up(size_t a, size_t b)
{
	return (a + b - 1) / b;
}

/* The height of the tiles when so many rows are cut evenly into tiles of at most `most`. */
static size_t
even_height(size_t rows, size_t most)
{
	return divided_up(rows, divided_up(rows, most));
}

/*
 * How many vectors a tile has: as many as are wanted if that is less than a panel; else those panels
 * that leave most sums in registers, with few rows.
 */
static size_t
tile_width(const struct tmo_kernels *kernels, size_t rows, size_t wanted)
{
	const size_t panel = TMO_PANEL / kernels->vector;
	size_t best = 0, most = 0;

	if (wanted < panel) {
		while (kernels->tile_rows[wanted] == 0)
			wanted++;
		return wanted;
	}
	for (size_t v = panel; v <= TMO_TILE_VECTORS && v <= wanted; v += panel) {
		const size_t tile_rows = kernels->tile_rows[v];
		const size_t sums = tile_rows == 0 ? 0 : even_height(rows, tile_rows) * v;

		if (sums > most || (sums == most && sums != 0 && v <= kernels->tile_vectors)) {
			best = v;
			most = sums;
		}
	}
	return best;
}

/* Where the rows of a product are, counted on from one to the next. */
struct place {
	const struct tmo_product *product;
	size_t at[3];
};

static struct place
place_of(const struct tmo_product *p, size_t row)
{
	const size_t columns = p->count[2], lines = p->count[1];

	return (struct place){p, {row / columns / lines, row / columns % lines, row % columns}};
}

static void
next_place(struct place *place)
{
	if (++place->at[2] < place->product->count[2])
		return;
	place->at[2] = 0;
	if (++place->at[1] < place->product->count[1])
		return;
	place->at[1] = 0;
	place->at[0]++;
}

static ptrdiff_t
distance(const struct place *place, const ptrdiff_t step[3])
{
	return (ptrdiff_t)place->at[0] * step[0] + (ptrdiff_t)place->at[1] * step[1] +
		(ptrdiff_t)place->at[2] * step[2];
}

/* The rows that begin at a place, all panels of a block; `most` vectors at once. */
static void
run_rows(const struct tmo_kernels *kernels, const struct tmo_product *p, struct place *place, size_t rows,
         size_t first, size_t end, size_t most)
{
	const size_t panel = TMO_PANEL / kernels->vector;
	struct tmo_tile tile = {.product = p};
	float *output[TMO_TILE_ROWS];
	const float *addend[TMO_TILE_ROWS];

	for (size_t r = 0; r < rows; r++, next_place(place)) {
		tile.input[r] = p->input + distance(place, p->input_step);
		output[r] = p->output + distance(place, p->output_step);
		addend[r] = p->addend == NULL ? NULL : p->addend + distance(place, p->addend_step);
	}
	for (size_t channel = first, vectors; channel < end; channel += vectors * kernels->vector) {
		const size_t wanted = divided_up(end - channel, kernels->vector);

		vectors = wanted < most ? wanted : most;
		if (vectors > panel)
			vectors -= vectors % panel;
		while (kernels->tile[vectors][rows] == NULL)
			vectors = vectors < panel ? vectors + 1 : vectors - panel;
		tile.channel = channel;
		tile.width = end - channel < vectors * kernels->vector ? end - channel : vectors * kernels->vector;
		for (size_t r = 0; r < rows; r++) {
			tile.output[r] = output[r] + channel;
			tile.addend[r] = p->addend == NULL ? NULL : addend[r] + channel;
		}
		kernels->tile[vectors][rows](&tile);
	}
}

void
tmo_product_run(const struct tmo_kernels *kernels, const struct tmo_product *p, size_t first_row,
                size_t end_row, size_t first_panel, size_t end_panel)
{
	const size_t k = p->segments * p->segment, rows = end_row - first_row;
	const size_t end = end_panel * TMO_PANEL < p->channels ? end_panel * TMO_PANEL : p->channels;
	size_t width, height, tiles, block;

	assert(first_row <= end_row && end_row <= tmo_product_rows(p));
	if (rows == 0 || first_panel >= end_panel)
		return;
	width = tile_width(kernels, rows, divided_up(end - first_panel * TMO_PANEL, kernels->vector));
	height = kernels->tile_rows[width];
	tiles = divided_up(rows, height);
	/* Panels that are used for all rows before the next are; whole tiles of them. */
	block = width * kernels->vector < TMO_PANEL ? TMO_PANEL : width * kernels->vector;
	if (k > 0 && CACHED_WEIGHTS / k > block)
		block = CACHED_WEIGHTS / k / block * block;
	for (size_t first = first_panel * TMO_PANEL; first < end; first += block) {
		struct place place = place_of(p, first_row);

		/* Heights differ by at most one. */
		for (size_t i = 0; i < tiles; i++)
			run_rows(kernels, p, &place, rows / tiles + (i < rows % tiles), first,
			         end - first < block ? end : first + block, width);
	}
}

struct tmo_product_tasks
tmo_product_cut(const struct tmo_kernels *kernels, const struct tmo_product *p, int threads)
{
	/* Four tasks a thread, so that a thread that comes late leaves its share to the others. */
	const size_t rows = tmo_product_rows(p), panels = tmo_product_panels(p->channels);
	const size_t wanted = threads == 1 ? 1 : 4 * (size_t)threads;
	const size_t vectors = divided_up(p->channels, kernels->vector);
	struct tmo_product_tasks t = {.rows = rows, .panels = panels, .row_tasks = 1, .panel_tasks = 1};
	size_t width, height;

	if (rows == 0 || panels == 0 || wanted == 1)
		return t;
	width = tile_width(kernels, rows, vectors);
	height = kernels->tile_rows[width];
	if (rows >= wanted * height) {
		t.rows = divided_up(divided_up(rows, wanted), height) * height;
		t.row_tasks = divided_up(rows, t.rows);
	} else {
		const size_t tile = divided_up(width * kernels->vector, TMO_PANEL);

		t.panels = divided_up(divided_up(panels, wanted), tile) * tile;
		t.panel_tasks = divided_up(panels, t.panels);
	}
	return t;
}

void
tmo_product_task(const struct tmo_kernels *kernels, const struct tmo_product *p,
                 const struct tmo_product_tasks *tasks, size_t task)
{
	const size_t row = task / tasks->panel_tasks * tasks->rows;
	const size_t panel = task % tasks->panel_tasks * tasks->panels;
	const size_t rows = tmo_product_rows(p), panels = tmo_product_panels(p->channels);

	tmo_product_run(kernels, p, row, rows - row < tasks->rows ? rows : row + tasks->rows, panel,
	                panels - panel < tasks->panels ? panels : panel + tasks->panels);
}
