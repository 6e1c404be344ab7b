# SPDX-License-Identifier: Apache-2.0
"""tmo-prune's patterns and criteria against numpy: N:M, blocks, channels, global scopes, rms, wanda,
random numbers, BatchNormalization's gamma; and against torch's pruning, if torch is there.

Wants tmo-prune and tmo-from-onnx on PATH. Ends with "N passed, N failed".
"""
import itertools
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

sys.dont_write_bytecode = True
from counting import check, counted, finish  # noqa: E402
from programs import tool  # noqa: E402
from streams import stream_of, tensors  # noqa: E402

SHAPES = [(5, 7), (64, 33), (3, 130), (40, 1), (2, 3, 4), (8, 6, 3, 3), (2, 3, 4, 5, 6),
          (300, 256), (33, 17, 5, 5)]
rng = np.random.default_rng(1)


def prune(data, *options):
    data = stream_of(data) if isinstance(data, dict) else data
    with counted("prune", *options):
        return tensors(tool(["tmo-prune", *map(str, options)], data))
    return {}


def weights(shape, dtype="f4"):
    w = rng.standard_normal(shape)
    kind = rng.integers(3)
    if kind == 0:
        w[rng.random(shape) < 0.3] = 0
    elif kind == 1:
        w = np.rint(w * 2) / 2  # many are equal
    return w.astype(dtype)


def kept(n, sparsity):
    return max(1, round(n * (1 - sparsity)))


def largest(scores, k):
    """Marks of the k largest, of equal ones the first."""
    marks = np.zeros(scores.size, bool)
    marks[np.argsort(-scores.ravel(), kind="stable")[:k]] = True
    return marks.reshape(scores.shape)


def matrix(w, axis):
    """Output channels by all else."""
    return np.moveaxis(w, axis, 0).reshape(w.shape[axis], -1)


def unmatrix(m, shape, axis):
    moved = (shape[axis],) + tuple(n for i, n in enumerate(shape) if i != axis)
    return np.moveaxis(m.reshape(moved), 0, axis)


def block_scores(w, axis, rows, columns, measure):
    m = np.abs(matrix(w.astype("f8"), axis))
    columns = min(columns, m.shape[1])
    scores = []
    for r in range(0, m.shape[0], rows):
        for c in range(0, m.shape[1], columns):
            block = m[r:r + rows, c:c + columns]
            scores.append({"avg": block.mean, "max": block.max, "l1": block.mean,
                           "l2": lambda b=block: np.sqrt(np.square(b).mean())}[measure]())
    return np.array(scores)


