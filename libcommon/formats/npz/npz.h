/* SPDX-License-Identifier: Apache-2.0 */
/*
 * npz.h: NumPy's .npz, a zip archive of .npy files, and a .npy alone. Over tensor and npy; the
 * archive itself is libarchive's work.
 */
#ifndef TMO_NPZ_H
#define TMO_NPZ_H

#include "base/sink.h"
#include "tensor/npy.h"

/* ---- reading ---- */

struct tmo_npz_member {
	char *path;		/* as the archive has it; owned by the reader */
	char *name;		/* of the tensor: path without .npy; NULL: this is none */
	bool of_macos;		/* what macOS keeps about a file, and nobody else wants: no tensor */
	uint64_t bytes;		/* of the whole member */
	struct tmo_npy npy;	/* of a tensor */
};

struct tmo_npz_reader;

/*
 * Looks through the file (which can seek and stays the caller's) and at every header in it. alone:
 * what the tensor of a .npy alone is called. Members that are no tensors are those without ".npy"
 * and arrays of a type that tmo has no name for: text, records, complex numbers, pickles.
 */
struct tmo_npz_reader *tmo_npz_open(int fd, const char *alone, struct tmo_error *err);
void tmo_npz_close(struct tmo_npz_reader *r);
size_t tmo_npz_count(const struct tmo_npz_reader *r);
const struct tmo_npz_member *tmo_npz_member(const struct tmo_npz_reader *r, size_t i);

/* Moves to member i, behind a tensor's header. Only forward: some may be left out. */
int tmo_npz_begin(struct tmo_npz_reader *r, size_t i, struct tmo_error *err);
/*
 * The next size bytes of it, or fewer at its end, where lengths and checksum are compared: read
 * until *got is less than size.
 */
int tmo_npz_read(struct tmo_npz_reader *r, void *data, size_t size, size_t *got,
                 struct tmo_error *err);
/* Exactly size bytes, the member's last ones, into memory that grows with them: *data is malloc'd. */
int tmo_npz_take(struct tmo_npz_reader *r, uint64_t size, void **data, struct tmo_error *err);

/* ---- writing ---- */

struct tmo_npz_writer;

/* sink is borrowed. compress: members are deflated (zlib's level 6), else stored. */
struct tmo_npz_writer *tmo_npz_writer_open(struct tmo_sink *sink, bool compress,
                                           struct tmo_error *err);
void tmo_npz_writer_close(struct tmo_npz_writer *w);
/* A member of that many bytes, which tmo_npz_write gives. path must be UTF-8. */
int tmo_npz_writer_begin(struct tmo_npz_writer *w, const char *path, uint64_t bytes,
                         struct tmo_error *err);
int tmo_npz_write(struct tmo_npz_writer *w, const void *data, size_t size, struct tmo_error *err);
/* The archive's directory. */
int tmo_npz_writer_finish(struct tmo_npz_writer *w, struct tmo_error *err);

#endif
