# SPDX-License-Identifier: Apache-2.0
"""tmo-quant --preset onnxruntime against onnxruntime.quantization: codes, scales and zero points of
the same weights, as quantize_dynamic and quantize_static write them into a model.

Wants tmo-quant on PATH. Ends with "N passed, N failed".
"""
import itertools
import logging
import os
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantFormat, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.quant_utils import compute_scale_zp_blocked, quantize_data

sys.dont_write_bytecode = True
from counting import check, finish  # noqa: E402
from programs import tool  # noqa: E402
from runtime import Samples  # noqa: E402
from streams import affine_parts, archive, members, npy, stays_plain  # noqa: E402

rng = np.random.default_rng(5)
logging.disable(logging.WARNING)


def same(what, w, options, codes, scale, zero):
    command = ["tmo-quant", "--only", "*", "--preset", "onnxruntime", *options]
    stream = tool(command, archive({"w.npy": npy(w)}))
    if "w.npy" in members(stream):  # too small to be worth it
        check(stays_plain(w, 4 if "4" in options else 8, 4 + ("-a" in options)), f"{what}: plain")
        return
    got, got_scale, got_zero = affine_parts(stream)
    check(np.array_equal(got, np.asarray(codes).reshape(w.shape)), f"{what}: codes")
    check(np.array_equal(got_scale.ravel(), np.asarray(scale).ravel()), f"{what}: scales")
    want = np.zeros(1) if got_zero is None else got_zero.ravel()
    check(np.all(want == np.asarray(zero).ravel()), f"{what}: zero points")


def weights(shape):
    w = rng.standard_normal(shape) * 2.0 ** rng.integers(-9, 9)
    kind = rng.integers(5)
    if kind == 0:
        w[rng.random(shape) < 0.5] = 0
    elif kind == 1:
        w = np.abs(w) + 0.1
    elif kind == 2:
        w = -np.abs(w)
    elif kind == 3:
        w = np.rint(w * 8) / 4
    return w.astype(np.float32)


def model(matrix, kernel):
    nodes = [helper.make_node("Conv", ["x", "k"], ["y"], pads=[1, 1, 1, 1]),
             helper.make_node("MatMul", ["y", "m"], ["z"])]
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 24])],
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(matrix, "m"), numpy_helper.from_array(kernel, "k")])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def read(path, name):
    arrays = {t.name: numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer}
    return [arrays.get(name + suffix) for suffix in ("_quantized", "_scale", "_zero_point")]


def models(folder):
    source, result = os.path.join(folder, "in.onnx"), os.path.join(folder, "out.onnx")
    for turn in range(10):
        matrix, kernel = weights((24, 17)), weights((6, 3, 3, 3))
        onnx.save(model(matrix, kernel), source)
        for per_channel in (False, True):
            for kind in (QuantType.QInt8, QuantType.QUInt8):
                quantize_dynamic(source, result, per_channel=per_channel, weight_type=kind)
                models_one(result, matrix, kernel, kind, per_channel, f"{turn} dynamic {kind.name}")
            samples = Samples([{"x": rng.standard_normal((1, 3, 8, 24)).astype(np.float32)}])
            quantize_static(source, result, samples, quant_format=QuantFormat.QDQ,
                            per_channel=per_channel)
            models_one(result, matrix, kernel, QuantType.QInt8, per_channel, f"{turn} static")


def models_one(path, matrix, kernel, kind, per_channel, what):
    for name, w, axis in (("m", matrix, "1"), ("k", kernel, "0")):
        codes, scale, zero = read(path, name)
        if codes is None:
            check(False, f"{what}: {name} was not quantized")
            continue
        options = ["-a"] if kind == QuantType.QUInt8 else []
        if scale.size > 1:
            options += ["-g", "channel", "--axis", axis]
        # ConvInteger, which quantize_dynamic makes, has one scale.
        several = per_channel and not (name == "k" and "dynamic" in what)
        check((scale.size > 1) == several, f"{what} {name}: {scale.size} scales")
        same(f"{what} {name} {' '.join(options)}", w, options, codes, scale, zero)


def functions():
    kinds = [(TensorProto.INT8, True, []), (TensorProto.UINT8, False, ["-a"]),
             (TensorProto.INT4, True, ["-b", "4"]), (TensorProto.UINT4, False, ["-b", "4", "-a"])]
    for kind, symmetric, options in kinds:
        for _ in range(60):
            w = weights(int(rng.integers(1, 300)))
            zero, scale, codes = quantize_data(w, kind, symmetric)
            same(f"quantize_data {kind} {w.size}", w, options, codes, scale, zero)
        for w in (np.zeros(5, "f4"), np.float32([1e-30, -2e-30]), np.float32([3e38, -3e38, 1])):
            zero, scale, codes = quantize_data(w, kind, symmetric)
            same(f"quantize_data {kind} {w}", w, options, codes, scale, zero)


def blocks():
    """Its BlockSize: blocks along axis 0, the input of a MatMul; codes are QuantizeLinear's."""
    kinds = [(TensorProto.INT8, True, []), (TensorProto.UINT8, False, ["-a"]),
             (TensorProto.INT4, True, ["-b", "4"]), (TensorProto.UINT4, False, ["-b", "4", "-a"])]
    ends = {TensorProto.INT8: (-128, 127), TensorProto.UINT8: (0, 255), TensorProto.INT4: (-8, 7),
            TensorProto.UINT4: (0, 15)}
    for (kind, symmetric, options), size in itertools.product(kinds, (3, 16, 16, 16, 32)):
        w = weights((150, 40))
        zero, scale = compute_scale_zp_blocked(w, kind, 0, size, symmetric)
        s, z = (np.repeat(p.astype("f4"), size, 0)[:150] for p in (scale, zero))
        codes = np.clip((w / s).round() + z, *ends[kind])
        same(f"blocks {kind} {size}", w, [*options, "-g", f"group:{size}", "--axis", "1"], codes, scale,
             zero.astype("f4"))


with tempfile.TemporaryDirectory() as place:
    models(place)
functions()
blocks()
sys.exit(finish())
