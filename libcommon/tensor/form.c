/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "tensor/form.h"

static bool
is_there(const struct tmo_array *a)
{
	return a->type != TMO_NONE;
}

const char *
tmo_form_name(const struct tmo_tensor *t)
{
	const bool affine = is_there(&t->scale) || is_there(&t->zero_point);

	if (!is_there(&t->codes))
		return "plain";
	if (is_there(&t->codebook))
		return affine ? "codebook+affine" : "codebook";
	return affine ? "affine" : "cast";
}

void
tmo_form_codebooks(const struct tmo_tensor *t, size_t *count, size_t *values)
{
	*count = *values = 0;
	if (!is_there(&t->codebook) || t->codebook.rank == 0)
		return;
	*values = t->codebook.shape[t->codebook.rank - 1];
	*count = *values > 0 ? t->codebook.count / *values : 0;
}

void
tmo_form_text(const struct tmo_tensor *t, char *text)
{
	size_t entries, values;
	int n;

	tmo_form_codebooks(t, &entries, &values);
	if (is_there(&t->scale))
		entries = t->scale.count;
	if (!is_there(&t->codes)) {
		snprintf(text, TMO_FORM_MAX, "plain");
		return;
	}
	n = snprintf(text, TMO_FORM_MAX, "%s", tmo_form_name(t));
	if (t->code != TMO_NONE)
		n += snprintf(text + n, TMO_FORM_MAX - (size_t)n, " %s", tmo_type_name(t->code));
	else
		n += snprintf(text + n, TMO_FORM_MAX - (size_t)n, " %d bits", t->bits);
	if (entries > 1)
		snprintf(text + n, TMO_FORM_MAX - (size_t)n, ", %zu %s", entries,
		         is_there(&t->scale) ? "scales" : "codebooks");
}

/* The array of parameters that has the most entries; NULL: there is none. */
static const struct tmo_array *
finest(const struct tmo_tensor *t)
{
	size_t codebooks, values;
	const struct tmo_array *most = NULL;
	size_t entries = 0;

	tmo_form_codebooks(t, &codebooks, &values);
	if (is_there(&t->codebook)) {
		most = &t->codebook;
		entries = codebooks;
	}
	if (is_there(&t->scale) && (most == NULL || t->scale.count > entries)) {
		most = &t->scale;
		entries = t->scale.count;
	}
	if (is_there(&t->zero_point) && (most == NULL || t->zero_point.count > entries))
		most = &t->zero_point;
	return most;
}

enum tmo_granularity
tmo_form_granularity(const struct tmo_tensor *t, size_t *block)
{
	const struct tmo_array *const parameters = finest(t);
	enum tmo_granularity found = TMO_PER_TENSOR;

	for (int i = 0; i < t->rank; i++) {
		const size_t entries = parameters != NULL && i < parameters->rank ? parameters->shape[i] : 1;

		block[i] = entries <= 1 ? t->shape[i] : entries == t->shape[i] ? 1 :
		           t->blocked ? t->block[i] : 1;
		if (entries > 1 && entries < t->shape[i])
			found = TMO_PER_GROUP;
		else if (entries > 1 && found == TMO_PER_TENSOR)
			found = TMO_PER_CHANNEL;
	}
	return found;
}

/* Of groups their length along the axis that is cut; what shares all of an axis is no length. */
static size_t
group_length(const struct tmo_tensor *t, const size_t *block)
{
	size_t length = 1;

	for (int i = 0; i < t->rank; i++)
		if (block[i] > 1 && block[i] < t->shape[i])
			length = block[i];
	return length;
}

void
tmo_form_short(const struct tmo_tensor *t, char *text)
{
	size_t block[TMO_RANK_MAX], codebooks, values;
	const enum tmo_granularity granularity = tmo_form_granularity(t, block);
	int n;

	tmo_form_codebooks(t, &codebooks, &values);
	if (!is_there(&t->codes))
		n = snprintf(text, TMO_FORM_SHORT, "plain");
	else if (is_there(&t->codebook))
		n = snprintf(text, TMO_FORM_SHORT, "cb%zu%s", values, is_there(&t->scale) ? "+s" : "");
	else if (t->code != TMO_NONE)
		n = snprintf(text, TMO_FORM_SHORT, "%s", tmo_type_name(t->code));
	else
		n = snprintf(text, TMO_FORM_SHORT, "%db", t->bits);
	if (granularity == TMO_PER_GROUP)
		snprintf(text + n, TMO_FORM_SHORT - (size_t)n, "/g%zu", group_length(t, block));
	else if (granularity == TMO_PER_CHANNEL)
		snprintf(text + n, TMO_FORM_SHORT - (size_t)n, "/ch");
}
