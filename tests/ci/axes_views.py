# SPDX-License-Identifier: Apache-2.0
"""More networks for axes_roles.py: weights behind views, inside control flow and functions, in codes.

How axes are written is told in axes_models.py, in whose NETS all networks are.
"""
import numpy as np
from onnx import TensorProto, helper

from axes_models import APART, GROUP, B, Fed, net, rng, weight


# ---- views ----

def transposed():
    net("Transpose, MatMul", "t = Transpose<perm = [1, 0]>(w) y = MatMul(x, t)", "bo", x=(B, 64),
        w=weight("oi", 48, 64))
    net("Transpose, Gemm transB", "t = Transpose<perm = [1, 0]>(w) y = Gemm<transB = 1>(x, t)", "bo",
        x=(B, 64), w=weight("io", 64, 48))
    net("Transpose of experts", "t = Transpose<perm = [1, 0, 2]>(w) y = MatMul(x, t)", "gbo", x=(4, B, 64),
        w=weight("igo", 64, 4, 32))
    net("Transpose, LSTM", "t = Transpose<perm = [1, 0]>(w) u = Unsqueeze(t, z) "
        "y = LSTM<hidden_size = 64>(x, u, r)", x=(5, 2, 64), z=[0], w=weight("io", 64, 256),
        r=weight("goi", 1, 256, 64))
    net("Transpose of HWIO, Conv", "t = Transpose<perm = [3, 2, 0, 1]>(w) y = Conv(x, t)", "bopp",
        x=(2, 32, 8, 8), w=weight("kkio", 3, 3, 32, 24))
    net("Transpose of HWCM, depthwise Conv",
        "t = Transpose<perm = [2, 3, 0, 1]>(w) y = Conv<group = 32>(x, t)", "bopp",
        x=(2, 32, 12, 12), w=weight("kkgo", 8, 8, 32, 1))


def reshaped():
    x2, x3 = (B, 64), (4, B, 64)
    for name, to, w in (
            ("merges heads, summed over", [-1, 48], weight("iio", 4, 16, 48)),
            ("merges heads, outputs", [64, -1], weight("ioo", 64, 4, 12)),
            ("halves rows", [64, 48], weight("iio", 32, 2, 48, shape=(32, 96), finer=2)),
            ("keeps an axis", [0, 48], weight("ioo", 64, 2, 24))):
        net(f"Reshape {name}, MatMul", "r = Reshape(w, s) y = MatMul(x, r)", "bo", x=x2, s=to, w=w)
    net("Reshape splits experts off inputs", "r = Reshape(w, s) y = MatMul(x, r)", "gbo", x=x3,
        s=[4, 64, 32], w=weight("gio", 4, 64, 32, shape=(256, 32)))
    net("Reshape splits experts off outputs",
        "r = Reshape(w, s) t = Transpose<perm = [1, 0, 2]>(r) y = MatMul(x, t)", "gbo", x=x3, s=[64, 4, 32],
        w=weight("igo", 64, 4, 32, shape=(64, 128)))
    net("Reshape merges experts", "r = Reshape(w, s) y = MatMul(x, r)", "gbo", x=(6, B, 64), s=[6, 64, 24],
        w=weight("ggio", 2, 3, 64, 24))
    net("Reshape splits heads, Einsum", 'r = Reshape(w, s) y = Einsum<equation = "bsm,hdm->bshd">(x, r)',
        "bsoo", x=(2, B, 64), s=[4, 16, 64], w=weight("ooi", 4, 16, 64, shape=(64, 64)))
    net("Reshape splits rows, Transpose, MatMul",
        "r = Reshape(w, s) t = Transpose<perm = [2, 0, 1]>(r) u = Reshape(t, v) y = MatMul(x, u)", "bo",
        x=x2, s=[4, 12, 64], v=[64, 48], w=weight("ooi", 4, 12, 64, shape=(48, 64)))
    net("Flatten, MatMul", "r = Flatten<axis = 1>(w) y = MatMul(x, r)", "bo", x=x2, w=weight("ioo", 64, 4, 12))
    net("Reshape, Conv", "r = Reshape(w, s) y = Conv(x, r)", "bopp", x=(2, 32, 8, 8), s=[24, 32, 3, 3],
        w=weight("oikk", 24, 32, 3, 3, shape=(24, 288), strided=True))
    net("Reshape of a flat weight, Gemm", "r = Reshape(w, s) y = Gemm<transB = 1>(x, r)", "bo", x=x2,
        s=[48, 64], w=weight("oi", 48, 64, shape=(3072,)))
    for name, n, w in (("of a flat weight", 48, weight("io", 64, 48, shape=(3072,))),
                       ("doubles rows", 48, weight("ioo", 64, 2, 24, shape=(128, 24))),
                       ("across axes", 96, weight("io", 64, 96, shape=(48, 128)))):
        net(f"Reshape {name}, MatMul", "r = Reshape(w, s) y = MatMul(x, r)", "bo", x=x2, s=[64, n], w=w,
            untold=True)
    net("Squeeze, MatMul", "r = Squeeze(w, z) y = MatMul(x, r)", "bo", x=x2, z=[0], w=weight("gio", 1, 64, 48))
    net("Unsqueeze, MatMul", "r = Unsqueeze(w, z) y = MatMul(x, r)", "sbo", x=x3, z=[0],
        w=weight("io", 64, 48))
    net("MatMul both ways", "a = MatMul(x, w) t = Transpose<perm = [1, 0]>(w) y = MatMul(a, t)", x=x2,
        w=weight("io", 64, 64), untold=True)
    net("Identity, MatMul", "r = Identity(w) y = MatMul(x, r)", "bo", x=x2, w=weight("io", 64, 48))


