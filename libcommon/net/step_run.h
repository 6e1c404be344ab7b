/* SPDX-License-Identifier: Apache-2.0 */
/* step_run.h: steps that are made and run one at a time. */
#ifndef TMO_STEP_RUN_H
#define TMO_STEP_RUN_H

#include "net/step.h"

/*
 * A step of this node with facts of which nothing is known, in one piece of memory; step->in and out are the
 * node's values.
 */
int tmo_step_make(struct tmo_step *step, const struct tmo_net *net, const struct tmo_node *node,
                  const struct tmo_version *version, struct tmo_error *err);
/* Frees what tmo_step_make and the row's prepare made. */
void tmo_step_release(struct tmo_step *step);
/* Says in err which node it is. Returns -1. */
int tmo_step_fail_at(const struct tmo_step *step, struct tmo_error *err);

/* Has the facts of the inputs all that the row's shape function needs? */
bool tmo_step_is_known(const struct tmo_step *step);
/* The row's shape function; then the facts of the outputs are there. */
int tmo_step_infer(struct tmo_step *step, struct tmo_error *err);
/* The row's prepare. */
int tmo_step_prepare(struct tmo_step *step, struct tmo_error *err);

/*
 * All of a step whose inputs are there, by the calling thread: facts, other floats widened, memory for the
 * outputs (empty arrays, which it fills), run.
 */
int tmo_step_run_alone(struct tmo_step *step, const struct tmo_array *const *input,
                       struct tmo_array *output, struct tmo_error *err);

/* Is output 0 all that is wanted, and another name for input 0? */
static inline bool
tmo_step_is_alias(const struct tmo_step *step)
{
	return (step->version->traits & TMO_STEP_ALIAS) != 0 && !tmo_step_has_output(step, 1);
}

/* A step of f32 where the network has other floats. */
static inline bool
tmo_type_is_widened(enum tmo_type type)
{
	return tmo_type_is_float(type) && type != TMO_F32;
}

/* The same numbers in another type of float; both arrays are there, of as many elements. */
void tmo_array_convert(const struct tmo_array *from, struct tmo_array *to);
/* tmo_array_new with TMO_ARRAY_SPARE bytes more. */
int tmo_array_new_spare(struct tmo_array *a, enum tmo_type type, int rank, const size_t *shape,
                        struct tmo_error *err);

#endif
