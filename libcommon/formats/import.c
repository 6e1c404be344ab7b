/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include "formats/import.h"

void
tmo_import_expect(const struct tmo_import *model, uint64_t tensors)
{
	if (model->expect != NULL)
		model->expect(model->arg, tensors);
}

void
tmo_import_step(const struct tmo_import *model)
{
	if (model->step != NULL)
		model->step(model->arg);
}

void
tmo_import_about(const struct tmo_import *model, const char *tensor)
{
	if (model->about != NULL)
		model->about(model->arg, tensor);
}

void
tmo_import_note(const struct tmo_import *model, const char *format, ...)
{
	char text[512];
	va_list args;

	if (model->note == NULL)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	model->note(model->arg, text);
}