def parts():
    x2, halves = (B, 64), "a, b = Split<axis = 1>(x, h) "
    net("Slice of outputs", "r = Slice(w, a, b, c) y = MatMul(x, r)", "bo", x=x2, a=[16], b=[64], c=[1],
        w=weight("io", 64, 64))
    net("Slices of inputs", halves + "r = Slice(w, n, m, n) s = Slice(w, m, e, n) c = MatMul(a, r) "
        "d = MatMul(b, s) y = Add(c, d)", "bo", x=(B, 128), h=[64, 64], n=[0], m=[64], e=[128],
        w=weight("io", 128, 48))
    net("Slice of an expert", "r = Slice(w, a, b, z) s = Squeeze(r, z) y = MatMul(x, s)", "bo", x=x2, a=[1],
        b=[2], z=[0], w=weight("gio", 3, 64, 32))
    net("Split into query, key, value", "q, k, v = Split<axis = 1>(w, s) a = MatMul(x, q) b = MatMul(x, k) "
        "c = MatMul(x, v) y = Concat<axis = 1>(a, b, c)", "bo", x=x2, s=[32, 32, 32], w=weight("io", 64, 96))
    net("Split of inputs", halves + "r, s = Split<axis = 0>(w, h) c = MatMul(a, r) d = MatMul(b, s) "
        "y = Add(c, d)", "bo", x=(B, 128), h=[64, 64], w=weight("io", 128, 48))
    net("Split into experts", "q, k = Split<axis = 0>(w, s) u = Squeeze(q, z) v = Squeeze(k, z) "
        "a = MatMul(x, u) b = MatMul(x, v) y = Concat<axis = 1>(a, b)", "bo", x=x2, s=[1, 1], z=[0],
        w=weight("gio", 2, 64, 32))
    net("Concat of outputs", "r = Concat<axis = 1>(w, v) y = MatMul(x, r)", "bo", x=x2,
        w=weight("io", 64, 48), v=weight("io", 64, 32))
    net("Concat of inputs", "r = Concat<axis = 0>(w, v) y = MatMul(x, r)", "bo", x=(B, 128),
        w=weight("io", 64, 48), v=weight("io", 64, 48))
    net("Concat of experts", "r = Unsqueeze(w, z) s = Unsqueeze(v, z) t = Concat<axis = 0>(r, s) "
        "y = MatMul(x, t)", "gbo", x=x2, z=[0], w=weight("io", 64, 48), v=weight("io", 64, 48))
    net("Expand, MatMul", "r = Expand(w, s) y = MatMul(x, r)", "sbo", x=(4, B, 64), s=[4, 64, 48],
        w=weight("gio", 1, 64, 48))
    net("Expand to more axes, MatMul", "r = Expand(w, s) y = MatMul(x, r)", "sbo", x=(4, B, 64),
        s=[4, 64, 48], w=weight("io", 64, 48))
    mask = rng.integers(0, 4, (64, 48)) > 0
    net("Mul by a mask", "r = Mul(w, m) y = MatMul(x, r)", "bo", x=x2, w=weight("io", 64, 48),
        m=mask.astype(np.float32))
    net("mask times Mul, Conv", "r = Mul(w_mask, w) y = Conv(x, r)", "bopp", x=(2, 32, 8, 8),
        w=weight("oikk", 24, 32, 3, 3), w_mask=rng.integers(0, 2, (24, 32, 3, 3)).astype(np.float32))


