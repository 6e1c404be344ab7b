#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Models that onnxruntime quantized, read back into codes and scales.

usage: onnx_read_quantized.py BIN [MODELS]

Each network is quantized by onnxruntime.quantization in each of its ways; tmo-from-onnx must give
the codes, scales and zero points of the model's initializers, its graph must compute what the model
computes, and so after tmo-pack, tmo-unpack and tmo-to-onnx. BIN is the folder of the programs,
MODELS one with more networks.
"""
import logging
import os
import sys
import tempfile

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantFormat, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

sys.dont_write_bytecode = True
from counting import check, counted, finish  # noqa: E402
from onnx_models import quantizable, rng, save  # noqa: E402
from programs import first_on_path, tool  # noqa: E402
from runtime import Samples, outputs, random_inputs, session  # noqa: E402
from streams import decode, tensors  # noqa: E402

logging.disable(logging.WARNING)


def random_feeds(path, count=8):
    """Inputs for a network; open dimensions are 1."""
    return [random_inputs(session(path), rng, below=20) for _ in range(count)]


def difference(path, other, feeds, optimized):
    """The largest difference, in parts of the largest output."""
    one, two = (outputs(p, feeds, optimized) for p in (path, other))
    largest = max(np.abs(v).max() for o in one for v in o)
    return max(np.abs(v - w).max() for o, p in zip(one, two) for v, w in zip(o, p)) / largest


# ---- what the model's initializers say ----

def initializers(model):
    return {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}


def unpack_rows(b, bits, row):
    """Codes of `bits` bits, the lowest first, each row from a byte on."""
    each = 8 // bits
    codes = (b.reshape(b.shape[0], -1)[..., None] >> (np.arange(each) * bits)) & (2**bits - 1)
    return codes.reshape(b.shape[0], -1)[:, :row]


def nbits_weight(node, data):
    """The codes, scale and zero point of a MatMulNBits as (K, N), (blocks, N), (blocks, N)."""
    a = {i.name: i.i for i in node.attribute}
    k, n, bits, block = a["K"], a["N"], a["bits"], a["block_size"]
    blocks = -(-k // block)
    codes = unpack_rows(data[node.input[1]].reshape(n, -1), bits, k).T
    scale = data[node.input[2]].reshape(n, blocks).T
    if len(node.input) < 4 or not node.input[3]:
        return codes.astype(np.int64) - 2**(bits - 1), scale, None
    return codes, scale, unpack_rows(data[node.input[3]].reshape(n, -1), bits, blocks).T


def affine_weights(model):
    """Of each operator that has a weight in codes: codes, scale, zero point or None."""
    data = initializers(model)
    places = {"DequantizeLinear": (0, 1, 2), "QLinearConv": (3, 4, 5), "QLinearMatMul": (3, 4, 5),
              "QGemm": (3, 4, 5)}
    made = {o: n for n in model.graph.node for o in n.output}
    for node in model.graph.node:
        if node.op_type == "MatMulNBits":
            yield nbits_weight(node, data)
        elif node.op_type in places:
            names = [node.input[i] if i < len(node.input) else "" for i in places[node.op_type]]
            source = made.get(names[0])
            if source is not None and source.op_type == "Gather":  # rows of a table
                names[0] = source.input[0]
            if names[0] in data and data[names[0]].ndim > 0:
                yield tuple(data.get(name) for name in names)
        elif node.op_type in ("MatMulInteger", "ConvInteger"):
            stem = node.input[1].removesuffix("_quantized")
            yield data[node.input[1]], data[stem + "_scale"], data.get(node.input[3])


def same_numbers(codes, scale, zero, tensor):
    """Whether a stream's tensor has these, whatever the shape of scale and zero point."""
    if not np.array_equal(tensor["codes"].astype(np.int64), codes.astype(np.int64)):
        return False
    if not np.array_equal(np.ravel(tensor["scale"]), np.ravel(scale)):
        return False
    wanted = np.zeros(1) if zero is None else np.ravel(zero).astype(np.float64)
    have = np.ravel(tensor.get("zero_point", np.zeros(1))).astype(np.float64)
    return np.array_equal(*np.broadcast_arrays(wanted, have))


# ---- one model ----

def compare(name, path, feeds, coded, exact, loose):
    """coded: at least so many tensors in codes; exact, loose: bounds without and with fusions."""
    with counted(name), tempfile.TemporaryDirectory() as folder:
        compare_in(folder, name, path, feeds, coded, exact, loose)


