/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "stream/protobuf_kind.h"
#include "stream/recognize.h"

#define TAR_BLOCK 512
#define ZIP_HEADER 30			/* of a member, before its name */

#define FROM_PYTORCH "in Python, torch.onnx.export makes an ONNX model of it, or " \
	"safetensors.torch.save_file a file of its weights"
#define FROM_KERAS "in Python, model.export(\"model.onnx\", format=\"onnx\") of Keras makes an " \
	"ONNX model of it"
#define FROM_TENSORFLOW "make an ONNX model of it: python -m tf2onnx.convert "
#define ITS_SOURCE "take the ONNX model or the safetensors that it was made from"
#define FROM_PICKLE "load it in Python, if you trust it, and save its arrays with numpy.savez"
#define THROUGH(program) "put " program " -dc in front: " program " -dc FILE |"
#define FETCH_AGAIN "fetch the file itself again"

/* What begins with these bytes, at that place. The first that fits counts. */
static const struct magic {
	unsigned char at, size;
	const char *bytes;
	struct tmo_content content;
} magics[] = {
	{ 0, 4, "\x28\xb5\x2f\xfd", { "data compressed with zstd", TMO_FORMAT_STREAM, NULL } },
	{ 4, 4, "TFL3", { "a TFLite model", "tflite",
	                  FROM_TENSORFLOW "--tflite FILE --output model.onnx" } },
	{ 4, 4, "ORTM", { "an ORT model of onnxruntime", NULL, ITS_SOURCE } },
	{ 4, 4, "ET12", { "an ExecuTorch program", NULL, ITS_SOURCE } },
	{ 0, 6, "\x93NUMPY", { "a .npy array", "npz", NULL } },
	{ 0, 4, "PK\5\6", { "an empty .npz or zip archive", "npz", NULL } },
	{ 0, 8, "\x89HDF\r\n\x1a\n", { "an HDF5 file, such as Keras's .h5", NULL, FROM_KERAS } },
	{ 0, 4, "GGUF", { "a GGUF model", NULL, ITS_SOURCE } },
	{ 0, 4, "lmgg", { "a GGML model", NULL, ITS_SOURCE } },
	{ 0, 4, "fmgg", { "a GGML model", NULL, ITS_SOURCE } },
	{ 0, 4, "tjgg", { "a GGML model", NULL, ITS_SOURCE } },
	{ 0, 6, "\xfd" "7zXZ\0", { "data compressed with xz", NULL, THROUGH("xz") } },
	{ 0, 3, "\x5d\0\0", { "data compressed with lzma", NULL, THROUGH("xz") } },
	{ 0, 3, "\x1f\x8b\x08", { "data compressed with gzip", NULL, THROUGH("gzip") } },
	{ 0, 2, "\x1f\x9d", { "data compressed with compress", NULL, THROUGH("gzip") } },
	{ 0, 3, "BZh", { "data compressed with bzip2", NULL, THROUGH("bzip2") } },
	{ 0, 4, "\x04\x22\x4d\x18", { "data compressed with lz4", NULL, THROUGH("lz4") } },
	{ 0, 4, "\x02\x21\x4c\x18", { "data compressed with lz4", NULL, THROUGH("lz4") } },
	{ 0, 4, "LZIP", { "data compressed with lzip", NULL, THROUGH("lzip") } },
	{ 0, 5, "\x89LZO\0", { "data compressed with lzop", NULL, THROUGH("lzop") } },
	{ 0, 6, "7z\xbc\xaf\x27\x1c", { "a 7z archive", NULL, "unpack it: 7z x FILE" } },
	{ 0, 6, "Rar!\x1a\x07", { "a RAR archive", NULL, "unpack it" } },
	{ 2, 12, "\x8a\nl\xfc\x9c\x46\xf9 j\xa8P\x19", { "a PyTorch file", NULL, FROM_PYTORCH } },
	{ 0, 7, "MATLAB ", { "a MATLAB file", NULL,
	                     "in Python, numpy.savez of what scipy.io.loadmat reads makes a .npz" } },
	{ 0, 2, "\xff\xfe", { "a text in UTF-16, which is what > of PowerShell makes of data", NULL,
	                      "write it again with -o FILE" } },
};

