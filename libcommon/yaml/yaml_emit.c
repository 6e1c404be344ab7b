/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "base/utf8.h"
#include "yaml/yaml.h"

#include <string.h>
#include <yaml.h>

/* Where the bytes go; libyaml's callback can only say that it failed, *err says why. */
struct emit {
	yaml_emitter_t emitter;
	struct tmo_buffer *out;
	struct tmo_error *err;
	bool failed;
};

static int
write_bytes(void *arg, unsigned char *data, size_t size)
{
	struct emit *s = arg;

	s->failed = tmo_buffer_append(s->out, data, size, s->err) < 0;
	return !s->failed;
}

static int
send(struct emit *s, yaml_event_t *event, int made)
{
	if (made != 0 && yaml_emitter_emit(&s->emitter, event) != 0)
		return 0;
	if (s->failed)
		return -1;
	if (made == 0 || s->emitter.error == YAML_MEMORY_ERROR)
		return tmo_fail_memory(s->err, 0);
	return tmo_fail(s->err, "cannot be written as YAML: %s", s->emitter.problem);
}

static int
send_scalar(struct emit *s, const char *text, bool quoted)
{
	yaml_scalar_style_t style = YAML_PLAIN_SCALAR_STYLE;
	yaml_event_t event;

	if (!tmo_utf8_is_valid(text))
		return tmo_fail(s->err, "text that is not UTF-8 cannot be written as YAML; rename it");
	if (quoted)
		style = YAML_SINGLE_QUOTED_SCALAR_STYLE;
	for (const char *p = text; *p != '\0'; p++)	/* line breaks would be folded otherwise */
		if ((unsigned char)*p < ' ' || *p == 127 || (unsigned char)*p > 127)
			style = YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	return send(s, &event, yaml_scalar_event_initialize(&event, NULL, NULL,
	            (const yaml_char_t *)text, (int)strlen(text), 1, 1, style));
}

static int
send_node(struct emit *s, const struct tmo_yaml *node)
{
	yaml_event_t event;
	const bool map = node->kind == TMO_YAML_MAP;

	if (node->kind == TMO_YAML_SCALAR)
		return send_scalar(s, node->text, node->quoted);
	if (send(s, &event, map
	         ? yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, node->flow
	           ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE)
	         : yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, node->flow
	           ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE)) < 0)
		return -1;
	for (const struct tmo_yaml *child = node->first; child != NULL; child = child->next)
		if ((map && send_scalar(s, child->key, tmo_yaml_is_special(child->key)) < 0)
		    || send_node(s, child) < 0)
			return -1;
	return send(s, &event, map ? yaml_mapping_end_event_initialize(&event)
	                           : yaml_sequence_end_event_initialize(&event));
}

static int
send_document(struct emit *s, const struct tmo_yaml *root)
{
	yaml_event_t event;

	if (send(s, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING)) < 0
	    || send(s, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1)) < 0
	    || send_node(s, root) < 0
	    || send(s, &event, yaml_document_end_event_initialize(&event, 1)) < 0)
		return -1;
	return send(s, &event, yaml_stream_end_event_initialize(&event));
}

int
tmo_yaml_emit(const struct tmo_yaml *root, struct tmo_buffer *out, struct tmo_error *err)
{
	struct emit s = {.out = out, .err = err};
	int status;

	if (yaml_emitter_initialize(&s.emitter) == 0)
		return tmo_fail_memory(err, 0);
	yaml_emitter_set_output(&s.emitter, write_bytes, &s);
	yaml_emitter_set_width(&s.emitter, -1);
	yaml_emitter_set_unicode(&s.emitter, 1);
	status = send_document(&s, root);
	yaml_emitter_delete(&s.emitter);
	return status;
}
