/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"
#include "base/string_map.h"
#include "yaml/yaml.h"
#include "yaml/yaml_problem.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define DEPTH_MAX 32
#define NO_ANCHORS "anchors and tags are not supported; put a text that begins with & or ! in quotes"
#define NODES_MAX (1 << 23)	/* a node takes 100 bytes and more, its text may be two */

/* One document on its way into a tree. */
struct parse {
	yaml_parser_t parser;
	const unsigned char *text;		/* borrowed */
	size_t size;
	struct tmo_yaml *open[DEPTH_MAX];	/* from the root to the innermost collection */
	struct tmo_string_map *keys[DEPTH_MAX];	/* that its mapping has had; NULL for a list */
	int depth;				/* how many are open */
	struct tmo_yaml *root;
	char *key;				/* read, its value still to come */
	int key_line, key_column;
	int documents;
	int nodes;
};

static int
fail_at(struct tmo_error *err, yaml_mark_t mark, const char *what)
{
	return tmo_fail(err, "line %zu, column %zu: %s", mark.line + 1, mark.column + 1, what);
}

/* Puts node, which is taken over, where it belongs. */
static int
place(struct parse *s, struct tmo_yaml *node, yaml_mark_t mark, struct tmo_error *err)
{
	struct tmo_yaml *parent = s->depth > 0 ? s->open[s->depth - 1] : NULL;

	node->line = (int)mark.line + 1;
	node->column = (int)mark.column + 1;
	if (s->key != NULL) {
		node->key = s->key;
		node->line = s->key_line;
		node->column = s->key_column;
		s->key = NULL;
	}
	s->nodes++;
	if (parent == NULL)
		s->root = node;
	else if (parent->last == NULL)
		parent->first = parent->last = node;
	else
		parent->last = parent->last->next = node;
	if (s->nodes > NODES_MAX)
		return fail_at(err, mark, "more than 8388608 values; split it");
	if (node->kind == TMO_YAML_SCALAR)
		return 0;
	if (s->depth == DEPTH_MAX)
		return fail_at(err, mark, "nested more than 32 deep; make it flatter");
	if (node->kind == TMO_YAML_MAP && (s->keys[s->depth] = tmo_string_map_new(err)) == NULL)
		return -1;
	s->open[s->depth++] = node;
	return 0;
}

static bool
wants_key(const struct parse *s)
{
	return s->depth > 0 && s->keys[s->depth - 1] != NULL && s->key == NULL;
}

static int
take_key(struct parse *s, const char *text, yaml_mark_t mark, struct tmo_error *err)
{
	bool added;

	if (tmo_string_map_add(s->keys[s->depth - 1], text, NULL, &added, err) < 0)
		return -1;
	if (!added)
		return tmo_fail(err, "line %zu, column %zu: %.80s is there twice; drop one",
		                mark.line + 1, mark.column + 1, text);
	if ((s->key = tmo_copy_string(text, err)) == NULL)
		return -1;
	s->key_line = (int)mark.line + 1;
	s->key_column = (int)mark.column + 1;
	return 0;
}

static int
take_scalar(struct parse *s, const yaml_event_t *e, struct tmo_error *err)
{
	const char *text = (const char *)e->data.scalar.value;
	struct tmo_yaml *node;

	if (e->data.scalar.anchor != NULL || e->data.scalar.tag != NULL)
		return fail_at(err, e->start_mark, NO_ANCHORS);
	if (strlen(text) != e->data.scalar.length)
		return fail_at(err, e->start_mark, "text with a NUL byte; drop it");
	if (wants_key(s))
		return take_key(s, text, e->start_mark, err);
	if ((node = tmo_yaml_new(TMO_YAML_SCALAR, NULL, text)) == NULL)
		return tmo_fail_memory(err, 0);
	node->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	return place(s, node, e->start_mark, err);
}

static int
take_collection(struct parse *s, const yaml_event_t *e, struct tmo_error *err)
{
	const bool map = e->type == YAML_MAPPING_START_EVENT;
	struct tmo_yaml *node;

	if (map ? e->data.mapping_start.anchor != NULL || e->data.mapping_start.tag != NULL
	        : e->data.sequence_start.anchor != NULL || e->data.sequence_start.tag != NULL)
		return fail_at(err, e->start_mark, NO_ANCHORS);
	if (wants_key(s))
		return fail_at(err, e->start_mark, "a list or mapping as a key; put a text that begins with [ or { "
		                                   "in quotes");
	if ((node = tmo_yaml_new(map ? TMO_YAML_MAP : TMO_YAML_LIST, NULL, NULL)) == NULL)
		return tmo_fail_memory(err, 0);
	node->flow = map ? e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
	                 : e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
	return place(s, node, e->start_mark, err);
}

static int
take_event(struct parse *s, const yaml_event_t *e, struct tmo_error *err)
{
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		return take_scalar(s, e, err);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return take_collection(s, e, err);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		s->depth--;
		tmo_string_map_free(s->keys[s->depth]);
		s->keys[s->depth] = NULL;
		return 0;
	case YAML_ALIAS_EVENT:
		return fail_at(err, e->start_mark, "* begins an alias of YAML's, and aliases are not supported; put "
		                                   "the text in quotes");
	case YAML_DOCUMENT_START_EVENT:
		if (s->documents++ > 0)
			return fail_at(err, e->start_mark, "a second document; one is accepted");
		return 0;
	default:
		return 0;
	}
}

static int
parse_all(struct parse *s, struct tmo_error *err)
{
	yaml_event_t event;
	bool end = false;

	while (!end) {
		if (yaml_parser_parse(&s->parser, &event) == 0)
			return tmo_yaml_problem(&s->parser, s->text, s->size, err);
		const int status = take_event(s, &event, err);

		end = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
		if (status < 0)
			return -1;
	}
	if (s->root != NULL && s->root->kind == TMO_YAML_SCALAR && !s->root->quoted
	    && s->root->text[0] == '\0') {	/* "---" alone is as empty as nothing */
		tmo_yaml_free(s->root);
		s->root = NULL;
	}
	if (s->root == NULL && (s->root = tmo_yaml_new_map()) == NULL)
		return tmo_fail_memory(err, 0);
	return 0;
}

struct tmo_yaml *
tmo_yaml_parse(const void *text, size_t size, struct tmo_error *err)
{
	struct parse s = { .text = text, .size = size };
	int status;

	if (yaml_parser_initialize(&s.parser) == 0) {
		tmo_fail_memory(err, 0);
		return NULL;
	}
	yaml_parser_set_input_string(&s.parser, text, size);
	status = parse_all(&s, err);
	yaml_parser_delete(&s.parser);
	free(s.key);
	while (s.depth > 0)
		tmo_string_map_free(s.keys[--s.depth]);
	if (status < 0) {
		tmo_yaml_free(s.root);
		return NULL;
	}
	return s.root;
}
