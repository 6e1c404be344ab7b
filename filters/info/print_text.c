/* SPDX-License-Identifier: Apache-2.0 */
/* print_text.c: what there is to say of the whole, a line or more each; then the table. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cut_text.h"
#include "base/strings.h"
#include "base/text.h"
#include "net/net.h"
#include "print.h"
#include "stream/manifest.h"

#define LABEL 11		/* columns of what a line is about */
#define NARROW 80		/* lines are broken here where no width is given */

/* Whether a line may end before this space: behind a comma, before an option. */
static bool
may_break(const char *text, size_t at)
{
	return text[at] == ' ' && at > 0 && (text[at - 1] == ',' || text[at - 1] == ':' || text[at + 1] == '-');
}

/*
 * A line that begins with a label, or with as much room, and lines below it where it would be longer than
 * columns.
 */
static int
put_wrapped(const char *label, const char *text, size_t columns, struct tmo_buffer *out,
            struct tmo_error *err)
{
	const size_t width = (columns > 0 ? columns : NARROW) - LABEL;

	while (*text != '\0') {
		size_t length = strlen(text);

		if (length > width) {
			for (length = width; length > 0 && !may_break(text, length); length--)
				;
			while (length == 0 || (text[length] != '\0' && !may_break(text, length)))
				length++;
		}
		if (tmo_buffer_printf(out, err, "%-*s%.*s\n", LABEL, label, (int)length, text) < 0)
			return -1;
		label = "";
		text += length + (text[length] == ' ');
	}
	return 0;
}

static int
put_line(const char *label, const char *text, size_t columns, struct tmo_buffer *out,
         struct tmo_error *err)
{
	char fitted[1024];

	if (columns > 0)
		tmo_text_fit(text, columns - LABEL, TMO_CUT_MIDDLE, fitted, sizeof(fitted));
	else
		tmo_printable(text, fitted, sizeof(fitted));
	return tmo_buffer_printf(out, err, "%-*s%s\n", LABEL, label, fitted);
}

static int
put_format(const struct info_contents *c, size_t columns, struct tmo_buffer *out,
           struct tmo_error *err)
{
	char bytes[TMO_THOUSANDS], line[128];

	snprintf(line, sizeof(line), "%s%s%s%s%s", c->packed ? "packed " : "", c->format,
	         c->compressed ? ", zstd around it" : "", c->file_bytes > 0 ? ", bytes: " : "",
	         c->file_bytes > 0 ? tmo_thousands(c->file_bytes, bytes) : "");
	return put_line("format", line, columns, out, err);
}

/* name, source and what made it, of the manifest; from another file than the graph, so each may be absent. */
static int
put_source(const struct info_contents *c, size_t columns, struct tmo_buffer *out,
           struct tmo_error *err)
{
	const struct tmo_yaml *const source = tmo_yaml_get(c->manifest, "source");
	const char *const name = tmo_yaml_text(c->manifest, "name");
	const char *const format = tmo_yaml_text(source, "format");
	const char *const producer = tmo_yaml_text(source, "producer");

	if (name != NULL && put_line("name", name, columns, out, err) < 0)
		return -1;
	if (format != NULL && strcmp(format, c->format) != 0 &&
	    put_line("came from", format, columns, out, err) < 0)
		return -1;
	return producer != NULL ? put_line("producer", producer, columns, out, err) : 0;
}

/* "x  f32 [batch, 3, 224, 224]" */
static int
put_value(const char *label, const struct tmo_value *v, size_t columns, struct tmo_buffer *out,
          struct tmo_error *err)
{
	struct tmo_buffer text = { 0 };
	int status = tmo_buffer_printf(&text, err, "%s  %s", v->name,
	                               v->type != TMO_NONE ? tmo_type_name(v->type) : "?");

	if (status == 0 && v->rank >= 0)
		status = tmo_buffer_printf(&text, err, " [");
	for (int i = 0; i < v->rank && status == 0; i++) {
		const struct tmo_dim *const d = &v->dim[i];
		const char *const comma = i > 0 ? ", " : "";

		if (d->size != TMO_DIM_UNKNOWN)
			status = tmo_buffer_printf(&text, err, "%s%zu", comma, d->size);
		else
			status = tmo_buffer_printf(&text, err, "%s%s", comma,
			                           d->symbol != NULL ? d->symbol : "?");
	}
	if (status == 0)
		status = tmo_buffer_printf(&text, err, v->rank >= 0 ? "]" : "");
	if (status == 0)
		status = put_line(label, (const char *)text.data, columns, out, err);
	tmo_buffer_free(&text);
	return status;
}

static int
put_network(const struct info_contents *c, size_t columns, struct tmo_buffer *out,
            struct tmo_error *err)
{
	const struct tmo_net *const net = c->net;
	const struct tmo_graph *const g = &net->graph[TMO_NET_MAIN];
	struct tmo_buffer text = { 0 };
	const char *label = "inputs";
	int status = 0;

