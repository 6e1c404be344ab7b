/* SPDX-License-Identifier: Apache-2.0 */
/* kernels.c: which forms of the kernels this processor can run. */
#include <string.h>

#include "config.h"
#include "kernel/forms.h"

#ifdef HAVE_AVX2
static bool
has_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#endif

#ifdef HAVE_AVX512
static bool
has_avx512(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
		__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
		__builtin_cpu_supports("avx512dq");
}
#endif

static bool
always(void)
{
	return true;
}

const struct tmo_kernels *
tmo_kernels_of(size_t i)
{
	static const struct {
		const struct tmo_kernels *form;
		bool (*runs)(void);
	} forms[] = {
		{&tmo_form_portable, always},
#ifdef HAVE_AVX2
		{&tmo_form_avx2, has_avx2},
#endif
#ifdef HAVE_AVX512
		{&tmo_form_avx512, has_avx512},
#endif
#ifdef __aarch64__
		{&tmo_form_neon, always},
#endif
	};

	for (size_t form = 0; form < sizeof(forms) / sizeof(*forms); form++)
		if (forms[form].runs() && i-- == 0)
			return forms[form].form;
	return NULL;
}

const struct tmo_kernels *
tmo_kernels_choose(const char *name)
{
	const struct tmo_kernels *form, *chosen = NULL;

	for (size_t i = 0; (form = tmo_kernels_of(i)) != NULL; i++)
		if (name == NULL || strcmp(form->name, name) == 0)
			chosen = form;
	return chosen;
}

const char *
tmo_kernels_name(const struct tmo_kernels *kernels)
{
	return kernels->name;
}
