/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream.h: tensor streams (tmo-stream(5)): a head of model.yaml, graph.onnx, activations.yaml;
 * then tensors and other members, one after the other. Packed and compressed streams are
 * read as the plain streams that they stand for.
 */
#ifndef TMO_STREAM_H
#define TMO_STREAM_H

#include "archive/tar.h"
#include "base/sink.h"
#include "base/source.h"
#include "base/string_map.h"
#include "tensor/npy.h"
#include "tensor/tensor.h"
#include "yaml/yaml.h"

/* A member in memory. For a .npy, head holds its header and data the array's bytes. */
struct tmo_member {
	char *path;		/* whole member name; owned */
	unsigned char *head;	/* owned; NULL if it is no .npy */
	size_t head_bytes;
	void *data;		/* owned, malloc'd; never NULL once it was read */
	size_t bytes;
};

struct tmo_members {
	size_t count, room;
	struct tmo_member *member;
};
void tmo_members_free(struct tmo_members *p);	/* with all that they hold; leaves it {0} */

enum tmo_item_kind { TMO_ITEM_END, TMO_ITEM_TENSOR, TMO_ITEM_OTHER };

/* What stands next in the stream. Strings are borrowed until the next tmo_reader_next. */
struct tmo_item {
	enum tmo_item_kind kind;
	const char *path;	/* of the .npy, of the folder (no slash at its end), of the member */
	const char *name;	/* a tensor's name */
	bool encoded;
	enum tmo_type dtype;	/* of a tensor: what it decodes to */
	int rank;
	size_t shape[TMO_RANK_MAX];
	size_t count;
	uint64_t bytes;		/* what its members hold, .npy headers with it; packed: what it
				   takes in tensors.bin */
};

struct tmo_reader;

/*
 * Gets what a reader uses up, byte for byte as it came (compressed, if it was), for who passes a stream
 * on while looking at it. at_end: the archive's first zero block was seen. What comes from then on
 * can make a complete stream of what came before, so hold it back until the stream may be complete.
 */
typedef int tmo_reader_tee(void *arg, const void *data, size_t size, bool at_end,
                           struct tmo_error *err);

/* Is told of a member that is skipped: what macOS keeps about another one, ._x or below __MACOSX. */
typedef void tmo_reader_skipped(void *arg, const char *path);

struct tmo_reader_options {
	const char *temporary_dir;	/* where to spool what must be; NULL: /tmp */
	uint64_t limit;			/* members and decoded tensors of more bytes are refused, not
					   read; 0: any size */
	tmo_reader_tee *tee;		/* NULL: none. src must be of tmo_source_fd */
	void *tee_arg;
	tmo_reader_skipped *skipped;	/* NULL: none */
	void *skipped_arg;
};

/*
 * Reads the head. src is borrowed and nobody else reads from it, until close. options: NULL is all zero.
 * The caller closes the reader; on failure NULL comes back, and src is still the caller's to close.
 */
struct tmo_reader *tmo_reader_open(struct tmo_source *src, const struct tmo_reader_options *options,
                                   struct tmo_error *err);
/* Fails, with the message for that, if bytes are more than limit. */
int tmo_allow(uint64_t bytes, uint64_t limit, struct tmo_error *err);
void tmo_reader_close(struct tmo_reader *r);		/* NULL is fine */

/* The head, borrowed until close; NULL (0 bytes) where there is none. */
const struct tmo_yaml *tmo_reader_manifest(const struct tmo_reader *r);
const struct tmo_member *tmo_reader_graph(const struct tmo_reader *r);
/* Both as they came, byte for byte, in their order. */
const struct tmo_members *tmo_reader_head(const struct tmo_reader *r);
bool tmo_reader_was_packed(const struct tmo_reader *r);

/*
 * Moves to the next item, past what of the current one was not read. model.yaml and graph.onnx are
 * none; activations.yaml is an "other". The end is an item of its own kind, and comes again when asked
 * again: the archive was whole, the input was read to its end, and the tee has had everything. On failure
 * err says which member, if it is about one, and nothing further can be read.
 */
int tmo_reader_next(struct tmo_reader *r, struct tmo_item *item, struct tmo_error *err);

/*
 * The current tensor as it is in the stream: t (freed here first) gets values or an encoding. It is the
 * caller's to free, after a failure too. Once an item.
 */
int tmo_reader_load(struct tmo_reader *r, struct tmo_tensor *t, struct tmo_error *err);
/*
 * The members that a loaded tensor came in, for writing it as it was: their heads, and the data that
 * was not taken out; t, which nothing changed, lends the rest. Returns false (and no members) where
 * that cannot be: its arrays were converted on the way in, or its encoding is gone. Borrowed: only
 * tmo_writer_members and free(members->member) may be done with it.
 */
bool tmo_reader_as_it_came(const struct tmo_reader *r, const struct tmo_tensor *t,
                           struct tmo_members *members);
