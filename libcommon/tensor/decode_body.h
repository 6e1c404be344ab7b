/* SPDX-License-Identifier: Apache-2.0 */
/* The decode rule on [start, end), included once for REAL float and once for double. */

/* For every run of elements in [start, end) that share an entry, or whose entries follow. */
#define FOR_RUNS(blocks, start, end, i, n, entry) \
	for (size_t i = start, n = 0, entry = 0; i < end && \
	     (n = tmo_blocks_run(blocks, i, &entry), n = end - i < n ? end - i : n, true); i += n)

static void
NAME(load_codes)(const struct tmo_tensor *t, REAL *w, size_t start, size_t end)
{
	const void *const codes = t->codes.data;

	switch (t->codes.type) {
	case TMO_I8:
		for (size_t i = start; i < end; i++)
			w[i] = (REAL)((const int8_t *)codes)[i];
		break;
	case TMO_U8:
		for (size_t i = start; i < end; i++)
			w[i] = (REAL)((const uint8_t *)codes)[i];
		break;
	default: {
		double number;

		for (size_t i = start; i < end; i++) {
			tmo_to_f64(&number, t->codes.type,
			           (const char *)codes + i * tmo_type_size(t->codes.type), 1);
			w[i] = (REAL)number;
		}
	}
	}
}

static void
NAME(load_bit_patterns)(const struct tmo_tensor *t, REAL *w, size_t start, size_t end)
{
	const size_t size = tmo_type_size(t->code);
	double number[256];

	for (size_t i = start; i < end; i += 256) {
		const size_t n = end - i < 256 ? end - i : 256;

		tmo_to_f64(number, t->code, (const char *)t->codes.data + i * size, n);
		for (size_t j = 0; j < n; j++)
			w[i + j] = (REAL)number[j];
	}
}

static size_t
NAME(code_index)(const struct tmo_array *codes, size_t i)
{
	switch (codes->type) {
	case TMO_U8:
		return ((const uint8_t *)codes->data)[i];
	case TMO_U16:
		return ((const uint16_t *)codes->data)[i];
	case TMO_U32:
		return ((const uint32_t *)codes->data)[i];
	case TMO_U64:
		return ((const uint64_t *)codes->data)[i];
	case TMO_I8:
		return (size_t)((const int8_t *)codes->data)[i];
	case TMO_I16:
		return (size_t)((const int16_t *)codes->data)[i];
	case TMO_I32:
		return (size_t)((const int32_t *)codes->data)[i];
	default:
		return (size_t)((const int64_t *)codes->data)[i];
	}
}

/* Negative codes become huge and fail the same test as those beyond the end. */
static void
NAME(look_up)(struct decoding *d, REAL *w, size_t start, size_t end)
{
	const REAL *const values = d->codebook;
	const bool each = d->codebook_blocks.cols > 1;

	FOR_RUNS(&d->codebook_blocks, start, end, i, n, entry)
		for (size_t j = 0; j < n; j++) {
			const size_t code = NAME(code_index)(&d->t->codes, i + j);
			const size_t e = entry + (each ? j : 0);

			if (code >= d->values) {
				d->bad[start / CHUNK] = i + j + 1;
				return;
			}
			w[i + j] = values[e * d->values + code];
		}
}

static void
NAME(decode)(struct decoding *d, REAL *w, size_t start, size_t end)
{
	const REAL *const zero_point = d->zero_point, *const scale = d->scale;

	if (d->codebook != NULL)
		NAME(look_up)(d, w, start, end);
	else if (d->t->code != TMO_NONE)
		NAME(load_bit_patterns)(d->t, w, start, end);
	else
		NAME(load_codes)(d->t, w, start, end);
	if (zero_point != NULL)
		FOR_RUNS(&d->zero_blocks, start, end, i, n, entry) {
			const bool each = d->zero_blocks.cols > 1;

			for (size_t j = 0; j < n && each; j++)
				w[i + j] -= zero_point[entry + j];
			for (size_t j = 0; j < n && !each; j++)
				w[i + j] -= zero_point[entry];
		}
	if (scale != NULL)
		FOR_RUNS(&d->scale_blocks, start, end, i, n, entry) {
			const bool each = d->scale_blocks.cols > 1;

			for (size_t j = 0; j < n && each; j++)
				w[i + j] *= scale[entry + j];
			for (size_t j = 0; j < n && !each; j++)
				w[i + j] *= scale[entry];
		}
}

#undef FOR_RUNS
