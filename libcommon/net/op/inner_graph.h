/* SPDX-License-Identifier: Apache-2.0 */
/* inner_graph.h: graphs inside of nodes, as If, Loop and Scan run them. */
#ifndef TMO_INNER_GRAPH_H
#define TMO_INNER_GRAPH_H

#include "base/buffer.h"
#include "net/frame.h"

/* Runs an inner graph of the step on its inputs; its outputs are *ran's, until it runs again. */
int tmo_inner_run(struct tmo_frame *frame, struct tmo_team *team, size_t step, size_t number,
                  const struct tmo_array *const *input, const struct tmo_frame **ran, struct tmo_error *err);
/* *to, which is freed first, becomes a copy. */
int tmo_inner_copy(const struct tmo_array *from, struct tmo_array *to, struct tmo_error *err);

/*
 * The states after a round: outputs first … first + count - 1. An output may be a state of before, as it
 * came in, so that these go only when all are copied.
 */
int tmo_inner_states(const struct tmo_frame *ran, size_t first, size_t count, struct tmo_array *state,
                     struct tmo_error *err);

/* Arrays of one shape that become an array with one axis more. {0} is empty. */
struct tmo_stack {
	struct tmo_buffer data;
	struct tmo_array shape;		/* of one; without data */
	size_t count;
};
int tmo_stack_add(struct tmo_stack *stack, const struct tmo_array *array, struct tmo_error *err);
/*
 * All of them along the axis; reverse: the last one first. Where there are none, their shape is what the
 * network says of `value`.
 */
int tmo_stack_finish(struct tmo_stack *stack, const struct tmo_value *value, int64_t axis, bool reverse,
                     struct tmo_array *out, struct tmo_error *err);

#endif
