/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The .npy header is a Python dictionary as text; see "numpy.lib.format". The parser takes what
 * any writer may produce: the three keys in any order, either quotes, any white space.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "tensor/npy.h"

static const char magic[6] = "\x93NUMPY";

static const struct {
	char kind;
	char size;
	enum tmo_type type;
} descrs[] = {
	{'f', '2', TMO_F16}, {'f', '4', TMO_F32}, {'f', '8', TMO_F64},
	{'i', '1', TMO_I8}, {'i', '2', TMO_I16}, {'i', '4', TMO_I32}, {'i', '8', TMO_I64},
	{'u', '1', TMO_U8}, {'u', '2', TMO_U16}, {'u', '4', TMO_U32}, {'u', '8', TMO_U64},
	{'b', '1', TMO_BOOL},
};

/*
 * What else NumPy takes for them, as it does on 64-bit Linux and macOS, where a long has 8 bytes: NumPy itself
 * writes the above, people and other programs these.
 */
static const struct {
	const char *codes, *words;
	enum tmo_type type;
} spellings[] = {
	{ "f2 e", "float16 half", TMO_F16 }, { "f4 f", "float32 single", TMO_F32 },
	{ "f8 d", "float64 double float", TMO_F64 }, { "i1 b", "int8 byte", TMO_I8 },
	{ "i2 h", "int16 short", TMO_I16 }, { "i4 i", "int32 intc", TMO_I32 },
	{ "i8 l q p", "int64 int int_ intp long longlong", TMO_I64 }, { "u1 B", "uint8 ubyte", TMO_U8 },
	{ "u2 H", "uint16 ushort", TMO_U16 }, { "u4 I", "uint32 uintc", TMO_U32 },
	{ "u8 L Q P", "uint64 uint uintp ulong ulonglong", TMO_U64 }, { "b1 ?", "bool bool_", TMO_BOOL },
};

#define DESCR_COUNT (sizeof(descrs) / sizeof(descrs[0]))

int
tmo_npy_header_bytes(const unsigned char *prefix, size_t size, size_t *bytes,
                     struct tmo_error *err)
{
	size_t length;

	if (size < 10 || memcmp(prefix, magic, sizeof(magic)) != 0)
		return tmo_fail(err, "not a .npy file; write it again with numpy.save");
	if (prefix[6] == 1) {
		length = (size_t)prefix[8] | (size_t)prefix[9] << 8;
		*bytes = 10 + length;
	} else if ((prefix[6] == 2 || prefix[6] == 3) && size >= 12) {
		length = (size_t)prefix[8] | (size_t)prefix[9] << 8 | (size_t)prefix[10] << 16 |
		         (size_t)prefix[11] << 24;
		*bytes = 12 + length;
	} else {
		return tmo_fail(err, ".npy version %u.%u; save it again as version 1.0", prefix[6],
		                prefix[7]);
	}
	if (*bytes > TMO_NPY_HEADER_MAX + 12)
		return tmo_fail(err, ".npy header of %zu bytes, at most %d are accepted; save it again",
		                *bytes, TMO_NPY_HEADER_MAX);
	return 0;
}

/* A cursor in the dictionary's text. */
struct text {
	const char *p, *end;
};

static void
skip_space(struct text *t)
{
	while (t->p < t->end && (*t->p == ' ' || *t->p == '\n' || *t->p == '\t' || *t->p == '\r'))
		t->p++;
}

static bool
take(struct text *t, char c)
{
	skip_space(t);
	if (t->p >= t->end || *t->p != c)
		return false;
	t->p++;
	return true;
}

static bool
take_word(struct text *t, const char *word)
{
	const size_t n = strlen(word);

	skip_space(t);
	if ((size_t)(t->end - t->p) < n || memcmp(t->p, word, n) != 0)
		return false;
	t->p += n;
	return true;
}

/*
 * A quoted string, perhaps with a letter of Python's in front, of up to size - 1 bytes; a longer one is cut
 * (no type of ours is long).
 */
static bool
take_string(struct text *t, char *out, size_t size)
{
	size_t n = 0;
	char quote;

	skip_space(t);
	if (t->end - t->p > 1 && *t->p != '\0' && strchr("uUrR", *t->p) != NULL &&
	    (t->p[1] == '\'' || t->p[1] == '"'))
		t->p++;
	if (t->p >= t->end || (*t->p != '\'' && *t->p != '"'))
		return false;
	quote = *t->p++;
	while (t->p < t->end && *t->p != quote) {
		if (n + 1 < size)
			out[n++] = *t->p;
		t->p++;
	}
	out[n] = '\0';
	return t->p++ < t->end;
}

