/* SPDX-License-Identifier: Apache-2.0 */
/*
 * axes.h: what the axes of a weight are: output, input, own, within (tmo.h has the words). An axis
 * that is several things at once, as the first of a grouped ConvTranspose's weight [groups * inputs,
 * outputs, …], is cut into parts, the outermost first. So a tensor's parts, in order, are a shape of
 * their own with the same elements in the same order, and each part has one role.
 */
#ifndef TMO_AXES_H
#define TMO_AXES_H

#include "tmo.h"

/* All axes whole and of no known role. */
void tmo_axes_unknown(struct tmo_axes *axes, int rank, const size_t *shape);

/*
 * What is assumed where no network tells: output_axis (at most the last axis counts) is output, its
 * neighbour (axis 1 of axis 0, else the one before it) input, the others within.
 */
void tmo_axes_assumed(struct tmo_axes *axes, int rank, const size_t *shape, int64_t output_axis);

/* The first axis that has a part of this role; -1: none. */
int tmo_axes_first(const struct tmo_axes *axes, enum tmo_role role);

/* The first part of this role, one of more than one index if there is any; -1: none. */
int tmo_axes_part(const struct tmo_axes *axes, enum tmo_role role);

/* How many indices the parts of this role have together; 1 if there are none. */
size_t tmo_axes_count(const struct tmo_axes *axes, enum tmo_role role);

/* Behind the last of the parts that follow part number `part` at once and have its role. */
int tmo_axes_run_end(const struct tmo_axes *axes, int part);

/* Whether the parts make up this shape, axis by axis. */
bool tmo_axes_fit(const struct tmo_axes *axes, int rank, const size_t *shape);

/* Gives t these axes, or unknown ones if they do not fit its shape; sets output_axis, input_axis. */
void tmo_tensor_set_axes(struct tmo_tensor *t, const struct tmo_axes *axes);

#endif
