/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml.h: YAML documents as trees, read and written through libyaml. Plain data only:
 * anchors, aliases and tags are refused, nesting is at most 32 deep, a mapping's keys are scalars
 * and differ.
 */
#ifndef TMO_YAML_H
#define TMO_YAML_H

#include "base/buffer.h"


enum tmo_yaml_kind { TMO_YAML_SCALAR, TMO_YAML_LIST, TMO_YAML_MAP };

struct tmo_yaml {
	enum tmo_yaml_kind kind;
	char *key;		/* owned; its name in a mapping, else NULL */
	char *text;		/* owned; a scalar's. tmo_yaml_set_text changes it */
	bool quoted;		/* the scalar stood in quotes: "8" is text, 8 a number */
	bool flow;		/* a list or map written on one line: [1, 2] */
	int line, column;	/* where the value (for a map's entry: the key) stood, from 1 */
	struct tmo_yaml *first, *last, *next;	/* children in order; the next sibling */
};

/*
 * Parses one document of UTF-8, or of UTF-16 with a byte order mark; an empty text gives an empty map. Errors
 * name line and column, and say what to do.
 */
struct tmo_yaml *tmo_yaml_parse(const void *text, size_t size, struct tmo_error *err);
void tmo_yaml_free(struct tmo_yaml *node);		/* NULL is fine */

struct tmo_yaml *tmo_yaml_get(const struct tmo_yaml *map, const char *key);	/* or NULL */
const char *tmo_yaml_text(const struct tmo_yaml *map, const char *key);	/* a scalar's, or NULL */
size_t tmo_yaml_count(const struct tmo_yaml *node);	/* children */
/* Whole numbers only, in range; -1 and a message that names key otherwise. */
int tmo_yaml_size(const struct tmo_yaml *scalar, uint64_t *value, struct tmo_error *err);

/* Another text for a scalar, from malloc, which it takes over. */
void tmo_yaml_set_text(struct tmo_yaml *scalar, char *text);

/* Building. Each returns the new node, or NULL when memory is out. key is NULL inside a list. */
/* A node that nothing points to yet; text, of a scalar only, else NULL. Both are copied. */
struct tmo_yaml *tmo_yaml_new(enum tmo_yaml_kind kind, const char *key, const char *text);
struct tmo_yaml *tmo_yaml_new_map(void);
struct tmo_yaml *tmo_yaml_add_map(struct tmo_yaml *parent, const char *key);
struct tmo_yaml *tmo_yaml_add_list(struct tmo_yaml *parent, const char *key, bool flow);
struct tmo_yaml *tmo_yaml_add_text(struct tmo_yaml *parent, const char *key, const char *text);
struct tmo_yaml *tmo_yaml_add_size(struct tmo_yaml *parent, const char *key, uint64_t value);
/* Whether text, without quotes, could be read as a number, a truth value or nothing. */
bool tmo_yaml_is_special(const char *text);
/* Takes node out of its parent; the caller frees it. */
struct tmo_yaml *tmo_yaml_cut(struct tmo_yaml *parent, const char *key);

/* Appends the document as text: block style, UTF-8, no line folding, the same bytes always. */
int tmo_yaml_emit(const struct tmo_yaml *root, struct tmo_buffer *out, struct tmo_error *err);

#endif