/* Texts by their first words, behind white space; in lower case. */
struct first_words {
	const char *words;
	struct tmo_content content;
};

/* Those that stand where another file belongs. */
static const struct first_words stand_ins[] = {
	{ "version https://git-lfs.github.com/", { "a Git LFS pointer in place of the file", NULL,
	                                           "run git lfs pull" } },
	{ "version https://hawser.github.com/", { "a Git LFS pointer in place of the file", NULL,
	                                          "run git lfs pull" } },
	{ "/annex/objects/", { "a git-annex pointer in place of the file", NULL, "run git annex get FILE" } },
	{ "outs:\n- md5:", { "a DVC pointer in place of the file", NULL, "run dvc pull" } },
	{ "<!doctype html", { "an HTML page", NULL, FETCH_AGAIN } },
	{ "<html", { "an HTML page", NULL, FETCH_AGAIN } },
};

static const struct first_words texts[] = {
	{ "(dp", { "a Python pickle", NULL, FROM_PICKLE } },
	{ "(lp", { "a Python pickle", NULL, FROM_PICKLE } },
	{ "ccopy_reg\n", { "a Python pickle", NULL, FROM_PICKLE } },
	{ "7767517\n", { "the network of an ncnn model", NULL, ITS_SOURCE } },
};

/* Texts of a notation, by a word that only these have. */
static const struct {
	const char *begin, *word;
	struct tmo_content content;
} notations[] = {
	{ "{", "\"weight_map\"", { "the index of a safetensors model", "safetensors", NULL } },
	{ "{", "\"modelTopology\"", { "a TensorFlow.js model", NULL,
	                              FROM_TENSORFLOW "--tfjs FILE --output model.onnx" } },
	/* the map may come later than can be seen */
	{ "{", "", { "a JSON text", "safetensors", "its weights, if it has any, are in a file beside it" } },
	{ "[", "", { "a JSON text", NULL, "its weights, if it has any, are in a file beside it" } },
	{ "<?xml", "<net", { "an OpenVINO model", NULL, ITS_SOURCE } },
	{ "<?xml", "<Error", { "a server's error message", NULL, FETCH_AGAIN } },
	{ "<?xml", "", { "an XML text", NULL, FETCH_AGAIN } },
	{ "", "stages:", { "a pipeline", NULL, "run it: tmo run FILE -i MODEL" } },
	{ "", "", { "a text", NULL, NULL } },
};

/* Members of zip archives, by the end of the name of the first. */
static const struct {
	const char *end;
	struct tmo_content content;
} zips[] = {
	{ ".npy", { "a .npz file", "npz", NULL } },
	{ "/data.pkl", { "a PyTorch file", NULL, FROM_PYTORCH } },
	{ "/constants.pkl", { "a PyTorch file", NULL, FROM_PYTORCH } },
	{ "/version", { "a PyTorch file", NULL, FROM_PYTORCH } },
	{ "/archive_format", { "a PyTorch file", NULL, FROM_PYTORCH } },
	{ "metadata.json", { "a Keras model", NULL, FROM_KERAS } },
};

static const struct tmo_content
	stream = { "a tensor stream", TMO_FORMAT_STREAM, NULL },
	safetensors = { "a safetensors file", "safetensors", NULL },
	onnx_model = { "an ONNX model", "onnx", NULL },
	zip = { "a zip archive", "npz", "unzip it, or, if it is a .npz, give it to tmo-from-npz" },
	pickle = { "a Python pickle", NULL, FROM_PICKLE },
	saved_model = { "a TensorFlow SavedModel", NULL,
	                FROM_TENSORFLOW "--saved-model FOLDER --output model.onnx" },
	graph_def = { "a TensorFlow graph", NULL, FROM_TENSORFLOW "--graphdef FILE --output model.onnx" },
	core_ml = { "a Core ML model", NULL, ITS_SOURCE };

