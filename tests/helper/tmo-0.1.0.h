/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-0.1.0.h: tmo.h as it was with libtmo.so.0, so that tests can build a program for that one. */
/*
 * tmo.h: everything that a filter needs, and the only installed header.
 *
 * A filter is a table of options, a function that is given one tensor at a time, and a main() of
 * two lines:
 *
 *	#include <math.h>
 *	#include <tmo.h>
 *
 *	struct clip { double max; };
 *
 *	static const struct tmo_option options[] = {
 *		TMO_REAL('m', "max", struct clip, max, "X", 1.0, 0.0, INFINITY, "largest magnitude"),
 *		TMO_OPTIONS_END
 *	};
 *
 *	static int
 *	clip_tensor(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
 *	{
 *		const struct clip *o = tmo_options(run);
 *
 *		for (size_t i = 0; i < t->count; i++)
 *			if (fabsf(t->data[i]) > (float)o->max)
 *				t->data[i] = copysignf((float)o->max, t->data[i]);
 *		return tmo_put(run, t, err);
 *	}
 *
 *	int
 *	main(int argc, char **argv)
 *	{
 *		static const struct tmo_filter clip = {
 *			.name = "clip", .summary = "limit weights to a range", .kind = TMO_FILTER,
 *			.options = options, .options_size = sizeof(struct clip), .tensor = clip_tensor,
 *		};
 *		return tmo_main(&clip, argc, argv);
 *	}
 *
 * Conventions that hold for every function here: 0 is success, -1 failure with *err filled (the
 * caller adds nothing and returns -1 itself); nothing prints or exits but tmo_main; sizes are
 * counts of elements unless they are called bytes.
 */
#ifndef TMO_H
#define TMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __GNUC__
#pragma GCC visibility push(default)	/* libtmo.so shows this header and nothing else */
#endif

#define TMO_STREAM_VERSION 1	/* `tmo: 1` in model.yaml: see tmo-stream(5) */
#define TMO_RANK_MAX 32		/* as NumPy 1 */

/* ---- errors ---- */

/*
 * What went wrong and where. Printed once, by tmo_main, as "tmo-NAME: where: text". Start with
 * `struct tmo_error err = {0};`. The text says what is wrong, with the number, then "; " and what
 * to do: lower case, no full stop, one line.
 */
struct tmo_error {
	bool usage;		/* the command was wrong, not the data: exit status 2 */
	char where[256];	/* a member or a file; empty if it is about the whole run */
	char text[512];
};

