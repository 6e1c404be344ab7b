/* SPDX-License-Identifier: Apache-2.0 */
/* frame.h: what a frame is, for execute.c and for what runs inner graphs (op/inner_graph.h). */
#ifndef TMO_FRAME_H
#define TMO_FRAME_H

#include "net/execute.h"

/* An inner graph of a step, planned for what came in when it ran last. */
struct tmo_inner_frame {
	size_t captured_count;
	struct tmo_captured *captured;	/* owned; NULL: not planned yet */
	struct tmo_plan *plan;
	struct tmo_frame *frame;
	struct tmo_fact *input;		/* what it was planned for; owned */
	struct tmo_array *array;	/* for tmo_frame_run; owned */
};

struct tmo_frame {
	const struct tmo_plan *plan;
	void *memory, *scratch;		/* owned */
	char *base;			/* of the values, aligned */
	void *scratch_base;
	struct tmo_array *array;	/* of each value */
	/* Of all steps in one piece, and where each step's begin. */
	const struct tmo_array **input;
	struct tmo_array **output;
	struct tmo_frame_step {
		const struct tmo_array **input;
		struct tmo_array **output;
		struct tmo_inner_frame *inner;	/* of a step with inner graphs; owned */
	} *step;
};

#endif