/* A tar header block's checksum is right; a block of zeros begins an empty archive. */
static bool
is_tar(const unsigned char *head, size_t size)
{
	unsigned long sum = 8 * ' ', zeros = 0;
	char field[9] = "";

	if (size < TAR_BLOCK)
		return false;
	for (size_t i = 0; i < TAR_BLOCK; i++) {
		zeros += head[i] == 0;
		sum += i < 148 || i >= 156 ? head[i] : 0;
	}
	memcpy(field, head + 148, 8);
	return zeros == TAR_BLOCK || strtoul(field, NULL, 8) == sum;
}

/* A header of less than 4 GiB, then JSON: no other magic number is followed by so many zeros. */
static bool
is_safetensors(const unsigned char *head, size_t size)
{
	return size > 8 && memcmp(head + 4, "\0\0\0\0", 4) == 0 && head[8] == '{';
}

static bool
is_pickle(const unsigned char *head, size_t size)
{
	return size > 2 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5;
}

static const struct tmo_content *
zip_kind(const unsigned char *head, size_t size)
{
	char name[256];
	size_t length;

	if (size < ZIP_HEADER || memcmp(head, "PK\3\4", 4) != 0)
		return size >= 4 && memcmp(head, "PK\3\4", 4) == 0 ? &zip : NULL;
	length = head[26] | (size_t)head[27] << 8;
	if (length > size - ZIP_HEADER)
		length = size - ZIP_HEADER;
	if (length > sizeof(name) - 1)
		length = sizeof(name) - 1;
	memcpy(name, head + ZIP_HEADER, length);
	name[length] = '\0';
	for (size_t i = 0; i < sizeof(zips) / sizeof(*zips); i++)
		if (tmo_ends_with(name, zips[i].end))
			return &zips[i].content;
	return &zip;
}

