#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Other people's judgement of encoded weights in ONNX: onnx's checker and onnxruntime.

usage: onnx_quantized.py BIN [MODELS [NAME...]]

Each network is made small in many ways, then written by tmo-to-onnx both ways. The quantized model
must pass the checker with shape inference; the weights that it makes must be, bit for bit, those of
the dense model; its outputs must be the dense model's to float rounding, with onnxruntime's graph
optimizations and without; its size what the codes need. BIN is the folder of the programs, MODELS
one with more networks (*.onnx), NAMEs choose among all.
"""
import os
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper

sys.dont_write_bytecode = True
import onnx_encodings as encodings  # noqa: E402
import onnx_models as models  # noqa: E402
import onnx_opsets as opsets  # noqa: E402
from counting import check, counted, finish  # noqa: E402
from onnx_models import info, init, save, weights  # noqa: E402
from programs import first_on_path, shell, tool  # noqa: E402
from runtime import bits, networks, outputs, random_inputs, session, shapes_inferred  # noqa: E402
from streams import members  # noqa: E402

ONLY = sys.argv[3:]
rng = np.random.default_rng(7)
NODES = 1000  # bytes for the nodes and names of a weight

# What is done to each network: name, programs, and bits that a weight of a layer may take.
WAYS = [
    ("8 bits", ["quant --bits 8"]),
    ("8 bits, asymmetric tensor", ["quant --bits 8 -a -g tensor"]),
    ("8 bits, groups", ["quant --bits 8 -g group:16"]),
    ("6 bits, asymmetric groups", ["quant --bits 6 -a -g group:10"]),
    ("4 bits", ["quant --bits 4"]),
    ("4 bits, tensor", ["quant --bits 4 -g tensor"]),
    ("4 bits, groups", ["quant --bits 4 -g group:32"]),
    ("3 bits, asymmetric groups", ["quant --bits 3 -a -g group:7"]),
    ("2 bits, pruned", ["prune -s 0.5", "quant --bits 2 -g channel"]),
    ("16 values", ["cluster -c 16"]),
    ("5 values a channel", ["cluster -c 5 -g channel"]),
    ("40 values", ["cluster -c 40"]),
    ("8 values a group", ["cluster -c 8 -g group:24"]),
    ("32 values of 8 bits", ["cluster -c 32", "quant --bits 8"]),
    ("8 values a channel of 8 bits", ["cluster -c 8 -g channel", "quant --bits 8 -g channel"]),
    ("16 values of f16", ["cluster -c 16", "quant --type f16"]),
    ("f16", ["quant --type f16"]),
    ("bf16", ["quant --type bf16"]),
    ("fp8", ["quant --type f8e4m3"]),
    ("fp8, plain", ["quant --type f8e5m2 --scale none"]),
    ("nf4", ["quant --type nf4"]),
    ("ternary", ["quant --type ternary"]),
    ("mixed", ["quant --bits 4 --skip '*1*'", "quant --bits 8 -a --only '*1*'"]),
]


def opset_of(model):
    return max([o.version for o in model.opset_import if o.domain in ("", "ai.onnx")] + [0])


def made_values(model, names):
    """The values of these names, computed by the nodes that make them and no others."""
    wanted, nodes = set(names), []
    for n in reversed(model.graph.node):
        if wanted & set(n.output):
            nodes.insert(0, n)
            wanted |= set(n.input)
    initializers = [i for i in model.graph.initializer if i.name in wanted]
    kinds = {n.output[0]: n for n in nodes}
    results = [helper.make_empty_tensor_value_info(name) for name in names]
    graph = helper.make_graph(nodes, "weights", [], results, initializers)
    small = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset_of(model))],
                              ir_version=model.ir_version)
    small = onnx.shape_inference.infer_shapes(small, strict_mode=True)
    types = {v.name: v for v in small.graph.value_info}
    del small.graph.output[:]
    small.graph.output.extend(types.get(n, helper.make_tensor_value_info(n, T.FLOAT, None))
                              for n in names if n in kinds)
    return dict(zip(names, outputs(small.SerializeToString(), [{}], False)[0]))


def check_weights(name, quantized, dense):
    """What nodes make must be the dense initializers."""
    wanted = {i.name: i for i in dense.graph.initializer}
    kept = {i.name for i in quantized.graph.initializer}
    # numpy has no bfloat16, in which onnxruntime would give them.
    names = [n for n in wanted if n not in kept and wanted[n].data_type != T.BFLOAT16]
    if not names:
        return
    got = made_values(quantized, names)
    for n in names:
        check(bits(got[n]) == bits(numpy_helper.to_array(wanted[n])), name, f"weight {n}")


def stored_bytes(stream):
    """Codes at the bits that ONNX can store, parameters, plain tensors, graph: at most."""
    total = count = 0
    folders = {}
    for path, data in members(stream).items():
        folder, _, part = path.rpartition("/")
        if path == "graph.onnx":
            total += len(data)
        elif folder == "tensors":
            total += len(data)
            count += 1
        elif folder:
            folders.setdefault(folder, {})[part] = data
    for parts in folders.values():
        text = parts["tensor.yaml"].decode()
        code_bits = int([x for x in text.splitlines() if x.startswith("bits:")][0][5:])
        each = 1 if code_bits <= 8 else 2
        size = len(parts["codes.npy"]) - 128
        total += -(-size // 2) if code_bits <= 4 else size // each * each
        total += sum(len(d) for p, d in parts.items() if p not in ("codes.npy", "tensor.yaml"))
        total += len(parts.get("codebook.npy", b"")) // 4  # where each of them begins
        count += 1
    return total, count


def close(a, b):
    """Equal to float rounding: within 2e-4 of the largest (f16: 2e-2)."""
    if isinstance(a, list):
        return all(close(x, y) for x, y in zip(a, b))
    if a.dtype.kind != "f":
        return np.array_equal(a, b)
    a64, b64 = a.astype(np.float64), b.astype(np.float64)
    same = (a64 == b64) | (np.isnan(a64) & np.isnan(b64))
    with np.errstate(invalid="ignore"):
        off = np.where(same, 0, np.abs(a64 - b64))
    scale = np.abs(b64[np.isfinite(b64)]).max(initial=1e-3)
    return not off.size or off.max() <= scale * (2e-4 if a.dtype != np.float16 else 2e-2)


def compare(name, path, run=True, ways=None, feeds=None, sized=True):
    if ONLY and not any(o in name for o in ONLY):
        return
    with counted(name), tempfile.TemporaryDirectory() as folder:
        tool(["tmo-from-onnx", "-o", os.path.join(folder, "s.tar"), path])
        full = shapes_inferred(path)
        for way, programs in ways or WAYS:
            with counted(name, way):
                compare_way(folder, f"{name}, {way}", programs, run, full, feeds, sized)


def compare_way(folder, name, programs, run, full, feeds, sized):
    stream, small = os.path.join(folder, "s.tar"), os.path.join(folder, "q.tar")
    quantized, dense = os.path.join(folder, "q.onnx"), os.path.join(folder, "d.onnx")
    shell(f"<{stream} {' | '.join('tmo-' + p for p in programs)} >{small}")
    exported(small, quantized, dense)
    onnx.checker.check_model(quantized, full_check=full)
    check(True, name, "checker")
    q, d = onnx.load(quantized), onnx.load(dense)
    check_weights(name, q, d)
    room, count = stored_bytes(small)
    size = os.path.getsize(quantized)
    if sized:
        check(size <= room + count * NODES + 2048, name, "size", f"{size} of {room}")
    check(size <= os.path.getsize(dense) + NODES * count + 2048, name, "no larger than dense")
    if not run:
        return
    feeds = feeds or [random_inputs(session(dense), rng, name)]
    for optimized in True, False:
        for got, wanted in zip(outputs(quantized, feeds, optimized), outputs(dense, feeds, optimized)):
            check(all(close(a, b) for a, b in zip(got, wanted)), name, f"outputs, optimized {optimized}")


def exported(stream, quantized, dense):
    """Writes a stream's network both ways."""
    tool(["tmo-to-onnx", "-o", quantized, stream])
    tool(["tmo-to-onnx", "--weights", "dense", "-o", dense, stream])


