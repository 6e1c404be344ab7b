# SPDX-License-Identifier: Apache-2.0
"""tmo-quant and tmo-prune against numpy: codes, scales and zero points of random tensors, of all
shapes, granularities, widths and axes; casts; what tmo-decode makes of them; pruned weights.

Wants tmo-quant, tmo-prune and tmo-decode on PATH. Ends with "N passed, N failed".
"""
import itertools
import re
import sys

import numpy as np

sys.dont_write_bytecode = True
from counting import check, finish  # noqa: E402
from programs import tool  # noqa: E402
from streams import affine_parts, spread, stays_plain, stream_of, tensors  # noqa: E402

SHAPES = [(1, 1), (5, 7), (64, 33), (3, 130), (200, 1), (2, 3, 4), (8, 5, 3, 3), (2, 3, 4, 5, 6),
          (1000, 300), (16, 9, 31, 17)]
rng = np.random.default_rng(0)


def weights(shape, dtype):
    w = rng.standard_normal(shape)
    w *= 2.0 ** rng.integers(-8, 8, (shape[0],) + (1,) * (len(shape) - 1))
    kind = rng.integers(5)
    if kind == 0:
        w[rng.random(shape) < 0.5] = 0
    elif kind == 1:
        w = np.rint(w * 2) / 2
    elif kind == 2:
        w = np.abs(w) + 0.5
    elif kind == 3:
        w[:1] = 0
    return w.astype(dtype)


def reduce(w, how, axis, group):
    """The smallest and largest value of what shares a scale, 0 among them; rank kept."""
    if how == "tensor":
        lo, hi = w.min(keepdims=True), w.max(keepdims=True)
    elif how == "channel":
        others = tuple(a for a in range(w.ndim) if a != axis)
        lo, hi = w.min(axis=others, keepdims=True), w.max(axis=others, keepdims=True)
    else:
        starts = range(0, w.shape[axis], group)
        lo = np.minimum.reduceat(w, starts, axis=axis)
        hi = np.maximum.reduceat(w, starts, axis=axis)
    return np.minimum(lo, 0), np.maximum(hi, 0)


def expected(w, bits, symmetric, how, axis, group):
    real = np.float64 if w.dtype == np.float64 else np.float32
    w = w.astype(real)
    lo, hi = reduce(w, how, axis, group)
    top = real(2 ** (bits - 1) - 1 if symmetric else 2**bits - 1)
    scale = (np.maximum(-lo, hi) if symmetric else hi - lo) / top
    scale[scale == 0] = 1
    zero = np.zeros_like(scale) if symmetric else np.clip(np.rint(-lo / scale), 0, top)
    block = [group if how == "group" and a == axis else 1 for a in range(w.ndim)]
    s, z = (spread(p, w.shape, block) for p in (scale, zero))
    codes = np.clip(np.rint(w / s) + z, -top if symmetric else 0, top)
    return codes.astype(np.int8 if symmetric else np.uint8), scale, zero, (codes - z) * s


def granted(w, bits, symmetric, how, axes, group):
    """The granularity that is wanted, or the next coarser one that takes no more room than w does."""
    number = (8 if w.dtype == np.float64 else 4) + (not symmetric)
    finest = ["group", "channel", "tensor"]
    for finer in finest[finest.index(how):-1]:
        n = w.shape[axes[finer]]
        entries = w.size // n * -(-n // group) if finer == "group" else n
        if w.size * bits / 8 + entries * number <= w.nbytes:
            return finer
    return "tensor"


