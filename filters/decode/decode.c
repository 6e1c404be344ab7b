/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-decode: encoded tensors as plain ones. */
#include "base/element_type.h"

static const struct tmo_option options[] = {TMO_OPTIONS_END};

static int
decode_tensor(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
{
	if (!tmo_is_encoded(t))
		return tmo_pass(run, t, err);
	if (!tmo_type_has_npy(t->dtype)) {
		tmo_note(run, "left as it is: .npy has no %s", tmo_type_name(t->dtype));
		return tmo_pass(run, t, err);
	}
	if (tmo_decode(run, t, err) < 0)
		return -1;
	tmo_forget_encoding(t);
	tmo_note(run, "plain %s", tmo_type_name(t->dtype));
	return tmo_put(run, t, err);
}

int
main(int argc, char **argv)
{
	static const struct tmo_filter decode = {
		.name = "decode", .summary = "make encoded tensors plain", .kind = TMO_FILTER,
		.example = "tmo-decode <in.tar | tar xf - # numpy.load reads what comes out",
		.options = options,
		.accepts = TMO_TAKES_ALL | TMO_TAKES_ENCODED | TMO_TAKES_F64, .tensor = decode_tensor,
	};

	return tmo_main(&decode, argc, argv);
}