FEW = [w for w in WAYS if w[0] in ("8 bits", "4 bits", "4 bits, groups", "6 bits, asymmetric groups",
                                   "5 values a channel", "bf16", "fp8", "nf4")]
FOUR = [("4 bits", ["quant --bits 4 --only '*'"])]


def made_here(folder):
    for opset in (7, 9, 10, 12, 13, 17, 21, 25):
        compare(f"cnn, opset {opset}", save(folder, f"cnn{opset}", models.cnn(opset), opset))
    for name, graph, opset, ir in models.common() + [
            ("many", models.many(300), 17, 8),
            ("inputs", inputs_too(), 17, 8), ("outputs", outputs_too(), 17, 8),
            ("names", taken_names(), 17, 8), ("half", floats(np.float16), 17, 8),
            ("half", floats(np.float16), 21, 10), ("double", floats(np.float64), 13, 7),
            ("odd shapes", odd_shapes(), 13, 7), ("odd shapes", odd_shapes(), 21, 10)]:
        compare(f"{name}, opset {opset}", save(folder, f"{name}{opset}".replace(" ", "_"), graph,
                                               opset, ir))
    feeds = models.branch_feeds()
    compare("branches", save(folder, "branches", models.branches(), 17, 8), feeds=feeds)
    compare("function", models.function(folder))
    compare("bfloat16", save(folder, "bf16", bfloat16(), 17, 8), ways=FEW)
    for name, path, feeds in opsets.cases(folder):
        if name != "GroupNormalization":  # which the checker finds deprecated already
            compare(f"opset: {name}", path, ways=FOUR, feeds=feeds, sized=False)
        with counted(name):
            check_raised(folder, name, path, name not in opsets.STAY)


