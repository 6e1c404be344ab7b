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
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "helper"))
sys.dont_write_bytecode = True
from wire_format import put_field, put_varint as varint  # noqa: E402

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
    seed("manifest", "tensor", b"shape: [4, 3]\ndtype: f32\ncode: f8e4m3\nbits: 8\nblock: [1, 2]\nmore: {a: [b, 'c']}\n")
    seed("manifest", "manifest", b"tmo: 1\nname: 'net'\nsource: {format: onnx}\ntotals: {tensors: 2, bytes: 80}\n"
                                 b"names: {abc~0: abcd}\nhistory:\n- program: tmo-quant\n  options: {bits: 4}\n")
    seed("yaml", "quotes", b"? \"\\u00e9\\x07\\n\"\n: '~'\n\"true\": null\n'': [~, '', {}, [], {a: {b: [c]}}]\n")


def codes():
    for kind, bits in ((0, 3), (3, 40), (4, 4), (5, 16), (6, 1)):
        seed("codes", "type%d" % kind, bytes([kind, bits - 1, 24, 0, 1]) + bytes(range(0, 250, 5)))
    seed("codes", "mask", bytes([4, 3, 40, 0, 0]) + b"\x21\0\0\x80\1" + bytes([0x21, 0x43]))


def pipelines():
    stages = {"quant": b"bits: 4\nrange: percentile:99.9\nsymmetric: true\nonly: [a, 'b*']\nmap: m.yaml\n",
              "prune": b"sparsity: 0.25\npattern: 2:4\nscope: global\n",
              "eval": b"reference: '@input'\nrequire: [a>=1]\n"}
    for program, options in stages.items():
        seed("pipeline", program, run("tmo-" + program, "--describe") + b"\0" + options)
    seed("pipeline", "stages", b"\0summary: x\nstages:\n  - sh: cat\n  - sh: |\n      tee y |\n      cat\n")
    seed("pipeline", "plugin", b"tmo: 1\nkind: sink\noptions: [{name: a, type: new}, {name: b, type: choice, "
                               b"values: [x, 'y:N']}]\n\0a: [1, 2]\nb: y:3\n")


# ---- ONNX, in protobuf's wire format ----

def field(number, *parts):
    return put_field(number, b"".join(p.encode() if isinstance(p, str) else p for p in parts))


def tensor(name, dims, kind, *data):
    return b"".join(put_field(1, d) for d in dims) + put_field(2, kind) + field(8, name) + b"".join(data)


def node(op, inputs, outputs, *attributes):
    return field(1, *[field(1, i) for i in inputs], *[field(2, o) for o in outputs],
                 field(3, op + "_node"), field(4, op), *attributes)


def attribute(name, number_, data, kind):
    return field(5, field(1, name), field(number_, data) if isinstance(data, bytes) else put_field(number_, data),
                 put_field(20, kind))


def value(field_, name):
    return field(field_, field(1, name), field(2, field(1, put_field(1, 1), field(2, field(1, put_field(1, 2))))))


def model(*graph):
    return put_field(1, 8) + field(2, "seeds") + field(7, *graph, field(2, "g"), value(11, "x"),
                                                       value(12, "y")) + field(8, put_field(2, 13))


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
    external = put_field(14, 1) + b"".join(field(13, field(1, k), field(2, v)) for k, v in
                                        (("location", "../w.bin"), ("offset", "0"), ("length", "24")))
    seed("onnx", "external", model(node("MatMul", ["x", "w"], ["y"]),
                                   field(5, tensor("w", [2, 3], 1, external))))
    sparse = field(1, tensor("w", [1], 1, typed)) + field(2, tensor("", [1], 7, field(7, b"\1"))) + put_field(3, 9)
    seed("onnx", "sparse", model(node("MatMul", ["x", "w"], ["y"]), field(15, sparse),
                                 field(5, tensor("b", [3, 2], 16, field(5, varint(16256) * 6)))))
    deep = b""
    for _ in range(120):
        deep = node("If", ["c"], ["y"], attribute("then_branch", 6, deep, 5))
    seed("onnx", "deep", model(deep))
    quantized_models()


