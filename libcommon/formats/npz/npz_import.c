/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "formats/npz/npz.h"
#include "formats/npz/npz_import.h"
#include "formats/npz/npz_manifest.h"

#define BLOCK ((size_t)1 << 18)

/* What is being done. */
struct importer {
	const struct tmo_import *model;
	struct tmo_npz_reader *in;
	struct tmo_writer *out;
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
copy_data(const struct importer *im, struct tmo_error *err)
{
	void *block = tmo_alloc(BLOCK, 1, err);
	size_t got = BLOCK;
	int status = block != NULL ? 0 : -1;

	while (status == 0 && got == BLOCK) {
		status = tmo_npz_read(im->in, block, BLOCK, &got, err);
		if (status == 0)
			status = tmo_writer_data(im->out, block, got, err);
	}
	free(block);
	return status;
}

/* Column-major or big-endian: all of it in memory, put in order. */
static int
put_in_order(const struct importer *im, const struct tmo_npy *npy, struct tmo_error *err)
{
	const size_t bytes = npy->count * tmo_type_size(npy->type);
	void *data = NULL;
	int status = tmo_allow(bytes, im->model->limit, err);

	if (status == 0)
		status = tmo_npz_take(im->in, bytes, &data, err);
	if (status == 0)
		status = tmo_npy_normalize(npy, &data, err);
	if (status == 0)
		status = tmo_writer_data(im->out, data, bytes, err);
	free(data);
	return status;
}

static int
put_tensor(const struct importer *im, const struct tmo_npz_member *m, struct tmo_error *err)
{
	const struct tmo_npy *const npy = &m->npy;
	const bool foreign = npy->swapped || npy->fortran;
	char shape[80];

	tmo_import_about(im->model, m->name);
	tmo_import_note(im->model, "%s %s%s", tmo_type_name(npy->type),
	                tmo_shape_text(npy->rank, npy->shape, shape, sizeof(shape)),
	                foreign ? ", put into order" : "");
	if (tmo_writer_begin_tensor(im->out, m->name, npy->type, npy->rank, npy->shape, err) < 0)
		return -1;
	return foreign ? put_in_order(im, npy, err) : copy_data(im, err);
}

static int
put_other(const struct importer *im, const struct tmo_npz_member *m, struct tmo_error *err)
{
	if (check_path(m->path, err) < 0 || tmo_writer_begin(im->out, m->path, m->bytes, err) < 0)
		return tmo_fail_at(err, m->path);
	tmo_import_note(im->model, "%s: passed on as it is: no tensor", m->path);
	return copy_data(im, err);
}

/* The member at hand, as what it is. */
static int
put_member(const struct importer *im, const struct tmo_npz_member *m, struct tmo_error *err)
{
	if (m->of_macos) {
		tmo_import_note(im->model, "%s: skipped: what macOS keeps about a file", m->path);
		return 0;
	}
	return m->name != NULL ? put_tensor(im, m, err) : put_other(im, m, err);
}

static int
put_members(const struct importer *im, struct tmo_error *err)
{
	struct tmo_buffer text = {0};
	int status = tmo_npz_manifest(im->in, &text, err);

	if (status == 0)
		status = tmo_writer_member(im->out, "model.yaml", text.data, text.size, err);
	tmo_buffer_free(&text);
	tmo_import_expect(im->model, tmo_npz_count(im->in));
	for (size_t i = 0; i < tmo_npz_count(im->in) && status == 0; i++) {
		const struct tmo_npz_member *m = tmo_npz_member(im->in, i);

		tmo_import_about(im->model, NULL);
		tmo_import_step(im->model);
		status = tmo_npz_begin(im->in, i, err);
		if (status == 0)
			status = put_member(im, m, err);
	}
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
	return tmo_fail(err, "%zu members, and none is an array of numbers; unzip it and give what is "
	                "in it to the program that reads that", tmo_npz_count(in));
}

void
tmo_npz_own_name(const char *file, char *out, size_t size)
{
	size_t length;

	tmo_ascii(strcmp(file, "stdin") == 0 ? "array" : tmo_path_name(file), out, size);
	length = strlen(out);
	if (length > 4 && (tmo_ends_with(out, ".npz") || tmo_ends_with(out, ".npy")))
		out[length - 4] = '\0';
}

int
tmo_npz_import(const struct tmo_import *model, const char *array, struct tmo_writer *out,
               struct tmo_error *err)
{
	struct importer im = { .model = model, .out = out };
	char own[200];
	int status = -1;

	tmo_npz_own_name(model->name, own, sizeof(own));
	im.in = tmo_npz_open(model->fd, array != NULL ? array : own, err);
	if (im.in == NULL || check_tensors(im.in, err) < 0)
		tmo_fail_at(err, model->name);
	else
		status = put_members(&im, err);
	tmo_npz_close(im.in);
	return status;
}
