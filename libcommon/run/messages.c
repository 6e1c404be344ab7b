/* SPDX-License-Identifier: Apache-2.0 */
/* messages.c: what a run says of its tensors: notes with -v, warnings always, but no more than are read. */
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "run/run_state.h"

#define WARNINGS_MAX 10		/* lines; more would hide what else is said */

/* "tmo-NAME: member: text"; control bytes as '?'. */
__attribute__((format(printf, 2, 0)))
static void
say_line(struct tmo_run *run, const char *format, va_list args)
{
	char text[512], line[1024];
	int n;

	vsnprintf(text, sizeof(text), format, args);
	n = snprintf(line, sizeof(line) - 1, "tmo-%s: %s%s%s", run->filter->name,
	             run->about != NULL ? run->about : "", run->about != NULL ? ": " : "", text);
	if (n > (int)sizeof(line) - 2)
		n = (int)sizeof(line) - 2;
	line[n] = '\0';
	tmo_printable(line, line, sizeof(line));
	line[n++] = '\n';
	tmo_run_say(run, line, (size_t)n);
}

void
tmo_note(struct tmo_run *run, const char *format, ...)
{
	va_list args;

	if (!run->common.verbose || run->scan != NULL)
		return;
	va_start(args, format);
	say_line(run, format, args);
	va_end(args);
}

void
tmo_run_warn(struct tmo_run *run, const char *format, ...)
{
	va_list args;

	if (run->scan != NULL)
		return;
	/* What is about no tensor is said once a run, and never left out. */
	if (run->about != NULL && ++run->warnings > WARNINGS_MAX && !run->common.verbose)
		return;
	va_start(args, format);
	say_line(run, format, args);
	va_end(args);
}

void
tmo_run_warnings_end(struct tmo_run *run)
{
	const size_t more = run->warnings > WARNINGS_MAX ? run->warnings - WARNINGS_MAX : 0;

	tmo_run_about(run, NULL);
	if (more > 0 && !run->common.verbose)
		tmo_run_warn(run, "%zu more such line%s; -v shows all", more, more == 1 ? "" : "s");
}
