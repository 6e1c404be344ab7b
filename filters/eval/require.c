/* SPDX-License-Identifier: Apache-2.0 */
#include "require.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buffer.h"
#include "base/spelling.h"

#define KEY_MAX 64

struct requirement {
	enum key key;
	char sign[3];		/* >= <= > < = */
	double value;
};

static int
find_key(const char *text, size_t size, enum key *key, struct tmo_error *err)
{
	char name[KEY_MAX];
	const char *near;

	if (size >= sizeof(name))
		size = sizeof(name) - 1;
	memcpy(name, text, size);
	name[size] = '\0';
	for (*key = 0; *key < KEYS; ++*key)
		if (strcmp(name, eval_report_keys[*key]) == 0)
			return 0;
	near = tmo_nearest_word(name, eval_report_keys);
	if (near != NULL)
		return tmo_fail_usage(err, "--require: no key \"%s\"; did you mean %s?", name, near);
	return tmo_fail_usage(err, "--require: no key \"%s\"; see REQUIREMENTS in man tmo-eval", name);
}

static int
parse(const char *text, struct requirement *q, struct tmo_error *err)
{
	const size_t key = strcspn(text, "<>= \t");
	const char *at = text + key + strspn(text + key, " \t");
	size_t sign = strspn(at, "<>=");
	char *end;

	*q = (struct requirement){ .key = KEYS };
	if (key == 0 || (sign != 1 && sign != 2) || (sign == 2 && at[1] != '='))
		return tmo_fail_usage(err, "--require: \"%.60s\" is no requirement; write one as "
		                      "'sqnr_db>=30'", text);
	if (find_key(text, key, &q->key, err) < 0)
		return -1;
	/* "==" is taken for "=". */
	memcpy(q->sign, at, at[0] == '=' ? 1 : sign);
	at += sign;
	q->value = strtod(at, &end);
	end += strspn(end, " \t");
	if (end == at || *end != '\0' || !isfinite(q->value))
		return tmo_fail_usage(err, "--require: \"%.60s\" does not end in a number; write "
		                      "'%s%s30'", text, eval_report_keys[q->key], q->sign);
	return 0;
}

int
eval_requirements_check(const struct tmo_list *list, bool has_reference, bool has_pattern,
                        struct tmo_error *err)
{
	struct requirement q;

	for (size_t i = 0; i < list->count; i++) {
		if (parse(list->items[i].text, &q, err) < 0)
			return -1;
		if (key_needs_reference(q.key) && !has_reference)
			return tmo_fail_usage(err, "--require: %s says how far from a reference the "
			                      "stream is; add --reference FILE",
			                      eval_report_keys[q.key]);
		if (q.key == KEY_PATTERN && !has_pattern)
			return tmo_fail_usage(err, "--require: which pattern; add --check N:M");
	}
	return 0;
}

static bool
met(const struct requirement *q, double value)
{
	switch (q->sign[0]) {
	case '>':
		return q->sign[1] == '=' ? value >= q->value : value > q->value;
	case '<':
		return q->sign[1] == '=' ? value <= q->value : value < q->value;
	default:
		return value == q->value;
	}
}

/* A requirement of nothing would always be met. */
static int
check_there_is_something(const struct report *r, enum key key, struct tmo_error *err)
{
	if (r->count == 0)
		return tmo_fail(err, "no tensors in the stream, so nothing meets --require; name a stream "
		                "of a model, such as tmo-from-onnx writes");
	if (key_is_of_weights(key) &&
	    eval_report_worst(r, key) == NULL)
		return tmo_fail(err, "--require: %s is about weights, of which the stream has none%s; drop "
		                "it, or name a stream that has", eval_report_keys[key],
		                key_needs_reference(key) ? " that the reference has" : "");
	return 0;
}

/* " in NAME": where the total has its number from. */
static void
name_worst(const struct report *r, enum key key, char *text, size_t size)
{
	const struct row *const worst = key_is_of_weights(key) ? eval_report_worst(r, key) : NULL;
	const bool of_channel = key == KEY_CHANNEL_SPARSITY || key == KEY_CHANNEL_SQNR;

	text[0] = '\0';
	if (worst == NULL)
		return;
	if (of_channel && worst->channels.count > 1)
		snprintf(text, size, " (%.80s, channel %zu)", worst->name, key == KEY_CHANNEL_SPARSITY ?
		         worst->channels.sparsest : worst->channels.farthest);
	else
		snprintf(text, size, " (%.80s)", worst->name);
}

int
eval_requirements_meet(const struct tmo_list *list, const struct report *r, struct tmo_error *err)
{
	struct tmo_buffer text = { 0 };
	struct requirement q;
	char where[128];
	int status = 0;

	for (size_t i = 0; i < list->count && status == 0; i++) {
		if (parse(list->items[i].text, &q, err) < 0)
			return -1;
		if (check_there_is_something(r, q.key, err) < 0) {
			tmo_buffer_free(&text);
			return -1;
		}
		const double value = eval_report_value(r, &r->total, q.key);

		if (met(&q, value))
			continue;
		name_worst(r, q.key, where, sizeof(where));
		status = tmo_buffer_printf(&text, err, "%s%s is %.10g%s, %.6g %s %s%.10g",
		                           text.size > 0 ? ", " : "", eval_report_keys[q.key], value, where,
		                           fabs(value - q.value),
		                           value < q.value ? "short of" : "beyond", q.sign, q.value);
	}
	if (status == 0 && text.size > 0)
		status = tmo_fail(err, "%.400s; change less, or ask for less", (char *)text.data);
	tmo_buffer_free(&text);
	return status;
}
