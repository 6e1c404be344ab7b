/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-unpack: a packed stream as the plain one that it was; the library's reader does the work. */
#include "run/main.h"
#include "run/run.h"
#include "tensor/tensor.h"

struct unpack {
	bool test;
};

static const struct tmo_option options[] = {
	TMO_FLAG('t', "test", struct unpack, test, "check everything, write nothing"),
	TMO_OPTIONS_END
};

/* Has the current item read and its digests compared. */
static int
check_item(struct tmo_reader *reader, const struct tmo_item *item, struct tmo_error *err)
{
	struct tmo_tensor t = {0};
	const void *data;
	size_t size = 1;
	int status = 0;

	if (item->kind == TMO_ITEM_TENSOR) {
		status = tmo_reader_load(reader, &t, err);
		tmo_tensor_free(&t);
	}
	while (item->kind == TMO_ITEM_OTHER && status == 0 && size > 0)
		status = tmo_reader_some(reader, &data, &size, err);
	return status;
}

static int
write_head(struct tmo_writer *writer, const struct tmo_members *head, struct tmo_error *err)
{
	for (size_t i = 0; i < head->count; i++)
		if (tmo_writer_member(writer, head->member[i].path, head->member[i].data,
		                      head->member[i].bytes, err) < 0)
			return -1;
	return 0;
}

static int
unpack_stream(struct tmo_run *run, struct tmo_error *err)
{
	const struct unpack *o = tmo_options(run);
	struct tmo_writer *writer = NULL;
	struct tmo_reader *reader;
	struct tmo_item item;
	int status;

	if (o->test && tmo_run_common(run)->output != NULL)
		return tmo_fail_usage(err, "--test writes nothing; leave out -o");
	if (!o->test && !tmo_run_has_output(run))
		return tmo_fail_usage(err, "stdout is a terminal; pipe it, use -o FILE or --test");
	if ((reader = tmo_run_reader(run, err)) == NULL)
		return -1;
	if (!o->test && ((writer = tmo_run_writer(run, err)) == NULL ||
	                 write_head(writer, tmo_reader_head(reader), err) < 0))
		return -1;
	while ((status = tmo_run_next(run, &item, err)) == 0 && item.kind != TMO_ITEM_END)
		if ((o->test ? check_item(reader, &item, err)
		             : tmo_writer_copy(writer, reader, &item, err)) < 0)
			return -1;
	return status;
}

int
main(int argc, char **argv)
{
	static const struct tmo_filter unpack = {
		.name = "unpack",
		.summary = "restore the plain form of a packed stream, or check it",
		.example = "tmo-unpack --test model.tar.zst && tmo-unpack model.tar.zst | tar tvf -",
		.kind = TMO_FILTER,
		.options = options,
		.options_size = sizeof(struct unpack),
		.traits = TMO_NO_HISTORY | TMO_NO_SELECTION | TMO_MAY_REPORT,
		.run = unpack_stream,
	};

	return tmo_main_with(&unpack, TMO_ABI, NULL, argc, argv);
}
