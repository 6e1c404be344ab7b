# SPDX-License-Identifier: Apache-2.0
"""tmo-quant --preset tflite against the TensorFlow Lite converter: the codes and scales in an int8
.tflite file from the weights in the float .tflite file of the same network.

Where a bias would not fit into 32 bits at scale_in * scale, the converter widens the scale of its
channel: that takes activations and is no matter of weights. Such channels are counted, and their
biases, which are then half of what 32 bits hold, are looked at instead.

quant_tflite.py [DIR]: DIR has pairs NAME-f32.tflite and NAME-int8.tflite of the same training;
without it there is nothing to compare. Wants tmo-quant on PATH. Ends with "N passed, N failed".
"""
import os
import struct
import sys

import numpy as np

sys.dont_write_bytecode = True
from counting import check, finish  # noqa: E402
from programs import tool  # noqa: E402
from streams import affine_parts, archive, npy  # noqa: E402

TYPES = {0: np.float32, 2: np.int32, 9: np.int8}


class Table:
    """A FlatBuffers table: field numbers as in TensorFlow Lite's schema.fbs."""

    def __init__(self, data, at):
        self.data, self.at = data, at
        self.vtable = at - struct.unpack_from("<i", data, at)[0]
        self.size = struct.unpack_from("<H", data, self.vtable)[0]

    def field(self, number):
        slot = 4 + 2 * number
        offset = struct.unpack_from("<H", self.data, self.vtable + slot)[0] if slot < self.size else 0
        return self.at + offset if offset else None

    def scalar(self, number, kind, default=0):
        at = self.field(number)
        return default if at is None else struct.unpack_from("<" + kind, self.data, at)[0]

    def follow(self, at):
        return at + struct.unpack_from("<I", self.data, at)[0]

    def table(self, number):
        at = self.field(number)
        return None if at is None else Table(self.data, self.follow(at))

    def vector(self, number, dtype):
        at = self.field(number)
        if at is None:
            return np.empty(0, dtype)
        at = self.follow(at)
        return np.frombuffer(self.data, dtype, struct.unpack_from("<I", self.data, at)[0], at + 4)

    def tables(self, number):
        at = self.field(number)
        if at is None:
            return []
        at = self.follow(at)
        n = struct.unpack_from("<I", self.data, at)[0]
        return [Table(self.data, self.follow(at + 4 + 4 * i)) for i in range(n)]


def tensors(path):
    """{name: (array, scales, axis, codes of the bias)} of what has data in the first subgraph."""
    with open(path, "rb") as file:
        data = file.read()
    model = Table(data, struct.unpack_from("<I", data)[0])
    buffers = model.tables(4)
    graph = model.tables(2)[0]
    biases = {}
    for op in graph.tables(3):
        inputs = op.vector(1, "<i4")
        if len(inputs) > 2:
            biases[inputs[1]] = inputs[2]

    def array(t):
        kind = TYPES.get(t.scalar(1, "b"))
        raw = buffers[t.scalar(2, "I")].vector(0, "u1").tobytes()
        return np.frombuffer(raw, kind).reshape(t.vector(0, "<i4")) if raw and kind else None

    out, all_tensors = {}, graph.tables(0)
    for i, t in enumerate(all_tensors):
        values, q = array(t), t.table(4)
        if values is not None:
            out[t.vector(3, "u1").tobytes().decode()] = (
                values, q.vector(2, "<f4") if q else np.empty(0, "f4"), q.scalar(6, "i") if q else 0,
                array(all_tensors[biases[i]]) if biases.get(i, -1) >= 0 else None)
    return out


def compare(folder, name):
    floats = tensors(os.path.join(folder, name + "-f32.tflite"))
    codes = {n: t for n, t in tensors(os.path.join(folder, name + "-int8.tflite")).items()
             if t[0].dtype == np.int8 and t[0].ndim > 1}
    used, equal, widened = set(), 0, 0
    for n, (want, scales, axis, bias) in codes.items():
        what = f"{name}: {n[:60]}"
        candidates = [f for f, t in floats.items()
                      if t[0].shape == want.shape and t[0].dtype == np.float32 and f not in used]
        if not candidates:
            check(False, f"{what}: no weights of shape {want.shape}")
            continue
        best = min(candidates, key=lambda f: distance(floats[f][0], want, scales, axis))
        used.add(best)
        # A matrix has one scale, a convolution one for each channel: what the preset takes itself.
        check((len(scales) > 1) == (want.ndim > 2), f"{what}: {len(scales)} scales")
        got, scale, _ = affine_parts(tool(["tmo-quant", "--preset", "tflite", "--axis", str(axis)],
                                          archive({"w.npy": npy(floats[best][0])})))
        scale = scale.ravel()
        check(scale.shape == scales.shape, f"{what}: {scale.size} scales, wanted {scales.size}")
        wide = scales != scale
        if np.any(wide):
            check(bias is not None and np.all(scales[wide] > scale[wide]) and
                  np.all(np.abs(bias[wide].astype("f8")) > 0.99 * 2.0**30), f"{what}: scales")
        widened += int(np.sum(wide))
        same = np.moveaxis(got == want, axis, 0)[~wide] if scales.size > 1 else got == want
        equal += int(np.sum(same))
        check(np.all(same), f"{what}: {np.sum(~same)} codes differ")
    print(f"{name}: {equal} codes equal, {widened} channels widened for their bias")


def distance(w, codes, scales, axis):
    shape = [1] * codes.ndim
    shape[axis] = len(scales) if len(scales) > 1 else 1
    return float(np.sum((w - codes * scales.reshape(shape)) ** 2))


def main():
    if len(sys.argv) > 1:
        for file in sorted(os.listdir(sys.argv[1])):
            name = file.removesuffix("-f32.tflite")
            if name != file and os.path.exists(os.path.join(sys.argv[1], name + "-int8.tflite")):
                compare(sys.argv[1], name)
    return finish(least=0)


sys.exit(main())
