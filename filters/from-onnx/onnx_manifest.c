/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/path.h"
#include "onnx_manifest.h"
#include "stream/manifest.h"

/* The text as ASCII that YAML can hold, cut to size - 1 bytes. */
static const char *
ascii(const char *text, char *out, size_t size)
{
	size_t n = 0;

	for (; text[n] != '\0' && n + 1 < size; n++)
		out[n] = text[n] >= ' ' && text[n] <= '~' ? text[n] : '?';
	out[n] = '\0';
	return out;
}

/* The graph's name, else the file's without folder and ".onnx". */
static void
model_name(const Onnx__ModelProto *model, const char *file, char *out, size_t size)
{
	const char *name = tmo_onnx_text(model->graph->name);
	size_t n;

	if (name[0] == '\0')
		name = strcmp(file, "stdin") == 0 ? "model" : tmo_path_name(file);
	ascii(name, out, size);
	n = strlen(out);
	if (n > 5 && strcmp(out + n - 5, ".onnx") == 0)
		out[n - 5] = '\0';
}

static bool
add_source(struct tmo_yaml *manifest, const Onnx__ModelProto *model)
{
	struct tmo_yaml *source = tmo_yaml_add_map(manifest, "source"), *opset;
	char producer[200], domain[100];

	if (source == NULL || tmo_yaml_add_text(source, "format", "onnx") == NULL)
		return false;
	snprintf(producer, sizeof(producer), "%.120s%s%.60s",
	         tmo_onnx_text(model->producer_name),
	         tmo_onnx_text(model->producer_version)[0] != '\0' ? " " : "",
	         tmo_onnx_text(model->producer_version));
	if (producer[0] != '\0' && tmo_yaml_add_text(source, "producer",
	                                    ascii(producer, producer, sizeof(producer))) == NULL)
		return false;
	if (tmo_yaml_add_size(source, "ir_version", (uint64_t)model->ir_version) == NULL ||
	    (opset = tmo_yaml_add_map(source, "opset")) == NULL)
		return false;
	opset->flow = true;
	TMO_ONNX_EACH(Onnx__OperatorSetIdProto, o, model, opset_import) {
		const char *name = tmo_onnx_text((*o)->domain);

		name = name[0] == '\0' ? "ai.onnx" : ascii(name, domain, sizeof(domain));
		if (tmo_yaml_get(opset, name) == NULL &&
		    tmo_yaml_add_size(opset, name, (uint64_t)(*o)->version) == NULL)
			return false;
	}
	return true;
}

static bool
add_totals(struct tmo_yaml *manifest, const struct tmo_onnx_reader *in)
{
	struct tmo_yaml *totals = tmo_yaml_add_map(manifest, "totals");
	uint64_t bytes = 0;

	for (size_t i = 0; i < tmo_onnx_count(in); i++)
		bytes += tmo_onnx_bytes(in, i);
	if (totals == NULL)
		return false;
	totals->flow = true;
	return tmo_yaml_add_size(totals, "tensors", tmo_onnx_count(in)) != NULL &&
	       tmo_yaml_add_size(totals, "bytes", bytes) != NULL;
}

static const char *
name_of(const void *in, size_t i)
{
	return tmo_onnx_tensor(in, i)->name;
}

int
from_onnx_manifest(const struct tmo_onnx_reader *in, const char *file, struct tmo_buffer *out,
                   struct tmo_error *err)
{
	const Onnx__ModelProto *model = tmo_onnx_model(in);
	struct tmo_yaml *manifest = tmo_manifest_new(err);
	char name[200];
	int status = -1;

	if (manifest == NULL)
		return -1;
	model_name(model, file, name, sizeof(name));
	if (tmo_yaml_add_text(manifest, "name", name) == NULL || !add_source(manifest, model) ||
	    !add_totals(manifest, in)) {
		tmo_fail_memory(err, 0);
		goto out;
	}
	if (tmo_manifest_names(manifest, tmo_onnx_count(in), name_of, in, err) == 0)
		status = tmo_yaml_emit(manifest, out, err);
out:
	tmo_yaml_free(manifest);
	return status;
}
