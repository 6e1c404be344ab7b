/* SPDX-License-Identifier: Apache-2.0 */
#include "tensor/infinite_mask.h"

#include <math.h>

#define FINITE_MAX 2

bool
tmo_is_mask(const struct tmo_tensor *t)
{
	double finite[FINITE_MAX];
	size_t known = 0;
	bool any = false;

	if (t->data == NULL && t->data64 == NULL)
		return false;
	for (size_t i = 0; i < t->count; i++) {
		const double x = t->data64 != NULL ? t->data64[i] : (double)t->data[i];
		size_t k = 0;

		if (isinf(x)) {
			any = true;
			continue;
		}
		while (k < known && finite[k] != x)
			k++;
		if (k < known)
			continue;
		if (isnan(x) || known == FINITE_MAX)
			return false;
		finite[known++] = x;
	}
	return any;
}
