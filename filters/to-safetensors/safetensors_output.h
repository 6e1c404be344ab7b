/* SPDX-License-Identifier: Apache-2.0 */
/*
 * safetensors_output.h: the file as it is written. Its tensors may stand in another order than in the
 * stream: then their data are gathered in a temporary file first.
 */
#ifndef TO_SAFETENSORS_OUTPUT_H
#define TO_SAFETENSORS_OUTPUT_H

#include "base/sink.h"
#include "safetensors_layout.h"

struct safetensors_output {
	struct tmo_sink *sink;		/* borrowed */
	const struct safetensors_layout *layout;	/* borrowed; finished */
	int fd;				/* of the temporary file; -1: there is none */
	const char *temporary_dir;	/* where that is; borrowed; NULL: /tmp */
	uint64_t left;			/* bytes of the tensor at hand that are to come */
};

/* Writes the file's header. temporary_dir: NULL is /tmp. To be closed after a failure too. */
int to_safetensors_output_open(struct safetensors_output *o, struct tmo_sink *sink,
                               const struct safetensors_layout *layout, const char *temporary_dir,
                               struct tmo_error *err);
void to_safetensors_output_close(struct safetensors_output *o);

/* Begins tensor i of the stream; its data follow, as many bytes as the layout says. */
int to_safetensors_output_begin(struct safetensors_output *o, size_t i, struct tmo_error *err);
/* The next of them. output is void so that this can be handed to whoever has the data. */
int to_safetensors_output_write(void *output, const void *data, size_t size, struct tmo_error *err);
/* Fails if some of them have not come. */
int to_safetensors_output_end(const struct safetensors_output *o, struct tmo_error *err);
/* After the last tensor: all that is still in the temporary file. */
int to_safetensors_output_finish(struct safetensors_output *o, struct tmo_error *err);

#endif
