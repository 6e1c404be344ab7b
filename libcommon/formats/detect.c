/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/read_write.h"
#include "base/text.h"
#include "formats/detect.h"

#define FIELDS_MAX 10000	/* of a protobuf message, before giving up */
#define INDEX_HEAD 65536	/* where the index of a model in several files must name its map */
#define TAR_BLOCK 512

const char *const tmo_model_formats[] = { "onnx", "safetensors", "npz", "tflite", NULL };

/* What is looked at: a file, or its first bytes, of which nobody knows how many follow. */
struct content {
	int fd;				/* -1: only the head is there */
	const unsigned char *head;
	size_t head_size;
	uint64_t size;			/* UINT64_MAX: unknown */
};

/* Up to size bytes from `at` on; *got says how many there are. */
static int
look(const struct content *c, uint64_t at, void *bytes, size_t size, size_t *got,
     struct tmo_error *err)
{
	if (c->fd >= 0)
		return tmo_pread_full(c->fd, bytes, size, at, got, err);
	*got = at >= c->head_size ? 0 : c->head_size - (size_t)at;
	if (*got > size)
		*got = size;
	if (*got > 0)
		memcpy(bytes, c->head + at, *got);
	return 0;
}

static bool
begins(const struct content *c, size_t at, const char *magic, size_t size)
{
	return c->head_size >= at + size && memcmp(c->head + at, magic, size) == 0;
}

/* A tar header block's checksum is right; a block of zeros begins an empty archive. */
static bool
is_tar(const struct content *c)
{
	unsigned long sum = 8 * ' ', zeros = 0;
	char field[9] = "";

	if (c->head_size < TAR_BLOCK)
		return false;
	for (size_t i = 0; i < TAR_BLOCK; i++) {
		zeros += c->head[i] == 0;
		sum += i < 148 || i >= 156 ? c->head[i] : 0;
	}
	memcpy(field, c->head + 148, 8);
	return zeros == TAR_BLOCK || strtoul(field, NULL, 8) == sum;
}

static bool
is_stream(const struct content *c)
{
	return is_tar(c) || begins(c, 0, "\x28\xb5\x2f\xfd", 4);	/* or zstd's frame */
}

static bool
is_npz(const struct content *c)
{
	return begins(c, 0, "PK\3\4", 4) || begins(c, 0, "PK\5\6", 4) ||
	       begins(c, 0, "\x93NUMPY", 6);
}

/* A header's length, 8 bytes, little-endian, no more than there is; then JSON. */
static bool
is_safetensors(const struct content *c)
{
	uint64_t length = 0;

	if (c->head_size <= 8 || c->head[8] != '{')
		return false;
	for (size_t i = 8; i-- > 0;)
		length = length << 8 | c->head[i];
	return length <= c->size - 8;
}

/* The index of safetensors files: JSON that has a "weight_map". */
static int
is_index(const struct content *c, bool *found, struct tmo_error *err)
{
	static const char key[] = "\"weight_map\"";
	unsigned char *text;
	size_t got = 0, i = 0;
	int status;

	*found = false;
	while (i < c->head_size && c->head[i] != '\0' && strchr(" \t\r\n", c->head[i]) != NULL)
		i++;
	if (i == c->head_size || c->head[i] != '{')
		return 0;
	text = tmo_alloc(INDEX_HEAD, 1, err);
	status = text == NULL ? -1 : look(c, 0, text, INDEX_HEAD, &got, err);
	for (i = 0; i + strlen(key) <= got && !*found; i++)
		*found = memcmp(text + i, key, strlen(key)) == 0;
	free(text);
	return status;
}

/* A number of protobuf's: 7 bits a byte. Returns how many bytes it has, 0 if it is none. */
static size_t
varint(const unsigned char *bytes, size_t size, uint64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < size && i < 10; i++) {
		*value |= (uint64_t)(bytes[i] & 0x7f) << (7 * i);
		if (bytes[i] < 0x80)
			return i + 1;
	}
	return 0;
}

/* A field's key: of a ModelProto, numbers 1 and 5 are integers, all else up to 30 has a length. */
static bool
is_model_key(uint64_t key)
{
	const uint64_t number = key >> 3, type = key & 7;

	return number >= 1 && number <= 30 && type == (number == 1 || number == 5 ? 0 : 2);
}

/*
 * An ONNX model: a protobuf message whose fields are those of a ModelProto, among them the graph
 * (field 7). Hops from field to field, over their data. A file that is cut off inside the graph counts:
 * the importer says so. Of a head alone, so does one that ends inside whatever field.
 */
static int
is_onnx(const struct content *c, bool *onnx, struct tmo_error *err)
{
	const bool head_only = c->fd < 0;
	uint64_t at = 0, key, value;
	bool graph = false;

	*onnx = false;
	for (int n = 0; at < c->size && n < FIELDS_MAX; n++) {
		unsigned char bytes[20];
		size_t got, used, more;

		if (look(c, at, bytes, sizeof(bytes), &got, err) < 0)
			return -1;
		if (head_only && got < sizeof(bytes)) {
			*onnx = graph || n > 1;
			return 0;
		}
		used = varint(bytes, got, &key);
		more = used != 0 ? varint(bytes + used, got - used, &value) : 0;
		if (more == 0 || !is_model_key(key))
			return 0;
		graph = graph || key >> 3 == 7;
		at += used + more;
		if ((key & 7) == 2) {
			if (value > c->size - at) {
				*onnx = key >> 3 == 7;
				return 0;
			}
			at += value;
		}
	}
	*onnx = graph;
	return 0;
}

static int
detect(const struct content *c, const char **format, struct tmo_error *err)
{
	bool index, onnx;

	*format = NULL;
	if (is_stream(c))
		*format = TMO_FORMAT_STREAM;
	else if (is_npz(c))
		*format = "npz";
	else if (begins(c, 4, "TFL3", 4))
		*format = "tflite";
	else if (is_safetensors(c))
		*format = "safetensors";
	else if (is_index(c, &index, err) < 0 || is_onnx(c, &onnx, err) < 0)
		return -1;
	else if (index || onnx)
		*format = index ? "safetensors" : "onnx";
	return 0;
}

const char *
tmo_detect_bytes(const unsigned char *head, size_t size)
{
	const struct content c = { .fd = -1, .head = head, .head_size = size, .size = UINT64_MAX };
	struct tmo_error ignored = {0};
	const char *format;

	return detect(&c, &format, &ignored) == 0 ? format : NULL;
}

int
tmo_detect(int fd, const char **format, struct tmo_error *err)
{
	unsigned char head[TMO_DETECT_HEAD];
	struct content c = { .fd = fd, .head = head };
	struct stat st;

	*format = NULL;
	if (fstat(fd, &st) < 0)
		return tmo_fail_system(err, "cannot be looked at");
	if (tmo_pread_full(fd, head, sizeof(head), 0, &c.head_size, err) < 0)
		return -1;
	if (c.head_size == 0)
		return tmo_fail(err, "is empty; make it again");
	c.size = (uint64_t)st.st_size;
	return detect(&c, format, err);
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
