/* SPDX-License-Identifier: Apache-2.0 */
/* assign_codes.h: for each weight the code of the nearest value of its codebook, the lower of two. */
#ifndef CLUSTER_ASSIGN_CODES_H
#define CLUSTER_ASSIGN_CODES_H

#include "codebook.h"

/*
 * b has its limits (cluster_codebook_set_limits). Exactly one of codes8 and codes16 is not NULL: the
 * codes of the whole tensor, of which those of the group's weights are set.
 */
void cluster_assign_codes(const struct codebook *b, const struct group *g, uint8_t *codes8,
                          uint16_t *codes16, int threads);

#endif
