/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/path.h"
#include "base/text.h"
#include "formats/onnx/onnx_manifest.h"
#include "stream/manifest.h"

/* The graph's name, else the file's without folder and ".onnx". */
static void
model_name(const Onnx__ModelProto *model, const char *file, char *out, size_t size)
{
	const char *name = tmo_onnx_text(model->graph->name);
	size_t n;

	if (name[0] == '\0')
		name = strcmp(file, "stdin") == 0 ? "model" : tmo_path_name(file);
	tmo_ascii(name, out, size);
	n = strlen(out);
	if (n > 5 && strcmp(out + n - 5, ".onnx") == 0)
		out[n - 5] = '\0';
}

/* What exported the model, and for which operators; false: memory is out. */
static bool
describe_source(struct tmo_yaml *source, const Onnx__ModelProto *model)
{
	struct tmo_yaml *opset;
	char producer[200], domain[100];

	snprintf(producer, sizeof(producer), "%.120s%s%.60s",
	         tmo_onnx_text(model->producer_name),
	         tmo_onnx_text(model->producer_version)[0] != '\0' ? " " : "",
	         tmo_onnx_text(model->producer_version));
	tmo_ascii(producer, producer, sizeof(producer));
	if (producer[0] != '\0' && tmo_yaml_add_text(source, "producer", producer) == NULL)
		return false;
	if (tmo_yaml_add_size(source, "ir_version", (uint64_t)model->ir_version) == NULL ||
	    (opset = tmo_yaml_add_map(source, "opset")) == NULL)
		return false;
	opset->flow = true;
	TMO_ONNX_EACH(Onnx__OperatorSetIdProto, o, model, opset_import) {
		const char *name = tmo_onnx_text((*o)->domain);

		name = name[0] == '\0' ? "ai.onnx" : tmo_ascii(name, domain, sizeof(domain));
		if (tmo_yaml_get(opset, name) == NULL &&
		    tmo_yaml_add_size(opset, name, (uint64_t)(*o)->version) == NULL)
			return false;
	}
	return true;
}

static const char *
name_of(const void *in, size_t i)
{
	return tmo_onnx_tensor(in, i)->name;
}

int
tmo_onnx_manifest(const struct tmo_onnx_reader *in, const char *file, struct tmo_buffer *out,
                  struct tmo_error *err)
{
	const Onnx__ModelProto *model = tmo_onnx_model(in);
	struct tmo_yaml *manifest = tmo_manifest_new(err), *source;
	uint64_t bytes = 0;
	char name[200];
	int status = -1;

	if (manifest == NULL)
		return -1;
	for (size_t i = 0; i < tmo_onnx_count(in); i++)
		bytes += tmo_onnx_bytes(in, i);
	model_name(model, file, name, sizeof(name));
	if (tmo_yaml_add_text(manifest, "name", name) == NULL) {
		tmo_fail_memory(err, 0);
		goto out;
	}
	source = tmo_manifest_source(manifest, "onnx", err);
	if (source == NULL)
		goto out;
	if (!describe_source(source, model)) {
		tmo_fail_memory(err, 0);
		goto out;
	}
	if (tmo_manifest_totals(manifest, tmo_onnx_count(in), bytes, err) < 0)
		goto out;
	if (tmo_manifest_names(manifest, tmo_onnx_count(in), name_of, in, err) == 0)
		status = tmo_yaml_emit(manifest, out, err);
out:
	tmo_yaml_free(manifest);
	return status;
}
