/* SPDX-License-Identifier: Apache-2.0 */
/*
 * step.h: what the functions of an operator's row get. A step is a node of a network together with all
 * that is known of it once the shapes of the network's inputs are: plan.h makes steps, execute.h runs
 * them, and the rows (operators.h, op/) say how.
 */
#ifndef TMO_STEP_H
#define TMO_STEP_H

#include "kernel/kernels.h"
#include "net/net.h"

/* What is known of a value before the network runs. */
struct tmo_fact {
	enum tmo_type type;		/* TMO_NONE: not known, or of an input that is left out */
	int rank;			/* -1: not known */
	size_t shape[TMO_RANK_MAX];
	const struct tmo_array *constant;	/* its numbers, if each run has the same; borrowed */
};

struct tmo_frame;
struct tmo_team;
struct tmo_version;

#define TMO_STEP_PHASES 3

struct tmo_step {
	const struct tmo_net *net;
	const struct tmo_node *node;
	const struct tmo_version *version;
	const struct tmo_kernels *kernels;
	int threads;			/* that may share the step */
	uint64_t limit;			/* bytes that an output, or the scratch, may take; 0: any number */
	size_t input_count, output_count;	/* the node's, those that are left out among them */
	size_t *in, *out;		/* the plan's values; TMO_NET_NONE: left out, or not wanted */
	struct tmo_fact *input, *output;

	/* The row's prepare may set these: */
	void *prepared;			/* for its run; freed with the step */
	void (*release)(void *prepared);	/* how; NULL: free */
	size_t scratch;			/* bytes that all tasks of a run share, anything in them */
	size_t tasks[TMO_STEP_PHASES];	/* run is called for each, in any order, by any thread; those of
					   a phase once the phase before is done; { 1 }; 0: no such phase */
};

/* One task of a step. */
struct tmo_work {
	int phase;
	size_t task;
	const struct tmo_array *const *input;	/* NULL: left out */
	struct tmo_array *const *output;	/* NULL: left out, or nobody wants it */
	void *scratch;			/* aligned for vectors */
};

/*
 * Fills in the facts of the outputs, type, rank and shape, from those of the inputs. Fails if the node
 * cannot be run on such inputs. The numbers of the inputs that the row names in `numbers` are there.
 */
typedef int tmo_shape_fn(struct tmo_step *step, struct tmo_error *err);
/* Once the facts are there: what can be done before the inputs are (weights packed, tasks cut). */
typedef int tmo_prepare_fn(struct tmo_step *step, struct tmo_error *err);
/*
 * Fills the outputs, whose memory is there, with anything in it; no input shares it.
 */
typedef int tmo_run_fn(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err);

/*
 * Runs graphs inside of step number `step` of the frame's plan (frame.h, op/inner_graph.h), and fills the
 * outputs, which are empty.
 */
typedef int tmo_control_fn(struct tmo_frame *frame, struct tmo_team *team, size_t step, struct tmo_array *output,
                           struct tmo_error *err);

/* How an operator is computed from an operator set on, until the next such row. */
struct tmo_version {
	int since;			/* the operator set; 0 ends a list */
	tmo_shape_fn *shape;
	tmo_prepare_fn *prepare;	/* NULL: there is nothing to prepare */
	tmo_run_fn *run;
	tmo_control_fn *control;	/* instead of all these */
	int function;			/* which of its family, where one run serves several */
	unsigned numbers;		/* bit i: shape wants the numbers of input i, if it has one */
	unsigned mixed;			/* with TMO_STEP_FLOATS; bit i: input i may be of no floats, too */
	unsigned traits;
};
#define TMO_STEP_FLOATS 0x1u	/* computes in f32: other floats are widened and narrowed around it, and
					   other types refused but for `numbers` and `mixed` */
#define TMO_STEP_ALIAS 0x2u	/* output 0 has the elements of input 0 in their order, and its type; run is
				   only called where another output is wanted, and copies them */
#define TMO_STEP_OF_SHAPES 0x4u	/* its results follow from the facts of its inputs */
#define TMO_STEP_MAKES 0x8u	/* run makes its outputs with tmo_array_new: only it knows their shapes */
#define TMO_STEP_RANDOM 0x10u	/* never computed ahead of the run */

/*
 * Bytes behind the last element of an output that may be written, so that kernels need no tails: a vector of
 * the widest form. Inputs promise none, as they may be constants or come from outside.
 */
#define TMO_ARRAY_SPARE 64

/* ---- for the functions of rows ---- */

static inline bool
tmo_step_has_input(const struct tmo_step *step, size_t i)
{
	return i < step->input_count && step->in[i] != TMO_NET_NONE;
}

static inline bool
tmo_step_has_output(const struct tmo_step *step, size_t i)
{
	return i < step->output_count && step->out[i] != TMO_NET_NONE;
}

/* Elements of a fact whose shape is known. */
size_t tmo_fact_count(const struct tmo_fact *fact);
/* Type and shape of an array; its numbers may be others in the next run. */
struct tmo_fact tmo_fact_of(const struct tmo_array *array);
/* Sets the fact of output i. */
void tmo_step_give(struct tmo_step *step, size_t i, enum tmo_type type, int rank, const size_t *shape);
/* Which axis it is, from 0, of one that may count from the end; fails if there is none such. */
int tmo_step_axis(int64_t axis, int rank, int *out, struct tmo_error *err);
/*
 * Integers that newer operator sets have as input i, a constant or one of the row's `numbers`, and older
 * ones as an attribute (NULL: none). false: it has neither, or they are no integers, or too many.
 */
bool tmo_step_integers(const struct tmo_step *step, const char *attribute, size_t i,
                       struct tmo_integers *out);
/* The shape that two shapes broadcast to, as NumPy does; fails if they do not. rank and shape are changed. */
int tmo_broadcast(int *rank, size_t *shape, const struct tmo_fact *with, struct tmo_error *err);
/* Fails unless inputs 0 to count - 1 are there. */
int tmo_step_expect(const struct tmo_step *step, size_t count, struct tmo_error *err);
/* Fails unless input i is there and of integers. */
int tmo_step_expect_integers(const struct tmo_step *step, size_t i, struct tmo_error *err);
/* Element i of `indices` as an index, from 0, of an axis of so many; it may count from the end. Fails if none. */
int tmo_index_at(const struct tmo_array *indices, size_t i, size_t size, size_t *out, struct tmo_error *err);

/* Attributes, or what they are where the node has none. */
float tmo_node_real(const struct tmo_node *node, const char *name, float otherwise);
const char *tmo_node_text(const struct tmo_node *node, const char *name, const char *otherwise);
/* A type by ONNX's number or, as operator set 1 has it, name; TMO_NONE: none that can be computed with. */
enum tmo_type tmo_node_type(const struct tmo_node *node, const char *name, enum tmo_type otherwise);

#endif