def compare_in(folder, name, path, feeds, coded, exact, loose):
    stream = os.path.join(folder, "s.tar")
    tool(["tmo-from-onnx", "-o", stream, path])
    before = tensors(stream)
    encoded = {n: t for n, t in before.items() if isinstance(t, dict)}
    check(len(encoded) >= coded, name, "tensors in codes", f"{len(encoded)}, expected {coded}")
    found = 0
    for codes, scale, zero in affine_weights(onnx.load(path)):
        hit = [n for n, t in encoded.items()
               if t["codes"].shape == codes.shape and same_numbers(codes, scale, zero, t)]
        found += bool(hit)
        check(hit, name, "codes and scales", f"shape {codes.shape}")
    check(found > 0, name, "weights found")
    packed = tool(["tmo-pack", stream])
    with open(stream, "rb") as f:
        check(tool(["tmo-unpack"], packed) == f.read(), name, "unpacked again")
    for form in "dense", "quantized":
        again = os.path.join(folder, form + ".onnx")
        with open(again, "wb") as f:
            f.write(tool(["tmo-to-onnx", "--weights", form], packed))
        onnx.checker.check_model(again, full_check=True)
        for optimized, bound in (False, exact), (True, loose):
            got = difference(path, again, feeds, optimized)
            check(got <= bound, name, f"outputs, {form}, optimized {optimized}", f"{got:.3g}")
            if got > 0:
                print(f"{name}, {form}, {'with' if optimized else 'without'} fusions: {got:.3g}")
        if form == "quantized":
            second = os.path.join(folder, "again.tar")
            tool(["tmo-from-onnx", "-o", second, again])
            check_again(name, before, tensors(second))


def check_again(name, before, after):
    """What was in codes is so after another turn, unless its dense form was smaller."""
    for n, t in before.items():
        if n not in after:  # a bias: its dense form is as small, and stays in the graph
            check(decode(t).ndim < 2 and decode(t).nbytes < 1024, name, f"{n} after export",
                  "it is missing")
        elif isinstance(t, dict) and isinstance(after[n], dict):
            check(t.keys() == after[n].keys() and all(np.array_equal(t[k], after[n][k]) for k in t),
                  name, f"{n} after export")
        else:
            check(np.array_equal(decode(t), decode(after[n])), name, f"{n} after export")


# ---- the ways to quantize ----

# Of the largest output. Where sums differ in a float's last bit, an activation may be quantized to
# the next step; the kernels of fused integer operators round so too, layer after layer.
STEP, FUSED = 1 / 200, 1 / 10


def static(folder, name, path, feeds, coded):
    for form in QuantFormat.QDQ, QuantFormat.QOperator:
        for per_channel in False, True:
            for kind in (QuantType.QInt8, QuantType.QUInt8):
                if kind == QuantType.QUInt8 and form == QuantFormat.QDQ:
                    continue
                to = os.path.join(folder, "static.onnx")
                quantize_static(path, to, Samples(feeds), quant_format=form, per_channel=per_channel,
                                activation_type=kind, weight_type=kind)
                compare(f"{name}, static {form}, per channel {per_channel}, {kind}", to, feeds,
                        coded, 0 if form == QuantFormat.QDQ else STEP, FUSED)


def dynamic(folder, name, path, feeds, coded):
    for per_channel in False, True:
        for kind in QuantType.QInt8, QuantType.QUInt8:
            to = os.path.join(folder, "dynamic.onnx")
            quantize_dynamic(path, to, per_channel=per_channel, weight_type=kind)
            compare(f"{name}, dynamic, per channel {per_channel}, {kind}", to, feeds, coded,
                    STEP, STEP)


def nbits(folder, name, path, feeds, coded):
    for bits in 4, 8:
        for symmetric in True, False:
            for block in 16, 32, 128:
                for form in QuantFormat.QOperator, QuantFormat.QDQ:
                    if form == QuantFormat.QDQ and bits == 8:
                        continue
                    kinds = ("MatMul", "Gather") if form == QuantFormat.QOperator and bits == 4 else (
                        "MatMul",)
                    q = MatMulNBitsQuantizer(onnx.load(path), bits=bits, block_size=block,
                                             is_symmetric=symmetric, quant_format=form,
                                             accuracy_level=1, op_types_to_quantize=kinds)
                    q.process()
                    to = os.path.join(folder, "nbits.onnx")
                    q.model.save_model_to_file(to)
                    compare(f"{name}, {bits} bits, blocks of {block}, {form}, "
                            f"symmetric {symmetric}", to, feeds, coded, 1e-5, 1e-5)


def main():
    first_on_path(sys.argv[1])
    examples = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples")
    with tempfile.TemporaryDirectory() as folder:
        path = save(folder, "net", quantizable())
        feeds = random_feeds(path)
        static(folder, "net", path, feeds, 4)
        dynamic(folder, "net", path, feeds, 5)
        nbits(folder, "net", path, feeds, 2)
        path = os.path.join(examples, "digits.onnx")
        feeds = random_feeds(path)
        static(folder, "digits", path, feeds, 2)
        dynamic(folder, "digits", path, feeds, 2)
        if len(sys.argv) > 2 and os.path.isdir(sys.argv[2]):
            for file, how in (("resnet8", static), ("mnist-mlp", dynamic), ("mnist-vit", dynamic),
                              ("mnist-vit", nbits)):
                path = os.path.join(sys.argv[2], file + ".onnx")
                how(folder, file, path, random_feeds(path, 3), 3)
            path = os.path.join(sys.argv[2], "dscnn2-dq.onnx")
            compare("dscnn2-dq", path, random_feeds(path, 3), 5, 0, 0)
    return finish()


if __name__ == "__main__":
    sys.exit(main())