/*
 * The current item's members, byte for byte, into members, which is freed first and is the caller's to
 * free; one if it is plain or an "other". Once an item, and not beside tmo_reader_load.
 */
int tmo_reader_members(struct tmo_reader *r, struct tmo_members *members, struct tmo_error *err);
/*
 * The bytes of the current item, an "other" or a plain tensor of an archive that is not packed (its .npy
 * header first), piece by piece: *data has *size of them, 0 at the end; borrowed until the next call.
 */
int tmo_reader_some(struct tmo_reader *r, const void **data, size_t *size, struct tmo_error *err);

/*
 * A stream on its way out, member by member, in the order in which they are to stand: model.yaml,
 * graph.onnx, then tensors and others. The writer does not look at that order: a reader refuses a head
 * that comes after a tensor. What fails leaves a stream without its end, which readers call truncated.
 */
struct tmo_writer;

/* sink is borrowed. known: names that the manifest maps already (borrowed, may be NULL). */
struct tmo_writer *tmo_writer_open(struct tmo_sink *sink, const struct tmo_string_map *known,
                                   struct tmo_error *err);
void tmo_writer_close(struct tmo_writer *w);		/* writes nothing; NULL is fine */
/* A whole member. */
int tmo_writer_member(struct tmo_writer *w, const char *path, const void *data, size_t size,
                      struct tmo_error *err);
/*
 * A member piece by piece: begin says how many bytes it will have, data is called until just as many
 * have come. More fail there, fewer at the next member or at finish.
 */
int tmo_writer_begin(struct tmo_writer *w, const char *path, uint64_t size, struct tmo_error *err);
int tmo_writer_data(struct tmo_writer *w, const void *data, size_t size, struct tmo_error *err);
/*
 * For who writes a tensor piece by piece: begins the member of an array that belongs to the tensor
 * called name, and writes its .npy header. Its elements follow with tmo_writer_data, in C order and
 * little-endian. part: which array of an encoded tensor, "codes"; NULL: the tensor itself. No names.yaml
 * is written: a name that is cut must stand in the manifest (tmo_manifest_names).
 */
int tmo_writer_begin_array(struct tmo_writer *w, const char *name, const char *part,
                           enum tmo_type type, int rank, const size_t *shape,
                           struct tmo_error *err);
/*
 * Begins a plain tensor in the same way, whatever its type: what .npy has no name for becomes codes that
 * are its bit patterns, with the tensor.yaml that says so.
 */
int tmo_writer_begin_tensor(struct tmo_writer *w, const char *name, enum tmo_type type, int rank,
                            const size_t *shape, struct tmo_error *err);
/* The tensor.yaml of an encoded tensor, the first of its members; of t its codes' data do not matter. */
int tmo_writer_tensor_yaml(struct tmo_writer *w, const char *name, const struct tmo_tensor *t,
                           struct tmo_error *err);
/* Several whole members, in their order; they stay the caller's. */
int tmo_writer_members(struct tmo_writer *w, const struct tmo_members *members,
                       struct tmo_error *err);
/* The current item of r (as tmo_reader_next gave it), unchanged; nothing of it may have been read. */
int tmo_writer_copy(struct tmo_writer *w, struct tmo_reader *r, const struct tmo_item *item,
                    struct tmo_error *err);
/*
 * t as it is: encoded if it has codes, else plain, its values rounded to its dtype. Takes the arrays
 * that it writes out of t; the rest stays, to be freed by tmo_tensor_free. A names.yaml goes before it
 * if its member's name does not tell its own and nobody has said it.
 * path: where a plain tensor that came from outside tensors/ stood (NULL: tensors/NAME.npy).
 */
int tmo_writer_tensor(struct tmo_writer *w, struct tmo_tensor *t, const char *path,
                      struct tmo_error *err);
/* The archive's end. Nothing can be written afterwards; the sink is flushed by its owner. */
int tmo_writer_finish(struct tmo_writer *w, struct tmo_error *err);

/*
 * The members that tmo_writer_tensor would write; takes the arrays out of t. A plain tensor of a
 * type that .npy cannot name becomes an encoded one (bf16 as code bf16).
 */
int tmo_tensor_to_members(struct tmo_tensor *t, const char *path, struct tmo_members *members,
                        struct tmo_error *err);
/*
 * The reverse, into an empty t: takes the data out of members, whose order does not matter. Both are still
 * the caller's to free, after a failure too.
 */
int tmo_tensor_from_members(struct tmo_tensor *t, const char *name, struct tmo_members *members,
                          struct tmo_error *err);
/* Appends an empty member; NULL when memory is out. It stays valid until the next is added. */
struct tmo_member *tmo_members_add(struct tmo_members *members, const char *path,
                                   struct tmo_error *err);

/* The names that the reader's manifest and names.yaml members map so far (borrowed). */
const struct tmo_string_map *tmo_reader_names(const struct tmo_reader *r);

#endif
