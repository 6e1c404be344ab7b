/* SPDX-License-Identifier: Apache-2.0 */
/* threshold_body.h: threshold.c's functions for one type, REAL; included once for each. */

static void
NAME(count_slab)(void *arg, size_t slab)
{
	struct counting *const c = arg;
	const struct selection *const s = c->s;
	const size_t start = slab * c->per_slab;
	const size_t end = c->n - start < c->per_slab ? c->n : start + c->per_slab;
	const REAL *const x = c->x;
	uint64_t *const counts = s->counts + (slab << s->digit);
	const uint64_t mask = ((uint64_t)1 << s->digit) - 1, prefix = s->prefix;
	const int shift = s->shift, digit = s->digit;
	uint64_t top = 0;

	for (size_t i = start; i < end; i++) {
		const double magnitude = fabs((double)x[i]);
		uint64_t key;

		memcpy(&key, &magnitude, sizeof(key));
		top = key > top ? key : top;
		key >>= shift;
		if (key >> digit == prefix)
			counts[key & mask]++;
	}
	c->top[slab] = top;
}

/* Takes the keys themselves that share the prefix; no more than there were at the reading before. */
static void
NAME(gather_slab)(void *arg, size_t slab)
{
	struct counting *const c = arg;
	struct selection *const s = c->s;
	const size_t start = slab * c->per_slab;
	const size_t end = c->n - start < c->per_slab ? c->n : start + c->per_slab;
	const REAL *const x = c->x;
	uint64_t *const gathered = s->gathered + slab * s->room;
	size_t count = s->gathered_count[slab];
	uint64_t top = 0;

	for (size_t i = start; i < end; i++) {
		const double magnitude = fabs((double)x[i]);
		uint64_t key;

		memcpy(&key, &magnitude, sizeof(key));
		top = key > top ? key : top;
		if (key >> (s->shift + s->digit) == s->prefix && count < s->room)
			gathered[count++] = key;
	}
	s->gathered_count[slab] = count;
	c->top[slab] = top;
}

size_t
NAME(prune_count)(struct selection *s, const REAL *x, size_t n)
{
	struct counting c = {
		.s = s, .x = x, .n = n, .per_slab = n / (size_t)s->slabs + 1,
	};
	void (*const slab_of)(void *, size_t) =
		s->gathered != NULL ? NAME(gather_slab) : NAME(count_slab);
	size_t i = 0;
	uint64_t top = 0;

	if (n < SMALL) {
		c.per_slab = n;
		slab_of(&c, 0);
	} else {
		tmo_parallel_for(s->slabs, (size_t)s->slabs, slab_of, &c);
	}
	for (int slab = 0; slab < s->slabs; slab++)
		top = c.top[slab] > top ? c.top[slab] : top;
	s->wide |= sizeof(REAL) > sizeof(float);
	if (top <= INFINITY_KEY)
		return n;
	while (!isnan(x[i]))
		i++;
	return i;
}

struct NAME(cutting) {
	REAL *x, threshold;
	size_t n;
};

static void
NAME(cut_chunk)(void *arg, size_t chunk)
{
	const struct NAME(cutting) *const c = arg;
	const size_t start = chunk * CHUNK, end = c->n - start < CHUNK ? c->n : start + CHUNK;
	const REAL threshold = c->threshold;
	REAL *const x = c->x;

	for (size_t i = start; i < end; i++) {
		const REAL w = x[i], magnitude = w < 0 ? -w : w;

		x[i] = magnitude < threshold && magnitude > 0 ? 0 : w;
	}
}

void
NAME(prune_cut)(REAL *x, size_t n, double threshold, uint64_t *ties, int threads)
{
	struct NAME(cutting) c = {.x = x, .threshold = (REAL)threshold, .n = n};

	/* A threshold between two numbers of the type cuts as the upper one does. */
	if ((double)c.threshold < threshold)
		c.threshold = NAME(next)(c.threshold);
	tmo_parallel_for(threads, n / CHUNK + (n % CHUNK != 0), NAME(cut_chunk), &c);
	for (size_t i = 0; i < n && ties != NULL && threshold > 0; i++) {
		if (fabs((double)x[i]) != threshold)
			continue;
		if (*ties > 0)
			(*ties)--;
		else
			x[i] = 0;
	}
}
