/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/read_write.h"
#include "base/text.h"
#include "formats/detect.h"
#include "stream/protobuf_kind.h"

#define INDEX_HEAD 65536	/* where the index of a model in several files must name its map */

const char *const tmo_model_formats[] = { "onnx", "safetensors", "npz", "tflite", NULL };

/* A header's length, 8 bytes, little-endian, no more than there is; then JSON. */
static bool
is_safetensors(const struct tmo_glimpse *g)
{
	uint64_t length = 0;

	if (g->head_size <= 8 || g->head[8] != '{')
		return false;
	for (size_t i = 8; i-- > 0;)
		length = length << 8 | g->head[i];
	return length <= g->size - 8;
}

/* The index of safetensors files: JSON that has a "weight_map". */
static int
is_index(const struct tmo_glimpse *g, bool *found, struct tmo_error *err)
{
	static const char key[] = "\"weight_map\"";
	unsigned char *text;
	size_t got = 0, i = 0;
	int status;

	*found = false;
	while (i < g->head_size && g->head[i] != '\0' && strchr(" \t\r\n", g->head[i]) != NULL)
		i++;
	if (i == g->head_size || g->head[i] != '{')
		return 0;
	text = tmo_alloc(INDEX_HEAD, 1, err);
	status = text == NULL ? -1 : tmo_glimpse_read(g, 0, text, INDEX_HEAD, &got, err);
	for (i = 0; i + strlen(key) <= got && !*found; i++)
		*found = memcmp(text + i, key, strlen(key)) == 0;
	free(text);
	return status;
}

/* What the head says, and what of that only the whole file can say. */
static int
detect(const struct tmo_glimpse *g, const char **format, struct tmo_error *err)
{
	const struct tmo_content *const content = tmo_recognize(g->head, g->head_size);
	bool index, onnx;

	*format = content != NULL ? content->format : NULL;
	if (*format != NULL && strcmp(*format, "safetensors") != 0 && strcmp(*format, "onnx") != 0)
		return 0;
	if (is_safetensors(g)) {
		*format = "safetensors";
		return 0;
	}
	if (is_index(g, &index, err) < 0 || tmo_is_onnx(g, &onnx, err) < 0)
		return -1;
	*format = index ? "safetensors" : onnx ? "onnx" : NULL;
	return 0;
}

const char *
tmo_detect_bytes(const unsigned char *head, size_t size)
{
	const struct tmo_content *const content = tmo_recognize(head, size);

	return content != NULL ? content->format : NULL;
}

int
tmo_detect(int fd, const char **format, struct tmo_error *err)
{
	unsigned char head[TMO_DETECT_HEAD];
	struct tmo_glimpse g = { .fd = fd, .head = head };
	struct stat st;

	*format = NULL;
	if (fstat(fd, &st) < 0)
		return tmo_fail_system(err, "cannot be looked at");
	if (tmo_pread_full(fd, head, sizeof(head), 0, &g.head_size, err) < 0)
		return -1;
	if (g.head_size == 0)
		return tmo_fail(err, "is empty; make it again");
	g.size = (uint64_t)st.st_size;
	return detect(&g, format, err);
}

int
tmo_detect_folder(const char *name, const char **format, struct tmo_error *err)
{
	DIR *folder = opendir(name);
	struct dirent *entry;

	*format = NULL;
	if (folder == NULL)
		return tmo_fail_system(err, "cannot open");
	while (*format == NULL && (entry = readdir(folder)) != NULL)
		if (entry->d_name[0] != '.' &&
		    (tmo_ends_with(entry->d_name, ".safetensors") ||
		     tmo_ends_with(entry->d_name, ".safetensors.index.json")))
			*format = "safetensors";
	closedir(folder);
	return 0;
}
