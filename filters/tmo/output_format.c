/* SPDX-License-Identifier: Apache-2.0 */
/* output_format.c: what the output's name asks for: an exporter, or the stream, compressed or not. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "formats/detect.h"
#include "run/programs.h"
#include "run_plan.h"

#define WRITABLE ".tar, .tar.zst, .onnx, .safetensors and .npz can be written"

/*
 * Names that promise what nobody here writes. A stream under such a name would be found out by whoever
 * opens it, if not by whoever it is sent to.
 */
static const struct {
	const char *ending, *what;
} foreign[] = {
	{ ".pt", "PyTorch's files" }, { ".pth", "PyTorch's files" }, { ".pt2", "PyTorch's files" },
	{ ".ckpt", "checkpoints of training" }, { ".pkl", "Python's pickles" },
	{ ".h5", "Keras' files" }, { ".hdf5", "HDF5" }, { ".keras", "Keras' files" },
	{ ".pb", "TensorFlow's graphs" }, { ".tflite", "TensorFlow Lite's files" },
	{ ".gguf", "GGUF" }, { ".ggml", "GGML" }, { ".mlmodel", "Core ML's files" },
	{ ".mlpackage", "Core ML's files" }, { ".engine", "TensorRT's engines" },
	{ ".ort", "onnxruntime's own files" }, { ".msgpack", "Flax' files" },
	{ ".npy", "single arrays" }, { ".zip", "zip" }, { ".7z", "7z" }, { ".gz", "gzip" },
	{ ".tgz", "gzip" }, { ".bz2", "bzip2" }, { ".xz", "xz" }, { ".lz4", "lz4" }, { ".br", "brotli" },
};

/* The format that the name ends in, of those that a program tmo-to-FORMAT writes; NULL: none. */
static int
find_exporter(const char *name, const struct tmo_strings *folders, char **exporter,
              struct tmo_error *err)
{
	const char *const dot = strrchr(name, '.');
	struct tmo_strings program = {0};
	char *path = NULL;
	int status;

	*exporter = NULL;
	if (dot == NULL || strchr(dot, '/') != NULL)
		return 0;
	status = tmo_strings_printf(&program, err, "to-%s", dot + 1);
	if (status == 0)
		status = tmo_find_program(folders, program.item[0], &path, err);
	if (path != NULL && (*exporter = tmo_copy_string(program.item[0], err)) == NULL)
		status = -1;
	free(path);
	tmo_strings_free(&program);
	return status;
}

static bool
is_program(const struct stage *s, const char *name)
{
	return s != NULL && s->command == NULL && strcmp(s->name, name) == 0;
}

/* The level at which a pack compresses; NULL: it does not. */
static const char *
zstd_level(const struct stage *pack)
{
	const char *const level = tmo_yaml_text(pack->options, "zstd");

	return level != NULL && strcmp(level, "0") != 0 ? level : NULL;
}

static int
refuse_foreign(const struct plan *p, struct tmo_error *err)
{
	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++)
		if (tmo_ends_with(p->output, foreign[i].ending)) {
			tmo_fail_usage(err, "%s cannot be written; " WRITABLE, foreign[i].what);
			return tmo_fail_at(err, p->output);
		}
	return 0;
}

/* NAME.zst is compressed, and nothing else is. */
static int
plan_stream(struct plan *p, struct stage *last, const struct tmo_strings *folders,
            struct tmo_error *err)
{
	const bool packs = is_program(last, "pack");
	const char *const level = packs ? zstd_level(last) : NULL;
	struct tmo_yaml *options;

	if (tmo_ends_with(p->output, ".tar") && level != NULL) {
		p->hint = "is compressed with zstd, which a name in .tar.zst would say";
		return 0;
	}
	if (!tmo_ends_with(p->output, ".zst") || level != NULL)
		return refuse_foreign(p, err);
	if (!packs && driver_pipeline_add(&p->pipeline, "pack", folders, err) < 0)
		return tmo_fail_at(err, p->output);
	options = p->pipeline.stage[p->pipeline.count - 1].options;
	tmo_yaml_free(tmo_yaml_cut(options, "zstd"));
	if (tmo_yaml_add_text(options, "zstd", "19") == NULL)
		return tmo_fail_memory(err, 0);
	return 0;
}

int
driver_plan_export(struct plan *p, const struct tmo_strings *folders, struct tmo_error *err)
{
	struct pipeline *const stages = &p->pipeline;
	struct stage *last = stages->count > 0 ? &stages->stage[stages->count - 1] : NULL;

	if (p->output == NULL || (last != NULL && driver_stage_is(last, "sink")))
		return 0;
	if (find_exporter(p->output, folders, &p->exporter, err) < 0)
		return -1;
	if (p->exporter == NULL && last != NULL && last->command != NULL)
		return 0;	/* what a command writes is its own affair */
	if (p->exporter == NULL)
		return plan_stream(p, last, folders, err);
	if (is_program(last, "pack"))
		driver_pipeline_drop(stages);
	if (driver_pipeline_add(stages, p->exporter, folders, err) < 0)
		return tmo_fail_at(err, p->output);
	stages->stage[stages->count - 1].is_export = true;
	return 0;
}
