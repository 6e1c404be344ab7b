/* SPDX-License-Identifier: Apache-2.0 */
/* chain.c: from node to node of a chain; blocks get axes of their own on the way, and lose them. */
#include <stdlib.h>
#include <string.h>

#include "formats/onnx/dequantize/chain.h"

size_t
tmo_onnx_chain_next(const struct tmo_onnx_chain *c, const char *op)
{
	return tmo_onnx_followed_by(c->rw, c->value, c->last, op);
}

void
tmo_onnx_chain_step(struct tmo_onnx_chain *c, size_t site)
{
	c->node[c->node_count++] = site;
	c->last = site;
	c->value = c->rw->site[site].node->output[0];
}

void
tmo_onnx_chain_takes(struct tmo_onnx_chain *c, struct tmo_onnx_const *constant)
{
	c->constant[c->constant_count++] = constant;
}

/* ---- blocks ---- */

/* The shape that a Reshape gives, if that is a constant; false in *fits: it is none. */
static int
reshape_to(struct tmo_onnx_chain *c, size_t site, int64_t **to, size_t *count, bool *fits)
{
	const Onnx__NodeProto *n = c->rw->site[site].node;
	struct tmo_onnx_const *shape = tmo_onnx_const(c->rw, tmo_onnx_input(n, 1));

	*to = NULL;
	*fits = shape != NULL && n->n_input == 2 && strcmp(n->input[0], c->value) == 0 &&
	        shape->tensor->n_dims == 1 && shape->tensor->dims[0] > 0 &&
	        shape->tensor->dims[0] <= TMO_ONNX_AXES_MAX && tmo_onnx_int(n, "allowzero", 0) == 0;
	if (!*fits)
		return 0;
	*count = (size_t)shape->tensor->dims[0];
	return tmo_onnx_numbers(c->rw, shape, *count, to, fits);
}

/* Whether the dims are those of the weight, with some axes n as n / b and b. Then c has them so. */
static bool
split_axes(struct tmo_onnx_chain *c, const int64_t *to, size_t count)
{
	size_t at = 0;
	bool is_split = false;

	for (int a = 0; a < c->form.rank; a++) {
		const size_t n = c->form.shape[a];

		if (at == count || to[at] <= 0)
			return false;
		c->shape[at] = (size_t)to[at];
		c->axis[at++] = a;
		if (c->shape[at - 1] == n)
			continue;
		if (at == count || to[at] <= 1 || n % (size_t)to[at] != 0 ||
		    n / (size_t)to[at] != c->shape[at - 1])
			return false;
		c->shape[at] = (size_t)to[at];
		c->axis[at++] = -1;
		is_split = true;
	}
	c->rank = (int)at;
	return is_split && at == count;
}

void
tmo_onnx_chain_whole(struct tmo_onnx_chain *c)
{
	c->is_split = false;
	c->rank = c->form.rank;
	for (int a = 0; a < c->rank; a++) {
		c->shape[a] = c->form.shape[a];
		c->axis[a] = a;
	}
}

int
tmo_onnx_chain_split(struct tmo_onnx_chain *c)
{
	const size_t site = tmo_onnx_chain_next(c, "Reshape");
	int64_t *to;
	size_t count = 0;
	bool fits;

	if (site == TMO_ONNX_NOWHERE)
		return 0;
	if (reshape_to(c, site, &to, &count, &fits) < 0) {
		free(to);
		return -1;
	}
	c->is_split = fits && split_axes(c, to, count);
	free(to);
	if (!c->is_split) {
		tmo_onnx_chain_whole(c);
		return 0;
	}
	tmo_onnx_chain_takes(c, tmo_onnx_const(c->rw, c->rw->site[site].node->input[1]));
	tmo_onnx_chain_step(c, site);
	return 0;
}

int
tmo_onnx_chain_join(struct tmo_onnx_chain *c, bool *fits)
{
	const size_t site = c->is_split ? tmo_onnx_chain_next(c, "Reshape") : TMO_ONNX_NOWHERE;
	int64_t *to = NULL;
	size_t count = 0;
	int status;

	*fits = !c->is_split;
	if (site == TMO_ONNX_NOWHERE)
		return 0;
	status = reshape_to(c, site, &to, &count, fits);
	*fits = status == 0 && *fits && count == (size_t)c->form.rank;
	for (size_t a = 0; *fits && a < count; a++)
		*fits = to[a] > 0 && (size_t)to[a] == c->form.shape[a];
	free(to);
	if (*fits) {
		tmo_onnx_chain_takes(c, tmo_onnx_const(c->rw, c->rw->site[site].node->input[1]));
		tmo_onnx_chain_step(c, site);
	}
	return status;
}
