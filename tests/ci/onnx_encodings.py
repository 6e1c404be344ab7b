# SPDX-License-Identifier: Apache-2.0
"""Streams of weights in random encodings, for onnx_quantized.py."""
import numpy as np
from onnx import TensorProto as T
from onnx import helper

from onnx_models import info
from streams import archive, npy


def odd_encoding(files, name, shape, dtype, draw):
    """A tensor in some way that tmo-stream(5) allows, whether tmo's programs write such or not."""
    rank = len(shape)
    block = [int(draw.choice([1, 1, 2, 3, 5, 40])) for _ in shape]
    blocked = draw.random() < 0.5

    def entries(chance=0.5):
        return [int(-(-n // b) if draw.random() < chance else 1)
                for n, b in zip(shape, block if blocked else [1] * rank)]

    bits = int(draw.choice([1, 2, 3, 4, 5, 7, 8, 8, 12, 16]))
    is_signed = draw.random() < 0.5
    kind = ("i" if is_signed else "u") + ("1" if bits <= 8 else "2")
    low = -(1 << bits - 1) if is_signed else 0
    codes = draw.integers(low, low + (1 << bits), shape).astype(kind)
    parts, text = {}, ""
    if draw.random() < 0.4:
        values = int(draw.choice([2, 3, 16, 17, 100]))
        codes = draw.integers(0, values, shape).astype(draw.choice(["u1", "u2", "i1", "i4"]))
        where = entries(0.3) + [values]
        parts["codebook"] = (draw.standard_normal(where).astype(draw.choice(["f4", "f2", "f8"]))
                             if draw.random() < 0.5 else draw.integers(-8, 8, where).astype("i1"))
    elif draw.random() < 0.2:
        text, codes = "code: f8e4m3\n", draw.integers(0, 126, shape).astype("u1")
        bits = 8
    elif draw.random() < 0.2:
        text, codes = "code: f16\n", draw.standard_normal(shape).astype("f2").view("u2")
        bits = 16
    if draw.random() < 0.8:
        parts["scale"] = (draw.random(entries()) + 0.01).astype(
            draw.choice(["f4", "f4", "f8"] if dtype == "f64" else ["f4", "f4", "f2"]))
    if draw.random() < 0.5:
        wide = draw.random() < 0.3
        parts["zero_point"] = (draw.standard_normal(entries()).astype("f4") if wide
                               else draw.integers(0, 2, entries()).astype(draw.choice(
                                   [kind, "i4"])))
    text += f"shape: [{', '.join(map(str, shape))}]\ndtype: {dtype}\nbits: {bits}\n"
    if blocked:
        text += f"block: [{', '.join(map(str, block))}]\n"
    files[f"tensors/{name}/tensor.yaml"] = text.encode()
    for part, array in {"codes": codes, **parts}.items():
        files[f"tensors/{name}/{part}.npy"] = npy(array)
    return f"{text.split()} {codes.dtype} {[(p, a.shape, a.dtype.str) for p, a in parts.items()]}"


def odd_stream(path, seed, opset):
    """Writes a stream; its weights' shapes, and what was done to each."""
    draw = np.random.default_rng([seed, opset])
    dtype = str(draw.choice(["f32", "f32", "f64", "f16"]))
    kind = {"f32": T.FLOAT, "f64": T.DOUBLE, "f16": T.FLOAT16}[dtype]
    tensors, outputs, said = [], [], {}
    shapes = {f"w{i}": [int(draw.integers(2, n)) for n in draw.choice(
        [9, 40, 90], int(draw.integers(1, 5)))] for i in range(8)}
    shapes = {n: s for n, s in shapes.items() if np.prod(s) < 300000}
    for n, s in shapes.items():
        t = T(name=n, data_type=kind, dims=s, data_location=T.EXTERNAL)
        t.external_data.add(key="location", value=f"tensors/{n}.npy")
        tensors.append(t)
        outputs.append(info(n + "_y", s, kind))
    graph = helper.make_graph([helper.make_node("Identity", [n], [n + "_y"]) for n in shapes],
                              "odd", [], outputs, tensors)
    model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", opset)])
    files = {"graph.onnx": model.SerializeToString()}
    for n, s in shapes.items():
        said[n] = odd_encoding(files, n, s, dtype, draw)
    with open(path, "wb") as f:
        f.write(archive(files))
    return shapes, said
