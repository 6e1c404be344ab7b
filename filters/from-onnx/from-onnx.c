/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-from-onnx: an ONNX model as a tensor stream. */
#include "formats/onnx/onnx_import.h"
#include "run/main.h"
#include "run/run_import.h"

struct from_onnx {
	const char *dir;
	bool keep, strip;
	struct tmo_list keys;
};

static const struct tmo_option options[] = {
	TMO_TEXT(0, "dir", struct from_onnx, dir, "DIR", NULL,
	         "folder of external data [that of the model]"),
	TMO_FLAG(0, "keep-quantized", struct from_onnx, keep,
	         "leave nodes that decode weights in the graph"),
	TMO_FLAG(0, "strip", struct from_onnx, strip,
	         "leave out doc strings, traces and other notes of the exporter"),
	TMO_LIST(0, "strip-metadata", struct from_onnx, keys, "GLOB", 'k',
	         "leave out the model's own metadata of these keys"),
	TMO_OPTIONS_END
};

static int
from_onnx(struct tmo_run *run, struct tmo_error *err)
{
	const struct from_onnx *o = tmo_options(run);
	const struct tmo_onnx_options how = {
		.keep_quantized = o->keep,
		.strip = { o->strip, o->keys.count > 0 ? &o->keys : NULL },
	};
	struct tmo_import model;

	if (tmo_run_import(run, "onnx", o->dir, true, &model, err) < 0 || tmo_run_writer(run, err) == NULL)
		return -1;
	return tmo_onnx_import(&model, &how, tmo_run_writer(run, err), err);
}

int
main(int argc, char **argv)
{
	static const struct tmo_filter filter = {
		.name = "from-onnx", .summary = "ONNX model to tensor stream",
		.example = "tmo-from-onnx model.onnx | tmo-quant >model.tar", .kind = TMO_SOURCE,
		.options = options, .options_size = sizeof(struct from_onnx),
		.traits = TMO_NO_HISTORY | TMO_NO_SELECTION, .run = from_onnx,
	};

	return tmo_main_with(&filter, TMO_ABI, NULL, argc, argv);
}
