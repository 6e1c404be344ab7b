/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mistakes: a program as a stranger would write it, from tmo.h alone, that makes one mistake with each
 * tensor that it gets: --mistake NAME, with --encoded in a tensor that it has encoded. Without a
 * mistake it is right. plugin.bats asks for each.
 */
#include <stdlib.h>
#include <string.h>
#include <tmo.h>

struct mistakes {
	const char *mistake;
	bool encoded;
};

struct state {
	struct tmo_tensor *kept;	/* the first tensor, which is not ours to keep */
	char *first;			/* its name */
};

static const struct tmo_option options[] = {
	TMO_TEXT(0, "mistake", struct mistakes, mistake, "NAME", "none", "which one"),
	TMO_FLAG(0, "encoded", struct mistakes, encoded, "encode tensors first"),
	TMO_OPTIONS_END
};

static bool
is(struct tmo_run *run, const char *name)
{
	return strcmp(((const struct mistakes *)tmo_options(run))->mistake, name) == 0;
}

/* An array of that shape, which begins as {0, 0, …}. */
static void
replace(struct tmo_array *a, enum tmo_type type, int rank, size_t rows, size_t columns, size_t last)
{
	const size_t shape[] = {rows, columns, last};
	struct tmo_error err = {0};

	tmo_array_free(a);
	if (tmo_array_new(a, type, rank, shape, &err) < 0)
		abort();
}

/* Codes of the tensor's shape, and a scale for each row: as it should be. */
static void
encode(struct tmo_tensor *t)
{
	replace(&t->codes, TMO_U8, 2, t->shape[0], t->shape[1], 0);
	replace(&t->scale, TMO_F32, 2, t->shape[0], 1, 0);
	t->bits = 8;
}

/* Tensors of 32 axes, and a codebook that has one more, as it must, and as no array can. */
static void
spoil_codebook_huge(struct tmo_tensor *t)
{
	struct tmo_array *const arrays[] = {&t->codes, &t->scale, &t->codebook};

	replace(&t->codebook, TMO_F32, 3, 1, 1, 1);
	for (size_t k = 0; k < sizeof(arrays) / sizeof(*arrays); k++) {
		for (int i = 2; i < TMO_RANK_MAX; i++)
			arrays[k]->shape[i] = t->shape[i] = 1;
		arrays[k]->rank = t->rank = TMO_RANK_MAX;
	}
	t->codebook.rank++;
}

#define SPOIL(name_, statement_) \
	static void spoil_##name_(struct tmo_tensor *t) { statement_; }
SPOIL(rank, t->rank = 3)
SPOIL(rank_huge, t->rank = 1000000)
SPOIL(rank_negative, t->rank = -1)
SPOIL(count, t->count = 600)
SPOIL(shape, t->shape[0] = 200)
SPOIL(shape_and_count, t->count = (t->shape[0] = 200) * t->shape[1])
SPOIL(dtype, t->dtype = t->dtype == TMO_F64 ? TMO_F32 : TMO_F64)
SPOIL(dtype_none, t->dtype = TMO_NONE)
SPOIL(dtype_number, t->dtype = (enum tmo_type)77)
SPOIL(name_none, free(t->name); t->name = NULL)
SPOIL(values_count, t->values.count = 600)
SPOIL(values_type, t->values.type = TMO_I64)
SPOIL(values_rank, t->values.rank = 40)
SPOIL(values_gone, tmo_array_free(&t->values))
SPOIL(data, t->data += 1)
SPOIL(bits, t->bits = 0)
SPOIL(bits_many, t->bits = 65)
SPOIL(code, t->code = TMO_F32)
SPOIL(code_number, t->code = (enum tmo_type)-5)
SPOIL(codes_type, replace(&t->codes, TMO_F32, 2, t->shape[0], t->shape[1], 0))
SPOIL(codes_none, t->codes.type = TMO_NONE)
SPOIL(codes_count, t->codes.count = 600)
SPOIL(codes_shape, replace(&t->codes, TMO_U8, 2, t->shape[1], t->shape[0], 0))
SPOIL(block, t->blocked = true)	/* all of them 0 */
SPOIL(scale_rank, replace(&t->scale, TMO_F32, 1, t->shape[0], 0, 0))
SPOIL(scale_shape, replace(&t->scale, TMO_F32, 2, t->shape[0] + 1, 1, 0))
SPOIL(scale_count, t->scale.count = 600)
SPOIL(scale_type, t->scale.type = TMO_BF16)
SPOIL(zero_point_shape, replace(&t->zero_point, TMO_U8, 2, 1, t->shape[1] + 1, 0))
SPOIL(codebook_rank, replace(&t->codebook, TMO_F32, 2, 1, 4, 0))
SPOIL(codebook_empty, replace(&t->codebook, TMO_F32, 3, 1, 1, 0))
SPOIL(codebook_code, replace(&t->codebook, TMO_F32, 3, 1, 1, 4); t->code = TMO_F8E4M3)

