/* SPDX-License-Identifier: Apache-2.0 */
/* recurrent.h: what LSTM, GRU and RNN share: sizes, activations, and the products of their steps. */
#ifndef TMO_RECURRENT_H
#define TMO_RECURRENT_H

#include "kernel/product.h"
#include "net/step.h"

enum { TMO_RNN, TMO_LSTM, TMO_GRU };		/* struct tmo_version's function */

#define TMO_RECURRENT_ACTIVATIONS 3		/* of a direction */

struct tmo_activation {
	int function;			/* which of recurrent_activation.c's */
	float alpha, beta;
};

struct tmo_recurrent {
	int kind;
	size_t directions, hidden, gates, steps, batch, inputs;
	bool batch_first, only_backwards;
	bool input_forget, linear_before_reset;
	float clip;			/* 0: none */
	struct tmo_activation activation[2][TMO_RECURRENT_ACTIVATIONS];
	/*
	 * A direction's biases, W and R, as products want them, and where each begins, in floats. NULL: they
	 * are not constant, and are made in the scratch.
	 */
	float *packed;
	size_t weights_at, recurrent_at, packed_count;
	/* What a direction has in the scratch, in floats. */
	size_t input_at, sums_at, gates_at, state_at, part;
};

/* Inputs, by their place. */
enum { TMO_RECURRENT_X, TMO_RECURRENT_W, TMO_RECURRENT_R, TMO_RECURRENT_B, TMO_RECURRENT_LENGTHS,
       TMO_RECURRENT_STATE, TMO_RECURRENT_CELL, TMO_RECURRENT_P };

/* Biases, W and R of a direction as products want them. b: NULL for none. */
void tmo_recurrent_pack(const struct tmo_recurrent *r, size_t direction, const float *w, const float *h,
                        const float *b, float *to);

/* recurrent_activation.c: the activations of the node, or the operator's usual ones. */
int tmo_recurrent_activations(const struct tmo_step *step, struct tmo_recurrent *r, struct tmo_error *err);
float tmo_activate(const struct tmo_activation *a, float x);

#endif
