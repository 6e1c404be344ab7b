# SPDX-License-Identifier: Apache-2.0
"""tmo-quant's types against ml_dtypes and numpy: casts of every half, bf16 and fp8 pattern; fp8 and
nf4 codes with scales; ternary and binary codes; powers of two. tmo-decode reads all of them back.

Wants tmo-quant and tmo-decode on PATH. Ends with "N passed, N failed".
"""
import itertools
import sys

import ml_dtypes
import numpy as np

sys.dont_write_bytecode = True
from counting import check, finish  # noqa: E402
from programs import tool  # noqa: E402
from streams import archive, npy, tensors  # noqa: E402

FP8 = {"f8e4m3": ml_dtypes.float8_e4m3fn, "f8e5m2": ml_dtypes.float8_e5m2}
# bitsandbytes, csrc/kernels.cu (MIT): the values of dDequantizeNF4, the borders of dQuantizeNF4.
NF4 = np.array([-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453,
                -0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0.0,
                0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
                0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0], np.float32)
NF4_BORDERS = np.array([-0.8480964004993439, -0.6106329262256622, -0.4599952697753906,
                        -0.33967943489551544, -0.23460740596055984, -0.13791173323988914,
                        -0.045525018125772476, 0.03979014977812767, 0.1202552504837513,
                        0.2035212516784668, 0.2920137718319893, 0.3893125355243683,
                        0.5016634166240692, 0.6427869200706482, 0.8614784181118011], np.float32)
rng = np.random.default_rng(3)


def quantize(w, *options):
    """The parts of the tensor, and what tmo-decode makes of them."""
    stream = tool(["tmo-quant", "--only", "*", *options], archive({"w.npy": npy(w)}))
    return tensors(stream)["w"], tensors(tool(["tmo-decode"], stream))["w"]


def same(a, b):
    return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def saturated(x, name):
    """The OCP specification's saturating conversion for E4M3; E5M2 as it is."""
    top = np.asarray(ml_dtypes.finfo(FP8[name]).max, x.dtype)
    return np.where(np.isnan(x), x, np.clip(x, -top, top)) if name == "f8e4m3" else x


def equal_patterns(got, want, nan):
    """Equal but for what is NaN in both: its sign and payload are nobody's business."""
    return np.all((got == want) | nan)


def casts():
    patterns = np.arange(65536, dtype=np.uint16)
    halves, brains = patterns.view(np.float16), patterns.view(ml_dtypes.bfloat16)
    # What lies between: f32 numbers in the middle of two neighbours, and just beside it.
    singles = np.concatenate([halves.astype("f4"), brains.astype("f4")])
    middles = {"f16": halves, "bf16": brains}
    for name, kind in FP8.items():
        middles[name] = np.arange(256, dtype=np.uint8).view(kind)
    for target, values in middles.items():
        x = values.astype("f8")
        x = np.unique(x[np.isfinite(x)])
        middle = (x[1:] + x[:-1]) / 2
        m = middle.astype("f4")
        near = np.concatenate([m, np.nextafter(m, np.float32(3e38)), np.nextafter(m, np.float32(-3e38))])
        for source, w in (("half", halves), ("bf16 and half", singles), ("middles", near),
                          ("f64", singles.astype("f8"))):
            cast_one(target, source, w)
        # ml_dtypes goes from f64 by way of f32, so that it rounds twice: the nearest are looked up.
        w = near.astype("f8") * (1 + 2.0**-40)
        _, back = quantize(w, "-t", target, *(["--scale", "none"] if target in FP8 else []))
        check(np.array_equal(back, x[np.searchsorted(middle, w)]), f"f64 to {target} in one step")
    for name, kind in FP8.items():
        all_codes = np.arange(256, dtype=np.uint8)
        w = all_codes.view(kind).astype("f4")
        parts, back = quantize(w, "-t", name, "--scale", "none", "--nan", "keep")
        check(equal_patterns(parts["codes"], all_codes, np.isnan(w)), f"{name}: its own patterns")
        check(same(back, w), f"{name}: its own patterns decoded")


def cast_one(target, source, w):
    options = ["-t", target, "--nan", "keep"] + (["--scale", "none"] if target in FP8 else [])
    kind = {"f16": np.float16, "bf16": ml_dtypes.bfloat16, **FP8}[target]
    with np.errstate(over="ignore", invalid="ignore"):
        x = saturated(w, target) if target in FP8 else w
        want = x.astype(kind).view(np.uint8 if target in FP8 else np.uint16)
        # What f16 cannot hold once it is decoded is refused, too.
        beyond = np.isinf(x.astype(kind).astype(w.dtype).astype("f8")) & np.isfinite(w)
    w = w[~beyond]
    if w.dtype == np.float16 and target == "f16":
        return
    parts, back = quantize(w, *options)
    nan = np.isnan(w.astype("f8"))
    check(equal_patterns(parts["codes"], want[~beyond], nan), f"{source} to {target}")
    decoded = parts["codes"].view(kind).astype("f8")
    check(np.array_equal(back.astype("f8"), decoded.astype(w.dtype).astype("f8"), equal_nan=True),
          f"{source} to {target}: decoded")


def weights(shape, dtype):
    w = rng.standard_normal(shape) * 2.0 ** rng.integers(-9, 9, (shape[0],) + (1,) * (len(shape) - 1))
    kind = rng.integers(4)
    if kind == 0:
        w[rng.random(shape) < 0.5] = 0
    elif kind == 1:
        w[:1] = 0
    elif kind == 2:
        w = np.rint(w * 4) / 4
    return w.astype(dtype)


