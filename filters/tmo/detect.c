/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/read_write.h"
#include "base/text.h"
#include "detect.h"

#define FIELDS_MAX 10000	/* of a protobuf message, before giving up */
#define INDEX_HEAD 65536	/* where the index of a model in parts must name its map */

const char *const tmo_format_names[] = { "onnx", "safetensors", "npz", "tflite", NULL };

/* A tar header block's checksum is right; a block of zeros begins an empty archive. */
static bool
is_tar(const unsigned char *head, size_t size)
{
	unsigned long sum = 8 * ' ', zeros = 0;
	char field[9] = "";

	if (size < 512)
		return false;
	for (size_t i = 0; i < 512; i++) {
		zeros += head[i] == 0;
		sum += i < 148 || i >= 156 ? head[i] : 0;
	}
	memcpy(field, head + 148, 8);
	return zeros == 512 || strtoul(field, NULL, 8) == sum;
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

/*
 * An ONNX model: a protobuf message whose fields are those of a ModelProto, among them the graph
 * (field 7). Hops from field to field, over their data.
 */
static int
is_onnx(int fd, uint64_t file_size, bool *onnx, struct tmo_error *err)
{
	uint64_t at = 0, key, value;
	bool graph = false;

	*onnx = false;
	for (int n = 0; at < file_size && n < FIELDS_MAX; n++) {
		unsigned char bytes[20];
		size_t got, used, more;

		if (tmo_pread_full(fd, bytes, sizeof(bytes), at, &got, err) < 0)
			return -1;
		used = varint(bytes, got, &key);
		more = used != 0 ? varint(bytes + used, got - used, &value) : 0;
		if (more == 0 || (key & 7) != ((key >> 3) == 1 || (key >> 3) == 5 ? 0 : 2) ||
		    key >> 3 == 0 || key >> 3 > 30)
			return 0;
		graph = graph || key >> 3 == 7;
		at += used + more;
		if ((key & 7) == 2) {
			if (value > file_size - at) {
				*onnx = key >> 3 == 7;	/* cut off: the importer says so */
				return 0;
			}
			at += value;
		}
	}
	*onnx = graph;
	return 0;
}

static bool
begins(const unsigned char *head, size_t size, size_t at, const char *magic)
{
	return size >= at + 4 && memcmp(head + at, magic, 4) == 0;
}

/* The index of safetensors files: JSON that has a "weight_map". */
static int
is_index(int fd, const unsigned char *head, size_t size, bool *found, struct tmo_error *err)
{
	unsigned char *text;
	size_t got = 0, i = 0;
	int status;

	*found = false;
	while (i < size && strchr(" \t\r\n", head[i]) != NULL && head[i] != '\0')
		i++;
	if (i == size || head[i] != '{')
		return 0;
	text = tmo_alloc(INDEX_HEAD, 1, err);
	status = text == NULL ? -1 : tmo_pread_full(fd, text, INDEX_HEAD, 0, &got, err);
	for (i = 0; i + 12 <= got && !*found; i++)
		*found = memcmp(text + i, "\"weight_map\"", 12) == 0;
	free(text);
	return status;
}

bool
tmo_detect_stream(const unsigned char *head, size_t size)
{
	return is_tar(head, size) || begins(head, size, 0, "\x28\xb5\x2f\xfd");
}

int
tmo_detect(int fd, const char **format, struct tmo_error *err)
{
	unsigned char head[TMO_DETECT_HEAD];
	uint64_t length = 0;
	bool index, onnx;
	struct stat st;
	size_t size;

	*format = NULL;
	if (fstat(fd, &st) < 0)
		return tmo_fail(err, "cannot be looked at");
	if (tmo_pread_full(fd, head, sizeof(head), 0, &size, err) < 0)
		return -1;
	if (size == 0)
		return tmo_fail(err, "is empty; make it again");
	for (size_t i = 8; i-- > 0 && size >= 8;)
		length = length << 8 | head[i];
	if (tmo_detect_stream(head, size))
		*format = TMO_FORMAT_STREAM;
	else if (begins(head, size, 0, "PK\3\4") || begins(head, size, 0, "PK\5\6") ||
	         (begins(head, size, 0, "\x93NUM") && begins(head, size, 2, "UMPY")))
		*format = "npz";
	else if (begins(head, size, 4, "TFL3"))
		*format = "tflite";
	else if (size > 8 && head[8] == '{' && length <= (uint64_t)st.st_size - 8)
		*format = "safetensors";
	else if (is_index(fd, head, size, &index, err) < 0 ||
	         is_onnx(fd, (uint64_t)st.st_size, &onnx, err) < 0)
		return -1;
	else if (index || onnx)
		*format = index ? "safetensors" : "onnx";
	return 0;
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
		if (entry->d_name[0] != '.' && (tmo_ends_with(entry->d_name, ".safetensors") ||
		                                tmo_ends_with(entry->d_name,
		                                              ".safetensors.index.json")))
			*format = "safetensors";
	closedir(folder);
	return 0;
}