def try_integers(w, bits, symmetric, wanted, out_axis):
    group = int(rng.integers(1, 40))
    axes = {"tensor": out_axis, "channel": out_axis, "group": 1 if out_axis == 0 else out_axis - 1}
    if wanted == "group" and axes["group"] >= w.ndim:
        return
    how = granted(w, bits, symmetric, wanted, axes, group)
    axis = axes[how]
    options = ["--bits", str(bits), "--granularity", f"group:{group}" if wanted == "group" else wanted,
               "--axis", str(out_axis), *([] if symmetric else ["--asymmetric"])]
    what = f"{w.dtype} {w.shape} {' '.join(options)}"
    out = tool(["tmo-quant", *options], stream_of({"w": w}))
    if isinstance(tensors(out)["w"], np.ndarray):  # too small to be worth it
        real = 8 if w.dtype == np.float64 else 4
        check(stays_plain(w, bits, real + (not symmetric)) and np.array_equal(tensors(out)["w"], w), f"{what}: plain")
        return
    codes, scale, zero = affine_parts(out)
    want = expected(w, bits, symmetric, how, axis, group)
    check(codes.dtype == want[0].dtype and np.array_equal(codes, want[0]), f"{what}: codes")
    check(scale.dtype == want[1].dtype and np.array_equal(scale, want[1]), f"{what}: scale")
    check((zero is None) == symmetric and (symmetric or np.array_equal(zero, want[2])),
          f"{what}: zero point")
    check(re.search(rf"^bits: {bits}$", tensors(out)["w"]["yaml"], re.M), f"{what}: bits in tensor.yaml")
    back = tensors(tool(["tmo-decode"], out))["w"]
    check(back.dtype == w.dtype and np.array_equal(back, want[3].astype(w.dtype)),
          f"{what}: decoded")
    check(np.all(back[w == 0] == 0), f"{what}: zeros")


def integers():
    for shape, how, symmetric in itertools.product(SHAPES, ("tensor", "channel", "group"),
                                                   (True, False)):
        for out_axis in range(len(shape)):
            dtype = rng.choice(["f2", "f4", "f4", "f8"])
            try_integers(weights(shape, dtype), int(rng.integers(2, 9)), symmetric, how, out_axis)


def try_codebook(shape, dtype, per_channel, how, symmetric):
    rows = (shape[0] if per_channel else 1,) + (1,) * (len(shape) - 1)
    book = np.sort(rng.standard_normal(rows + (11,)), axis=-1).astype(dtype)
    book[..., 5] = 0
    codes = rng.integers(0, 11, shape).astype("u1")
    name = {"f4": "f32", "f8": "f64"}[dtype]
    data = stream_of({"w/tensor.yaml": f"shape: {list(shape)}\ndtype: {name}\nbits: 4\n",
                      "w/codes": codes, "w/codebook": book})
    options = ["--merge", "--granularity", how, "--bits", "6", *([] if symmetric else ["--asymmetric"])]
    what = f"codebook {dtype} {shape} {per_channel} {' '.join(options)}"
    out = tool(["tmo-quant", *options], data)
    made = tensors(out)["w"]
    check(np.array_equal(made["codes"], codes), f"{what}: codes")
    check("bits: 4\n" in made["yaml"], f"{what}: bits")
    # The last axis, of values, shares a scale; so do all channels under "tensor".
    rows_are = book.reshape(-1, 11) if how == "channel" else book.reshape(1, -1)
    want = expected(rows_are, 6, symmetric, "channel", 0, 1)
    shape_of_scale = rows if how == "channel" else (1,) * len(shape)
    check(np.array_equal(made["codebook"], want[0].reshape(book.shape)), f"{what}: values")
    check(np.array_equal(made["scale"], want[1].reshape(shape_of_scale)), f"{what}: scale")
    back = tensors(tool(["tmo-decode"], out))["w"]
    values = np.broadcast_to(want[3].reshape(book.shape), shape + (11,))
    values = np.take_along_axis(values, codes[..., None].astype(int), -1)[..., 0]
    check(np.array_equal(back, values.astype(dtype)), f"{what}: decoded")
    check(np.all(back[codes == 5] == 0), f"{what}: zeros")
    return data, book, codes


