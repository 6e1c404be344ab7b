/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text as a tensor.yaml: what is understood is written and understood the same. The same text
 * as a model.yaml at the head of a stream: it is refused, or copied, added to and emitted.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/sink.h"
#include "base/source.h"
#include "run/history.h"
#include "stream/manifest.h"
#include "stream/stream.h"
#include "stream/tensor_yaml.h"
#include "tensor/encoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_tensor(const struct tmo_yaml *map)
{
	struct tmo_tensor t = {0}, again = {0};
	struct tmo_error err = {0};
	struct tmo_buffer text = {0};
	struct tmo_yaml *back = NULL;

	if (tmo_tensor_from_yaml(map, &t, &err) < 0) {
		if (err.kind == TMO_ERROR_NONE)
			abort();
	} else if (tmo_tensor_yaml(&t, &text, &err) < 0 ||
	           (back = tmo_yaml_parse(text.data, text.size, &err)) == NULL ||
	           tmo_tensor_from_yaml(back, &again, &err) < 0 || again.dtype != t.dtype ||
	           again.code != t.code || again.bits != t.bits || again.rank != t.rank ||
	           again.count != t.count || again.blocked != t.blocked ||
	           memcmp(again.shape, t.shape, sizeof(t.shape)) != 0 ||
	           memcmp(again.block, t.block, sizeof(t.block)) != 0 ||
	           (again.extra == NULL) != (t.extra == NULL) ||
	           (t.extra != NULL && strcmp(again.extra, t.extra) != 0)) {
		abort();
	}
	tmo_tensor_free(&t);
	tmo_tensor_free(&again);
	tmo_yaml_free(back);
	tmo_buffer_free(&text);
}

static int
stream_of(const uint8_t *data, size_t size, struct tmo_buffer *out)
{
	struct tmo_error err = {0};
	struct tmo_sink *sink = tmo_sink_memory(out, &err);
	struct tmo_writer *to = tmo_writer_open(sink, NULL, &err);
	int status = -1;

	if (to != NULL && tmo_writer_member(to, "model.yaml", data, size, &err) == 0 &&
	    tmo_writer_finish(to, &err) == 0)
		status = tmo_sink_finish(sink, &err);
	tmo_writer_close(to);
	tmo_sink_close(sink);
	return status;
}

static const char *
the_name(const void *name, size_t i)
{
	(void)i;
	return name;
}

/* What every program does with the manifest that it read. */
static void
add_to(const struct tmo_yaml *manifest)
{
	static const struct tmo_option none[] = { TMO_OPTIONS_END };
	static const struct tmo_filter filter = { .name = "fuzz", .options = none };
	struct tmo_error err = {0};
	struct tmo_yaml *copy = tmo_manifest_copy(manifest, &err), *back;
	struct tmo_selection selection = {0};
	struct tmo_buffer text = {0};
	char name[301];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	if (copy == NULL)
		exit(1);
	if (tmo_history_add(copy, &filter, "1", NULL, &selection, &err) == 0 &&
	    tmo_manifest_names(copy, 1, the_name, name, &err) == 0) {
		if (tmo_yaml_emit(copy, &text, &err) < 0 ||
		    (back = tmo_yaml_parse(text.data, text.size, &err)) == NULL)
			abort();
		tmo_yaml_free(back);
	} else if (err.kind == TMO_ERROR_NONE) {
		abort();
	}
	tmo_yaml_free(copy);
	tmo_buffer_free(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tmo_error err = {0};
	struct tmo_yaml *root = tmo_yaml_parse(data, size, &err);
	struct tmo_buffer stream = {0};
	struct tmo_source *source;
	struct tmo_reader *in;

	if (root != NULL && root->kind == TMO_YAML_MAP)
		check_tensor(root);
	tmo_yaml_free(root);
	if (stream_of(data, size, &stream) < 0)
		exit(1);
	err = (struct tmo_error){0};
	source = tmo_source_memory(stream.data, stream.size, &err);
	in = tmo_reader_open(source, NULL, &err);
	if (in == NULL && err.kind == TMO_ERROR_NONE)
		abort();
	if (in != NULL)
		add_to(tmo_reader_manifest(in));
	tmo_reader_close(in);
	tmo_source_close(source);
	tmo_buffer_free(&stream);
	return 0;
}
