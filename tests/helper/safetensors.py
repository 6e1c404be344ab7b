#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes safetensors files with nothing but Python, by the format's description.

safetensors.py [--meta KEY=VALUE]... NAME:DTYPE:SHAPE...
    to stdout, laid out as the library does; SHAPE is 2x3, or - for a scalar
safetensors.py --raw HEADER BYTES
    a header as it is given, and BYTES bytes of data
safetensors.py --shards DIR FILES [--meta KEY=VALUE]... NAME:DTYPE:SHAPE...
    the same tensors dealt out to FILES files and an index in DIR
"""
import json
import os
import struct
import sys

# (bits, rank among types: the library lays out the last of this list first)
BITS = {"BOOL": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8,
        "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "I16": 16, "U16": 16, "F16": 16,
        "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "C64": 64, "F64": 64, "I64": 64, "U64": 64}
ORDER = list(BITS)


def data(name, dtype, size):
    """Bytes that depend on the name; of a bool 0 and 1."""
    start = sum(name.encode())
    return bytes((start + 31 * i + i // 7) % (2 if dtype == "BOOL" else 256) for i in range(size))


def tensors(specs):
    found = []
    for spec in specs:
        name, dtype, shape = spec.rsplit(":", 2)
        shape = [] if shape == "-" else [int(n) for n in shape.split("x")]
        bits = BITS[dtype]
        for n in shape:
            bits *= n
        found.append((name, dtype, shape, data(name, dtype, bits // 8)))
    return sorted(found, key=lambda t: (-ORDER.index(t[1]), t[0].encode()))


def whole(header, body):
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header + body


def library(found, meta):
    header, body = {}, b""
    if meta is not None:
        header["__metadata__"] = meta
    for name, dtype, shape, content in found:
        header[name] = {"dtype": dtype, "shape": shape,
                        "data_offsets": [len(body), len(body) + len(content)]}
        body += content
    return whole(json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode(), body)


def shards(folder, count, found, meta):
    names = [f"model-{i + 1:05}-of-{count:05}.safetensors" for i in range(count)]
    weight_map = {t[0]: names[i % count] for i, t in enumerate(found)}
    for i, name in enumerate(names):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(library(found[i::count], meta))
    index = {"metadata": {"total_size": sum(len(t[3]) for t in found)}, "weight_map": weight_map}
    with open(os.path.join(folder, "model.safetensors.index.json"), "w", encoding="utf-8") as f:
        json.dump(index, f, indent=2, sort_keys=True)
        f.write("\n")


def main(args):
    if args[:1] == ["--raw"]:
        header = args[1].encode("utf-8", "surrogateescape")
        body = bytes(i % 256 for i in range(int(args[2])))
        sys.stdout.buffer.write(struct.pack("<Q", len(header)) + header + body)
        return
    folder = None
    if args[:1] == ["--shards"]:
        folder, count = args[1], int(args[2])
        args = args[3:]
    meta = None
    while args and args[0] == "--meta":
        key, value = args[1].split("=", 1)
        meta = {**(meta or {}), **({key: value} if key else {})}
        args = args[2:]
    if folder is None:
        sys.stdout.buffer.write(library(tensors(args), meta))
    else:
        shards(folder, count, tensors(args), meta)


main(sys.argv[1:])