#define ROW(name_) {#name_, spoil_##name_}
static const struct {
	const char *name;
	void (*spoil)(struct tmo_tensor *t);
} spoils[] = {
	ROW(rank), ROW(rank_huge), ROW(rank_negative), ROW(count), ROW(shape), ROW(shape_and_count),
	ROW(dtype), ROW(dtype_none), ROW(dtype_number), ROW(name_none), ROW(values_count),
	ROW(values_type), ROW(values_rank), ROW(values_gone), ROW(data), ROW(bits), ROW(bits_many),
	ROW(code), ROW(code_number), ROW(codes_type), ROW(codes_none), ROW(codes_count),
	ROW(codes_shape), ROW(block), ROW(scale_rank), ROW(scale_shape), ROW(scale_count),
	ROW(scale_type), ROW(zero_point_shape), ROW(codebook_rank), ROW(codebook_empty),
	ROW(codebook_code), ROW(codebook_huge),
};

/* Gives the second tensor another name. */
static void
rename_second(struct tmo_run *run, struct tmo_tensor *t)
{
	struct state *s = tmo_state(run);

	if (s->first == NULL) {
		s->first = strdup(t->name);
	} else if (is(run, "name_again") || is(run, "name_new")) {
		free(t->name);
		t->name = strdup(is(run, "name_new") ? "new" : s->first);
	}
}

static int
mistakes_tensor(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
{
	const struct mistakes *o = tmo_options(run);
	struct state *s = tmo_state(run);
	struct tmo_tensor copy;
	bool pass = strncmp(o->mistake, "pass", 4) == 0;

	s->kept = t;
	rename_second(run, t);
	if (o->encoded)
		encode(t);
	for (size_t i = 0; i < sizeof(spoils) / sizeof(*spoils); i++)
		if (is(run, spoils[i].name))
			spoils[i].spoil(t);
	if (is(run, "pass_values_gone"))
		tmo_array_free(&t->values);
	if (is(run, "decode_code"))
		return t->code = TMO_F64, tmo_decode(run, t, err);
	copy = *t;
	if (is(run, "another"))
		return tmo_put(run, &copy, err);
	if ((pass ? tmo_pass : tmo_put)(run, t, err) < 0)
		return -1;
	if (is(run, "put_twice") || is(run, "pass_then_put"))
		return tmo_put(run, t, err);
	return is(run, "pass_twice") || is(run, "put_then_pass") ? tmo_pass(run, t, err) : 0;
}

static int
mistakes_begin(struct tmo_run *run, struct tmo_error *err)
{
	struct tmo_tensor nothing = {0};

	return is(run, "begin") ? tmo_put(run, &nothing, err) : 0;
}

static int
mistakes_scan(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
{
	return is(run, "scan_put") ? tmo_put(run, t, err) : is(run, "scan_pass") ? tmo_pass(run, t, err) : 0;
}

static int
mistakes_finish(struct tmo_run *run, struct tmo_error *err)
{
	struct state *s = tmo_state(run);

	return is(run, "finish") ? tmo_put(run, s->kept, err) : 0;
}

static void
mistakes_release(struct tmo_run *run)
{
	free(((struct state *)tmo_state(run))->first);
}

static bool
always(const void *options_)
{
	(void)options_;
	return true;
}

static int
mistakes_run(struct tmo_run *run, struct tmo_error *err)
{
	(void)run;
	(void)err;
	return 0;
}

/* Mistakes in the struct itself. */
static void
spoil_filter(struct tmo_filter *f, const char *argument)
{
	static const struct tmo_rule unknown[] = {{"mistake|mistook", always, "no"}, TMO_RULES_END};
	static const struct tmo_rule word[] = {{"encoded=yes", always, "no"}, TMO_RULES_END};
	static const struct tmo_rule silent[] = {{"encoded", always, NULL}, TMO_RULES_END};

	if (strncmp(argument, "--mistake=", 10) != 0)
		return;
	argument += 10;
	if (strcmp(argument, "sink") == 0)
		f->kind = TMO_SINK;
	else if (strcmp(argument, "accepts") == 0)
		f->accepts = TMO_TAKES_ALL | TMO_NO_HISTORY;
	else if (strcmp(argument, "traits") == 0)
		f->traits = TMO_TAKES_MAP;
	else if (strcmp(argument, "not_in_map") == 0)
		f->not_in_map = "encoded|mistook";
	else if (strcmp(argument, "run_and_tensor") == 0)
		f->run = mistakes_run;
	else if (strncmp(argument, "rule", 4) == 0)
		f->rules = strcmp(argument, "rule_word") == 0 ? word :
		           strcmp(argument, "rule_silent") == 0 ? silent : unknown;
}

int
main(int argc, char **argv)
{
	static const struct tmo_scan scans[] = {{.tensor = mistakes_scan}, TMO_SCANS_END};
	struct tmo_filter filter = {
		.name = "mistakes", .version = "1.0", .summary = "make one", .kind = TMO_FILTER,
		.accepts = TMO_TAKES_F64 | TMO_TAKES_ALL,
		.options = options, .options_size = sizeof(struct mistakes),
		.state_size = sizeof(struct state), .begin = mistakes_begin, .scans = scans,
		.tensor = mistakes_tensor, .finish = mistakes_finish, .release = mistakes_release,
	};

	spoil_filter(&filter, argc > 1 ? argv[1] : "");
	return tmo_main(&filter, argc, argv);
}