def quantized_models():
    """Weights in codes: the operators of onnx_dequant and its family."""
    def i(name, *words):  # an initializer
        return field(5, tensor(name, *words))

    def ints(**values):
        return [attribute(k, 3, v, 2) for k, v in values.items()]

    def floats(n):
        return field(9, struct.pack(f"<{n}f", *range(1, n + 1)))
    codes, one = field(9, bytes(range(24))), floats(1)
    seed("onnx", "dequantize", model(
        node("DequantizeLinear", ["q", "s", "z"], ["w"], *ints(axis=2 ** 64 - 2)), node("MatMul", ["x", "w"], ["y"]),
        i("q", [4, 6], 2, codes), i("s", [4], 1, floats(4)), i("z", [4], 2, field(9, bytes(range(4))))))
    seed("onnx", "blocked", model(
        node("DequantizeLinear", ["q", "s"], ["w"], *ints(axis=0, block_size=3)), node("MatMul", ["x", "w"], ["y"]),
        node("Cast", ["h"], ["v"], *ints(to=1)), node("Add", ["v", "y"], ["t"]),
        i("q", [8, 6], 22, codes), i("s", [3, 6], 1, floats(18)), i("h", [6], 10, field(9, bytes(12)))))
    seed("onnx", "qlinear", model(
        node("QLinearConv", ["x", "s", "z", "q", "c", "z", "s", "z", "b"], ["y"]), i("q", [2, 3, 2, 2], 3, codes),
        i("s", [], 1, one), i("c", [2], 1, floats(2)), i("z", [], 3, field(9, b"\0")), i("b", [2], 6, field(9, bytes(8)))))
    seed("onnx", "dynamic", model(
        node("DynamicQuantizeLinear", ["x"], ["xq", "xs", "xz"]), node("Mul", ["xs", "s"], ["f"]),
        node("MatMulInteger", ["xq", "q", "xz"], ["a"]), node("Cast", ["a"], ["c"], *ints(to=1)),
        node("Mul", ["c", "f"], ["y"]), i("q", [4, 6], 3, codes), i("s", [6], 1, floats(6)),
        node("Gather", ["q", "i"], ["g"]), node("DequantizeLinear", ["g", "one"], ["h"]), i("one", [], 1, one)))
    seed("onnx", "nbits", model(
        node("MatMulNBits", ["x", "q", "s", "z", "", "b"], ["y"], field(7, "com.microsoft"),
             *ints(K=13, N=3, bits=4, block_size=8)), i("q", [3, 2, 4], 2, codes), i("s", [6], 1, floats(6)),
        i("z", [3], 2, field(9, b"abc")), i("b", [3], 1, floats(3))))
    seed("onnx", "book", model(
        node("Cast", ["q"], ["a"], *ints(to=6)), node("Reshape", ["a", "p"], ["c"]), node("Add", ["c", "o"], ["d"]),
        node("Gather", ["k", "d"], ["e"]), node("Mul", ["e", "m"], ["f"]), node("Reshape", ["f", "r"], ["w"]),
        node("MatMul", ["x", "w"], ["y"]), i("q", [4, 6], 2, codes), i("p", [3], 7, field(9, struct.pack("<3q", 4, 2, 3))),
        i("o", [1, 2, 1], 6, field(9, struct.pack("<2i", 0, 24))), i("k", [48], 1, floats(48)),
        i("m", [4, 2, 1], 1, floats(8)), i("r", [2], 7, field(9, struct.pack("<2q", 4, 6)))))


def graphs():
    """Graphs with weights outside, nodes of old form; first a byte that chooses encodings."""
    lines = ["input x", "init w f32 16x9 raw", "init v f16 9x7 raw", "init k f64 4x3x3x3 raw",
             "node MatMul . x,w a", "node Softmax . a s axis 1", "node Squeeze . s q axes 0,2",
             "node Split . q t,u split 1,2", "node Upsample . u z scales 2", "node TopK . t p,i k 2",
             "if i y", "node Unsqueeze . z m axes 0", "output m", "else",
             "node ReduceSum . z n axes 1", "output n", "end", "output y"]
    for i, opset in enumerate((7, 9, 11, 12, 13, 17, 21, 25)):
        stream = run("tmo-from-onnx", data=run("mkonnx", "opset %d" % opset, *lines))
        graph = member(stream, "graph.onnx")
        for how in (i * 31 % 256, 64 + i, 128 + 96 + i, 96 + 16 + 4 + i):
            seed("onnx_write", "%d-%d" % (opset, how), bytes([how]) + graph)


