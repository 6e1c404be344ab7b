/* SPDX-License-Identifier: Apache-2.0 */
/* conv.h: what operators share that are convolutions in the end. */
#ifndef TMO_CONV_H
#define TMO_CONV_H

#include "net/window.h"

/*
 * Prepares the step for tmo_run_conv: a convolution by window w of input 0, [images, channels, …], by input 1
 * and with the bias of input 2, if there is one; groups are the attribute `group`. stretch: w is over the input with
 * its elements so far apart and zeros between them, and input 1 is [channels, results / groups, …] and turned
 * round; NULL: it is Conv's.
 */
int tmo_conv_prepare(struct tmo_step *step, const struct tmo_window *w, const size_t *stretch, struct tmo_error *err);

#endif
