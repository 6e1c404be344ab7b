/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.h: a network made ready to run on inputs of given shapes: the steps in their order, the shapes of
 * all values, what is the same in each run already computed, weights packed, and a place in memory for
 * every value that lives no longer than it must. A plan is data: it can be looked at, and several threads
 * can run it at once (execute.h).
 */
#ifndef TMO_PLAN_H
#define TMO_PLAN_H

#include "net/step.h"

/* Where the numbers of weights come from: *array is borrowed, and stays; NULL: there is no such weight. */
struct tmo_weights {
	int (*find)(void *arg, const char *name, const struct tmo_array **array, struct tmo_error *err);
	void *arg;
};

enum tmo_place {
	TMO_PLACE_NONE,			/* nobody wants it */
	TMO_PLACE_INPUT,		/* of the network: number `offset` */
	TMO_PLACE_CONSTANT,		/* fact.constant */
	TMO_PLACE_MEMORY,		/* `offset` bytes into the run's memory */
	TMO_PLACE_LATE			/* of its own: its size is known when it is made */
};

/* A value of the network, of the same number, or one that the plan adds. */
struct tmo_planned {
	struct tmo_fact fact;
	enum tmo_place place;
	size_t offset;
	size_t same;			/* the value that it is another name of, as in a function; itself */
	size_t root;			/* the value whose memory it has, in another shape; itself */
	size_t first_step, last_step;	/* that write and read it */
	size_t wide;			/* the value that has it as f32, where steps want that; itself */
	struct tmo_array *made;		/* a constant that the plan computed, whose data is the plan's; NULL */
};

struct tmo_plan {
	const struct tmo_net *net;	/* borrowed, as are the weights */
	struct tmo_weights weights;
	size_t graph;
	const struct tmo_kernels *kernels;
	int threads;
	uint64_t limit;
	size_t value_count, value_room;
	struct tmo_planned *value;
	size_t step_count, step_room;
	struct tmo_planned_step {
		struct tmo_step step;
		bool late;		/* its shapes are known when its inputs are there */
	} *step;			/* in the order in which they run */
	size_t input_count, output_count;
	size_t *input, *output;		/* values; of an inner graph its inputs, then what it captures */
	size_t memory;			/* bytes of a run's values, at most so many at once */
	size_t scratch;			/* bytes that the step that wants most wants beside them */
	struct tmo_arena arena;		/* lists, and constants without their data */
};

/* A value that comes from outside of a graph. */
struct tmo_captured {
	size_t value;
	struct tmo_fact fact;
};

struct tmo_plan_request {
	struct tmo_weights weights;
	size_t graph;			/* that is to run; TMO_NET_MAIN */
	const struct tmo_fact *input;	/* of each input of the graph: type and shape */
	const struct tmo_captured *captured;	/* of an inner graph */
	size_t captured_count;
	const size_t *output;		/* the values that are wanted; NULL: the graph's outputs */
	size_t output_count;
	const struct tmo_kernels *kernels;
	int threads;			/* that will share each step; 1: each has a run of its own */
	uint64_t limit;			/* bytes that a value may take; 0: any number */
};

/*
 * The values outside of an inner graph that it, or graphs in it, read, but for weights and constants:
 * *value gets a list of *count of them, which the caller frees.
 */
int tmo_plan_captures(const struct tmo_net *net, size_t graph, size_t **value, size_t *count,
                      struct tmo_error *err);

/*
 * NULL on failure; among others if operators are missing, all of which err names. The network must
 * outlive the plan.
 */
struct tmo_plan *tmo_plan_new(const struct tmo_net *net, const struct tmo_plan_request *request,
                              struct tmo_error *err);
void tmo_plan_free(struct tmo_plan *plan);		/* NULL is fine */

#endif
