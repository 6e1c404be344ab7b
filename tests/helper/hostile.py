#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""hostile.py INPUT CMD...: CMD, with a hostile input on stdin, as fast as it reads it. Prints its
status, the most memory that it held in MiB, its seconds of processor time, then what it said; kills it
after three minutes.

hostile.py INPUT alone writes the input: at most what a pipe holds may be large, so nothing here is."""
import hashlib
import io
import itertools
import os
import re
import signal
import struct
import subprocess
import sys
import tarfile
import threading
import zipfile

from wire_format import put_field as field, put_varint as varint

GIB = 1 << 30


# ---- pieces ----

def repeat(text, size):
    """size bytes of text over and over, in pieces."""
    piece = text * (65536 // len(text) + 1)
    piece = piece[:len(piece) // len(text) * len(text)]
    while size > 0:
        yield piece[:size]
        size -= len(piece)


def head(path, size):
    """A tar header: base-256 where octal digits do not do."""
    block = bytearray(tarfile.TarInfo(path).tobuf(tarfile.GNU_FORMAT))
    if len(block) != 512:
        raise ValueError(path)
    block[124:136] = b"%011o\0" % size if size < 8 * GIB else b"\x80" + size.to_bytes(11, "big")
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def member(path, data):
    return head(path, len(data)) + data + bytes(-len(data) % 512)


def large(path, text, size=GIB):
    """A member of size bytes of text, then the archive's end."""
    yield head(path, size)
    yield from repeat(text, size)
    yield bytes(-size % 512 + 1024)


def npy(shape, data=b"", descr="<f4", version=1):
    text = ("{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (descr, shape)).encode()
    text += b" " * (-(len(text) + (11 if version == 1 else 13)) % 64) + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(text)) + text + data


def announced(path, data, more):
    """A member of which the archive has only the beginning."""
    yield head(path, len(data) + more) + data


def index(text):
    """An index of 1 GiB."""
    sums = "".join("%s  %s\n" % ("0" * 64, path) for path in ("tensors.yaml", "tensors.bin"))
    yield member("SHA256SUMS", sums.encode())
    yield from large("tensors.yaml", text)


def stream(*members):
    yield b"".join(member(*m) for m in members) + bytes(1024)


def manifest(text):
    return stream(("model.yaml", text), ("tensors/w.npy", npy("(1,)", bytes(4))))


def empty_members(count):
    """Members n0, n1, ... without data: a header for one, changed for each."""
    block = bytearray(head("n", 0))
    unnamed = sum(block[:148]) + sum(block[156:]) + 8 * 32
    for i in range(count):
        name = b"%d" % i
        block[1:1 + len(name)] = name
        block[148:156] = b"%06o\0 " % (unnamed + sum(name))
        yield bytes(block)
    yield bytes(1024)


def others(count):
    """Members of 1 MiB before the first tensor."""
    for i in range(count):
        yield member("n%d" % i, bytes(1 << 20))
    yield bytes(1024)


def tensor(yaml):
    codes = npy("(1,)", bytes(1), "|u1")
    return stream(("tensors/w/tensor.yaml", yaml), ("tensors/w/codes.npy", codes))


def packed(index, blob, announced=None):
    """A packed stream with that index; the blob's header may announce more than there is."""
    names = [("tensors.yaml", index), ("tensors.bin", blob)]
    sums = "".join("%s  %s\n" % (hashlib.sha256(data).hexdigest(), path) for path, data in names)
    yield member("SHA256SUMS", sums.encode()) + member("tensors.yaml", index)
    yield head("tensors.bin", len(blob) if announced is None else announced) + blob + bytes(-len(blob) % 512)
    if announced is None:
        yield bytes(1024)


def entry(coding, offset, length, kind, shape):
    return ('{"tmo": 1, "tensors": [\n{"name": "w", "npy": ["%s", %d, %d, "%s", %s], "sha256": "%s"}]}\n' % (
        coding, offset, length, kind, shape, "0" * 32)).encode()