# Networks to be run: what they are, an operator set or two, and the lines of mkonnx.
NETWORKS = {
    "pictures": ["input x f32 2x3x9x8", "init w f32 4x3x3x3 raw", "init b f32 4 raw", "init d f32 4x1x3x3 raw",
                 "node Conv . x,w,b c pads 1,1,1,1 strides 2,2", "node Relu . c r", "node Conv . r,d e group 4 pads 1,1,1,1",
                 "node MaxPool . e m kernel_shape 2,2", "node AveragePool . m a kernel_shape 2,2 pads 0,1,1,0",
                 "node Flatten . a f", "init g f32 5x32 raw", "node Gemm . f,g h transB 1", "node Softmax . h y axis 1",
                 "output y"],
    "turned": ["input x f32 1x4x6", "init w f32 2x6x6 raw", "node MatMul . x,w a", "node Transpose . a t perm 1,2,0",
               "node Concat . t,t c axis 1", "node Flatten . c r", "node Sigmoid . r g",
               "node ReduceMean . g m axes 0", "node Mul . m,g y", "output y"],
    "steps": ["input x f32 5x2x3", "init w f32 1x16x3 raw", "init r f32 1x16x4 raw", "init b f32 1x32 raw",
              "node LSTM . x,w,r,b y,h,c hidden_size 4", "init gw f32 1x12x4 raw", "init gr f32 1x12x4 raw",
              "node Squeeze . y q axes 1", "node GRU . q,gw,gr z hidden_size 4 linear_before_reset 1", "output z"],
    "branches": ["input x f32 3x2", "input k bool -", "input n i64 -", "if k y", "node Add . x,x a", "output a", "else",
                 "node Neg . x b", "output b", "end", "node Shape . x s", "node Gather . s,i g", "init i i64 1 raw",
                 "node Expand . x,s e", "node Sub . e,y z", "output z", "output g"],
    "codes": ["input x f32 4x6", "init s f32 - raw", "init z u8 - raw", "init w i8 6x3 raw", "init v f32 3 raw",
              "node QuantizeLinear . x,s,z q", "node MatMulInteger . q,w,z a", "node Cast . a c to 1",
              "node DequantizeLinear . q,s,z d", "node MatMul . d,f e", "node DequantizeLinear . w,v f axis 1",
              "node Add . c,e y", "output y"],
}


def networks():
    for name, lines in NETWORKS.items():
        for opset in 11, 13, 21:
            seed("plan", f"{name}-{opset}", run("mkonnx", f"opset {opset}", *lines))


# ---- .npz ----

def archive(name, members, method=zipfile.ZIP_STORED, sixty_four=False):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for path, data in members:
            with z.open(path, "w", force_zip64=sixty_four) as m:
                m.write(data)
    seed("npz", name, out.getvalue())


def npz_files():
    stream = run("mkstream", "a/b:f4:4x3:normal", "n:i8:-:ones", "h:f2:3:ramp", "e:f8:0x2:zeros")
    arrays_ = [(n + ".npy", member(stream, "tensors/%s.npy" % n.replace("/", "%2F"))) for n in ("a/b", "n", "h", "e")]
    archive("stored", arrays_)
    archive("deflated", arrays_, zipfile.ZIP_DEFLATED)
    archive("zip64", arrays_[:2], sixty_four=True)
    archive("others", [("notes.txt", b"hello")] + arrays_[:1] + [("\u00e4.npy", arrays_[1][1])])
    archive("empty", [])
    seed("npz", "alone", arrays_[0][1])
    seed("npz", "ours", run("tmo-to-npz", data=stream))
    seed("npz", "ours-deflated", run("tmo-to-npz", "-c", data=stream))



# ---- safetensors ----

def safetensors():
    seed("safetensors", "meta", b'{"__metadata__":{"format":"pt","a\\tb":"\\u0000\\u00e9"},'
         b'"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},'
         b'"h":{"dtype":"BF16","shape":[],"data_offsets":[24,26]},'
         b'"e":{"dtype":"F8_E4M3","shape":[0,3],"data_offsets":[26,26]}}   ')
    seed("safetensors", "order", b'{"b":{"dtype":"F4","shape":[3,2],"data_offsets":[9,12]},'
         b'"a":{"data_offsets":[0,9],"shape":[12],"dtype":"F6_E2M3"},'
         b'"c":{"dtype":"X9","shape":[4],"data_offsets":[12,20],"more":[1.5,null,{}]}}')
    seed("safetensors", "index", b'{"metadata":{"total_size":24},"weight_map":{"a":"m-1.safetensors",'
         b'"b":"d/m-2.safetensors","c":"m-1.safetensors"}}')
    seed("safetensors", "deep", b'{"a":' * 300 + b"{" + b"}" * 301)


streams()
npz_files()
archives()
arrays()
documents()
codes()
pipelines()
models()
graphs()
networks()
safetensors()
