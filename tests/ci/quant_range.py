# SPDX-License-Identifier: Apache-2.0
"""tmo-quant --range against others: percentiles against numpy's, entropy against ONNX Runtime's
calibrator, mse against a dense scan of scales in numpy.

Wants tmo-quant on PATH. Ends with "N passed, N failed".
"""
import contextlib
import io
import itertools
import sys

import numpy as np
from onnxruntime.quantization.calibrate import HistogramCollector

sys.dont_write_bytecode = True
from counting import check, finish  # noqa: E402
from programs import tool  # noqa: E402
from streams import affine_parts, stream_of  # noqa: E402

rng = np.random.default_rng(0)


def quantize(w, *options):
    """Codes, scale and zero point (or None) of one tensor."""
    return affine_parts(tool(["tmo-quant", *options], stream_of({"w": w})))


def weights(kind, shape, dtype):
    w = rng.standard_normal(shape)
    if kind == "heavy":
        w = w**3
    elif kind == "pruned":
        w[np.abs(w) < 1] = 0
    elif kind == "positive":
        w = np.abs(w) + 0.1
    elif kind == "lattice":
        w = np.rint(w * 3) * 0.37
    return w.astype(dtype)


KINDS = ["normal", "heavy", "pruned", "positive", "lattice"]


def percentiles():
    shapes = [(40, 30), (16, 700), (300, 500)]
    for kind, dtype, shape, symmetric, p in itertools.product(
            KINDS, (np.float32, np.float64), shapes, (True, False), (75, 99, 99.99)):
        w = weights(kind, shape, dtype)
        for how, axis in (("tensor", None), ("channel", 1)):
            _, scale, zero = quantize(w, "--range", f"percentile:{p}", "--granularity", how, "--bits", "6",
                                      "--symmetric" if symmetric else "--asymmetric")
            wide = w.astype(np.float64)
            ends = (np.abs(wide), p) if symmetric else (wide, 100 - p, p)
            ends = [np.percentile(ends[0], end, axis=axis) for end in ends[1:]]
            # where all between is 0 the whole range
            none = (ends[-1] <= 0) & (symmetric | (ends[0] >= 0))
            lo = np.where(none, wide.min(axis=axis), 0 if symmetric else ends[0])
            hi = np.where(none, wide.max(axis=axis), ends[-1])
            lo, hi = np.minimum(lo, 0).astype(dtype), np.maximum(hi, 0).astype(dtype)
            want = np.maximum(-lo, hi) / dtype(31) if symmetric else (hi - lo) / dtype(63)
            want = np.where(want == 0, dtype(1), want)
            if not symmetric:
                offset = np.rint(-lo / want)
            what = f"percentile:{p} {kind} {dtype.__name__} {shape} {how} symmetric {symmetric}"
            check(np.array_equal(scale.ravel(), want.ravel()), what)
            if not symmetric:
                check(np.array_equal(zero.ravel(), offset.ravel()), what + ": zero point")


def runtime_threshold(w, quantized):
    collector = HistogramCollector("entropy", True, 2048, quantized, 99.99, "same")
    with contextlib.redirect_stdout(io.StringIO()):
        collector.collect({"w": w.astype(np.float64)})
        low, high = collector.compute_collection_result()["w"][:2]
    return max(-low, high)


def divergence(w, threshold, quantized):
    """What ONNX Runtime computes for the range that ends there, in double instead of float."""
    most = np.abs(w).max()
    hist, edges = np.histogram(w.astype(np.float64), 2048, range=(-most, most))
    end = min(int(np.rint(threshold / most * 1024)) + 1024, 2048)
    start = 2048 - end + (end < 2048)
    p = hist[start:end].astype(np.float64)
    inner, each = p.copy(), (end - start) // quantized
    p[0] += hist[:start].sum()
    p[-1] += hist[end:].sum()
    q = np.zeros(len(p))
    for group in range(quantized):
        part = slice(group * each, (group + 1) * each)
        held = inner[part].sum() if group < quantized - 1 else inner[group * each:].sum()
        filled = (p[part] != 0).sum()
        q[part] = held // filled if filled else 0
    for side in (p, q):
        empty = side == 0
        side[~empty] -= 1e-4 * empty.sum() / (~empty).sum()
        side[empty] = 1e-4
    p, q = p / p.sum(), q / q.sum()
    return (p * np.log(p / q)).sum()


def entropies():
    for kind, n, bits in itertools.product(KINDS, (500, 20000), (4, 8)):
        w = weights(kind, (1, n), np.float32)
        _, scale, _ = quantize(w, "--range", "entropy", "--granularity", "tensor", "--bits", str(bits))
        got = float(scale.ravel()[0]) * (2 ** (bits - 1) - 1)
        want = runtime_threshold(w, 2 ** (bits - 1))
        # It computes in float: where two ranges are as good it may take the other one.
        check(abs(got - want) <= 1e-6 * want or
              divergence(w, got, 2 ** (bits - 1)) <= divergence(w, want, 2 ** (bits - 1)) + 1e-12,
              f"entropy {kind} {n} values {bits} bits: {got}, not {want}")


def error(w, scale, low, high):
    codes = np.clip(np.rint(w / scale), low, high)
    return ((w - codes * scale) ** 2).sum()


def squares():
    for kind, n, bits, symmetric in itertools.product(KINDS, (32, 1000), (2, 3, 4, 8), (True, False)):
        w = weights(kind, (4, n), np.float32)
        top = 2 ** (bits - 1) - 1 if symmetric else 2**bits - 1
        _, scale, zero = quantize(w, "--range", "mse", "--granularity", "channel", "--bits", str(bits),
                                  "--symmetric" if symmetric else "--asymmetric")
        for row in range(4):
            x = w[row].astype(np.float64)
            s, z = float(scale[row, 0]), 0 if symmetric else int(zero[row, 0])
            span = np.abs(x).max() if symmetric else x.max() - min(x.min(), 0)
            got = error(x, s, -top if symmetric else -z, top if symmetric else top - z)
            tried = span / top * np.exp(np.linspace(-2, 1.4, 800 if symmetric else 100))
            if symmetric:
                least = min(error(x, t, -top, top) for t in tried)
            else:
                step = 1 if bits < 8 else 8
                least = min(error(x, t, -o, top - o) for t in tried for o in range(0, top + 1, step))
            check(got <= 1.001 * least + 1e-12 * (x**2).sum(),
                  f"mse {kind} {n} values {bits} bits symmetric {symmetric}: {got}, there is {least}")


percentiles()
entropies()
squares()
sys.exit(finish())