# ---- graphs inside nodes, functions ----

def branches():
    both = ("y = If(c) <then_branch = t () => (p) {{ p = MatMul(x, {0}) }}, "
            "else_branch = e () => (q) {{ n = Neg(x) q = MatMul(n, {1}) }}>")
    one, c = weight("io", 64, 48), Fed(True, False)
    net("If, weight outside", both.format("w", "w"), "rbo", x=(B, 64), c=c, w=one)
    net("If, weight inside", both.format("w", "v"), "rbo", x=(B, 64), c=c, w=weight("io", 64, 48, inside=True),
        v=weight("io", 64, 48))
    net("If makes the weight", "v = If(c) <then_branch = t () => (p) { p = Identity(w) }, "
        "else_branch = e () => (q) { q = Identity(u) }> y = MatMul(x, v)", "rbo", x=(B, 64), c=c,
        w=weight("io", 64, 48), u=weight("io", 64, 48))


def loops():
    start = {"n": np.array(4), "go": np.array(True)}
    loop = "y = Loop(n, go) <body = b (int64 i, bool c) => (d, v) {{ d = Identity(c) {} }}>"
    net("Loop, weight outside", loop.format("a = Gather(x, i) v = MatMul(a, w)"), "sbo", x=(4, B, 64),
        w=weight("io", 64, 48), **start)
    net("Loop, weight inside", loop.format("a = Gather(x, i) v = MatMul(a, w)"), "sbo", x=(4, B, 64),
        w=weight("io", 64, 48, inside=True), **start)
    net("Loop picks experts", loop.format("a = Gather(w, i) v = MatMul(x, a)"), "gbo", x=(B, 64),
        w=weight("gio", 4, 64, 32), **start)
    net("Loop carries the weight", "z, y = Loop(n, go, w) <body = b (int64 i, bool c, s) => (d, t, v) "
        "{ d = Identity(c) t = Identity(s) a = Gather(x, i) v = MatMul(a, s) }>", "sbo", x=(4, B, 64),
        w=weight("io", 64, 48), **start)


