/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zip_locale.h: names in a zip archive are UTF-8, and libarchive converts them from and to the
 * character set of the locale, which may be plain ASCII: around such calls, this thread alone, it is
 * UTF-8. So neither names nor bytes depend on LC_ALL.
 */
#ifndef TMO_ZIP_LOCALE_H
#define TMO_ZIP_LOCALE_H

#include <locale.h>

struct zip_locale {
	locale_t utf8, before;
};

/* Where there is no such locale, names of ASCII work all the same; others are an error. */
static inline void
zip_locale_open(struct zip_locale *l)
{
	l->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

static inline void
zip_locale_enter(struct zip_locale *l)
{
	l->before = l->utf8 != (locale_t)0 ? uselocale(l->utf8) : (locale_t)0;
}

static inline void
zip_locale_leave(struct zip_locale *l)
{
	if (l->before != (locale_t)0)
		uselocale(l->before);
}

static inline void
zip_locale_close(struct zip_locale *l)
{
	if (l->utf8 != (locale_t)0)
		freelocale(l->utf8);
}

#endif
