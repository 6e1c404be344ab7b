# SPDX-License-Identifier: Apache-2.0
"""material.py: the streams and models that are measured, made once in a folder, 9 GiB in all."""
import json
import os
import struct
import subprocess

import measure

BLOCK = 512
SIDE = 2048                    # a tensor of 16 MiB


def header(name, size):
    """A ustar header, base-256 beyond 8 GiB."""
    field = b"%011o\0" % size if size < 8 << 30 else b"\x80" + size.to_bytes(11, "big")
    h = bytearray(name.encode().ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + field +
                  b"%011o\0" % 0 + b" " * 8 + b"0").ljust(BLOCK, b"\0")
    h[257:265] = b"ustar\0" + b"00" if size < 8 << 30 else b"ustar  \0"
    h[148:156] = b"%06o\0 " % sum(h)
    return bytes(h)


def npy_header(shape):
    text = "{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }" % "".join(
        "%d, " % n for n in shape)
    text = text.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def weights(count):
    """Bytes of `count` normal tensors of 16 MiB, one behind the other."""
    specs = ["w%d:f4:%dx%d:normal" % (i, SIDE, SIDE) for i in range(count)]
    stream = subprocess.run(["mkstream", *specs], check=True, stdout=subprocess.PIPE,
                            env=measure.environment()).stdout
    data, at = [], 0
    while stream[at:at + BLOCK].strip(b"\0"):
        size = int(stream[at + 124:at + 135], 8)
        if stream[at:at + 9] == b"tensors/w":
            data.append(stream[at + BLOCK + 128:at + BLOCK + size])
        at += BLOCK + (size + BLOCK - 1) // BLOCK * BLOCK
    return data


def write_stream(path, tensors, parts):
    with open(path, "wb") as out:
        for i in range(tensors):
            part = npy_header((SIDE, SIDE)) + parts[i % len(parts)]
            out.write(header("tensors/layer%d.weight.npy" % i, len(part)) + part)
            out.write(bytes(-len(part) % BLOCK))
        out.write(bytes(2 * BLOCK))


def write_safetensors(path, tensors, parts):
    size = len(parts[0])
    index = {"layer%d.weight" % i: {"dtype": "F32", "shape": [SIDE, SIDE],
                                    "data_offsets": [i * size, (i + 1) * size]}
             for i in range(tensors)}
    text = json.dumps(index, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for i in range(tensors):
            out.write(parts[i % len(parts)])


def big_generator(gib):
    """A command that writes a stream of that size: a tensor past 8 GiB, then many of 16 MiB."""
    return "python3 %s/material.py stream %d" % (os.path.dirname(os.path.abspath(__file__)), gib)


def generate(gib):
    out = os.fdopen(1, "wb")
    piece = bytes(range(256)) * 65536      # 16 MiB, all patterns of bytes alike
    tensor = b"".join(struct.pack("<f", ((i * 2654435761) % 65521) / 65521 - .5)
                      for i in range(4096)) * 1024
    side = 9 << 28                          # 9 GiB of f32, three dimensions
    part = npy_header((9, 1 << 14, 1 << 14))
    out.write(header("tensors/big.npy", len(part) + 4 * side) + part)
    for _ in range(4 * side // len(piece)):
        out.write(piece)
    out.write(bytes(-len(part) % BLOCK))
    for i in range((gib - 9) * 64):
        part = npy_header((SIDE, SIDE))
        out.write(header("tensors/w%d.npy" % i, len(part) + len(tensor)) + part + tensor)
        out.write(bytes(-len(part) % BLOCK))
    out.write(bytes(2 * BLOCK))
    out.close()


if __name__ == "__main__":
    import sys
    if len(sys.argv) != 3 or sys.argv[1] != "stream":
        sys.exit("usage: material.py stream GIB")
    generate(int(sys.argv[2]))
