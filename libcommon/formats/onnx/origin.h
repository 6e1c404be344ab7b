/* SPDX-License-Identifier: Apache-2.0 */
/*
 * origin.h: a network as it was before weights left its Constants, its inner graphs and the operators
 * that decode them. Where that is not what graph.onnx is anyway, it goes along in there, as one more
 * field, for tmo-to-onnx to go back to as far as the weights still are what it wants.
 *
 * In the origin a tensor whose numbers the stream has points at the member (external data
 * "tensors/STEM.npy", "tensors/STEM/codes.npy"). One that a weight's codes were taken from says so in
 * one entry more for each such weight, "codes": "STEM DIGEST", where DIGEST is that of the weight's
 * other parts, or "-" if codes cannot be put back where they were; "=DIGEST": of its codes too, which
 * are those of several weights. Of an array that the stream has
 * transposed the entry "turned" says how, see struct tmo_onnx_turned.
 */
#ifndef TMO_ONNX_ORIGIN_H
#define TMO_ONNX_ORIGIN_H

#include "base/sha256.h"
#include "formats/onnx/onnx_read.h"

/*
 * An unknown field of ModelProto, of those that protobuf keeps for implementations: the SHA-256 of the
 * ModelProto without it, and then the origin, a ModelProto.
 */
#define TMO_ONNX_ORIGIN 19998
#define TMO_ONNX_CODES_OF "codes"	/* keys of entries */
#define TMO_ONNX_TURNED "turned"
#define TMO_ONNX_DIGEST_TEXT 18		/* "=", 64 bits of it in hex, and the end */

/* The parts of a weight in the order in which the digest has them; of the codes only if they count. */
extern const char *const tmo_onnx_digest_order[4];

/* One part for the digest; its bytes follow, with tmo_sha256_add. */
void tmo_onnx_digest_part(struct tmo_sha256 *sha, const char *role, enum tmo_type type, int rank,
                          const size_t *shape);
void tmo_onnx_digest_text(struct tmo_sha256 *sha, bool with_codes, char text[TMO_ONNX_DIGEST_TEXT]);

/*
 * Points the origin's tensors, which carry their marks (wire.h), at the members of the stream. network:
 * what the origin became; its tensors that stay have their marks, too.
 */
int tmo_onnx_point_origin(Onnx__ModelProto *origin, Onnx__ModelProto *network,
                          struct tmo_onnx_files *files, const struct tmo_onnx_tensor *tensor,
                          size_t count, struct tmo_error *err);
/* Adds the field to a packed network, unless that is the origin. */
int tmo_onnx_append_origin(const Onnx__ModelProto *origin, struct tmo_buffer *network,
                           struct tmo_error *err);

#endif
