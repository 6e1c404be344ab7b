/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-from-npz: NumPy's .npz, or a .npy alone, as a tensor stream. */
#include "formats/npz/npz_import.h"
#include "run/main.h"
#include "run/run_import.h"

struct from_npz {
	const char *name;
};

static const struct tmo_option options[] = {
	TMO_TEXT('n', "name", struct from_npz, name, "NAME", NULL,
	         "what the tensor of a .npy alone is called [as the file]"),
	TMO_OPTIONS_END
};

static int
from_npz(struct tmo_run *run, struct tmo_error *err)
{
	const struct from_npz *o = tmo_options(run);
	struct tmo_import model;

	if (tmo_run_import(run, "npz", NULL, true, &model, err) < 0 || tmo_run_writer(run, err) == NULL)
		return -1;
	return tmo_npz_import(&model, o->name, tmo_run_writer(run, err), err);
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