def scans():
    rows = "y = Scan<num_scan_inputs = 1, body = b (r) => (v) { v = MatMul(r, w) }>(x)"
    net("Scan, weight outside", rows, "bo", x=(B, 64), w=weight("io", 64, 48))
    net("Scan, weight inside", rows, "bo", x=(B, 64), w=weight("io", 64, 48, inside=True))
    net("Scan over experts", "y = Scan<num_scan_inputs = 2, body = b (r, k) => (v) { v = MatMul(r, k) }>"
        "(x, w)", "gbo", x=(4, B, 64), w=weight("gio", 4, 64, 32))
    net("Scan over experts on axis 1", "y = Scan<num_scan_inputs = 1, scan_input_axes = [1], "
        "body = b (k) => (v) { v = MatMul(x, k) }>(w)", "gbo", x=(B, 64), w=weight("igo", 64, 4, 32))
    net("Scan carries the weight", "z, y = Scan<num_scan_inputs = 1, body = b (s, r) => (t, v) "
        "{ t = Identity(s) v = MatMul(r, s) }>(w, x)", "bo", x=(B, 64), w=weight("io", 64, 48))


def functions():
    begin, x, w = '<domain: "local", opset_import: ["": 17, "local": 1]> ', (B, 64), weight("io", 64, 48)
    dense = begin + "dense (a, b) => (c) { c = MatMul(a, b) }\n"
    net("function", "y = local.dense(x, w)", "bo", dense, x=x, w=w)
    net("function, twice", "y = local.outer(w, x)", "bo",
        begin + "outer (b, a) => (c) { c = local.dense(a, b) }\n" + dense, x=x, w=w)
    for t in 0, 1:
        net(f"function with an attribute, {t}", f"y = local.gemm<t = {t}>(x, w)", "bo",
            begin + "gemm <t> (a, b) => (c) { c = Gemm<transB: int = @t>(a, b) }", x=x,
            w=weight("oi", 48, 64) if t else weight("io", 64, 48))
    net("function returns the weight", "v = local.turn(w) y = Gemm<transB = 1>(x, v)", "bo",
        begin + "turn (a) => (c) { c = Transpose<perm = [1, 0]>(a) }", x=x, w=w)


# ---- weights in codes ----

def steps(w, axes=(2, 3)):
    """Codes up to 120, with a scale for each own and output or of other axes; w becomes what they mean."""
    scale = (np.abs(w.matrix(w.value)).max(axes, keepdims=True) / 120).astype(np.float32)
    codes = np.rint(w.matrix(w.value) / scale).astype(np.float32)
    w.value = w.unmatrix(codes * scale)
    return w.unmatrix(codes).astype(np.int8), scale.reshape(-1)


def dequantized():
    x, w = (B, 64), weight("io", 64, 48)
    c, s = steps(w)
    net("DequantizeLinear", "d = DequantizeLinear<axis = 1>(c, s) y = MatMul(x, d)", "bo", x=x, w=w, c=c, s=s,
        coded=True)
    w = weight("io", 64, 48)
    s = (np.abs(w.value).reshape(-1, GROUP, 48).max(1) / 127).astype(np.float32)
    c = np.rint(w.value / s.repeat(GROUP, 0)).astype(np.int8)
    w.value = c * s.repeat(GROUP, 0)
    net("DequantizeLinear of blocks", f"d = DequantizeLinear<axis = 0, block_size = {GROUP}>(c, s) "
        "y = MatMul(x, d)", "bo", opset=21, x=x, w=w, c=c, s=s, coded=True)
    w = weight("gio", 4, 64, 32)
    w.value = (w.value / APART).astype(np.float16).astype(np.float32)
    net("Cast of f16", "d = Cast<to = 1>(c) y = MatMul(x, d)", "gbo", x=(4, B, 64), w=w,
        c=w.value.astype(np.float16), coded=True)
    w = weight("io", 64, 48)
    f, s = w.value, (np.abs(w.value).max(0) / 100).astype(np.float32)  # a grid that is not max / 127
    w.value = np.rint(f / s) * s
    net("QuantizeLinear, DequantizeLinear", "q = QuantizeLinear<axis = 1>(f, s, z) "
        "d = DequantizeLinear<axis = 1>(q, s, z) y = MatMul(x, d)", "bo", x=x, w=w, f=f, s=s,
        z=np.zeros(48, np.int8), coded=True)


