# SPDX-License-Identifier: Apache-2.0
"""Networks for axes_roles.py: each with its weights, and with what their axes are, written by hand.

A weight's roles are a letter an axis: o output, i input (summed over), k within (summed too: a
kernel's height and width), g own (group, expert, direction: neither mixed nor summed). An axis that
is several things at once has a letter for each; an axis that a network cuts has one for its parts.
A result has a letter an axis as well: o and g where an index is a result of its own, else anything.
Several runs, one for each value of a Fed, make one result with an axis more, the first.
"""
import dataclasses
import math

import numpy as np
import onnx
from onnx import numpy_helper, parser

APART = 1000  # the largest output, expert or direction is so many times the smallest
GROUP = 16  # neighbours along the input that share a scale where scales are for groups
B = 40  # enough inputs for an output's error and its largest to be in proportion

rng = np.random.default_rng(11)
NETS = []


@dataclasses.dataclass
class Weight:
    """A weight and what is true of its axes."""
    roles: str
    sizes: tuple  # of what has a role, in C order
    value: np.ndarray
    result: str = ""  # what the axes of the network's result are to this weight
    inside: bool = False  # belongs to the graph inside a node
    table: bool = False  # rows that are looked up: to take out a whole one may have no meaning
    finer: int = 1  # books that a channel has, where an axis mixes inputs with outputs inside them
    strided: bool = False  # a stream has no groups along its input; scales for channels will do

    def matrix(self, value):
        """Values by own, output, input, within; each of these in C order."""
        order = [a for role in "goik" for a, r in enumerate(self.roles) if r == role]
        return value.reshape(self.sizes).transpose(order).reshape(
            [math.prod(n for n, r in zip(self.sizes, self.roles) if r == role) for role in "goik"])

    def unmatrix(self, matrix):
        """The opposite of matrix."""
        order = [a for role in "goik" for a, r in enumerate(self.roles) if r == role]
        moved = matrix.reshape([self.sizes[a] for a in order])
        return np.ascontiguousarray(moved.transpose(np.argsort(order)).reshape(self.value.shape))


class Fed:
    """An input of integers or bools that has these values, one a run."""

    def __init__(self, *values):
        self.values = [np.array(v) for v in values]


@dataclasses.dataclass
class Net:
    """What a network is called, the text of its nodes, and what has which name in there."""
    name: str
    text: str
    things: dict
    functions: str = ""
    opset: int = 17
    step: float = 0  # the results are multiples of it, or 0
    untold: bool = False  # a stream has no scales for these channels, or the axes are no one thing
    coded: bool = False  # weights stand in codes: value is what these mean

    def weights(self):
        return {n: t for n, t in self.things.items() if isinstance(t, Weight)}

    def feeds(self):
        floats = np.random.default_rng(5)
        fixed = {n: floats.standard_normal(t).astype(np.float32)
                 for n, t in self.things.items() if isinstance(t, tuple)}
        fed = {n: t.values for n, t in self.things.items() if isinstance(t, Fed)}
        runs = max([len(v) for v in fed.values()] + [1])
        return [fixed | {n: v[r % len(v)] for n, v in fed.items()} for r in range(runs)]

    def model(self, values=()):
        """The network; other values for weights than their own, if there are such."""
        kinds = {"f": "float", "i": "int64", "b": "bool"}
        inputs = ", ".join(f"{kinds[v.dtype.kind]}{list(v.shape) or ''} {n}"
                           for n, v in self.feeds()[0].items())
        model = parser.parse_model(
            f'<ir_version: {8 if self.opset < 20 else 10}, opset_import: ["": {self.opset}, "local": 1,'
            f' "com.microsoft": 1]> network ({inputs}) => (y) {{ {self.text} }}\n{self.functions}')
        for name, t in self.things.items():
            graph = model.graph
            if isinstance(t, Weight):
                if self.coded:
                    continue
                graph = inner(graph) if t.inside else graph
                t = values[name] if name in values else t.value
            if isinstance(t, np.ndarray):
                graph.initializer.append(numpy_helper.from_array(t, name))
            elif isinstance(t, onnx.TensorProto):
                graph.initializer.append(t)
        known = onnx.shape_inference.infer_shapes(model).graph.output[0]
        if known.HasField("type"):
            model.graph.output[0].CopyFrom(known)
        return model


def inner(graph):
    """The first graph inside a node."""
    return next(a.g for n in graph.node for a in n.attribute if a.HasField("g"))


