#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""unpack.py PACKED PLAIN: unpacks a packed stream and compares it with a plain one, member by member.

Written from tmo-stream(5) alone, with Python's own modules (and zstd(1) for compressed streams): a
second implementation that shows whether the page says enough.
"""
import hashlib
import json
import re
import struct
import subprocess
import sys
import tarfile
import urllib.parse

DESCR = {"f16": "<f2", "f32": "<f4", "f64": "<f8", "i8": "|i1", "i16": "<i2", "i32": "<i4",
         "i64": "<i8", "u8": "|u1", "u16": "<u2", "u32": "<u4", "u64": "<u8", "bool": "|b1"}


def fail(message):
    sys.exit("unpack.py: " + message)


def members(data):
    """The regular members of a tar archive, as [(path, bytes)]."""
    found = []
    with tarfile.open(fileobj=data, mode="r|") as tar:
        for member in tar:
            if member.isreg():
                found.append((member.name.encode("utf-8", "surrogateescape"),
                              tar.extractfile(member).read()))
    return found


def open_stream(path):
    """The file, decompressed if it is compressed."""
    with open(path, "rb") as file:
        compressed = file.read(4) == b"\x28\xb5\x2f\xfd"
    if not compressed:
        return open(path, "rb")
    return subprocess.Popen(["zstd", "-dcq", path], stdout=subprocess.PIPE).stdout


def check_sums(packed):
    """SHA256SUMS is first and lists all other members, each once."""
    if packed[0][0] != b"SHA256SUMS":
        fail("SHA256SUMS is not the first member")
    listed = {}
    for line in packed[0][1].split(b"\n")[:-1]:
        escaped = line.startswith(b"\\")
        digest, path = line[escaped:].split(b"  ", 1)
        if escaped:
            path = re.sub(rb"\\(.)", lambda m: {b"n": b"\n", b"r": b"\r", b"\\": b"\\"}[m[1]], path)
        listed[path] = digest.decode()
    if len(listed) != len(packed) - 1:
        fail("SHA256SUMS lists %d members of %d" % (len(listed), len(packed) - 1))
    for path, data in packed[1:]:
        if listed.get(path) != hashlib.sha256(data).hexdigest():
            fail("%r: wrong SHA-256" % path)


def npy_header(dtype, shape):
    text = "{'descr': '%s', 'fortran_order': False, 'shape': %r, }" % (DESCR[dtype], tuple(shape))
    size = 10 if len(text) + 64 < 65536 else 12
    text += " " * (-(size + len(text) + 1) % 64) + "\n"
    if size == 10:
        return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()
    return b"\x93NUMPY\x02\x00" + struct.pack("<I", len(text)) + text.encode()


def unpack_bits(data, count, bits, dtype):
    """Codes of `bits` bits each, low bits first, as the bytes of an array."""
    number = int.from_bytes(data, "little")
    size = int(dtype[1:]) // 8
    if len(data) != (count * bits + 7) // 8 or number >> (count * bits):
        fail("%d bytes for %d codes of %d bits" % (len(data), count, bits))
    # Cut into pieces first: shifting one huge number for each code would take a while.
    codes, step = [], 64
    for start in range(0, count, step):
        n = min(step, count - start)
        at, end = start * bits, (start + n) * bits
        piece = int.from_bytes(data[at // 8:(end + 7) // 8], "little") >> at % 8
        for i in range(n):
            code = piece >> i * bits & ((1 << bits) - 1)
            if dtype[0] == "i" and code >> (bits - 1):
                code -= 1 << bits
            codes.append(code)
    return codes, size


def as_bytes(codes, size, signed):
    return b"".join(code.to_bytes(size, "little", signed=signed) for code in codes)


def decode(coding, data, dtype, shape):
    """The array's bytes."""
    count = 1
    for n in shape:
        count *= n
    if coding == "plain":
        return data
    match = re.fullmatch(r"bits(\d+)|mask(\d+):(-?\d+)", coding)
    if match is None:
        fail("unknown coding " + coding)
    signed = dtype[0] == "i"
    if match[1]:
        codes, size = unpack_bits(data, count, int(match[1]), dtype)
        return as_bytes(codes, size, signed)
    mask, rest = data[:(count + 7) // 8], data[(count + 7) // 8:]
    differs = [mask[i // 8] >> i % 8 & 1 for i in range(count)]
    codes, size = unpack_bits(rest, sum(differs), int(match[2]), dtype)
    others = iter(codes)
    return as_bytes([next(others) if d else int(match[3]) for d in differs], size, signed)


def yaml_text(mapping):
    lines = []
    for key, value in mapping.items():
        if isinstance(value, list):
            value = "[" + ", ".join(str(v) for v in value) + "]"
        lines.append("%s: %s\n" % (key, value))
    return "".join(lines).encode()


def restore(entry, blob):
    """The members of one entry of the index."""
    if "name" in entry:
        place = b"tensors/" + entry["name"].encode() + (b".npy" if "npy" in entry else b"")
    else:
        place = urllib.parse.unquote_to_bytes(entry["path"])

    yaml = entry.get("yaml", {})
    found, start, end = [], None, None
    parts = entry["parts"] if "parts" in entry else [[""] + entry.get("npy", entry.get("other"))]
    if "yaml" in entry and ["tensor.yaml"] not in parts:
        parts = [["tensor.yaml"]] + parts
    for part in parts:
        path = place + (b"/" + urllib.parse.unquote_to_bytes(part[0]) if "parts" in entry else b"")
        if part == ["tensor.yaml"]:
            found.append((path, yaml_text(yaml)))
            continue
        coding, offset, length = part[1:4]
        start = offset if start is None else start
        end = offset + length
        data = blob[offset:end]
        if coding != "file":
            dtype, shape = part[4], part[5] if len(part) > 5 else yaml["shape"]
            data = npy_header(dtype, shape) + decode(coding, data, dtype, shape)
        found.append((path, data))
    if hashlib.sha256(blob[start:end]).hexdigest()[:32] != entry["sha256"]:
        fail("%r: wrong sha256 in tensors.yaml" % place)
    return found


def unpack(packed):
    check_sums(packed)
    names = [path for path, _ in packed]
    index, blob = names.index(b"tensors.yaml"), names.index(b"tensors.bin")
    contents = json.loads(packed[index][1].decode("ascii"))
    if contents["tmo"] != 1 or blob != index + 1:
        fail("not version 1, or tensors.bin does not follow tensors.yaml")
    plain = packed[1:index]
    for entry in contents["tensors"]:
        plain += restore(entry, packed[blob][1])
    return plain + packed[blob + 1:]


def main():
    if len(sys.argv) != 3:
        fail("usage: unpack.py PACKED PLAIN")
    ours = unpack(members(open_stream(sys.argv[1])))
    theirs = members(open_stream(sys.argv[2]))
    if [path for path, _ in ours] != [path for path, _ in theirs]:
        fail("members differ: %r and %r" % ([p for p, _ in ours], [p for p, _ in theirs]))
    for (path, a), (_, b) in zip(ours, theirs):
        if a != b:
            fail("%r differs" % path)


if __name__ == "__main__":
    main()