def zstd(pieces, size=2000 * GIB):
    """What zstd makes of (at most) size bytes of them."""
    with subprocess.Popen(["zstd", "-q", "-c"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as z:
        threading.Thread(target=feed, args=(z.stdin, itertools.islice(pieces, size >> 16))).start()
        yield z.stdout.read()


def safetensors(header, size=None):
    yield struct.pack("<Q", len(header) if size is None else size) + header


def long_name(kind):
    """An extension member of a million bytes, and a member of that name."""
    name = b"a" * 1000000
    block = bytearray(head("././@LongLink", len(name) + 1))
    text = name + b"\0"
    if kind == b"x":
        text = b"1000014 path=" + name + b"\n"
        text = b"%d path=%s\n" % (len(text), name)
        block = bytearray(head("PaxHeaders/x", len(text)))
    block[156:157] = kind
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    yield bytes(block) + text + bytes(-len(text) % 512) + member("tensors/a.npy", npy("(1,)", bytes(4))) + bytes(1024)


# ---- ONNX ----

def model(graph):
    return field(1, 8) + field(7, graph) + field(8, field(2, 13))


def weight(dims, data):
    dims = b"".join(field(1, d) for d in dims)
    node = field(1, field(1, b"x") + field(1, b"w") + field(2, b"y") + field(4, b"MatMul"))
    yield model(node + field(5, dims + field(2, 1) + field(8, b"w") + data))


def external(location, offset, length):
    pairs = (b"location", location), (b"offset", b"%d" % offset), (b"length", b"%d" % length)
    return field(14, 1) + b"".join(field(13, field(1, k) + field(2, v)) for k, v in pairs)


LAUGHS = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (c, c, b",".join([b"*%c" % (c - 1)] * 9)) for c in range(ord("b"), ord("j")))
DEEP = 1000000
ENCODED = b"shape: %s\ndtype: f32\nbits: 8\n"

def archive(*members, claimed=None):
    """A .npz; claimed: what its directory and local headers say the first member's size is."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for path, data in members:
            with z.open(path, "w") as m:
                for piece in data:
                    m.write(piece)
    data = out.getvalue()
    if claimed is not None:
        size = struct.pack("<I", sum(len(piece) for piece in members[0][1]))
        data = data.replace(size, struct.pack("<I", claimed))
    yield data


INPUTS = {
    "npy-shape": lambda: stream(("tensors/w.npy", npy("(%d,)" % 2 ** 60))),
    "npy-shape-product": lambda: stream(("tensors/w.npy", npy("(%d, %d, 3)" % (2 ** 31, 2 ** 31)))),
    "npy-shape-zero": lambda: stream(("tensors/w.npy", npy("(%d, %d, 0)" % (2 ** 40, 2 ** 40)))),
    "npy-digits": lambda: stream(("tensors/w.npy", npy("(%s,)" % ("9" * 5000)))),
    "npy-announced": lambda: announced("tensors/w.npy", npy("(%d,)" % 2 ** 60), 2 ** 62),
    "npy-axes": lambda: stream(("tensors/w.npy", npy("(%s)" % ("1, " * 20000), bytes(4), version=1))),
    "npy-axes-million": lambda: stream(("tensors/w.npy", npy("(%s)" % ("1, " * DEEP), bytes(4), version=2))),
    "npy-header": lambda: iter([head("tensors/w.npy", 4 * GIB), b"\x93NUMPY\2\0" + struct.pack("<I", 2 ** 32 - 13)]),
    "npy-nested": lambda: stream(("tensors/w.npy", npy("(" * 30000, bytes(4)))),
    "yaml-shape": lambda: tensor(ENCODED % b"[1152921504606846976]"),
    "yaml-axes": lambda: tensor(ENCODED % (b"[" + b"1, " * (DEEP - 1) + b"1]")),
    "yaml-block": lambda: tensor(ENCODED % b"[1]" + b"block: [18446744073709551615]\n"),
    "tensor-zeros": lambda: large("tensors/w/tensor.yaml", b"\0"),
    "tensor-list": lambda: large("tensors/w/tensor.yaml", b"- a\n"),
    "tensor-comment": lambda: large("tensors/w/tensor.yaml", b"#\n"),
    "tensor-flow": lambda: large("tensors/w/tensor.yaml", b"a: [" + b"b," * 20000),
    "manifest-zeros": lambda: large("model.yaml", b"\0"),
    "manifest-list": lambda: large("model.yaml", b"- a\n"),
    "manifest-spaces": lambda: large("model.yaml", b" "),
    "names-list": lambda: large("names.yaml", b"- a\n"),
    "index-list": lambda: index(b"- a\n"),
    "graph-announced": lambda: iter([head("graph.onnx", 3 * GIB)]),
    "graph-cut": lambda: iter([head("graph.onnx", 2 * GIB)]),
    "manifest-laughs": lambda: manifest(LAUGHS),
    "tensor-laughs": lambda: tensor(LAUGHS),
    "names-laughs": lambda: stream(("names.yaml", LAUGHS)),
    "deep-lists": lambda: manifest(b"[" * DEEP),
    "deep-maps": lambda: manifest(b"{a: " * DEEP),
    "deep-dashes": lambda: manifest(b"- " * DEEP),
    "deep-keys": lambda: manifest(b"? " * DEEP),
    "deep-blocks": lambda: manifest(b"".join(b" " * i + b"a:\n" for i in range(1500))),
    "long-scalar": lambda: manifest(b"a" * 10 * DEEP),
    "open-quote": lambda: manifest(b"a: '" + b"x\n" * 5 * DEEP),
    "many-lines": lambda: manifest(b"a:\n" + b"\n" * 5 * DEEP),
    "many-keys": lambda: manifest(b"".join(b"k%d:\n" % i for i in range(DEEP // 2))),
    "flow-colons": lambda: manifest(b"{" + b"a:" * DEEP),
    "flow-open": lambda: manifest(b"[" + b"a,[" * DEEP),
    "questions": lambda: manifest(b"{" + b"?," * DEEP + b"}\n"),
    "directives": lambda: manifest(b"%TAG !a! tag:b\n" * 100000),
    "packed-plain": lambda: packed(entry("plain", 0, 2 ** 62, "f32", "[%d]" % 2 ** 60), b"", 2 ** 62),
    "packed-beyond": lambda: packed(entry("plain", 0, 2 ** 62, "f32", "[%d]" % 2 ** 60), bytes(8)),
    "packed-mask": lambda: packed(entry("mask8:0", 0, 8, "u64", "[%d]" % 2 ** 60), bytes(8)),
    "packed-bits": lambda: packed(entry("bits1", 0, 2 ** 57, "u64", "[%d]" % 2 ** 60), b"", 2 ** 57),
    "packed-bomb": lambda: packed(entry("bits1", 0, 2 ** 24, "u64", "[%d]" % 2 ** 27), bytes(2 ** 24)),
    "packed-offset": lambda: packed(entry("plain", 2 ** 63, 4, "f32", "[1]"), bytes(8)),
    "packed-axes": lambda: packed(entry("plain", 0, 4, "f32", "[" + "1," * DEEP + "1]"), bytes(4)),
    "packed-values": lambda: packed(b"[" + b"1," * 30 * DEEP + b"1]", b""),
    "packed-deep": lambda: packed(b"[" * DEEP, b""),
    "zstd-zeros": lambda: zstd(repeat(b"\0", GIB)),
    "zstd-manifest": lambda: zstd(large("model.yaml", b"\0"), GIB // 16),
    "zstd-tensor": lambda: zstd(large("tensors/w/tensor.yaml", b"- a\n"), GIB // 16),
    "zstd-index": lambda: zstd(index(b"- a\n"), GIB // 16),
    "zstd-junk": lambda: zstd(repeat(b"junk", GIB), GIB // 16),
    "zstd-other": lambda: zstd(large("notes.txt", b"\0")),
    "long-name": lambda: long_name(b"L"),
    "long-pax": lambda: long_name(b"x"),
    "zstd-others": lambda: zstd(others(500)),
    "many-others": lambda: iter([b"".join(empty_members(50000))]),
    "onnx-shape": lambda: weight([2 ** 60], field(9, bytes(64))),
    "onnx-axes": lambda: weight([1] * DEEP, field(9, bytes(4))),
    "onnx-external": lambda: weight([2 ** 58], external(b"w.bin", 0, 2 ** 60)),
    "onnx-itself": lambda: weight([1024, 1024], external(b"m.onnx", 0, 4096)),
    "onnx-outside": lambda: weight([4], external(b"../../etc/passwd", 0, 16)),
    "onnx-length": lambda: iter([varint(7 << 3 | 2) + varint(2 ** 62)]),
    "onnx-nodes": lambda: iter([model(field(1, b"") * 2 * DEEP)]),
    "npz-shape": lambda: archive(("w.npy", [npy("(%d,)" % 2 ** 60)])),
    "npz-claimed": lambda: archive(("w.npy", [npy("(1000000000,)")]), claimed=4000000128),
    "npz-axes": lambda: archive(("w.npy", [npy("(%s)" % ("1, " * DEEP), bytes(4), version=2)])),
    "npz-short": lambda: archive(("w.npy", [npy("(2,)"), *repeat(b"\0", GIB // 16)])),
    "npz-fortran": lambda: archive(("w.npy", [npy("(1024, 65536)", descr="|u1").replace(b"False", b"True "),
                                              *repeat(b"\0", GIB // 16)])),
    "npz-members": lambda: archive(*[("%d.npy" % i, [npy("(0,)")]) for i in range(20000)]),
    "npz-text": lambda: archive(("notes.txt", list(repeat(b"\0", GIB // 16)))),
    "safetensors-length": lambda: safetensors(b"{}", 2 ** 63),
    "safetensors-announced": lambda: safetensors(b"{}", 99000000),
    "safetensors-shape": lambda: safetensors(b'{"w":{"dtype":"F32","shape":[%d],"data_offsets":[0,%d]}}' % (2 ** 60, 2 ** 62)),
    "safetensors-axes": lambda: safetensors(b'{"w":{"dtype":"F32","shape":[%s1],"data_offsets":[0,4]}}' % (b"1," * DEEP)),
    "safetensors-deep": lambda: safetensors(b'{"a":' * DEEP),
    "safetensors-numbers": lambda: safetensors(b'{"w":[' + b"1," * 45 * DEEP + b"1]}"),
    "safetensors-lists": lambda: safetensors(b'{"w":' + b"[" * DEEP),
}


# ---- running ----

def feed(pipe, pieces):
    try:
        for piece in pieces:
            pipe.write(piece)
        pipe.close()
    except BrokenPipeError:
        pass


def main():
    pieces = INPUTS[sys.argv[1]]()
    if len(sys.argv) == 2:
        feed(sys.stdout.buffer, pieces)
        return 0
    if not sys.argv[1].endswith(("-list", "-zeros", "-comment", "-flow", "-spaces")) or \
            sys.argv[1].startswith("zstd"):
        pieces = iter(list(pieces))		# its making is not what is measured
    child = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    threading.Thread(target=feed, args=(child.stdin, pieces), daemon=True).start()
    killer = threading.Timer(180, child.kill)
    killer.start()
    said = child.stderr.read(4000).decode("utf-8", "replace")
    _, status, usage = os.wait4(child.pid, 0)
    killer.cancel()
    print(os.waitstatus_to_exitcode(status), usage.ru_maxrss >> 10,
          "%.1f" % (usage.ru_utime + usage.ru_stime), said.rstrip("\n"), flush=True)
    os._exit(0)			# the feeder may hang in its pipe


if __name__ == "__main__":
    main()