def codebooks():
    for shape, dtype, per_channel, how, symmetric in itertools.product(
            ((4, 30), (3, 4, 5)), ("f4", "f8"), (True, False), ("tensor", "channel"),
            (True, False)):
        data, book, codes = try_codebook(shape, dtype, per_channel, how, symmetric)
        for kind, want in (("f16", book.astype("f2")),
                           ("bf16", (bf16_bits(book).astype("u4") << 16).view("f4"))):
            if dtype == "f8" and kind == "bf16":
                continue
            made = tensors(tool(["tmo-quant", "--merge", "--type", kind], data))["w"]
            got = made["codebook"]
            check(got.dtype == want.dtype and np.array_equal(got, want), f"codebook {kind}")
            check(np.array_equal(made["codes"], codes), f"codebook {kind}: codes")


def edges():
    """The largest numbers of each type decode to finite ones, at most a step away."""
    for dtype, bits, symmetric in itertools.product(("f2", "f4", "f8"), range(2, 9),
                                                    (True, False)):
        top = np.finfo(dtype).max
        w = np.array([[top, -top, 0, top / 2], [-top, -top / 3, 0, 0]], dtype)
        options = ["--bits", str(bits), *([] if symmetric else ["--asymmetric"])]
        out = tool(["tmo-quant", *options], stream_of({"w": w}))
        scale = tensors(out)["w"]["scale"].astype("f8")
        back = tensors(tool(["tmo-decode"], out))["w"]
        error = np.abs(back / 2.0 - w / 2.0)
        check(np.all(np.isfinite(back)) and np.all(error <= scale * 0.501),
              f"edges of {dtype} {bits} {symmetric}: {back}")


def bf16_bits(w):
    """Round to nearest, ties to even, on the bit patterns of f32."""
    bits = w.astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def casts():
    for shape in SHAPES:
        w = (weights(shape, "f4") * np.float32(2.0) ** rng.integers(-25, 6)).astype("f4")
        for name, want in (("f16", w.astype(np.float16).view(np.uint16)), ("bf16", bf16_bits(w))):
            made = tensors(tool(["tmo-quant", "--type", name], stream_of({"w": w})))["w"]
            check(np.array_equal(made["codes"], want), f"{shape} {name}")
        w = w.astype("f8") * (1 + 2.0**-30)
        made = tensors(tool(["tmo-quant", "--type", "f16"], stream_of({"w": w})))["w"]
        check(np.array_equal(made["codes"], w.astype(np.float16).view(np.uint16)),
              f"{shape} f64 to f16")


def pruned(flat, sparsity):
    kept = max(1, round(flat.size * (1 - sparsity)))
    order = np.argsort(-np.abs(flat), kind="stable")
    out = flat.copy()
    out[order[kept:]] = 0
    return out


def prune():
    for shape, sparsity in itertools.product(SHAPES, (0.1, 0.5, 0.93, 1.0)):
        arrays = {f"w{i}": weights(shape[::-1] if i == 1 else shape, dtype)
                  for i, dtype in enumerate(("f4", "f2", "f8"))}
        data = stream_of(arrays)
        for names in (["w0", "w1", "w2"], ["w0", "w1"]):
            only = [o for name in names for o in ("--only", name)]
            flat = np.concatenate([arrays[n].astype("f8").ravel() for n in names])
            made = tensors(tool(["tmo-prune", "--sparsity", str(sparsity), "--scope", "global",
                                 *only], data))
            got = np.concatenate([made[n].astype("f8").ravel() for n in names])
            check(np.array_equal(got, pruned(flat, sparsity)),
                  f"{shape} {sparsity} global {names}")
        made = tensors(tool(["tmo-prune", "--sparsity", str(sparsity)], data))
        for name, w in arrays.items():
            check(np.array_equal(made[name].ravel(), pruned(w.ravel(), sparsity)),
                  f"{shape} {w.dtype} {sparsity}")


integers()
edges()
codebooks()
casts()
prune()
sys.exit(finish())
