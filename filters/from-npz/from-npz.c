/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-from-npz: NumPy's .npz, or a .npy alone, as a tensor stream. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/path.h"
#include "npz_manifest.h"
#include "run/main.h"
#include "run/run.h"
#include "stream/member_name.h"

#define BLOCK ((size_t)1 << 18)

struct from_npz {
	const char *name;
};

static const struct tmo_option options[] = {
	TMO_TEXT('n', "name", struct from_npz, name, "NAME", NULL,
	         "what the tensor of a .npy alone is called [as the file]"),
	TMO_OPTIONS_END
};

/* Whether a member that is no tensor can stand in a stream: not in the place of something else. */
static int
check_path(const char *path, struct tmo_error *err)
{
	static const char *const meant[] = {
		"model.yaml", "graph.onnx", "activations.yaml", "names.yaml", "SHA256SUMS",
		"tensors.yaml", "tensors.bin", "tensors",
	};
	const enum tmo_path_fault fault = tmo_path_fault(path);
	size_t length;

	if (fault == TMO_PATH_ABSOLUTE || fault == TMO_PATH_UPWARD)
		return tmo_fail(err, "%s, and no tensor; rename it",
		                fault == TMO_PATH_ABSOLUTE ? "an absolute path" : "a path with ..");
	while (strncmp(path, "./", 2) == 0)
		path += 2;
	length = strcspn(path, "/");
	for (size_t i = 0; i < sizeof(meant) / sizeof(*meant); i++)
		if (strlen(meant[i]) == length && memcmp(path, meant[i], length) == 0)
			return tmo_fail(err, "no tensor, and in a stream %s means something else; "
			                "rename it", meant[i]);
	return 0;
}

/* The rest of the member at hand, as it is. */
static int
copy_data(struct tmo_npz_reader *in, struct tmo_writer *w, struct tmo_error *err)
{
	void *block = tmo_alloc(BLOCK, 1, err);
	size_t got = BLOCK;
	int status = block != NULL ? 0 : -1;

	while (status == 0 && got == BLOCK) {
		status = tmo_npz_read(in, block, BLOCK, &got, err);
		if (status == 0)
			status = tmo_writer_data(w, block, got, err);
	}
	free(block);
	return status;
}

/* Column-major or big-endian: all of it in memory, put in order. */
static int
put_in_order(struct tmo_run *run, struct tmo_npz_reader *in, const struct tmo_npz_member *m,
             struct tmo_error *err)
{
	size_t bytes = m->npy.count * tmo_type_size(m->npy.type);
	void *data = NULL;
	int status = tmo_allow(bytes, tmo_run_limit(run), err);

	if (status == 0)
		status = tmo_npz_take(in, bytes, &data, err);
	if (status == 0)
		status = tmo_npy_normalize(&m->npy, &data, err);
	if (status == 0)
		status = tmo_writer_data(tmo_run_writer(run, err), data, bytes, err);
	free(data);
	return status;
}

static int
put_tensor(struct tmo_run *run, struct tmo_npz_reader *in, size_t i, struct tmo_error *err)
{
	const struct tmo_npz_member *m = tmo_npz_member(in, i);
	struct tmo_writer *w = tmo_run_writer(run, err);
	struct tmo_buffer header = {0}, path = {0};
	char shape[80];
	bool cut, odd = m->npy.swapped || m->npy.fortran;
	char *stem = tmo_name_encode(m->name, &cut, err);
	int status = -1;

	tmo_run_about(run, m->name);
	tmo_note(run, "%s %s%s", tmo_type_name(m->npy.type),
	         tmo_shape_text(m->npy.rank, m->npy.shape, shape, sizeof(shape)),
	         odd ? ", put into order" : "");
	if (stem != NULL &&
	    tmo_buffer_printf(&path, err, "tensors/%s.npy", stem) == 0 &&
	    tmo_npy_header(m->npy.type, m->npy.rank, m->npy.shape, &header, err) == 0 &&
	    tmo_writer_begin(w, (const char *)path.data,
	                     header.size + m->bytes - m->npy.header_bytes, err) == 0 &&
	    tmo_writer_data(w, header.data, header.size, err) == 0)
		status = odd ? put_in_order(run, in, m, err) : copy_data(in, w, err);
	tmo_buffer_free(&header);
	tmo_buffer_free(&path);
	free(stem);
	return status;
}

static int
put_other(struct tmo_run *run, struct tmo_npz_reader *in, size_t i, struct tmo_error *err)
{
	const struct tmo_npz_member *m = tmo_npz_member(in, i);

	if (check_path(m->path, err) < 0 ||
	    tmo_writer_begin(tmo_run_writer(run, err), m->path, m->bytes, err) < 0)
		return tmo_fail_at(err, m->path);
	tmo_note(run, "%s: passed on as it is: no tensor", m->path);
	return copy_data(in, tmo_run_writer(run, err), err);
}

static int
put_members(struct tmo_run *run, struct tmo_npz_reader *in, struct tmo_error *err)
{
	struct tmo_buffer text = {0};
	int status = from_npz_manifest(in, &text, err);

	if (status == 0)
		status = tmo_writer_member(tmo_run_writer(run, err), "model.yaml", text.data,
		                           text.size, err);
	tmo_run_expect(run, tmo_npz_count(in), 0);
	for (size_t i = 0; i < tmo_npz_count(in) && status == 0; i++) {
		tmo_run_about(run, NULL);
		tmo_run_progress(run);
		status = tmo_npz_begin(in, i, err);
		if (status == 0)
			status = tmo_npz_member(in, i)->name != NULL ? put_tensor(run, in, i, err) :
			                                               put_other(run, in, i, err);
	}
	tmo_buffer_free(&text);
	return status;
}

/* Any zip archive would do else. */
static int
check_tensors(const struct tmo_npz_reader *in, struct tmo_error *err)
{
	for (size_t i = 0; i < tmo_npz_count(in); i++)
		if (tmo_npz_member(in, i)->name != NULL)
			return 0;
	if (tmo_npz_count(in) == 0)
		return 0;
	return tmo_fail(err, "%zu members, and none is an array of numbers; is it a .npz",
	                tmo_npz_count(in));
}

static int
from_npz(struct tmo_run *run, struct tmo_error *err)
{
	const struct from_npz *o = tmo_options(run);
	struct tmo_npz_reader *in = NULL;
	char alone[200];
	int fd, status = -1;

	from_npz_name(tmo_run_input_name(run), alone, sizeof(alone));
	if (tmo_run_seekable(run, &fd, err) == 0)
		in = tmo_npz_open(fd, o->name != NULL ? o->name : alone, err);
	if (in == NULL || check_tensors(in, err) < 0)
		tmo_fail_at(err, tmo_run_input_name(run));
	else if (tmo_run_writer(run, err) != NULL)
		status = put_members(run, in, err);
	tmo_npz_close(in);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct tmo_filter filter = {
		.name = "from-npz", .summary = "NumPy's .npz or .npy to tensor stream",
		.example = "tmo-from-npz model.npz | tmo-quant >model.tar", .kind = TMO_SOURCE,
		.options = options, .options_size = sizeof(struct from_npz),
		.traits = TMO_NO_HISTORY | TMO_NO_SELECTION, .run = from_npz,
	};

	return tmo_main_with(&filter, TMO_ABI, NULL, argc, argv);
}
