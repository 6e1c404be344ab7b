/* SPDX-License-Identifier: Apache-2.0 */
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
enum tmo_error_kind {
	TMO_ERROR_NONE,		/* all is well so far */
	TMO_ERROR_USAGE,	/* the command was wrong, not the data: exit status 2 */
	TMO_ERROR_DATA,		/* what was read is damaged, or does not do for what was asked */
	TMO_ERROR_MEMORY,	/* there was none left */
	TMO_ERROR_SYSTEM,	/* a call to the system failed */
	TMO_ERROR_UNSUPPORTED,	/* well made, but of a kind or version that this tmo does not know */
	TMO_ERROR_TRUNCATED	/* the input ends too early; what wrote it may have failed */
};

struct tmo_error {
	enum tmo_error_kind kind;
	char where[256];	/* a member or a file; empty if it is about the whole run */
	char text[512];
};

/*
 * Fills err, printf style, and returns -1, so that callers `return tmo_fail(err, …)`. The kind is
 * TMO_ERROR_DATA.
 */
int tmo_fail(struct tmo_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for a mistake in the command line or a pipeline file: exit status 2. */
int tmo_fail_usage(struct tmo_error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same for data of a kind or a version that is not known here. */
int tmo_fail_unsupported(struct tmo_error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same, with ": " and what errno says after the text. Leaves errno as it is. */
int tmo_fail_system(struct tmo_error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* No memory for so many bytes; 0: nobody knows how many. */
int tmo_fail_memory(struct tmo_error *err, size_t bytes);

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

/* What an axis of a weight is to the layer that uses it. */
enum tmo_role {
	TMO_ROLE_UNKNOWN,	/* nothing tells */
	TMO_ROLE_OUTPUT,	/* each index makes a result of its own: a channel */
	TMO_ROLE_INPUT,		/* summed over */
	TMO_ROLE_WITHIN,	/* summed with the input: the height and width of a kernel */
	TMO_ROLE_OWN,		/* neither mixed nor summed: a group, an expert, a direction */
	TMO_ROLE_SEVERAL	/* its parts differ; of an axis only, never of a part */
};

/*
 * The axes in parts that have one role each, in order; an axis that is several things at once, as
 * groups * inputs, has several parts, the outermost first. The sizes of an axis' parts make up its own.
 */
#define TMO_AXIS_PARTS_MAX (TMO_RANK_MAX + 16)
struct tmo_axes {
	int count;
	struct tmo_axis_part {
		int axis;
		enum tmo_role role;
		size_t size;
	} part[TMO_AXIS_PARTS_MAX];
};

/*
 * One tensor of the stream, plain or encoded. tmo_main owns it; a filter changes what it holds.
 *
 * A filter gets decoded floats in `data` (f32, f16, bf16 and fp8 tensors as f32) or, if it says
 * TMO_TAKES_F64, those of f64 tensors in `data64`; the other one is NULL, and so are both while only an
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
	int output_axis, input_axis;	/* the first axis of each role; -1: there is none */
	struct tmo_axes axes;		/* the roles of all axes; see tmo_axis_role */
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

/* What axis number `axis` is; TMO_ROLE_SEVERAL: look at t->axes. */
enum tmo_role tmo_axis_role(const struct tmo_tensor *t, int axis);

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

/*
 * What a program takes beyond the usual, which is weights of f16, f32, bf16 or fp8, decoded, as far as
 * --only and --skip leave them. Flags of struct tmo_filter's `accepts`.
 */
#define TMO_TAKES_ALL 0x1u	/* every tensor of floats that --only and --skip leave */
#define TMO_TAKES_ENCODED 0x2u	/* encoded tensors as they are; else they are decoded first */
#define TMO_TAKES_F64 0x4u	/* f64, in data64; else tensors of f64 pass untouched */
#define TMO_TAKES_MAP 0x8u	/* --map FILE, which gives single tensors other options */
#define TMO_TAKES_FOLDER 0x10u	/* a folder as FILE, which `run` reads */

/* How a program differs from others. Flags of `traits`. */
#define TMO_NO_HISTORY 0x100u	/* it changes no value: no entry in the stream's history */
#define TMO_NO_SELECTION 0x200u	/* --only, --skip and their like mean nothing to it */
#define TMO_MAY_REPORT 0x400u	/* stdout may be a terminal: it sends a report there, not a stream */

/*
 * Options that mean nothing beside others, as --bits beside --type f16. Where one command line or one
 * entry of a map gives both, that is wrong usage, and `message` says so. Where the command line gives
 * --bits and a map says {type: f16} of a tensor, it is none: for that tensor --bits goes back to its
 * default. Rules are asked in their order; one of a list ended by TMO_RULES_END.
 */
struct tmo_rule {
	const char *options;		/* "bits|symmetric"; "range=mse": only that word of a choice. No
					   lists, as their values do not go back */
	bool (*meaningless)(const void *options);	/* whether that is so beside the other options */
	const char *message;		/* "--bits is about integers; leave it out or take --type int" */
};
#define TMO_RULES_END { .options = NULL }

/*
 * A look at the stream before anything is written, for a filter that cannot change the first tensor
 * without having seen the others: the input is then read once more for each scan, from a temporary
 * file if it cannot seek. One of a list ended by TMO_SCANS_END; they are made in their order.
 */
struct tmo_scan {
	/* Whether to make it, with these options: those of the command line and those that a map makes of
	   them are asked, and one yes is enough. NULL: always. */
	bool (*wanted)(const void *options);
	/* Gets each chosen tensor, and hands on none: tmo_put and tmo_pass fail here. */
	int (*tensor)(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err);
	/* Whether it is to get a tensor that was not chosen, too. NULL: none of them. */
	bool (*also)(struct tmo_run *run, const char *name);
	/* At its end; *again = true (it is false) has the same scan made once more. NULL: nothing. */
	int (*end)(struct tmo_run *run, bool *again, struct tmo_error *err);
};
#define TMO_SCANS_END { .tensor = NULL }

/*
 * A program. What is not set is 0, NULL or false, which is right for most. `name` stays the first
 * field for ever: it is all that is read of a program built for another libtmo.
 */
struct tmo_filter {
	const char *name;		/* without "tmo-" */
	const char *version;		/* NULL: that of libtmo */
	const char *summary;		/* one line */
	const char *operands;		/* in the usage line; NULL: the kind's usual "[FILE]" */
	const char *example;		/* a command that works when pasted; NULL: none */
	enum tmo_kind kind;
	unsigned accepts;		/* TMO_TAKES_… */
	unsigned traits;		/* TMO_NO_…, TMO_MAY_REPORT */

	const struct tmo_option *options;
	size_t options_size;		/* of the struct that the table fills */
	const struct tmo_rule *rules;	/* which options mean nothing beside which */
	const char *not_in_map;		/* "a|b": options of the whole run, which no map gives a tensor */
	size_t state_size;		/* of what tmo_state returns; zeroed, lasts for the run */

	/* Hooks, all optional, in the order in which they are called. */

	/* What else can be wrong with the options. It fails: exit status 2. */
	int (*check)(const void *options, struct tmo_error *err);
	/* Does everything, instead of all below. */
	int (*run)(struct tmo_run *run, struct tmo_error *err);
	/* Once, before the first tensor. */
	int (*begin)(struct tmo_run *run, struct tmo_error *err);
	const struct tmo_scan *scans;
	/* Gets each chosen tensor, changes it and hands it on with tmo_put or tmo_pass, once; what it does
	   not hand on is not in the output. */
	int (*tensor)(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err);
	/* Once, after the last. */
	int (*finish)(struct tmo_run *run, struct tmo_error *err);
	/* Frees what the state holds; called after a failure too, wherever there is a state. */
	void (*release)(struct tmo_run *run);
};

/*
 * Runs the program: common options, --help, --version, --describe, input and output, selection,
 * pass-through, messages. Returns main's exit status: 0 done, 1 the work failed, 2 wrong usage.
 *
 *	int tmo_main(const struct tmo_filter *filter, int argc, char **argv);
 *
 * It is a macro, so that a program tells which structs it was built with: libtmo refuses one that
 * was built for another TMO_ABI, status 1, instead of reading fields where they are not.
 */
#define TMO_ABI 1
#define tmo_main(filter, argc, argv) tmo_main_abi(filter, TMO_ABI, argc, argv)
int tmo_main_abi(const struct tmo_filter *filter, int abi, int argc, char **argv);

/*
 * The struct that the table fills; in `tensor`, of a filter and of a scan, that of the tensor at hand
 * if it takes a map.
 */
const void *tmo_options(const struct tmo_run *run);
void *tmo_state(struct tmo_run *run);
int tmo_threads(const struct tmo_run *run);

/*
 * Writes the tensor to the output, encoded if it has codes, else plain in its dtype, under its name,
 * which may be a new one. It takes the arrays out of t: their numbers are gone afterwards.
 *
 * This and tmo_pass are for a filter's `tensor`, of the tensor that it was given, once. Anywhere else
 * (a scan, a sink, begin, finish), twice, of a tensor whose rank, shape, count, dtype, values, codes
 * and parameters do not belong together, or under a name that another tensor went out with, they fail
 * and say so. How much memory stands behind an array they cannot see: make arrays with tmo_array_new.
 */
int tmo_put(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err);

/*
 * Writes the current tensor as it came in, for what a filter leaves alone: byte for byte, but for
 * arrays that were big-endian or in Fortran order.
 */
int tmo_pass(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err);

/*
 * Has the values of an encoded tensor decoded into t->values, and data or data64 set; keeps the
 * encoding. Of a plain one nothing is left to do.
 */
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