def spread(marks, shape, axis, rows, columns):
    """Marks of blocks as marks of weights."""
    height = shape[axis]
    width = int(np.prod(shape)) // height
    columns = min(columns, width)
    across = -(-width // columns)
    r, c = np.arange(height) // rows, np.arange(width) // columns
    return unmatrix(marks[r[:, None] * across + c[None, :]], shape, axis)


def same(got, w, marks, what):
    check(got is not None and got.dtype == w.dtype and np.array_equal(got, np.where(marks, w, 0)),
          what)


def input_axis(axis):
    return 1 if axis == 0 else axis - 1


def group_marks(scores, axis, n, m):
    lines = np.moveaxis(scores, axis, -1)
    flat = lines.reshape(-1, lines.shape[-1])
    padded = np.full((flat.shape[0], -(-flat.shape[1] // m) * m), -1.0)
    padded[:, :flat.shape[1]] = flat
    groups = padded.reshape(-1, m)
    order = np.argsort(-groups, axis=1, kind="stable")[:, :n]
    marks = np.zeros(groups.shape, bool)
    np.put_along_axis(marks, order, True, axis=1)
    marks = marks.reshape(padded.shape)[:, :flat.shape[1]].reshape(lines.shape)
    return np.moveaxis(marks, -1, axis)


def groups():
    for shape, (n, m) in itertools.product(SHAPES, ((1, 2), (2, 4), (3, 4), (4, 8), (2, 7), (9, 50))):
        for axis in range(len(shape)):
            w = weights(shape, rng.choice(["f2", "f4", "f8"]))
            got = prune({"w": w}, "-p", f"{n}:{m}", "--axis", axis).get("w")
            same(got, w, group_marks(np.abs(w.astype("f8")), input_axis(axis), n, m),
                 f"{shape} axis {axis} {n}:{m}")


UNITS = [("block:2x2", 2, 2, "avg"), ("block:4x1:avg", 4, 1, "avg"), ("block:1x16:max", 1, 16, "max"),
         ("block:3x5:max", 3, 5, "max"), ("channel:l1", 1, 10**9, "l1"),
         ("channel:l2", 1, 10**9, "l2")]


def units():
    for shape, (pattern, rows, columns, measure), sparsity in itertools.product(
            SHAPES, UNITS, (0.25, 0.9)):
        axis = int(rng.integers(len(shape)))
        w = rng.standard_normal(shape).astype(rng.choice(["f4", "f8"]))
        got = prune({"w": w}, "-p", pattern, "-s", sparsity, "--axis", axis).get("w")
        scores = block_scores(w, axis, rows, columns, measure)
        marks = largest(scores, kept(scores.size, sparsity))
        same(got, w, spread(marks, shape, axis, rows, columns),
             f"{shape} axis {axis} {pattern} {sparsity}")


def pooled():
    for (pattern, rows, columns, measure), normalize, sparsity in itertools.product(
            UNITS + [("unstructured", 1, 1, "max")], (False, True), (0.3, 0.85)):
        weights_of = {f"w{i}": (rng.standard_normal(s) * 2.0 ** rng.integers(-4, 4)).astype(
            "f8" if i % 3 == 2 else "f4") for i, s in enumerate(SHAPES)}
        got = prune(weights_of, "-p", pattern, "-s", sparsity, "--scope", "global",
                    *(["--normalize"] if normalize else []))
        scores = {n: block_scores(w, 0, rows, columns, measure) for n, w in weights_of.items()}
        if normalize:
            scores = {n: s / np.sqrt(np.square(weights_of[n].astype("f8")).mean())
                      for n, s in scores.items()}
        everything = np.concatenate(list(scores.values()))
        marks = largest(everything, kept(everything.size, sparsity))
        first = 0
        for name, w in weights_of.items():
            own = marks[first:first + scores[name].size]
            first += own.size
            same(got.get(name), w, spread(own, w.shape, 0, rows, columns),
                 f"global {pattern} {normalize} {sparsity} {name}")


def wanda():
    for shape, sparsity in itertools.product(SHAPES, (0.3, 0.5, 0.95)):
        axis = int(rng.integers(len(shape)))
        inputs = input_axis(axis)
        w = rng.standard_normal(shape).astype("f4")
        norm = rng.random(shape[inputs]).astype("f4")
        across = [1] * len(shape)
        across[inputs] = -1
        scores = np.abs(w.astype("f8")) * norm.astype("f8").reshape(across)
        with tempfile.NamedTemporaryFile() as file:
            file.write(stream_of({"other": norm, "w": norm}))
            file.flush()
            how = ("--criterion", "wanda", "--input-norms", file.name, "--axis", axis)
            got = prune({"w": w}, *how, "-s", sparsity).get("w")
            rows = matrix(scores, axis)
            marks = np.stack([largest(r, kept(r.size, sparsity)) for r in rows])
            same(got, w, unmatrix(marks, shape, axis), f"wanda {shape} axis {axis} {sparsity}")
            got = prune({"w": w}, *how, "-p", "2:4").get("w")
            same(got, w, group_marks(scores, inputs, 2, 4), f"wanda 2:4 {shape} axis {axis}")


def philox(seed, name, n):
    """n numbers of 64 bits: Philox4x32-10, counter = (block, FNV-1a of the name)."""
    stream = 0xCBF29CE484222325
    for byte in name.encode():
        stream = (stream ^ byte) * 0x100000001B3 % 2**64
    blocks = np.arange(-(-n // 2), dtype=np.uint64)
    low = np.uint64(0xFFFFFFFF)
    c = [blocks & low, blocks >> np.uint64(32), np.full_like(blocks, stream & 0xFFFFFFFF),
         np.full_like(blocks, stream >> 32)]
    key = [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        a, b = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        c = [(b >> np.uint64(32)) ^ c[1] ^ np.uint64(key[0]), b & low,
             (a >> np.uint64(32)) ^ c[3] ^ np.uint64(key[1]), a & low]
        key = [(key[0] + 0x9E3779B9) % 2**32, (key[1] + 0xBB67AE85) % 2**32]
    words = np.stack(c, axis=1).ravel()
    return (words[0::2] | words[1::2] << np.uint64(32))[:n]


def random_numbers():
    for shape, seed in itertools.product(SHAPES, (0, 7, 2**32 - 1)):
        w = weights(shape)
        draws = (philox(seed, "w", w.size) >> np.uint64(11)).astype("f8") + 1
        scores = np.where(w.ravel() != 0, draws, 0).reshape(shape)
        got = prune({"w": w}, "--criterion", "random", "--seed", seed, "-s", 0.6).get("w")
        same(got, w, largest(scores, kept(w.size, 0.6)), f"random {shape} {seed}")
        got = prune({"w": w}, "--criterion", "random", "--seed", seed, "-p", "1:3").get("w")
        same(got, w, group_marks(scores, 1, 1, 3), f"random 1:3 {shape} {seed}")


def network(channels):
    """Conv, BatchNormalization, … of these channels, written by the onnx package."""
    nodes, parts, gammas, convs, x, before = [], [], {}, {}, "x", 3
    for i, n in enumerate(channels):
        w, gamma = rng.standard_normal((n, before, 3, 3)), rng.standard_normal(n)
        convs[f"c{i}"], gammas[f"c{i}"] = w.astype("f4"), np.abs(gamma.astype("f4"))
        for name, a in ((f"c{i}", w), (f"g{i}", gamma), (f"b{i}", gamma), (f"v{i}", gamma**2)):
            parts.append(numpy_helper.from_array(a.astype("f4"), name))
        nodes += [helper.make_node("Conv", [x, f"c{i}"], [f"y{i}"], pads=[1] * 4),
                  helper.make_node("BatchNormalization",
                                   [f"y{i}", f"g{i}", f"b{i}", f"b{i}", f"v{i}"], [f"n{i}"]),
                  helper.make_node("Relu", [f"n{i}"], [f"r{i}"])]
        x, before = f"r{i}", n
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8])],
        [helper.make_tensor_value_info(x, TensorProto.FLOAT, [1, before, 8, 8])], parts)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model, convs, gammas


def gammas():
    model, convs, gamma = network([16, 300, 9, 257])
    stream = tool(["tmo-from-onnx"], model.SerializeToString())
    for sparsity, scope in itertools.product((0.3, 0.7), ("tensor", "global")):
        got = prune(stream, "-p", "channel:bn", "-s", sparsity, "--scope", scope)
        everything = np.concatenate(list(gamma.values()))
        marks, first = largest(everything, kept(everything.size, sparsity)), 0
        for name, w in convs.items():
            n = gamma[name].size
            own = marks[first:first + n] if scope == "global" else largest(
                gamma[name], kept(n, sparsity))
            first += n
            same(got.get(name), w, own.reshape(-1, 1, 1, 1), f"bn {sparsity} {scope} {name}")


def against_torch():
    try:
        import torch
        from torch.nn.utils import prune as torch_prune
    except ImportError:
        print("torch is not here: not compared")
        return
    for shape in ((64, 32), (16, 8, 3, 3)):
        w = rng.standard_normal(shape).astype("f4")
        layer = torch.nn.Linear(1, 1) if len(shape) == 2 else torch.nn.Conv2d(1, 1, 1)
        for amount in (0.25, 0.5, 0.75):
            layer.weight = torch.nn.Parameter(torch.from_numpy(w.copy()))
            torch_prune.l1_unstructured(layer, "weight", amount)
            same(prune({"w": w}, "-s", amount).get("w"), w, layer.weight_mask.numpy() != 0,
                 f"torch l1_unstructured {shape} {amount}")
            torch_prune.remove(layer, "weight")
            for norm in (1, 2):
                layer.weight = torch.nn.Parameter(torch.from_numpy(w.copy()))
                torch_prune.ln_structured(layer, "weight", amount, norm, 0)
                same(prune({"w": w}, "-s", amount, "-p", f"channel:l{norm}").get("w"), w,
                     layer.weight_mask.numpy() != 0, f"torch ln_structured {norm} {shape} {amount}")
                torch_prune.remove(layer, "weight")
    try:
        from torch.ao.pruning import WeightNormSparsifier
    except ImportError:
        return
    w = rng.standard_normal((64, 32)).astype("f4")
    model = torch.nn.Sequential(torch.nn.Linear(32, 64, bias=False))
    model[0].weight = torch.nn.Parameter(torch.from_numpy(w.copy()))
    sparsifier = WeightNormSparsifier(sparsity_level=1.0, sparse_block_shape=(1, 4),
                                      zeros_per_block=2)
    sparsifier.prepare(model, [{"tensor_fqn": "0.weight"}])
    sparsifier.step()
    sparsifier.squash_mask()
    got = prune({"w": w}, "-p", "2:4").get("w")
    check(np.array_equal(got, model[0].weight.detach().numpy()), "torch 2:4")


groups()
units()
pooled()
wanda()
random_numbers()
gammas()
against_torch()
sys.exit(finish())
