/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern.h: patterns of zeros: their names, the lines of a tensor along a part of its axes, and whether a
 * tensor holds N:M.
 */
#ifndef TMO_PATTERN_H
#define TMO_PATTERN_H

#include "tmo.h"

#define TMO_GROUP_MAX 1024	/* the largest M of N:M */

enum tmo_pattern_kind { TMO_UNSTRUCTURED, TMO_BLOCKS, TMO_N_OF_M, TMO_CHANNELS };
enum tmo_pattern_measure { TMO_MEAN, TMO_LARGEST, TMO_ROOT_MEAN_SQUARE, TMO_GAMMA };

struct tmo_pattern {
	enum tmo_pattern_kind kind;
	size_t n, m;				/* of N:M: n of every m may be nonzero */
	size_t rows, columns;			/* of a block */
	enum tmo_pattern_measure measure;	/* how large blocks and channels are */
};

/*
 * "unstructured", "block:RxC[:avg|max]", "N:M" (1 <= N < M <= TMO_GROUP_MAX), "channel[:l1|l2|bn]".
 * Anything else is wrong usage.
 */
int tmo_pattern_parse(const char *text, struct tmo_pattern *out, struct tmo_error *err);

/*
 * A tensor seen along one part of its axes, and those of the same role that follow it at once, as one
 * line: element i of it has the index (before * length + i) * after_count + after, for each `before`
 * and `after`.
 */
struct tmo_lines {
	size_t before_count, length, after_count;
};
struct tmo_lines tmo_lines_along(const struct tmo_axes *axes, int part);

/* Groups of m consecutive elements of a line, from its start on; the last one may be short. */
struct tmo_groups_found {
	uint64_t groups;
	uint64_t broken;	/* have more than n elements that are not 0 */
	size_t first;		/* the lowest index at which one of these starts */
};

/* Looks at all groups. Zeros of either sign are 0; NaN is not. */
struct tmo_groups_found tmo_groups_check_f32(const float *x, const struct tmo_lines *lines,
                                             size_t n, size_t m);
struct tmo_groups_found tmo_groups_check_f64(const double *x, const struct tmo_lines *lines,
                                             size_t n, size_t m);

#endif