/* Fills err->text, printf style, and returns -1, so that callers `return tmo_fail(err, …)`. */
int tmo_fail(struct tmo_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for a mistake in the command line or a pipeline file: exit status 2. */
int tmo_fail_usage(struct tmo_error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Says where it happened, if nobody nearer to it has said so already. Returns -1. */
int tmo_fail_at(struct tmo_error *err, const char *where);

/* ---- types and arrays ---- */

enum tmo_type {
	TMO_NONE,
	TMO_BOOL, TMO_U8, TMO_U16, TMO_U32, TMO_U64, TMO_I8, TMO_I16, TMO_I32, TMO_I64,
	TMO_F16, TMO_F32, TMO_F64,
	TMO_BF16, TMO_F8E4M3, TMO_F8E5M2	/* no .npy type: only as the code of an encoding */
};

/* "f32", …; types count bits, as in tensor.yaml. "none" for TMO_NONE. */
const char *tmo_type_name(enum tmo_type type);
enum tmo_type tmo_type_named(const char *name);	/* TMO_NONE if there is no such type */
size_t tmo_type_size(enum tmo_type type);		/* bytes of one element */
bool tmo_type_is_float(enum tmo_type type);		/* f16 f32 f64 bf16 f8e4m3 f8e5m2 */

/* A .npy in memory: C order, native byte order. data is owned, from malloc; NULL means absent. */
struct tmo_array {
	enum tmo_type type;
	int rank;
	size_t shape[TMO_RANK_MAX];
	size_t count;		/* product of shape; 1 for rank 0 */
	void *data;
};

/*
 * Makes a (which must be empty: {0}) an array of zeros. Fails if the size overflows or memory is
 * out. An array of no elements gets a data pointer all the same.
 */
int tmo_array_new(struct tmo_array *a, enum tmo_type type, int rank, const size_t *shape,
                  struct tmo_error *err);
void tmo_array_free(struct tmo_array *a);		/* leaves it empty */

/* ---- tensors ---- */

/*
 * One tensor of the stream, plain or encoded. tmo_main owns it; a filter changes what it holds.
 *
 * A filter gets decoded floats in `data` (f32, f16, bf16 and fp8 tensors as f32) or, if it says
 * .takes_f64, those of f64 tensors in `data64`; the other one is NULL, and so are both while only an
 * encoded form is in memory. To give a tensor back plain, change the values in place. To give it
 * back encoded, fill codes (and what else applies); by tmo-stream(5) it decodes to
 *
 *	v = codes, or the number whose bit pattern in the type `code` the code is
 *	v = codebook[v]                     if there is a codebook
 *	w = (v - zero_point) * scale        what is absent is left out
 *
 * scale, zero_point and codebook have the tensor's rank (codebook one axis more: the value's
 * index, last); along an axis of n they have 1 entry, n entries, or, where block[axis] is b,
 * ceil(n / b) entries of which i / b counts.
 */
struct tmo_tensor {
	char *name;			/* owned; the tensor's own name, any bytes but NUL */
	enum tmo_type dtype;		/* what it decodes to; an encoding never changes it */
	int rank;
	size_t shape[TMO_RANK_MAX];
	size_t count;
	int output_axis, input_axis;	/* the axis of output channels, and the one that is summed
					   over; -1: there is none */
	float *data;			/* borrowed from `values` */
	double *data64;
	struct tmo_array values;	/* decoded: f32 or f64 for floats, else its own type; data is
					   NULL while only the encoded form is in memory */

	struct tmo_array codes;		/* integers, the tensor's shape; .data != NULL: encoded */
	enum tmo_type code;		/* TMO_NONE: the codes are integers; else a float type */
	int bits;			/* significant bits of a code, 1 to 64 */
	bool blocked;			/* block holds */
	size_t block[TMO_RANK_MAX];	/* 1 on axes without blocks */
	struct tmo_array codebook, scale, zero_point;
	char *extra;			/* owned; keys of tensor.yaml that this version does not know,
					   as YAML text; NULL if none */
};

static inline bool
tmo_is_encoded(const struct tmo_tensor *t)
{
	return t->codes.data != NULL;
}

/* Drops codes, codebook, scale and zero point: the tensor is plain from now on. */
void tmo_forget_encoding(struct tmo_tensor *t);

/* ---- options ---- */

enum tmo_option_type {
	TMO_OPTION_END, TMO_OPTION_FLAG, TMO_OPTION_SWITCH, TMO_OPTION_INT, TMO_OPTION_REAL,
	TMO_OPTION_TEXT, TMO_OPTION_FILE, TMO_OPTION_CHOICE, TMO_OPTION_LIST
};

/* One of the words of a choice; words such as "group:N" carry a number. */
struct tmo_choice {
	int index;		/* which word, from 0 */
	double number;		/* after the colon; 0 without one */
};

/* A repeated option's values in the order given. Two options may share one list. */
struct tmo_list {
	size_t count;
	struct tmo_list_item {
		char tag;		/* of the option that gave it */
		const char *text;	/* borrowed from argv */
	} *items;			/* owned */
};

/* Some options do not affect the output and stay out of the stream's history. */
#define TMO_UNRECORDED 1u

/*
 * A row of a filter's table. Use the macros below: they take the option's letter (0 for none), its
 * long name, the struct and the field that hold the value, how the argument is called in the help,
 * the default, the range, and a line of help (lower case, no full stop).
 */
struct tmo_option {
	enum tmo_option_type type;
	char letter;
	const char *name;
	size_t offset;		/* of the field in the options struct */
	const char *arg;	/* the argument's name; for a choice "word|word:N|…" */
	const char *initial;	/* default, as one would type it; NULL: none (NULL, false, 0) */
	double low, high;	/* inclusive; of an int or a real */
	char tag;
	unsigned flags;
	const char *help;
};

#define TMO_STRING_(x) #x

/* bool; --name, and --no-name to take it back */
#define TMO_FLAG(letter_, name_, struct_, field_, help_) \
	{ .type = TMO_OPTION_FLAG, .letter = letter_, .name = name_, \
	  .offset = offsetof(struct_, field_), .help = help_ }
/* int, -1 unless given: --name makes it 1, --no-name 0 */
#define TMO_SWITCH(letter_, name_, struct_, field_, help_) \
	{ .type = TMO_OPTION_SWITCH, .letter = letter_, .name = name_, \
	  .offset = offsetof(struct_, field_), .help = help_ }
/* int64_t; the default is a literal */
#define TMO_INT(letter_, name_, struct_, field_, arg_, initial_, low_, high_, help_) \
	{ .type = TMO_OPTION_INT, .letter = letter_, .name = name_, \
	  .offset = offsetof(struct_, field_), .arg = arg_, .initial = TMO_STRING_(initial_), \
	  .low = low_, .high = high_, .help = help_ }
/* double; the default is a literal */
#define TMO_REAL(letter_, name_, struct_, field_, arg_, initial_, low_, high_, help_) \
	{ .type = TMO_OPTION_REAL, .letter = letter_, .name = name_, \
	  .offset = offsetof(struct_, field_), .arg = arg_, .initial = TMO_STRING_(initial_), \
	  .low = low_, .high = high_, .help = help_ }
/* const char *, borrowed from argv; NULL unless given or initial_ says otherwise */
#define TMO_TEXT(letter_, name_, struct_, field_, arg_, initial_, help_) \
	{ .type = TMO_OPTION_TEXT, .letter = letter_, .name = name_, \
	  .offset = offsetof(struct_, field_), .arg = arg_, .initial = initial_, .help = help_ }
/* const char *: the name of a file that is read */
#define TMO_FILE(letter_, name_, struct_, field_, help_) \
	{ .type = TMO_OPTION_FILE, .letter = letter_, .name = name_, \
	  .offset = offsetof(struct_, field_), .arg = "FILE", .help = help_ }
/* struct tmo_choice; words_ is "tensor|channel|group:N", initial_ one of them */
#define TMO_CHOICE(letter_, name_, struct_, field_, words_, initial_, help_) \
	{ .type = TMO_OPTION_CHOICE, .letter = letter_, .name = name_, \
	  .offset = offsetof(struct_, field_), .arg = words_, .initial = initial_, .help = help_ }
/* struct tmo_list; may be repeated */
#define TMO_LIST(letter_, name_, struct_, field_, arg_, tag_, help_) \
	{ .type = TMO_OPTION_LIST, .letter = letter_, .name = name_, \
	  .offset = offsetof(struct_, field_), .arg = arg_, .tag = tag_, .help = help_ }
#define TMO_OPTIONS_END { .type = TMO_OPTION_END }

/* ---- filters ---- */

struct tmo_run;		/* one run of one program */

enum tmo_kind { TMO_FILTER, TMO_SOURCE, TMO_SINK };

struct tmo_filter {
	const char *name;		/* without "tmo-" */
	const char *version;		/* NULL: that of libtmo */
	const char *summary;		/* one line */
	const char *operands;		/* in the usage line; NULL: the kind's usual "[FILE]" */
	const char *example;		/* a command that works when pasted; NULL: none */
	enum tmo_kind kind;
	const struct tmo_option *options;
	size_t options_size, state_size;	/* state: zeroed, for what lasts from tensor to tensor */

	bool takes_all;		/* give it every tensor of floats, not only the chosen weights */
	bool takes_encoded;	/* give it encoded tensors as they are; else they are decoded first */
	bool takes_f64;		/* it looks at data64; else f64 tensors pass untouched */
	bool takes_map;		/* --map FILE: tmo_options are those of the tensor at hand in scan and
				   tensor, and those of the command line elsewhere */
	const char *whole;	/* options that no map can set, for the run has but one: "a|b" */
	bool no_history;	/* it changes no value: no entry in the manifest */
	bool no_selection;	/* --only, --skip and their like mean nothing to it */
	bool may_report;	/* a terminal as stdout is fine: it writes no stream there */
	bool takes_folder;	/* FILE may be a folder; only a .run of our own knows what to do */

	/* All optional, in the order in which they are called. */
	void (*settle)(void *options);	/* before check, of what a map made: drops what means nothing */
	int (*check)(const void *options, struct tmo_error *err);	/* fails: exit status 2 */
	int (*run)(struct tmo_run *run, struct tmo_error *err);		/* instead of all below */
	int (*begin)(struct tmo_run *run, struct tmo_error *err);
	bool (*two_passes)(const void *options);	/* whether scan is wanted; NULL: if it is set */
	int (*scan)(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err);
	/* Whether scan is to see this tensor too, though it was not chosen. */
	bool (*scans_too)(struct tmo_run *run, const char *name);
	/* After a scan of the whole stream; *again = true has it scanned once more. */
	int (*scanned)(struct tmo_run *run, bool *again, struct tmo_error *err);
	/* Hands t on with tmo_put or tmo_pass; what it does not hand on is not in the output. */
	int (*tensor)(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err);
	int (*finish)(struct tmo_run *run, struct tmo_error *err);
	/* Frees what the state holds; called after a failure too, wherever there is a state. */
	void (*release)(struct tmo_run *run);
};

/*
 * Runs the program: common options, --help, --version, --describe, input and output, selection,
 * pass-through, messages. Returns main's exit status: 0 done, 1 the work failed, 2 wrong usage.
 */
int tmo_main(const struct tmo_filter *filter, int argc, char **argv);

const void *tmo_options(const struct tmo_run *run);
void *tmo_state(struct tmo_run *run);
int tmo_threads(const struct tmo_run *run);

/*
 * Writes the tensor to the output, encoded if it has codes, else plain in its dtype. This and
 * tmo_pass are for `tensor` of a filter: in scan, and in a sink, there is no output yet.
 */
int tmo_put(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err);

/*
 * Writes the current tensor as it came in, for what a filter leaves alone: byte for byte, but for
 * arrays that were big-endian or in Fortran order.
 */
int tmo_pass(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err);

/* Has the values of an encoded tensor decoded into t->values; keeps the encoding. */
int tmo_decode(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err);

/* A line on stderr about the current tensor, if -v was given: what was done, or why not. */
void tmo_note(struct tmo_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- work for several threads ---- */

/*
 * Calls fn(arg, i) for every i in [0, n), on up to `threads` threads, in any order. What a call
 * computes may depend on i alone, never on the thread or the number of threads: cut work into
 * chunks of a fixed size and add up partial sums in the order of i. It cannot fail: where the system
 * refuses a thread, or more than TMO_THREADS_MAX are asked for, fewer do the work.
 */
#define TMO_THREADS_MAX 256	/* also the most that -j takes */
void tmo_parallel_for(int threads, size_t n, void (*fn)(void *arg, size_t i), void *arg);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#endif
