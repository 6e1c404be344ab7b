/* SPDX-License-Identifier: Apache-2.0 */
/* depthwise.c: depthwise convolutions, line by line; the lines are in depthwise_body.h. */
#include "kernel/forms.h"

void
tmo_depthwise_run(const struct tmo_kernels *kernels, const struct tmo_depthwise *d, size_t first, size_t end)
{
	for (size_t line = first; line < end; line++) {
		const ptrdiff_t image = (ptrdiff_t)(line / d->count[1]), y = (ptrdiff_t)(line % d->count[1]);

		kernels->depthwise(&(struct tmo_depthwise_line){
			.of = d,
			.input = d->input + image * d->input_step[0] + y * d->input_step[1],
			.output = d->output + image * d->output_step[0] + y * d->output_step[1],
			.addend = d->addend == NULL ? NULL :
				d->addend + image * d->addend_step[0] + y * d->addend_step[1],
		});
	}
}