/* Whether word is one of the words of list, which single spaces part. */
static bool
is_one_of(const char *list, const char *word)
{
	const size_t length = strlen(word);

	if (strchr(word, ' ') != NULL)
		return false;
	for (const char *at = list; length > 0 && (at = strstr(at, word)) != NULL; at++)
		if ((at == list || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
			return true;
	return false;
}

/* As numpy.dtype takes it: a code, perhaps with a byte order, or a word. */
static void
type_from_descr(const char *descr, struct tmo_npy *npy)
{
	static const uint16_t probe = 1;
	const bool little = *(const unsigned char *)&probe == 1;
	const bool ordered = descr[0] != '\0' && strchr("<>|=", descr[0]) != NULL;
	const char *const code = descr + ordered;

	npy->type = TMO_NONE;
	for (size_t i = 0; i < sizeof(spellings) / sizeof(*spellings); i++)
		if (is_one_of(spellings[i].codes, code) ||
		    (!ordered && is_one_of(spellings[i].words, code)))
			npy->type = spellings[i].type;
	npy->swapped = tmo_type_size(npy->type) > 1 &&
	               ((descr[0] == '>' && little) || (descr[0] == '<' && !little));
}

/* The value of 'descr': a string, or a list of fields, which has no type here. */
static bool
take_descr(struct text *t, struct tmo_npy *npy)
{
	char descr[16];		/* the longest has 9 */
	int depth = 0;

	if (take_string(t, descr, sizeof(descr))) {
		type_from_descr(descr, npy);
		return true;
	}
	npy->type = TMO_NONE;
	if (!take(t, '['))
		return false;
	for (depth = 1; t->p < t->end && depth > 0; t->p++)
		depth += *t->p == '[' ? 1 : *t->p == ']' ? -1 : 0;
	return depth == 0;
}

static bool
take_shape(struct text *t, struct tmo_npy *npy)
{
	if (!take(t, '('))
		return false;
	npy->rank = 0;
	while (!take(t, ')')) {
		size_t n = 0;
		const char *start;

		skip_space(t);
		start = t->p;
		while (t->p < t->end && *t->p >= '0' && *t->p <= '9') {
			const size_t digit = (size_t)(*t->p++ - '0');

			if (n > (SIZE_MAX - digit) / 10)
				return false;
			n = n * 10 + digit;
		}
		if (t->p == start || npy->rank == TMO_RANK_MAX)
			return false;
		if (t->p < t->end && *t->p == 'L')	/* as Python 2 wrote it */
			t->p++;
		npy->shape[npy->rank++] = n;
		if (!take(t, ',')) {
			if (!take(t, ')'))
				return false;
			break;
		}
	}
	return true;
}

static bool
take_dictionary(struct text *t, struct tmo_npy *npy)
{
	unsigned seen = 0;

	if (!take(t, '{'))
		return false;
	while (!take(t, '}')) {
		char key[16];
		bool ok;

		if (!take_string(t, key, sizeof(key)) || !take(t, ':'))
			return false;
		if (strcmp(key, "descr") == 0) {
			seen |= 1;
			ok = take_descr(t, npy);
		} else if (strcmp(key, "fortran_order") == 0) {
			seen |= 2;
			npy->fortran = take_word(t, "True");
			ok = npy->fortran || take_word(t, "False");
		} else if (strcmp(key, "shape") == 0) {
			seen |= 4;
			ok = take_shape(t, npy);
		} else {
			ok = false;
		}
		if (!ok)
			return false;
		if (!take(t, ',')) {
			if (!take(t, '}'))
				return false;
			break;
		}
	}
	skip_space(t);
	return seen == 7 && t->p == t->end;
}

int
tmo_npy_parse(const unsigned char *header, size_t bytes, struct tmo_npy *npy,
              struct tmo_error *err)
{
	struct text t;
	size_t expected = 0;

	*npy = (struct tmo_npy){0};
	if (tmo_npy_header_bytes(header, bytes, &expected, err) < 0)
		return -1;
	if (expected > bytes)
		return tmo_fail(err, "truncated .npy header; save it again");
	npy->header_bytes = expected;
	t.p = (const char *)header + (header[6] == 1 ? 10 : 12);
	t.end = (const char *)header + expected;
	if (!take_dictionary(&t, npy))
		return tmo_fail(err, "bad .npy header; save it again with numpy.save");
	if (npy->type == TMO_NONE)
		return 0;
	return tmo_shape_count(npy->rank, npy->shape, tmo_type_size(npy->type), &npy->count, err);
}

size_t
tmo_npy_header_text(enum tmo_type type, int rank, const size_t *shape,
                    unsigned char out[TMO_NPY_HEADER_OWN])
{
	char dict[TMO_NPY_HEADER_OWN];
	const size_t size = tmo_type_size(type), prefix = sizeof(magic) + 4;
	size_t used, length;
	char kind = '?';

	for (size_t i = 0; i < DESCR_COUNT; i++)
		if (descrs[i].type == type)
			kind = descrs[i].kind;
	if (kind == '?')
		return 0;
	used = (size_t)snprintf(dict, sizeof(dict),
	                        "{'descr': '%c%c%zu', 'fortran_order': False, 'shape': (",
	                        size == 1 ? '|' : '<', kind, size);
	for (int i = 0; i < rank; i++)
		used += (size_t)snprintf(dict + used, sizeof(dict) - used, i > 0 ? ", %zu" : "%zu",
		                         shape[i]);
	used += (size_t)snprintf(dict + used, sizeof(dict) - used, rank == 1 ? ",), }" : "), }");
	length = (prefix + used + 1 + 63) / 64 * 64 - prefix;
	memcpy(out, magic, sizeof(magic));
	memcpy(out + sizeof(magic), (const unsigned char[]){1, 0, length & 0xff, length >> 8 & 0xff},
	       4);
	memcpy(out + prefix, dict, used);
	memset(out + prefix + used, ' ', length - used - 1);
	out[prefix + length - 1] = '\n';
	return prefix + length;
}

int
tmo_npy_header(enum tmo_type type, int rank, const size_t *shape, struct tmo_buffer *out,
               struct tmo_error *err)
{
	unsigned char text[TMO_NPY_HEADER_OWN];
	const size_t size = tmo_npy_header_text(type, rank, shape, text);

	if (size == 0)
		return tmo_fail(err, "%s has no .npy type; keep it encoded", tmo_type_name(type));
	return tmo_buffer_append(out, text, size, err);
}

size_t
tmo_npy_header_length(enum tmo_type type, int rank, const size_t *shape)
{
	unsigned char text[TMO_NPY_HEADER_OWN];

	return tmo_npy_header_text(type, rank, shape, text);
}

static void
swap_bytes(unsigned char *data, size_t count, size_t size)
{
	for (size_t i = 0; i < count; i++, data += size)
		for (size_t j = 0; j < size / 2; j++) {
			const unsigned char byte = data[j];

			data[j] = data[size - 1 - j];
			data[size - 1 - j] = byte;
		}
}

/* out[i] in C order from in[] in Fortran order, stepping an index over the shape. */
static void
transpose(unsigned char *out, const unsigned char *in, const struct tmo_npy *npy, size_t size)
{
	size_t index[TMO_RANK_MAX] = {0}, stride[TMO_RANK_MAX], from = 0, step = 1;

	for (int a = 0; a < npy->rank; a++) {
		stride[a] = step;
		step *= npy->shape[a];
	}
	for (size_t i = 0; i < npy->count; i++) {
		memcpy(out + i * size, in + from * size, size);
		for (int a = npy->rank - 1; a >= 0; a--) {
			from += stride[a];
			if (++index[a] < npy->shape[a])
				break;
			from -= stride[a] * npy->shape[a];
			index[a] = 0;
		}
	}
}

int
tmo_npy_normalize(const struct tmo_npy *npy, void **data, struct tmo_error *err)
{
	const size_t size = tmo_type_size(npy->type);
	unsigned char *ordered;

	if (npy->swapped)
		swap_bytes(*data, npy->count, size);
	if (!npy->fortran || npy->rank < 2)
		return 0;
	ordered = tmo_alloc(npy->count, size, err);
	if (ordered == NULL)
		return -1;
	transpose(ordered, *data, npy, size);
	free(*data);
	*data = ordered;
	return 0;
}
