/* SPDX-License-Identifier: Apache-2.0 */
/* The tree: building, finding, freeing. yaml_parse.c and yaml_emit.c read and write it. */
#include "base/memory.h"
#include "yaml/yaml.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Most texts lie behind their node, in the same piece of memory. */
static void
drop_text(struct tmo_yaml *node)
{
	if (node->text != (char *)(node + 1))
		free(node->text);
	node->text = NULL;
}

void
tmo_yaml_set_text(struct tmo_yaml *scalar, char *text)
{
	drop_text(scalar);
	scalar->text = text;
}

void
tmo_yaml_free(struct tmo_yaml *node)
{
	struct tmo_yaml *child, *next;

	if (node == NULL)
		return;
	for (child = node->first; child != NULL; child = next) {
		next = child->next;
		tmo_yaml_free(child);
	}
	free(node->key);
	drop_text(node);
	free(node);
}

struct tmo_yaml *
tmo_yaml_get(const struct tmo_yaml *map, const char *key)
{
	if (map == NULL || map->kind != TMO_YAML_MAP)
		return NULL;
	for (struct tmo_yaml *child = map->first; child != NULL; child = child->next)
		if (strcmp(child->key, key) == 0)
			return child;
	return NULL;
}

const char *
tmo_yaml_text(const struct tmo_yaml *map, const char *key)
{
	const struct tmo_yaml *child = tmo_yaml_get(map, key);

	return child != NULL && child->kind == TMO_YAML_SCALAR ? child->text : NULL;
}

size_t
tmo_yaml_count(const struct tmo_yaml *node)
{
	size_t count = 0;

	if (node != NULL)
		for (const struct tmo_yaml *child = node->first; child != NULL; child = child->next)
			count++;
	return count;
}

int
tmo_yaml_size(const struct tmo_yaml *scalar, uint64_t *value, struct tmo_error *err)
{
	const char *text = scalar->kind == TMO_YAML_SCALAR ? scalar->text : "";
	bool good = *text != '\0' && !scalar->quoted;
	uint64_t sum = 0;

	for (const char *p = text; good && *p != '\0'; p++) {
		const uint64_t digit = (uint64_t)(*p - '0');

		good = *p >= '0' && *p <= '9' && sum <= (UINT64_MAX - digit) / 10;
		sum = sum * 10 + digit;
	}
	if (!good)
		return tmo_fail(err, "line %d, column %d: %s is \"%.40s\"; it must be a whole number from 0 on",
		                scalar->line, scalar->column,
		                scalar->key != NULL ? scalar->key : "an entry", text);
	*value = sum;
	return 0;
}

struct tmo_yaml *
tmo_yaml_new(enum tmo_yaml_kind kind, const char *key, const char *text)
{
	const size_t size = text != NULL ? strlen(text) + 1 : 0;
	struct tmo_error ignored = {0};
	struct tmo_yaml *node = calloc(1, sizeof *node + size);

	if (node == NULL)
		return NULL;
	node->kind = kind;
	if (text != NULL)	/* most texts are short: one piece of memory instead of two */
		node->text = memcpy(node + 1, text, size);
	if (key != NULL && (node->key = tmo_copy_string(key, &ignored)) == NULL) {
		tmo_yaml_free(node);
		return NULL;
	}
	return node;
}

static struct tmo_yaml *
append(struct tmo_yaml *parent, struct tmo_yaml *node)
{
	if (node == NULL)
		return NULL;
	if (parent->last != NULL)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
	return node;
}

struct tmo_yaml *
tmo_yaml_new_map(void)
{
	return tmo_yaml_new(TMO_YAML_MAP, NULL, NULL);
}

struct tmo_yaml *
tmo_yaml_add_map(struct tmo_yaml *parent, const char *key)
{
	return append(parent, tmo_yaml_new(TMO_YAML_MAP, key, NULL));
}

struct tmo_yaml *
tmo_yaml_add_list(struct tmo_yaml *parent, const char *key, bool flow)
{
	struct tmo_yaml *node = append(parent, tmo_yaml_new(TMO_YAML_LIST, key, NULL));

	if (node != NULL)
		node->flow = flow;
	return node;
}

struct tmo_yaml *
tmo_yaml_add_text(struct tmo_yaml *parent, const char *key, const char *text)
{
	struct tmo_yaml *node = append(parent, tmo_yaml_new(TMO_YAML_SCALAR, key, text));

	if (node != NULL)
		node->quoted = tmo_yaml_is_special(text);
	return node;
}

struct tmo_yaml *
tmo_yaml_add_size(struct tmo_yaml *parent, const char *key, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRIu64, value);
	return append(parent, tmo_yaml_new(TMO_YAML_SCALAR, key, text));
}

struct tmo_yaml *
tmo_yaml_cut(struct tmo_yaml *parent, const char *key)
{
	struct tmo_yaml *before = NULL, *node = parent->first;

	while (node != NULL && strcmp(node->key, key) != 0) {
		before = node;
		node = node->next;
	}
	if (node == NULL)
		return NULL;
	if (before != NULL)
		before->next = node->next;
	else
		parent->first = node->next;
	if (parent->last == node)
		parent->last = before;
	node->next = NULL;
	return node;
}

static bool
is_word(const char *text)
{
	static const char *const words[] = {"~", "=", "<<", "null", "true", "false", "yes", "no",
	                                    "on", "off", "y", "n", ".inf", ".nan"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		const char *a = words[i], *b = text;

		while (*a != '\0' && *a == (*b >= 'A' && *b <= 'Z' ? *b + ('a' - 'A') : *b)) {
			a++;
			b++;
		}
		if (*a == '\0' && *b == '\0')
			return true;
	}
	return false;
}

/*
 * YAML 1.1 and 1.2, and the readers of both, disagree on what a number is (0o17, 1_000, 1:30,
 * 2001-12-14). Text that could be one to any of them gets quotes; quotes too many do no harm.
 */
bool
tmo_yaml_is_special(const char *text)
{
	const char *rest = text + (*text == '+' || *text == '-');

	if (*text == '\0' || is_word(rest))
		return true;
	if ((*rest < '0' || *rest > '9') && *rest != '.')
		return false;
	return rest[strspn(rest, "0123456789abcdefABCDEFxXoOtTzZ_.:+- ")] == '\0';
}