	for (size_t i = 0; i < net->opset_count && status == 0; i++)
		status = tmo_buffer_printf(&text, err, "%s%s %" PRId64, i > 0 ? ", " : "",
		                           net->opset[i].domain[0] != '\0' ? net->opset[i].domain : "ai.onnx",
		                           net->opset[i].version);
	if (status == 0 && text.size > 0)
		status = put_wrapped("opset", (const char *)text.data, columns, out, err);
	for (size_t i = 0; i < g->input_count && status == 0; i++)
		if (net->value[g->input[i]].kind == TMO_VALUE_INPUT) {
			status = put_value(label, &net->value[g->input[i]], columns, out, err);
			label = "";
		}
	for (size_t i = 0; i < g->output_count && status == 0; i++)
		status = put_value(i == 0 ? "outputs" : "", &net->value[g->output[i]], columns, out, err);
	text.size = 0;
	if (status == 0)
		status = tmo_buffer_printf(&text, err, "%zu node%s:", c->node_count,
		                           c->node_count == 1 ? "" : "s");
	for (size_t i = 0; i < c->operator_count && status == 0; i++)
		status = tmo_buffer_printf(&text, err, " %s %zu%s", c->operator[i].name,
		                           c->operator[i].count, i + 1 < c->operator_count ? "," : "");
	if (status == 0)
		status = put_wrapped("operators", (const char *)text.data, columns, out, err);
	tmo_buffer_free(&text);
	return status;
}

static int
put_history(const struct info_contents *c, size_t columns, struct tmo_buffer *out,
            struct tmo_error *err)
{
	struct tmo_strings stages = { 0 };
	char shown[1024];
	int status = tmo_manifest_stages(c->manifest, &stages, err);

	for (size_t i = 0; i < stages.count && status == 0; i++)
		status = put_wrapped(i == 0 ? "history" : "",
		                     tmo_printable(stages.item[i], shown, sizeof(shown)), columns, out, err);
	tmo_strings_free(&stages);
	return status;
}

static int
put_metadata(const struct info_contents *c, size_t columns, struct tmo_buffer *out,
             struct tmo_error *err)
{
	struct tmo_buffer text = { 0 };
	char shown[1024], bytes[TMO_THOUSANDS];
	int status = 0;

	if (c->text_bytes > 0) {
		snprintf(shown, sizeof(shown), "bytes of doc strings and notes that no runtime reads: %s",
		         tmo_thousands(c->text_bytes, bytes));
		status = put_wrapped("text", shown, columns, out, err);
	}
	for (size_t i = 0; i < c->metadata_count && status == 0; i++)
		status = tmo_buffer_printf(&text, err, "%s%s (%s)", i > 0 ? ", " : "",
		                           tmo_printable(c->metadata[i].key, shown, sizeof(shown)),
		                           tmo_thousands(c->metadata[i].bytes, bytes));
	if (status == 0 && text.size > 0)
		status = put_wrapped("metadata", (const char *)text.data, columns, out, err);
	tmo_buffer_free(&text);
	return status;
}

static int
put_totals(const struct info_contents *c, size_t columns, struct tmo_buffer *out,
           struct tmo_error *err)
{
	char line[256], count[TMO_THOUSANDS], elements[TMO_THOUSANDS], bytes[TMO_THOUSANDS];
	int status;

	snprintf(line, sizeof(line), "%s, elements: %s, bytes: %s", tmo_thousands(c->tensor_count, count),
	         tmo_thousands(c->elements, elements), tmo_thousands(c->bytes, bytes));
	status = put_wrapped("tensors", line, columns, out, err);
	if (status == 0 && c->constants > 0) {
		snprintf(line, sizeof(line), "%s of integers in the graph, bytes: %s",
		         tmo_thousands(c->constants, count), tmo_thousands(c->constant_bytes, bytes));
		status = put_wrapped("constants", line, columns, out, err);
	}
	for (size_t i = 0; i < c->other_count && status == 0; i++) {
		snprintf(line, sizeof(line), "%.200s, bytes: %s", c->other[i].path,
		         tmo_thousands(c->other[i].bytes, bytes));
		status = put_line(i == 0 ? "also in it" : "", line, columns, out, err);
	}
	return status;
}

int
info_print_text(const struct info_contents *c, size_t columns, struct tmo_buffer *out,
                struct tmo_error *err)
{
	if (put_format(c, columns, out, err) < 0 || put_source(c, columns, out, err) < 0 ||
	    (c->net != NULL && put_network(c, columns, out, err) < 0) ||
	    put_metadata(c, columns, out, err) < 0 || put_history(c, columns, out, err) < 0 ||
	    put_totals(c, columns, out, err) < 0)
		return -1;
	return c->tensor_count > 0 ? info_print_table(c, columns, out, err) : 0;
}