def check_raised(folder, name, path, wanted):
    """Whether the operator set went to 21, or stayed as it has to."""
    if ONLY and not any(o in "opset: " + name for o in ONLY):
        return
    target = os.path.join(folder, "raised.onnx")
    shell(f"tmo-from-onnx {path} | tmo-quant --bits 4 --only '*' | tmo-to-onnx -o {target}")
    opset = opset_of(onnx.load(target))
    check((opset == 21) == wanted, name, "opset", opset)


def inputs_too():
    """Initializers that are inputs as well, as exporters of old wrote them."""
    w = [init("w", weights(32, 48)), init("v", weights(48, 16))]
    return helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["m"]),
                              helper.make_node("MatMul", ["m", "v"], ["y"])], "inputs",
                             [info("x", [2, 32]), info("w", [32, 48])], [info("y", [2, 16])], w)


def outputs_too():
    """A weight that is an output, and one that a node only passes on."""
    return helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"]),
                              helper.make_node("Identity", ["v"], ["v2"])], "outputs",
                             [info("x", [2, 32])],
                             [info("w", [32, 48]), info("y", [2, 48]), info("v2", [48, 16])],
                             [init("w", weights(32, 48)), init("v", weights(48, 16))])


def taken_names():
    """Names that the new values would like to have."""
    nodes = [helper.make_node("MatMul", ["x", "w"], ["w_scale"]),
             helper.make_node("MatMul", ["w_scale", "w_quantized"], ["w_cast"]),
             helper.make_node("Add", ["w_cast", "w_zero_point"], ["y"])]
    return helper.make_graph(nodes, "names", [info("x", [2, 32])], [info("y", [2, 16])],
                             [init("w", weights(32, 48)), init("w_quantized", weights(48, 16)),
                              init("w_zero_point", weights(16)), init("w_codebook", weights(8, 8))])


def floats(kind):
    """A network in another float type."""
    code = helper.np_dtype_to_tensor_dtype(np.dtype(kind))
    return helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["m"]),
                              helper.make_node("Gemm", ["m", "v", "b"], ["y"], transB=1)], "floats",
                             [info("x", [2, 32], code)], [info("y", [2, 16], code)],
                             [init("w", weights(32, 48, kind=kind)),
                              init("v", weights(16, 48, kind=kind)),
                              init("b", weights(16, kind=kind))])


def bfloat16():
    values = weights(32, 48)
    w = helper.make_tensor("w", T.BFLOAT16, values.shape, values.flatten())
    return helper.make_graph([helper.make_node("Cast", ["w"], ["f"], to=T.FLOAT),
                              helper.make_node("MatMul", ["x", "f"], ["y"])], "bf16",
                             [info("x", [2, 32])], [info("y", [2, 48])], [w])


def odd_shapes():
    """Odd counts, blocks that are cut short, one row, one column, many axes."""
    nodes = [helper.make_node("MatMul", ["x", "w"], ["m"]),
             helper.make_node("MatMul", ["m", "row"], ["y"]),
             helper.make_node("Conv", ["im", "k"], ["c"], group=3),
             helper.make_node("ConvTranspose", ["c", "up"], ["z"]),
             helper.make_node("MatMul", ["y4", "four"], ["q"])]
    return helper.make_graph(nodes, "odd", [info("x", [2, 33]), info("im", [1, 9, 7, 7]),
                                            info("y4", [3, 2, 5, 11])],
                             [info("y", [2, 57]), info("z", [1, 15, 7, 5]),
                              info("q", [3, 2, 5, 13])],
                             [init("w", weights(33, 19)), init("row", weights(19, 57)),
                              init("k", weights(6, 3, 3, 5)), init("up", weights(6, 5, 3, 3)),
                              init("four", weights(3, 2, 11, 13))])


def odd_encodings(folder, seed, opset):
    """Weights in random encodings: what the nodes make of them is what tmo-decode makes."""
    name = f"random encodings {seed}, opset {opset}"
    if ONLY and not any(o in name for o in ONLY):
        return
    stream = os.path.join(folder, "odd.tar")
    shapes, said = encodings.odd_stream(stream, seed, opset)
    quantized, dense = os.path.join(folder, "q.onnx"), os.path.join(folder, "d.onnx")
    exported(stream, quantized, dense)
    onnx.checker.check_model(quantized, full_check=True)
    q, = outputs(quantized, [{}], False)
    d = [numpy_helper.to_array(i) for i in onnx.load(dense).graph.initializer]
    for n, a, b in zip(shapes, q, d):
        same = a.dtype == b.dtype and np.array_equal(a, b, equal_nan=True)
        check(same, name, n, "" if same else f"{said[n]} {np.abs(a.astype(float) - b).max()}")


def main():
    first_on_path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        made_here(folder)
        for seed in range(25):
            for opset in 9, 13, 21, 25:
                with counted(f"random encodings {seed}, {opset}"):
                    odd_encodings(folder, seed, opset)
    for path in networks(sys.argv[2:3]):
        compare(os.path.basename(path), path)
    return finish()


if __name__ == "__main__":
    sys.exit(main())