/* Bytes of the character of UTF-8 that begins there, 0 if none does; one that the head's end cuts counts. */
static size_t
character(const unsigned char *head, size_t size)
{
	const size_t length = head[0] < 0x80 ? 1 : head[0] < 0xc2 ? 0 : head[0] < 0xe0 ? 2 :
	                      head[0] < 0xf0 ? 3 : head[0] < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < length && i < size; i++)
		if ((head[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

/* UTF-8 without control bytes but those that lay out text. */
static bool
is_text(const unsigned char *head, size_t size)
{
	for (size_t i = 0, length; i < size; i += length) {
		length = character(head + i, size - i);
		if (length == 0 || head[i] == 0x7f || (head[i] < ' ' && (head[i] < '\t' || head[i] > '\r')))
			return false;
	}
	return size > 0;
}

static bool
has_word(const unsigned char *text, size_t size, const char *word)
{
	const size_t length = strlen(word);

	for (size_t i = 0; i + length <= size; i++)
		if (memcmp(text + i, word, length) == 0)
			return true;
	return false;
}

static bool
begins_in_any_case(const unsigned char *text, size_t size, const char *words)
{
	const size_t length = strlen(words);

	for (size_t i = 0; i < length && i < size; i++)
		if ((text[i] >= 'A' && text[i] <= 'Z' ? text[i] + ('a' - 'A') : text[i]) !=
		    (unsigned char)words[i])
			return false;
	return length <= size;
}

static const struct tmo_content *
find_words(const struct first_words *table, size_t count, const unsigned char *text, size_t size)
{
	for (size_t i = 0; i < count; i++)
		if (begins_in_any_case(text, size, table[i].words))
			return &table[i].content;
	return NULL;
}

/* Moves on to where a text's words begin: past a byte order mark and white space. */
static void
skip_to_words(const unsigned char **text, size_t *size)
{
	size_t skipped = *size >= 3 && memcmp(*text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	while (skipped < *size && (*text)[skipped] != '\0' && strchr(" \t\r\n", (*text)[skipped]) != NULL)
		skipped++;
	*text += skipped;
	*size -= skipped;
}

const struct tmo_content *
tmo_recognize_stand_in(const unsigned char *head, size_t size)
{
	skip_to_words(&head, &size);
	return find_words(stand_ins, sizeof(stand_ins) / sizeof(*stand_ins), head, size);
}

static const struct tmo_content *
text_kind(const unsigned char *text, size_t size)
{
	const struct tmo_content *known = tmo_recognize_stand_in(text, size);

	skip_to_words(&text, &size);
	if (known == NULL)
		known = find_words(texts, sizeof(texts) / sizeof(*texts), text, size);
	if (known != NULL)
		return known;
	for (size_t i = 0; i < sizeof(notations) / sizeof(*notations); i++)
		if (begins_in_any_case(text, size, notations[i].begin) &&
		    has_word(text, size, notations[i].word))
			return &notations[i].content;
	return NULL;
}

static const struct tmo_content *
protobuf_kind(const unsigned char *head, size_t size)
{
	const struct tmo_glimpse g = { .fd = -1, .head = head, .head_size = size, .size = UINT64_MAX };
	struct tmo_error ignored = {0};
	bool onnx = false;

	if (tmo_is_core_ml(&g))
		return &core_ml;
	if (tmo_is_saved_model(&g))
		return &saved_model;
	if (tmo_is_graph_def(&g))
		return &graph_def;
	return tmo_is_onnx(&g, &onnx, &ignored) == 0 && onnx ? &onnx_model : NULL;
}

const struct tmo_content *
tmo_recognize(const unsigned char *head, size_t size)
{
	const struct tmo_content *known;

	if (is_tar(head, size))
		return &stream;
	if (is_safetensors(head, size))
		return &safetensors;
	for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++) {
		const struct magic *const m = &magics[i];

		if (size >= (size_t)m->at + m->size && memcmp(head + m->at, m->bytes, m->size) == 0)
			return &m->content;
	}
	if ((known = zip_kind(head, size)) != NULL)
		return known;
	if (is_pickle(head, size))
		return &pickle;
	return is_text(head, size) ? text_kind(head, size) : protobuf_kind(head, size);
}

/* "an ONNX model" */
static const char *
what_is_wanted(const char *format)
{
	static const struct {
		const char *format, *what;
	} names[] = {
		{ TMO_FORMAT_STREAM, "a tensor stream" }, { "onnx", "an ONNX model" },
		{ "safetensors", "safetensors" }, { "npz", "a .npz or .npy file" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i].format, format) == 0)
			return names[i].what;
	return "what is read here";
}

int
tmo_recognize_other(const unsigned char *head, size_t size, bool decompressed, const char *wanted,
                    struct tmo_error *err)
{
	const struct tmo_content *const known = tmo_recognize(head, size);
	const bool stream_wanted = strcmp(wanted, TMO_FORMAT_STREAM) == 0;
	const char *const under = decompressed ? " under zstd" : "", *what = what_is_wanted(wanted);
	const char *const unzip = decompressed ? "zstd -dc | " : "";

	if (known == NULL || (known->format != NULL && strcmp(known->format, wanted) == 0))
		return 0;
	if (known->remedy != NULL)
		return tmo_fail(err, "%s%s, not %s; %s", known->what, under, what, known->remedy);
	if (known->format == NULL)
		return tmo_fail(err, "%s%s, not %s; is it the right file?", known->what, under, what);
	if (stream_wanted)
		return tmo_fail(err, "%s%s, not %s; put %stmo-from-%s in front", known->what, under, what,
		                unzip, known->format);
	if (strcmp(known->format, TMO_FORMAT_STREAM) != 0)
		return tmo_fail(err, "%s, not %s; use tmo-from-%s", known->what, what, known->format);
	if (known == &stream)
		return tmo_fail(err, "a tensor stream, not %s; it needs no importer", what);
	return tmo_fail(err, "%s, not %s; put zstd -dc in front: zstd -dc FILE |", known->what, what);
}
