# SPDX-License-Identifier: Apache-2.0
"""tmo-quant and tmo-prune against numpy: codes, scales and zero points of random tensors, of all
shapes, granularities, widths and axes; casts; what tmo-decode makes of them; pruned weights.

Wants tmo-quant, tmo-prune and tmo-decode on PATH. Ends with "N passed, N failed".
"""
import io
import itertools
import re
import subprocess
import sys
import tarfile

import numpy as np

SHAPES = [(1, 1), (5, 7), (64, 33), (3, 130), (200, 1), (2, 3, 4), (8, 5, 3, 3), (2, 3, 4, 5, 6),
          (1000, 300), (16, 9, 31, 17)]
counts = {True: 0, False: 0}
rng = np.random.default_rng(0)


def check(good, what):
    counts[bool(good)] += 1
    if not good:
        print("not ok:", what)


def pipe(command, data):
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    if done.returncode != 0:
        check(False, f"{command}: {done.stderr.decode()}")
    return done.stdout


def stream_of(arrays):
    """Arrays as .npy members, texts (str) as they are."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, array in arrays.items():
            data = io.BytesIO()
            if isinstance(array, str):
                data.write(array.encode())
            else:
                np.save(data, array)
                name += ".npy"
            member = tarfile.TarInfo(f"tensors/{name}")
            member.size = data.tell()
            data.seek(0)
            tar.addfile(member, data)
    return out.getvalue()


def members(stream):
    with tarfile.open(fileobj=io.BytesIO(stream)) as tar:
        return {m.name: tar.extractfile(m).read() for m in tar.getmembers()}


def array_of(files, name):
    data = files.get(f"tensors/{name}.npy")
    return None if data is None else np.load(io.BytesIO(data))


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


def spread(parameter, shape, axis, group):
    """A parameter array as NumPy can broadcast it: groups repeated along their axis."""
    if parameter.shape[axis] not in (1, shape[axis]):
        parameter = np.repeat(parameter, group, axis=axis)
        parameter = np.take(parameter, range(shape[axis]), axis=axis)
    return parameter


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
    s, z = (spread(p, w.shape, axis, group) for p in (scale, zero))
    codes = np.clip(np.rint(w / s) + z, -top if symmetric else 0, top)
    return codes.astype(np.int8 if symmetric else np.uint8), scale, zero, (codes - z) * s


def try_integers(w, bits, symmetric, how, out_axis):
    group = int(rng.integers(1, 40))
    in_axis = 1 if out_axis == 0 else out_axis - 1
    if how == "group" and in_axis >= w.ndim:
        return
    axis = in_axis if how == "group" else out_axis
    options = ["--bits", str(bits), "--granularity", f"group:{group}" if how == "group" else how,
               "--axis", str(out_axis), *([] if symmetric else ["--asymmetric"])]
    what = f"{w.dtype} {w.shape} {' '.join(options)}"
    out = pipe(["tmo-quant", *options], stream_of({"w": w}))
    files = members(out)
    codes, scale, zero = (array_of(files, f"w/{part}") for part in ("codes", "scale", "zero_point"))
    want = expected(w, bits, symmetric, how, axis, group)
    check(codes.dtype == want[0].dtype and np.array_equal(codes, want[0]), f"{what}: codes")
    check(scale.dtype == want[1].dtype and np.array_equal(scale, want[1]), f"{what}: scale")
    check((zero is None) == symmetric and (symmetric or np.array_equal(zero, want[2])),
          f"{what}: zero point")
    text = files["tensors/w/tensor.yaml"].decode()
    check(re.search(rf"^bits: {bits}$", text, re.M), f"{what}: bits in tensor.yaml")
    back = array_of(members(pipe(["tmo-decode"], out)), "w")
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
    options = ["--granularity", how, "--bits", "6", *([] if symmetric else ["--asymmetric"])]
    what = f"codebook {dtype} {shape} {per_channel} {' '.join(options)}"
    out = pipe(["tmo-quant", *options], data)
    files = members(out)
    check(np.array_equal(array_of(files, "w/codes"), codes), f"{what}: codes")
    check(b"bits: 4\n" in files["tensors/w/tensor.yaml"], f"{what}: bits")
    # The last axis, of values, shares a scale; so do all channels under "tensor".
    rows_are = book.reshape(-1, 11) if how == "channel" else book.reshape(1, -1)
    want = expected(rows_are, 6, symmetric, "channel", 0, 1)
    shape_of_scale = rows if how == "channel" else (1,) * len(shape)
    got, scale = array_of(files, "w/codebook"), array_of(files, "w/scale")
    check(np.array_equal(got, want[0].reshape(book.shape)), f"{what}: values")
    check(np.array_equal(scale, want[1].reshape(shape_of_scale)), f"{what}: scale")
    back = array_of(members(pipe(["tmo-decode"], out)), "w")
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
            files = members(pipe(["tmo-quant", "--type", kind], data))
            got = array_of(files, "w/codebook")
            check(got.dtype == want.dtype and np.array_equal(got, want), f"codebook {kind}")
            check(np.array_equal(array_of(files, "w/codes"), codes), f"codebook {kind}: codes")


def edges():
    """The largest numbers of each type decode to finite ones, at most a step away."""
    for dtype, bits, symmetric in itertools.product(("f2", "f4", "f8"), range(2, 9),
                                                    (True, False)):
        top = np.finfo(dtype).max
        w = np.array([[top, -top, 0, top / 2], [-top, -top / 3, 0, 0]], dtype)
        options = ["--bits", str(bits), *([] if symmetric else ["--asymmetric"])]
        out = pipe(["tmo-quant", *options], stream_of({"w": w}))
        scale = array_of(members(out), "w/scale").astype("f8")
        back = array_of(members(pipe(["tmo-decode"], out)), "w")
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
            files = members(pipe(["tmo-quant", "--type", name], stream_of({"w": w})))
            check(np.array_equal(array_of(files, "w/codes"), want), f"{shape} {name}")
        w = w.astype("f8") * (1 + 2.0**-30)
        files = members(pipe(["tmo-quant", "--type", "f16"], stream_of({"w": w})))
        check(np.array_equal(array_of(files, "w/codes"), w.astype(np.float16).view(np.uint16)),
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
            files = members(pipe(["tmo-prune", "--sparsity", str(sparsity), "--scope", "global",
                                  *only], data))
            got = np.concatenate([array_of(files, n).astype("f8").ravel() for n in names])
            check(np.array_equal(got, pruned(flat, sparsity)),
                  f"{shape} {sparsity} global {names}")
        files = members(pipe(["tmo-prune", "--sparsity", str(sparsity)], data))
        for name, w in arrays.items():
            check(np.array_equal(array_of(files, name).ravel(), pruned(w.ravel(), sparsity)),
                  f"{shape} {w.dtype} {sparsity}")


integers()
edges()
codebooks()
casts()
prune()
print(f"{counts[True]} passed, {counts[False]} failed")
sys.exit(counts[False] > 0 or counts[True] == 0)