def integers():
    """Operators over integers; x is quantized by one step."""
    linear = {"xs": np.float32(0.03), "xz": np.uint8(128), "yz": np.uint8(128)}
    linear = {n: np.array(v) for n, v in linear.items()}
    enter, leave = "q = QuantizeLinear(x, xs, xz) ", " y = DequantizeLinear(p, ys, yz)"
    dynamic = "q, xs, xz = DynamicQuantizeLinear(x) t = Mul(xs, s) "
    x, image, w = (B, 64), (2, 32, 8, 8), weight("io", 64, 48)
    c, s = steps(w)
    more = {"w": w, "c": c, "s": s, "z": np.zeros(48, np.int8), "coded": True}
    net("QLinearMatMul", enter + "p = QLinearMatMul(q, xs, xz, c, s, z, ys, yz)" + leave, "bo", x=x, step=200,
        ys=np.array(np.float32(200)), **linear, **more)
    net("QGemm", enter + "p = com.microsoft.QGemm(q, xs, xz, c, s, z, , ys, yz)" + leave, "bo", x=x, step=200,
        ys=np.array(np.float32(200)), **linear, **more)
    net("MatMulInteger", dynamic + "p = MatMulInteger(q, c, xz) f = Cast<to = 1>(p) y = Mul(f, t)", "bo",
        x=x, **(more | {"z": np.zeros(1)}))
    for groups, outs, ins, step in ((1, 24, 32, 500), (4, 6, 8, 250000)):
        w = weight("goikk", groups, outs, ins, 3, 3, shape=(24, ins, 3, 3))
        c, s = steps(w)
        more = {"w": w, "c": c, "coded": True}
        net(f"QLinearConv, {groups} groups", f"{enter}p = QLinearConv<group = {groups}>"
            f"(q, xs, xz, c, s, z, ys, yz){leave}", "bopp", x=image, s=s, z=np.zeros(24, np.int8), step=step,
            ys=np.array(np.float32(step)), **linear, **more)
        w = weight("goikk", groups, outs, ins, 3, 3, shape=(24, ins, 3, 3), even=True)
        c, s = steps(w, None)
        more = {"w": w, "c": c, "coded": True}
        net(f"ConvInteger, {groups} groups", f"{dynamic}p = ConvInteger<group = {groups}>(q, c, xz) "
            "f = Cast<to = 1>(p) y = Mul(f, t)", "bopp", x=image, s=s, **more)


def microsoft():
    """Blocks of 4 bits, two codes a byte, 8 for 0: MatMulNBits has [outputs, blocks, block / 2]."""
    rows = weight("oi", 48, 64)
    s = (np.abs(rows.value).reshape(48, -1, GROUP).max(2) / 7).astype(np.float32)
    codes = np.rint(rows.value.reshape(48, -1, GROUP) / s[:, :, None]).astype(np.int8)
    rows.value = (codes * s[:, :, None]).reshape(48, 64)
    packed = (codes[:, :, ::2] + 8 | codes[:, :, 1::2] + 8 << 4).astype(np.uint8)
    w = weight("io", 64, 48)
    w.value = np.ascontiguousarray(rows.value.T)
    net("MatMulNBits", "y = com.microsoft.MatMulNBits<K = 64, N = 48, bits = 4, accuracy_level = 1, "
        f"block_size = {GROUP}>(x, c, s)", "bo", x=(B, 64), w=w, c=packed, s=s.reshape(-1), coded=True)
    rows.table = True
    net("GatherBlockQuantized", "y = com.microsoft.GatherBlockQuantized<gather_axis = 0, quantize_axis = 1, "
        f"block_size = {GROUP}>(c, i, s)", "od", opset=21, i=Fed(list(range(48))), w=rows, s=s, coded=True,
        c=helper.make_tensor("c", TensorProto.INT4, (48, 64), codes.reshape(-1).tolist()))


for part in (transposed, reshaped, parts, branches, loops, scans, functions, dequantized, integers, microsoft):
    part()
