/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-from-safetensors: a safetensors model as a tensor stream. */
#include "formats/safetensors/safetensors_import.h"
#include "run/main.h"
#include "run/run_import.h"

struct from_safetensors {
	const char *dir;
};

static const struct tmo_option options[] = {
	TMO_TEXT(0, "dir", struct from_safetensors, dir, "DIR", NULL,
	         "folder of the files that an index names [its own]"),
	TMO_OPTIONS_END
};

static int
from_safetensors(struct tmo_run *run, struct tmo_error *err)
{
	const struct from_safetensors *o = tmo_options(run);
	struct tmo_import model;

	if (tmo_run_import(run, "safetensors", o->dir, false, &model, err) < 0 || tmo_run_writer(run, err) == NULL)
		return -1;
	return tmo_st_import(&model, tmo_run_writer(run, err), err);
}

int
main(int argc, char **argv)
{
	static const struct tmo_filter filter = {
		.name = "from-safetensors", .summary = "safetensors model to tensor stream",
		.operands = "[FILE|FOLDER]",
		.example = "tmo-from-safetensors model.safetensors | tmo-quant >weights.tar",
		.kind = TMO_SOURCE, .options = options, .options_size = sizeof(struct from_safetensors),
		.accepts = TMO_TAKES_FOLDER, .traits = TMO_NO_HISTORY | TMO_NO_SELECTION,
		.run = from_safetensors,
	};

	return tmo_main_with(&filter, TMO_ABI, NULL, argc, argv);
}
