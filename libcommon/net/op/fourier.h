/* SPDX-License-Identifier: Apache-2.0 */
/* fourier.h: discrete Fourier transforms, of any length, in doubles. */
#ifndef TMO_FOURIER_H
#define TMO_FOURIER_H

#include "tmo.h"

struct tmo_complex {
	double re, im;
};

/* What transforms of a length need; many threads can use it at once. */
struct tmo_fourier {
	size_t length;
	struct tmo_complex *turn;	/* owned: e^(-2 pi i k / length) of each k */
};
int tmo_fourier_make(struct tmo_fourier *f, size_t length, struct tmo_error *err);
void tmo_fourier_free(struct tmo_fourier *f);

/*
 * to[k] = sum of from[j] * e^(-2 pi i j k / length); inverse: with + in place of -, divided by length. By the
 * factors of the length (Cooley and Tukey, "An algorithm for the machine calculation of complex Fourier
 * series", 1965), so that a prime length takes its square. room: `length` more.
 */
void tmo_fourier_run(const struct tmo_fourier *f, bool inverse, const struct tmo_complex *from,
                     struct tmo_complex *to, struct tmo_complex *room);

#endif
