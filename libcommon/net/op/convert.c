/* SPDX-License-Identifier: Apache-2.0 */
/* convert.c: values in another type. */
#include "net/op/op.h"
#include "net/step_run.h"

static int
run_float_conversion(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	(void)step;
	(void)err;
	tmo_array_convert(work->input[0], work->output[0]);
	return 0;
}

const struct tmo_version tmo_float_conversion = { .since = 1, .run = run_float_conversion };

const struct tmo_node tmo_float_conversion_node = {
	.domain = "", .type = "Cast", .name = "", .input_count = 1, .output_count = 1,
	.input = (size_t[]){0}, .output = (size_t[]){0},
};