def groups_of(w, how):
    """The elements that share a scale, as rows; and how to bring rows back into w's shape."""
    if how == "tensor":
        return w.reshape(1, -1), lambda rows: rows.reshape(w.shape)
    if how == "channel":
        return w.reshape(w.shape[0], -1), lambda rows: rows.reshape(w.shape)
    moved = np.moveaxis(w, 1, -1)
    return moved.reshape(-1, 8), lambda rows: np.moveaxis(rows.reshape(moved.shape), -1, 1)


def power_of_two_above(x):
    fraction, exponent = np.frexp(x)
    return np.ldexp(1.0, np.where(fraction == 0.5, exponent - 1, exponent))


def scales(rows, top, pow2):
    largest = np.abs(rows).max(axis=1, keepdims=True)
    s = power_of_two_above(largest.astype("f8") / top).astype(rows.dtype) if pow2 else \
        largest / rows.dtype.type(top)
    return np.where(largest == 0, rows.dtype.type(1), s)


def scaled():
    for dtype, shape, how, pow2 in itertools.product(
            ("f4", "f8", "f2"), ((6, 40), (5, 16, 3, 3), (300, 512)), ("tensor", "channel", "group:8"),
            (False, True)):
        w = weights(shape, dtype)
        x = w.astype("f4") if dtype == "f2" else w
        rows, back_to = groups_of(x, how)
        options = ["-g", how, *(["--scale", "pow2"] if pow2 else [])]
        what = f"{dtype} {shape} {' '.join(options)}"
        for name, kind in FP8.items():
            s = scales(rows, float(ml_dtypes.finfo(kind).max), pow2)
            want = saturated(rows / s, name).astype(kind)
            parts, back = quantize(w, "-t", name, *options)
            check(np.array_equal(parts["codes"], back_to(want.view(np.uint8))), f"{name} {what}")
            check(np.array_equal(parts["scale"].ravel(), scale_order(s, w, how)), f"{name} {what}: scale")
            check(np.array_equal(back, back_to(want.astype(x.dtype) * s).astype(w.dtype)),
                  f"{name} {what}: decoded")
        s = scales(rows, 1, pow2)
        codes = np.searchsorted(NF4_BORDERS, rows / s, side="left").astype(np.uint8)
        parts, back = quantize(w, "-t", "nf4", *options)
        check(np.array_equal(parts["codes"], back_to(codes)), f"nf4 {what}")
        check(np.array_equal(parts["scale"].ravel(), scale_order(s, w, how)), f"nf4 {what}: scale")
        check(np.array_equal(parts["codebook"].ravel(), NF4), f"nf4 {what}: codebook")
        check(np.array_equal(back, back_to(NF4[codes].astype(x.dtype) * s).astype(w.dtype)),
              f"nf4 {what}: decoded")
        few(w, x, rows, back_to, how, what, options, pow2)


def scale_order(s, w, how):
    """Scales of groups lie as the groups do in the tensor's own order of axes."""
    if not how.startswith("group"):
        return s.ravel()
    moved = s.reshape(*(w.shape[:1] + w.shape[2:]), -1)
    return np.moveaxis(moved, -1, 1).ravel()


def few(w, x, rows, back_to, how, what, options, pow2):
    """Ternary by TWN's rule and by the optimum, binary by XNOR-Net's."""
    a = np.abs(rows).astype("f8")
    border = (0.7 * a.mean(axis=1, keepdims=True)).astype(rows.dtype)
    parts, _ = quantize(w, "-t", "ternary", *options)
    codes = np.where(np.abs(rows) > border, np.sign(rows), 0)
    differ = np.mean(parts["codes"] != back_to(codes))
    check(differ <= 1e-5, f"ternary {what}: {differ} of the codes differ")
    n = np.maximum((codes != 0).sum(axis=1), 1)
    mean = (a * (codes != 0)).sum(axis=1) / n
    check(near_scale(parts["scale"], scale_order(mean, w, how), pow2), f"ternary {what}: scale")
    _, back = quantize(w, "-t", "ternary", *options, "--range", "mse")
    error = np.sum((groups_of(back.astype("f8"), how)[0] - rows) ** 2, axis=1)
    best = np.array([least_ternary(r, pow2) for r in a]) if rows.size < 10000 else None
    check(best is None or np.all(error <= best * (1 + 1e-3 if w.dtype == "f2" else 1 + 1e-5) + 1e-30),
          f"ternary {what}: mse")
    if np.all(w != 0):
        parts, back = quantize(w, "-t", "binary", *options)
        check(np.array_equal(parts["codes"], (w > 0).astype("u1")), f"binary {what}")
        check(near_scale(parts["scale"], scale_order(a.mean(axis=1), w, how), pow2),
              f"binary {what}: scale")


def near_scale(got, want, pow2):
    got = got.ravel().astype("f8")
    want = np.where(want == 0, 1, want)
    if pow2:
        fraction, _ = np.frexp(got)
        return np.all(fraction == 0.5) and np.all((got <= 4 / 3 * want * 1.00001) & (got >= want / 1.50001))
    return np.allclose(got, want, rtol=1e-6, atol=0)


def least_ternary(a, pow2):
    """The least sum of squares over all scales and borders, by trying every number of ones."""
    a = np.sort(a)[::-1]
    total, sums = np.sum(a * a), np.cumsum(a)
    k = np.arange(1, len(a) + 1)
    if total == 0:
        return 0
    if not pow2:
        return total - np.max(sums * sums / k)
    powers = 2.0 ** np.arange(-30, 30)[:, None]
    return min(total, np.min(total - 2 * powers * sums + powers * powers * k))


np.seterr(all="ignore")
casts()
scaled()
sys.exit(finish())
