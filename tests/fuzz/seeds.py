#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""seeds.py DIR: small valid inputs for each fuzz target, DIR/NAME/*, made with the programs that
were built (on PATH) and with Python's own modules. Nothing here is random."""
import io
import os
import struct
import subprocess
import sys
import tarfile

top = sys.argv[1]


def seed(target, name, data):
    os.makedirs(os.path.join(top, target), exist_ok=True)
    with open(os.path.join(top, target, name), "wb") as f:
        f.write(data)


def run(*command, data=b""):
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


# ---- streams, archives, indices ----

def member(stream, name):
    with tarfile.open(fileobj=io.BytesIO(stream)) as t:
        return t.extractfile(name).read()


def streams():
    plain = run("mkstream", "conv.w:f4:4x2x3x3:normal", "fc.w:f4:6x4:sparse", "b:f4:4:zeros",
                "n:i8:-:ones", "e:f2:0x3:zeros")
    made = {
        "plain": plain,
        "bits4": run("tmo-quant", "--bits", "4", data=plain),
        "group": run("tmo-quant", "--granularity", "group:2", "--asymmetric", data=plain),
        "half": run("tmo-quant", "--type", "bf16", data=plain),
        "shared": run("tmo-cluster", "--clusters", "4", data=plain),
    }
    made["both"] = run("tmo-quant", data=made["shared"])
    for name in list(made):
        made["packed-" + name] = run("tmo-pack", data=made[name])
    made["zstd"] = run("tmo-pack", "--zstd", "3", data=made["bits4"])
    made["long"] = run("mkstream", "x" * 250 + ":f4:2x2:ramp", "%/:f8:2x2:ramp")
    for name, data in made.items():
        seed("stream", name, data)
        if name.startswith("packed"):
            seed("packed", name, member(data, "tensors.yaml"))
            seed("yaml", name, member(data, "tensors.yaml"))
    seed("packed", "sums", member(made["packed-plain"], "SHA256SUMS"))
    seed("yaml", "tensor", member(made["group"], "tensors/conv.w/tensor.yaml"))
    seed("yaml", "manifest", member(made["both"], "model.yaml"))


def archives():
    for name, kind in (("ustar", tarfile.USTAR_FORMAT), ("gnu", tarfile.GNU_FORMAT),
                       ("pax", tarfile.PAX_FORMAT)):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=kind) as t:
            folder = tarfile.TarInfo("./d")
            folder.type = tarfile.DIRTYPE
            t.addfile(folder)
            for path, size in (("./d/a.npy", 0), ("b", 513), ("d/" * 60 + "long.name", 3)):
                if kind != tarfile.USTAR_FORMAT:
                    path += "." * (120 if size == 3 else 0)
                info = tarfile.TarInfo(path)
                info.size = size
                t.addfile(info, io.BytesIO(b"x" * size))
        seed("tar", name, out.getvalue())


def arrays():
    for version, head in ((1, "<H"), (2, "<I"), (3, "<I")):
        for kind, order, shape in (("<f4", False, "(2, 3)"), (">i8", True, "(3, 2)"), ("|b1", False, "()"),
                                   ("<f2", True, "(1,)"), ("<c8", False, "(0, 5)"), ("|u1", False, "(2L,)")):
            text = "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }" % (kind, order, shape)
            text += " " * (-(len(text) + 8 + struct.calcsize(head) + 1) % 64) + "\n"
            data = b"\x93NUMPY" + bytes([version, 0]) + struct.pack(head, len(text)) + text.encode()
            seed("npy", "v%d-%s-%s" % (version, kind[1:], order), data + bytes(range(48)))


def documents():
    seed("yaml", "pipeline", b"summary: 'a: b' # why\nstages:\n  - prune: {sparsity: 0.5, only: [a, \"8\"]}\n"
                             b"  - sh: |\n      cat\n      true\n  - quant: >-\n      folded\n      text\n")
    seed("yaml", "quotes", b"? \"\\u00e9\\x07\\n\"\n: '~'\n\"true\": null\n'': [~, '', {}, [], {a: {b: [c]}}]\n")


# ---- ONNX, in protobuf's wire format ----

def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def number(field, n):
    return varint(field << 3) + varint(n)


def field(number_, *parts):
    data = b"".join(p.encode() if isinstance(p, str) else p for p in parts)
    return varint(number_ << 3 | 2) + varint(len(data)) + data


def tensor(name, dims, kind, *data):
    return b"".join(number(1, d) for d in dims) + number(2, kind) + field(8, name) + b"".join(data)


def node(op, inputs, outputs, *attributes):
    return field(1, *[field(1, i) for i in inputs], *[field(2, o) for o in outputs],
                 field(3, op + "_node"), field(4, op), *attributes)


def attribute(name, number_, data, kind):
    return field(5, field(1, name), field(number_, data) if isinstance(data, bytes) else number(number_, data),
                 number(20, kind))


def value(field_, name):
    return field(field_, field(1, name), field(2, field(1, number(1, 1), field(2, field(1, number(1, 2))))))


def model(*graph):
    return number(1, 8) + field(2, "seeds") + field(7, *graph, field(2, "g"), value(11, "x"),
                                                    value(12, "y")) + field(8, number(2, 13))


def models():
    raw = field(9, struct.pack("<300f", *range(300)))
    typed = field(4, struct.pack("<6f", *range(6)))
    conv = field(5, tensor("conv/w:0", [4, 3, 5, 5], 1, raw))
    seed("onnx", "conv", model(node("Conv", ["x", "conv/w:0"], ["y"]), conv))
    seed("onnx", "typed", model(node("Gemm", ["x", "w"], ["y"], attribute("transB", 3, 1, 2)),
                                field(5, tensor("w", [2, 3], 1, typed)),
                                field(5, tensor("h", [3], 10, field(5, varint(15360) * 3))),
                                field(5, tensor("i", [2, 1], 7, field(7, varint(5) + varint(2 ** 64 - 1)))),
                                field(5, tensor("s", [1], 8, field(6, "text")))))
    constant = attribute("value", 5, tensor("", [20, 15], 1, raw), 4)
    seed("onnx", "constant", model(node("Constant", [], ["w"], constant), node("Transpose", ["w"], ["t"]),
                                   node("MatMul", ["x", "t"], ["y"])))
    inner = b"".join([node("Constant", [], ["w"], constant), node("Identity", ["w"], ["o"]),
                      field(2, "b"), conv, value(12, "o")])
    seed("onnx", "if", model(node("If", ["c"], ["y"], attribute("then_branch", 6, inner, 5),
                                  attribute("else_branch", 6, inner, 5)), conv))
    external = number(14, 1) + b"".join(field(13, field(1, k), field(2, v)) for k, v in
                                        (("location", "../w.bin"), ("offset", "0"), ("length", "24")))
    seed("onnx", "external", model(node("MatMul", ["x", "w"], ["y"]),
                                   field(5, tensor("w", [2, 3], 1, external))))
    sparse = field(1, tensor("w", [1], 1, typed)) + field(2, tensor("", [1], 7, field(7, b"\1"))) + number(3, 9)
    seed("onnx", "sparse", model(node("MatMul", ["x", "w"], ["y"]), field(15, sparse),
                                 field(5, tensor("b", [3, 2], 16, field(5, varint(16256) * 6)))))
    deep = b""
    for _ in range(120):
        deep = node("If", ["c"], ["y"], attribute("then_branch", 6, deep, 5))
    seed("onnx", "deep", model(deep))


streams()
archives()
arrays()
documents()
models()
