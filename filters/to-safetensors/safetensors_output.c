/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/read_write.h"
#include "safetensors_output.h"

static int
put_header(struct tmo_sink *sink, const struct tmo_buffer *header, struct tmo_error *err)
{
	unsigned char length[TMO_ST_LENGTH];

	for (size_t i = 0; i < sizeof(length); i++)
		length[i] = (unsigned char)((uint64_t)header->size >> 8 * i & 0xff);
	if (tmo_sink_write(sink, length, sizeof(length), err) < 0)
		return -1;
	return tmo_sink_write(sink, header->data, header->size, err);
}

int
to_safetensors_output_open(struct safetensors_output *o, struct tmo_sink *sink,
                           const struct safetensors_layout *layout, const char *temporary_dir,
                           struct tmo_error *err)
{
	*o = (struct safetensors_output){
		.sink = sink, .layout = layout, .fd = -1, .temporary_dir = temporary_dir,
	};
	if (!layout->in_order && (o->fd = tmo_temporary(temporary_dir, err)) < 0)
		return -1;
	return put_header(sink, &layout->header, err);
}

void
to_safetensors_output_close(struct safetensors_output *o)
{
	if (o->fd >= 0)
		close(o->fd);
	o->fd = -1;
}

int
to_safetensors_output_begin(struct safetensors_output *o, size_t i, struct tmo_error *err)
{
	if (o->fd >= 0 && lseek(o->fd, (off_t)o->layout->offset[i], SEEK_SET) < 0)
		return tmo_fail_system(err, "cannot seek in the temporary file");
	o->left = o->layout->size[i];
	return 0;
}

int
to_safetensors_output_write(void *output, const void *data, size_t size, struct tmo_error *err)
{
	struct safetensors_output *const o = output;

	if (size > o->left)
		return tmo_fail(err, "%zu bytes too many; write the stream again", size);
	o->left -= size;
	return o->fd < 0 ? tmo_sink_write(o->sink, data, size, err) :
	                   tmo_write_temporary(o->fd, o->temporary_dir, data, size, err);
}

int
to_safetensors_output_end(const struct safetensors_output *o, struct tmo_error *err)
{
	return o->left == 0 ? 0 : tmo_fail(err, "%ju bytes too few; write the stream again",
	                                   (uintmax_t)o->left);
}

int
to_safetensors_output_finish(struct safetensors_output *o, struct tmo_error *err)
{
	const uint64_t bytes = o->fd >= 0 ? o->layout->data_bytes : 0;
	unsigned char *const block = tmo_alloc(TMO_IO_BLOCK, 1, err);
	int status = block == NULL ? -1 : 0;

	for (uint64_t at = 0; at < bytes && status == 0; at += TMO_IO_BLOCK) {
		const size_t n = bytes - at < TMO_IO_BLOCK ? (size_t)(bytes - at) : TMO_IO_BLOCK;
		size_t got;

		status = tmo_pread_full(o->fd, block, n, at, &got, err);
		if (status == 0 && got < n)
			status = tmo_fail(err, "the temporary file lost data; set TMPDIR to another folder");
		if (status == 0)
			status = tmo_sink_write(o->sink, block, n, err);
	}
	free(block);
	return status;
}
