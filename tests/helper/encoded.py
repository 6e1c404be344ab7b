# SPDX-License-Identifier: Apache-2.0
"""Encoded tensors from tmo-stream(5) alone, with nothing but the standard library.

encoded.py make SEED   writes a stream of encoded tensors of many shapes, blocks and code types
encoded.py decode      prints what the tensors of the stream on stdin decode to: NAME INDEX VALUE
encoded.py plain       prints the same for a stream of plain tensors
"""
import io
import math
import random
import struct
import sys
import tarfile

KINDS = {"f2": "e", "f4": "f", "f8": "d", "i1": "b", "i2": "h", "i4": "i", "i8": "q",
         "u1": "B", "u2": "H", "u4": "I", "u8": "Q", "b1": "?"}
HALVES = {"f16": "e"}


def f32(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


def save(kind, shape, values):
    text = "{'descr': '%s%s', 'fortran_order': False, 'shape': (%s), }" % (
        "|" if kind[1] == "1" else "<", kind,
        "".join("%d, " % n for n in shape) if len(shape) != 1 else "%d," % shape[0])
    text += " " * (-(len(text) + 11) % 64) + "\n"
    return (b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text.encode()
            + struct.pack("<%d%s" % (len(values), KINDS[kind]), *values))


def load(data):
    start = 10 + struct.unpack("<H", data[8:10])[0]
    header = eval(data[10:start].decode(), {"__builtins__": {}}, {"False": False, "True": True})
    kind = header["descr"][1:]
    count = math.prod(header["shape"])
    return header["shape"], struct.unpack("<%d%s" % (count, KINDS[kind]), data[start:])


def add(tar, name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def make_one(tar, rng, name):
    rank = rng.randint(0, 4)
    shape = [rng.choice([1, 2, 3, 5, 7]) if rng.random() < 0.95 else rng.choice([0, 33]) for _ in range(rank)]
    wide = rng.random() < 0.2
    kind, real = ("f8", "f64") if wide else ("f4", "f32")
    block = [rng.choice([1, 1, 2, 3, 4]) for _ in range(rank)]
    blocked = rank > 0 and rng.random() < 0.5

    def parameter_shape():
        return [rng.choice([1, n, -(-n // (b if blocked else 1))]) for n, b in zip(shape, block)]

    count = math.prod(shape)
    bits = rng.randint(1, 8)
    signed = rng.random() < 0.5
    book = rng.random() < 0.4
    yaml = "shape: [%s]\ndtype: %s\nbits: %d\n" % (", ".join(map(str, shape)), real, bits)
    if blocked:
        yaml += "block: [%s]\n" % ", ".join(map(str, block))
    if book:
        signed = False
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    code_kind = rng.choice(["i1", "i2", "i4", "i8"] if signed else ["u1", "u2", "u4", "u8"])
    parts = {"codes": save(code_kind, shape, [rng.randint(low, high) for _ in range(count)])}
    if book:
        entries = parameter_shape() + [1 << bits]
        n = math.prod(entries)
        parts["codebook"] = rng.choice([
            lambda: save("i1", entries, [rng.randint(-128, 127) for _ in range(n)]),
            lambda: save(kind, entries, [rng.gauss(0, 1) for _ in range(n)])])()
    if rng.random() < 0.8:
        entries = parameter_shape()
        parts["scale"] = save(kind, entries, [rng.gauss(0, 1) for _ in range(math.prod(entries))])
    if rng.random() < 0.5:
        entries = parameter_shape()
        zero = [rng.randint(0, 127) for _ in range(math.prod(entries))]
        parts["zero_point"] = save(rng.choice(["i1", "u1", "i4"]), entries, zero)
    order = sorted(parts)
    rng.shuffle(order)
    members = [("tensor.yaml", yaml.encode())] + [(p + ".npy", parts[p]) for p in order]
    if rng.random() < 0.3:
        rng.shuffle(members)
    for part, data in members:
        add(tar, "tensors/%s/%s" % (name, part), data)


def entry(index, shape, entries, block):
    at = 0
    for i, n, m, b in zip(index, shape, entries, block):
        at = at * m + (0 if m == 1 else i // b if m != n else i)
    return at


def decode(parts):
    yaml = dict(line.split(": ", 1) for line in parts["tensor.yaml"].decode().splitlines())
    shape = [int(n) for n in yaml["shape"].strip("[]").split(",") if n.strip()]
    block = [int(n) for n in yaml.get("block", "").strip("[]").split(",") if n.strip()]
    block = block or [1] * len(shape)
    rounded = (lambda x: x) if yaml["dtype"] == "f64" else f32
    _, codes = load(parts["codes.npy"])
    for i, code in enumerate(codes):
        index, rest = [], i
        for n in reversed(shape):
            index.insert(0, rest % n)
            rest //= n
        value = rounded(float(code))
        if "codebook.npy" in parts:
            entries, book = load(parts["codebook.npy"])
            value = rounded(float(book[entry(index, shape, entries[:-1], block) * entries[-1]
                                       + code]))
        if "zero_point.npy" in parts:
            entries, zero = load(parts["zero_point.npy"])
            value = rounded(value - rounded(float(zero[entry(index, shape, entries, block)])))
        if "scale.npy" in parts:
            entries, scale = load(parts["scale.npy"])
            value = rounded(value * scale[entry(index, shape, entries, block)])
        yield value


def main():
    if sys.argv[1] == "make":
        rng = random.Random(int(sys.argv[2]))
        with tarfile.open(fileobj=sys.stdout.buffer, mode="w|", format=tarfile.USTAR_FORMAT) as tar:
            for i in range(60):
                make_one(tar, rng, "t%d" % i)
        return
    tensors = {}
    with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as tar:
        for member in tar:
            if member.name.startswith("tensors/"):
                name, _, part = member.name[8:].partition("/")
                data = tar.extractfile(member).read()
                tensors.setdefault(name.removesuffix(".npy"), {})[part] = data
    for name, parts in sorted(tensors.items()):
        values = decode(parts) if sys.argv[1] == "decode" else load(parts[""])[1]
        for i, value in enumerate(values):
            print(name, i, float(value).hex())


main()
