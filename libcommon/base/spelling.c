/* SPDX-License-Identifier: Apache-2.0 */
#include "base/spelling.h"
#include "base/spelling.h"

#include <string.h>

#define LONGEST 64	/* longer words are compared as far as that */

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Insertions, deletions, substitutions and swaps of neighbours that make a into b. */
static size_t
distance(const char *a, const char *b)
{
	size_t rows[3][LONGEST + 1], *before = rows[0], *last = rows[1], *now = rows[2];
	const size_t n = smaller(strlen(a), LONGEST), m = smaller(strlen(b), LONGEST);

	for (size_t j = 0; j <= m; j++)
		last[j] = before[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *const oldest = before;

		now[0] = i;
		for (size_t j = 1; j <= m; j++) {
			now[j] = smaller(last[j - 1] + (a[i - 1] != b[j - 1]),
			                 smaller(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = smaller(now[j], before[j - 2] + 1);
		}
		before = last;
		last = now;
		now = oldest;
	}
	return last[m];
}

const char *
tmo_nearest_word(const char *text, const char *const *candidates)
{
	const size_t length = strlen(text);
	size_t least = length < 4 ? 2 : length < 8 ? 3 : 4;	/* not as far as that */
	const char *nearest = NULL;

	for (; *candidates != NULL; candidates++) {
		const size_t d = distance(text, *candidates);

		if (d < least) {
			least = d;
			nearest = *candidates;
		}
	}
	return nearest;
}
