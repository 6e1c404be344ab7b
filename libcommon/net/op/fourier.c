/* SPDX-License-Identifier: Apache-2.0 */
#include "net/op/fourier.h"

#include <stdlib.h>

#include "base/math/trigonometric.h"
#include "base/memory.h"

int
tmo_fourier_make(struct tmo_fourier *f, size_t length, struct tmo_error *err)
{
	*f = (struct tmo_fourier){length, tmo_alloc(length + 1, sizeof(*f->turn), err)};
	if (f->turn == NULL)
		return -1;
	for (size_t k = 0; k < length; k++) {
		tmo_turn(k, length, &f->turn[k].re, &f->turn[k].im);
		f->turn[k].im = -f->turn[k].im;
	}
	return 0;
}

void
tmo_fourier_free(struct tmo_fourier *f)
{
	free(f->turn);
	*f = (struct tmo_fourier){0};
}

static size_t
smallest_factor(size_t n)
{
	for (size_t p = 2; p <= n / p; p++)
		if (n % p == 0)
			return p;
	return n;
}

static struct tmo_complex
times(struct tmo_complex a, struct tmo_complex b)
{
	return (struct tmo_complex){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

/*
 * Of n numbers, each `step` behind the one before it; n * step is the whole length. p transforms of every
 * p-th number become one.
 */
static void
transform(const struct tmo_fourier *f, size_t n, size_t step, const struct tmo_complex *from, struct tmo_complex *to,
          struct tmo_complex *room)
{
	const size_t p = smallest_factor(n), m = n / p;

	if (n == 1) {
		to[0] = from[0];
		return;
	}
	for (size_t r = 0; r < p; r++)
		transform(f, m, step * p, from + r * step, to + r * m, room);
	for (size_t k = 0; k < m; k++) {
		for (size_t r = 0; r < p; r++)
			room[r] = times(to[r * m + k], f->turn[r * k * step]);
		for (size_t j = 0; j < p; j++) {
			struct tmo_complex sum = room[0];

			for (size_t r = 1; r < p; r++) {
				const struct tmo_complex term = times(room[r], f->turn[r * j % p * m * step]);

				sum.re += term.re;
				sum.im += term.im;
			}
			to[j * m + k] = sum;
		}
	}
}

void
tmo_fourier_run(const struct tmo_fourier *f, bool inverse, const struct tmo_complex *from, struct tmo_complex *to,
                struct tmo_complex *room)
{
	const size_t n = f->length;

	if (n == 0)
		return;
	transform(f, n, 1, from, to, room);
	if (!inverse)
		return;
	/* The inverse has the same numbers the other way round. */
	for (size_t k = 1; k < n - k; k++) {
		const struct tmo_complex other = to[k];

		to[k] = to[n - k];
		to[n - k] = other;
	}
	for (size_t k = 0; k < n; k++) {
		to[k].re /= (double)n;
		to[k].im /= (double)n;
	}
}