def weight(roles, *sizes, shape=None, even=False, **more):
    """Outputs and what is own are far apart in size, unless even; places in the sum a little."""
    w = Weight(roles, sizes, np.zeros(shape or sizes, np.float32), **more)
    m = rng.uniform(0.5, 1, w.matrix(w.value).shape) * rng.choice([-1, 1], w.matrix(w.value).shape)
    own, outs, ins, places = m.shape
    if not even:
        m *= rng.permutation(np.geomspace(1, APART, own)).reshape(own, 1, 1, 1)
        m *= np.stack([rng.permutation(np.geomspace(1, APART, outs)) for _ in range(own)])[:, :, None, None]
    m *= np.where(np.arange(ins) // GROUP % 2, 0.7, 1).reshape(ins, 1)
    w.value = w.unmatrix((m * np.where(np.arange(places) % 2, 0.7, 1)).astype(np.float32))
    return w


def net(name, text, result="", functions="", opset=17, **things):
    """Adds a network; a tuple is an input of that shape, a list is integers."""
    flags = {f: things.pop(f) for f in ("step", "untold", "coded") if f in things}
    things = {n: np.array(t, np.int64) if isinstance(t, list) else t for n, t in things.items()}
    for t in things.values():
        if isinstance(t, Weight):
            t.result = t.result or result
    NETS.append(Net(name, text, things, functions, opset, **flags))


# ---- convolutions: a channel is an output of a group ----

def convolutions():
    for dims, kernel, large in ((1, (3,), (64,)), (2, (3, 3), (8, 8)), (3, (2, 3, 2), (4, 4, 4))):
        for kind, groups, outs, ins in (("", 1, 24, 32), (", 4 groups", 4, 8, 32),
                                        (", depthwise", 32, 1, 1), (", 16 groups of 1", 16, 3, 1)):
            k = large if ins == 1 else kernel
            result, roles = "bo" + "p" * dims, "k" * dims
            x = (8, groups * ins) + tuple(n + 5 for n in k)
            net(f"Conv {dims}-D{kind}", f"y = Conv<group = {groups}>(x, w)", result, x=x,
                w=weight("goi" + roles, groups, outs, ins, *k, shape=(groups * outs, ins) + k))
            net(f"ConvTranspose {dims}-D{kind}", f"y = ConvTranspose<group = {groups}>(x, w)", result,
                x=x, w=weight("gio" + roles, groups, ins, outs, *k, shape=(groups * ins, outs) + k))


    net("DeformConv", "y = DeformConv<kernel_shape = [3, 3], group = 2>(x, w, z)", "bopp", opset=19,
        x=(2, 32, 8, 8), z=np.zeros((2, 18, 6, 6), np.float32),
        w=weight("goikk", 2, 12, 16, 3, 3, shape=(24, 16, 3, 3)))


# ---- products of matrices ----

def products():
    for a in 0, 1:
        for b in 0, 1:
            text = f"y = Gemm<transA = {a}, transB = {b}>"
            net(f"Gemm transA {a} transB {b}, B constant", text + "(x, w)", "bo", x=(64, B) if a else (B, 64),
                w=weight("oi", 48, 64) if b else weight("io", 64, 48))
            net(f"Gemm transA {a} transB {b}, A constant", text + "(w, x)", "ob", x=(B, 64) if b else (64, B),
                w=weight("io", 64, 48) if a else weight("oi", 48, 64))
    net("Gemm with bias", "y = Gemm<alpha = 0.5, beta = 0.0, transB = 1>(x, w, b)", "bo", x=(B, 64),
        w=weight("oi", 48, 64), b=np.ones(48, np.float32))
    right, left = "y = MatMul(x, w)", "y = MatMul(w, x)"
    net("MatMul right, rank 2", right, "bo", x=(B, 64), w=weight("io", 64, 48))
    net("MatMul right, rank 2 of 3", right, "bso", x=(4, B, 64), w=weight("io", 64, 48))
    net("MatMul right, experts", right, "gbo", x=(4, B, 64), w=weight("gio", 4, 64, 32))
    net("MatMul right, rank 4", right, "ggbo", x=(2, 3, B, 64), w=weight("ggio", 2, 3, 64, 24))
    net("MatMul right, rank 3 of 4", right, "bgso", x=(2, 3, B, 64), w=weight("gio", 3, 64, 32))
    net("MatMul right, experts for one x", right, "gbo", x=(B, 64), w=weight("gio", 4, 64, 32))
    net("MatMul right, experts beside a 1", right, "bgso", x=(2, 1, B, 64), w=weight("gio", 4, 64, 32))
    net("MatMul left, rank 2", left, "ob", x=(64, B), w=weight("oi", 48, 64))
    net("MatMul left, rank 2 of 3", left, "sob", x=(3, 64, B), w=weight("oi", 48, 64))
    net("MatMul left, experts", left, "gob", x=(4, 64, B), w=weight("goi", 4, 32, 64))
    net("MatMul left, rank 4", left, "ggob", x=(2, 3, 64, B), w=weight("ggoi", 2, 3, 24, 64))
    for a, b in ((0, 1), (1, 0)):
        net(f"FusedMatMul transA {a} transB {b}",
            f"y = com.microsoft.FusedMatMul<transA = {a}, transB = {b}>(x, w)", "bo",
            x=(64, B) if a else (B, 64), w=weight("oi", 48, 64) if b else weight("io", 64, 48))


    name, x = "com.microsoft, ", (B, 64)
    net(name + "FusedGemm", 'y = com.microsoft.FusedGemm<activation = "Relu", transB = 1>(x, w)', "bo", x=x,
        w=weight("oi", 48, 64))
    net(name + "FusedConv", 'y = com.microsoft.FusedConv<activation = "Relu">(x, w)', "bopp",
        x=(2, 32, 8, 8), w=weight("oikk", 24, 32, 3, 3))
    net(name + "Attention", "y = com.microsoft.Attention<num_heads = 4>(x, w, b)", x=(2, 6, 64),
        w=weight("io", 64, 192), b=np.zeros(192, np.float32))


def einsums():
    for equation, roles, sizes, x, result in (
            ("bi,io->bo", "io", (64, 48), (B, 64), "bo"),
            ("bi,oi->bo", "oi", (48, 64), (B, 64), "bo"),
            ("bi,io", "io", (64, 48), (B, 64), "bo"),
            ("bi,io->ob", "io", (64, 48), (B, 64), "ob"),
            (" b I , I O -> b O ", "io", (64, 48), (B, 64), "bo"),
            ("...i,io->...o", "io", (64, 48), (3, B, 64), "sbo"),
            ("bshd,hde->bse", "iio", (4, 32, 48), (2, B, 4, 32), "bso"),
            ("bsm,mhd->bshd", "ioo", (64, 4, 16), (2, B, 64), "bsoo"),
            ("bsm,hdm->bshd", "ooi", (4, 16, 64), (2, B, 64), "bsoo"),
            ("bhsd,hde->bhse", "gio", (4, 64, 32), (2, 4, B, 64), "bgso"),
            ("ebi,eio->ebo", "gio", (4, 64, 32), (4, B, 64), "gbo"),
            ("bei,eoi->beo", "goi", (4, 32, 64), (B, 4, 64), "bgo"),
            ("bei,ioe->beo", "iog", (64, 32, 4), (B, 4, 64), "bgo"),
            ("bi,eio->beo", "oio", (4, 64, 32), (B, 64), "boo"),
            ("bi,ieo->beo", "ioo", (64, 4, 32), (B, 64), "boo")):
        net(f"Einsum {equation}", f'y = Einsum<equation = "{equation}">(x, w)', result, x=x,
            w=weight(roles, *sizes))
        if "->" in equation:
            (a, b), to = equation.split("->")[0].split(","), equation.split("->")[1]
            net(f"Einsum {b},{a}->{to}", f'y = Einsum<equation = "{b},{a}->{to}">(w, x)', result, x=x,
                w=weight(roles, *sizes))


# ---- rows and experts that are picked ----

def gathers():
    picked = "e = Gather<axis = {}>(w, i) y = MatMul(x, e)"
    net("Gather picks an expert a run", picked.format(0), "gbo", x=(B, 64), i=Fed(0, 1, 2, 3),
        w=weight("gio", 4, 64, 32))
    net("Gather picks an expert in the middle", picked.format(1), "gbo", x=(B, 64), i=Fed(0, 1, 2, 3),
        w=weight("igo", 64, 4, 32))
    net("Gather picks all experts", picked.format(0), "gbo", x=(4, B, 64), i=Fed([0, 1, 2, 3]),
        w=weight("gio", 4, 64, 32))
    net("Gather of a constant expert, Squeeze", "e = Gather(w, i) s = Squeeze(e, z) y = MatMul(x, s)", "bo",
        x=(B, 64), i=[1], z=[0], w=weight("gio", 3, 64, 32))
    net("Gather orders inputs", "e = Gather(w, i) y = MatMul(x, e)", "bo", x=(B, 64),
        i=[b * GROUP + j for b in (2, 0, 3, 1) for j in range(GROUP)], w=weight("io", 64, 48))
    net("Gather orders outputs", "e = Gather<axis = 1>(w, i) y = MatMul(x, e)", "bo", x=(B, 64),
        i=list(rng.permutation(48)), w=weight("io", 64, 48))
    every = Fed(list(range(96)))
    net("embedding", "y = Gather(w, i)", "od", i=every, w=weight("oi", 96, 64, table=True))
    net("embedding of axis 1", "y = Gather<axis = 1>(w, i)", "do", i=every,
        w=weight("io", 64, 96, table=True))
    net("embedding, then MatMul", "e = Gather(t, i) y = MatMul(e, w)", i=every,
        t=weight("oi", 96, 64, result="ob", table=True), w=weight("io", 64, 48, even=True))
    net("embedding, tied", "e = Gather(w, i) f = Transpose<perm = [1, 0]>(w) a = MatMul(x, f) "
        "s = Transpose<perm = [1, 0]>(a) y = Concat<axis = 1>(e, s)", "od", i=every, x=(B, 64),
        w=weight("oi", 96, 64, table=True))


# ---- recurrent: rows of each direction ----

def recurrent():
    for op, gates in ("LSTM", 4), ("GRU", 3), ("RNN", 1):
        for way, n in ("forward", 1), ("reverse", 1), ("bidirectional", 2):
            net(f"{op} {way}", f'y = {op}<hidden_size = 64, direction = "{way}">(x, w, r)', x=(5, 2, 64),
                w=weight("goi", n, gates * 64, 64), r=weight("goi", n, gates * 64, 64))


convolutions()
products()
einsums()
gathers()
recurrent()
