/* SPDX-License-Identifier: Apache-2.0 */
/* detect.c: from the first bytes of a file, and from all of it, to the name of its format. */
#define _GNU_SOURCE	/* memfd_create */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/read_write.h"
#include "formats/detect.h"
#include "tests/unit/check.h"

#define BYTES(text) text, sizeof(text) - 1

/* A ModelProto: ir_version 8, producer "me", a graph of 3 bytes. */
#define MODEL "\x08\x08\x12\x02me\x3a\x03\x0a\x01g"

static const struct {
	const char *what, *bytes;
	size_t size;
	const char *file, *head;	/* what it is as a whole file, and as the front of a pipe */
} cases[] = {
	{ "zstd", BYTES("\x28\xb5\x2f\xfd\x24\x00"), "stream", "stream" },
	{ "zip", BYTES("PK\3\4\x14\0\0\0"), "npz", "npz" },
	{ "empty zip", BYTES("PK\5\6\0\0\0\0"), "npz", "npz" },
	{ "npy", BYTES("\x93NUMPY\1\0v\0{'descr'"), "npz", "npz" },
	{ "no npy", BYTES("\x93NUMPX\1\0v\0{'descr'"), NULL, NULL },
	{ "TFLite", BYTES("\x1c\0\0\0TFL3\0\0\0\0"), "tflite", "tflite" },
	{ "safetensors", BYTES("\x02\0\0\0\0\0\0\0{}"), "safetensors", "safetensors" },
	{ "a header that is cut off", BYTES("\x03\0\0\0\0\0\0\0{}"), NULL, "safetensors" },
	{ "index", BYTES(" {\"metadata\": {}, \"weight_map\": {}}"), "safetensors", "safetensors" },
	{ "another JSON", BYTES("{\"weights\": {}}"), NULL, "safetensors" },
	{ "model", BYTES(MODEL), "onnx", NULL },
	{ "model and opset", BYTES(MODEL "\x42\x10\x0a\0\x10\x11" "0123456789ab"), "onnx", "onnx" },
	{ "graph that is cut off", BYTES("\x08\x08\x3a\x7f" "0123456789abcdefghi"), "onnx", "onnx" },
	{ "no graph", BYTES("\x08\x08\x12\x02me"), NULL, NULL },
	{ "field 31", BYTES("\x08\x08\xfa\x01\x01" "0123456789abcdefghij"), NULL, NULL },
	{ "a graph that is a number", BYTES("\x38\x08" "0123456789abcdefghij"), NULL, NULL },
	{ "text", BYTES("stages:\n  - quant: {bits: 8}\n"), NULL, NULL },
	{ "one byte", BYTES("x"), NULL, NULL },
};

static const char *
shown(const char *format)
{
	return format != NULL ? format : "nothing";
}

static bool
same(const char *a, const char *b)
{
	return strcmp(shown(a), shown(b)) == 0;
}

/* The format of a file of these bytes, "failed" if that cannot be told. */
static const char *
of_file(const void *bytes, size_t size)
{
	const int fd = memfd_create("detect", 0);
	struct tmo_error err = {0};
	const char *format = NULL;

	if (fd < 0 || tmo_write_full(fd, bytes, size, &err) < 0 || tmo_detect(fd, &format, &err) < 0)
		format = "failed";
	CHECK(lseek(fd, 0, SEEK_CUR) == (off_t)size, "the file's offset has moved");
	close(fd);
	return format;
}

/* A header block of tar with the right checksum, or, by one, a wrong one; a block of zeros. */
static void
check_tar(void)
{
	unsigned char block[TMO_DETECT_HEAD] = {0};
	unsigned sum = 8 * ' ';

	CHECK(same(of_file(block, sizeof(block)), TMO_FORMAT_STREAM), "an empty archive is none");
	CHECK(tmo_detect_bytes(block, sizeof(block) - 1) == NULL, "511 zeros pass for an archive");
	memcpy(block, "model.yaml", 10);
	for (size_t i = 0; i < 10; i++)
		sum += block[i];
	snprintf((char *)block + 148, 8, "%06o", sum);
	CHECK(same(of_file(block, sizeof(block)), TMO_FORMAT_STREAM), "a tar is none");
	CHECK(same(tmo_detect_bytes(block, sizeof(block)), TMO_FORMAT_STREAM), "a tar's head is none");
	block[0]++;
	CHECK(tmo_detect_bytes(block, sizeof(block)) == NULL, "a wrong checksum passes");
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *file = of_file(cases[i].bytes, cases[i].size);
		const char *head = tmo_detect_bytes((const unsigned char *)cases[i].bytes,
		                                    cases[i].size);

		CHECK(same(file, cases[i].file), "%s: as a file %s, not %s", cases[i].what, shown(file),
		      shown(cases[i].file));
		CHECK(same(head, cases[i].head), "%s: as a head %s, not %s", cases[i].what, shown(head),
		      shown(cases[i].head));
	}
	CHECK(same(of_file("", 0), "failed"), "an empty file is something");
	check_tar();
	return check_status();
}
