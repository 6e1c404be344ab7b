/* SPDX-License-Identifier: Apache-2.0 */
#include "tensor/axes.h"
#include "tensor/pattern.h"

#include <assert.h>
#include <string.h>

#define SIDE_MAX 1000000000u	/* of a block; sums and products of two fit */

/* A whole number without sign; *text moves behind it. False: there is none, or it is too large. */
static bool
read_number(const char **text, size_t *number)
{
	const char *const start = *text;

	*number = 0;
	for (; **text >= '0' && **text <= '9'; ++*text) {
		*number = *number * 10 + (size_t)(**text - '0');
		if (*number > SIDE_MAX)
			return false;
	}
	return *text > start;
}

/* What follows "block:". */
static bool
read_block(const char *text, struct tmo_pattern *p)
{
	p->kind = TMO_BLOCKS;
	p->measure = TMO_MEAN;
	if (!read_number(&text, &p->rows) || *text++ != 'x' || !read_number(&text, &p->columns) ||
	    p->rows == 0 || p->columns == 0)
		return false;
	if (strcmp(text, ":max") == 0)
		p->measure = TMO_LARGEST;
	else if (*text != '\0' && strcmp(text, ":avg") != 0)
		return false;
	return true;
}

/* What follows "channel". */
static bool
read_channel(const char *text, struct tmo_pattern *p)
{
	p->kind = TMO_CHANNELS;
	p->measure = TMO_MEAN;
	if (strcmp(text, ":l2") == 0)
		p->measure = TMO_ROOT_MEAN_SQUARE;
	else if (strcmp(text, ":bn") == 0)
		p->measure = TMO_GAMMA;
	else if (*text != '\0' && strcmp(text, ":l1") != 0)
		return false;
	return true;
}

static bool
read_groups(const char *text, struct tmo_pattern *p)
{
	p->kind = TMO_N_OF_M;
	return read_number(&text, &p->n) && *text++ == ':' && read_number(&text, &p->m) &&
	       *text == '\0';
}

int
tmo_pattern_parse(const char *text, struct tmo_pattern *out, struct tmo_error *err)
{
	*out = (struct tmo_pattern){.kind = TMO_UNSTRUCTURED};
	if (strcmp(text, "unstructured") == 0)
		return 0;
	if (strncmp(text, "block:", 6) == 0 && read_block(text + 6, out))
		return 0;
	if (strncmp(text, "channel", 7) == 0 && read_channel(text + 7, out))
		return 0;
	if (!read_groups(text, out))
		return tmo_fail_usage(err, "the pattern is \"%.60s\"; it must be unstructured, "
		                      "block:RxC[:avg|max], N:M or channel[:l1|l2|bn]", text);
	if (out->n < 1 || out->n >= out->m || out->m > TMO_GROUP_MAX)
		return tmo_fail_usage(err, "the pattern is \"%.60s\"; N, what is kept of M, must be "
		                      "from 1 to M - 1, and M at most %d", text, TMO_GROUP_MAX);
	return 0;
}

struct tmo_lines
tmo_lines_along(const struct tmo_axes *axes, int part)
{
	struct tmo_lines lines = {1, 1, 1};
	int end;

	assert(part >= 0 && part < axes->count);
	end = tmo_axes_run_end(axes, part);
	for (int i = 0; i < axes->count; i++)
		*(i < part ? &lines.before_count : i < end ? &lines.length : &lines.after_count) *=
			axes->part[i].size;
	return lines;
}

/*
 * The groups that start at one row (of after_count elements) are counted side by side, so that
 * memory is read in its order whatever the axis.
 */
#define DEFINE_CHECK(real, suffix) \
	static size_t \
	count_nonzero_##suffix(const real *x, size_t stride, size_t length) \
	{ \
		size_t count = 0; \
		for (size_t i = 0; i < length; i++) \
			count += x[i * stride] != 0; \
		return count; \
	} \
	struct tmo_groups_found \
	tmo_groups_check_##suffix(const real *x, const struct tmo_lines *l, size_t n, size_t m) \
	{ \
		struct tmo_groups_found found = {0}; \
		assert(m > 0); \
		if (l->after_count == 0) \
			return found; \
		for (size_t before = 0; before < l->before_count; before++) \
			for (size_t i = 0; i < l->length; i += m) { \
				const size_t row = (before * l->length + i) * l->after_count; \
				const size_t length = l->length - i < m ? l->length - i : m; \
				for (size_t after = 0; after < l->after_count; after++) { \
					if (count_nonzero_##suffix(x + row + after, l->after_count, \
					                           length) > n && found.broken++ == 0) \
						found.first = row + after; \
				} \
				found.groups += l->after_count; \
			} \
		return found; \
	}
DEFINE_CHECK(float, f32)
DEFINE_CHECK(double, f64)
