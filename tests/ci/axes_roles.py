#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether the filters know what each axis of a weight is, by onnxruntime and numpy alone.

usage: axes_roles.py BIN [GLOB...]

BIN is the folder of the programs; GLOBs choose networks by name. The networks, of axes_models.py and
axes_views.py, have outputs, experts, groups, directions APART times apart in size, and say themselves
what their axes are. Each goes through tmo-quant, tmo-cluster and tmo-prune. Then: 8 bits per channel keep
each output within 1 % of its own largest, and each weight within half a step of its own channel (of
recurrent networks only that is asked); groups, N:M and channels run along the axes that they should, and
nothing else changes, and tmo-eval --check sees that; stream, payload and model are never larger than
before; the model of codes computes what the dense one does, and is read back as it was. Ends with
"N passed, N failed".
"""
import concurrent.futures
import contextlib
import fnmatch
import io
import json
import sys
import tempfile

import numpy as np
import onnx
from onnx import numpy_helper

sys.dont_write_bytecode = True
import axes_views  # noqa: E402, F401
import counting  # noqa: E402
from axes_models import GROUP, NETS  # noqa: E402
from counting import check, counted, finish  # noqa: E402
from programs import first_on_path, tool  # noqa: E402
from runtime import outputs  # noqa: E402
from streams import members  # noqa: E402

CLUSTERS = 16
SAME = 1e-4  # of an output's largest: what floats lose that are added in another order


# ---- models and streams ----

def computed(net, model):
    """What the network computes, of several runs a result with an axis more."""
    data = model if isinstance(model, bytes) else model.SerializeToString()
    results = [r[0] for r in outputs(data, net.feeds())]
    return results[0] if len(results) == 1 else np.stack(results)


def initializers(graph):
    """name -> array, inner graphs too."""
    found = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    for node in graph.node:
        for a in node.attribute:
            for g in [a.g] if a.HasField("g") else a.graphs:
                found |= initializers(g)
    return found


def found(net, model):
    """The weights in a model by the names that the network has for them, and what else is there."""
    values = initializers(onnx.load_from_string(model).graph)
    weights = {}
    for name, w in net.weights().items():
        like = [n for n, v in values.items() if v.shape == w.value.shape and v.dtype == np.float32]
        near = [n for n in like if n == name] or [n for n in like if n.startswith(name + "_")] or like
        if len(near) != 1:
            raise ValueError(f"weight {name} is not in the model: {list(values)}")
        weights[name] = values.pop(near[0])
    return weights, values


def room(stream):
    """Bytes in tar without what tells the history."""
    return sum(512 + -(-len(data) // 512) * 512 for name, data in members(stream).items()
               if name not in ("model.yaml", "SHA256SUMS"))


# ---- what is right, by numpy ----

def channels(m, _=None):
    """The largest of each own and output."""
    return np.abs(m).max((2, 3), keepdims=True)


def grouped(m, w):
    """The largest of each group along the input; where there are no whole ones, of the channel."""
    if m.shape[2] < GROUP or w.strided:
        return channels(m)
    starts = np.arange(0, m.shape[2], GROUP)
    return np.maximum.reduceat(np.abs(m), starts, 2).repeat(GROUP, 2)[:, :, :m.shape[2]]


def rounded(codes, share):
    """Judges that weights are within half a step of codes of up to so much for what shares a scale."""
    def judge(w, was, now):
        was, now = w.matrix(was), w.matrix(now)
        off, allowed = np.abs(was - now), share(was, w) / codes / 2 * (1 + SAME)
        bad = (off > allowed).any((2, 3))
        worst = (off / channels(was)).max()
        return f"{bad.sum()} of {bad.size} outputs are off by more than half a step, up to {worst:.2%}" \
            " of the output's largest" if bad.any() else ""
    return judge


def square(a):
    return np.square(a, dtype=np.float64).sum()


def clustered(w, was, now):
    """Each channel has few values, which are no worse than as many at equal distances."""
    many = worse = 0
    for a, b in zip(*(m.reshape(-1, m.shape[2] * m.shape[3]) for m in (w.matrix(was), w.matrix(now)))):
        step = (a.max() - a.min()) / (CLUSTERS - 1)
        even = a.min() + np.rint((a - a.min()) / (step or 1)) * step
        many += len(np.unique(b)) > CLUSTERS * w.finer
        worse += square(a - b) > square(a - even) * (1 + SAME)
    return f"{many} channels with more than {CLUSTERS} values, {worse} with worse than there are" \
        if many or worse else ""


def two_of_four(w, was, now):
    """The two largest of each four along the input stay, of equal ones the first."""
    m, got = w.matrix(was), w.matrix(now)
    right = m.copy()
    if m.shape[2] >= 4:
        fours = np.abs(m).reshape(*m.shape[:2], -1, 4, m.shape[3])
        ranks = np.argsort(np.argsort(-fours, 3, kind="stable"), 3)
        right[(ranks >= 2).reshape(m.shape)] = 0
    bad = (right != got).any((2, 3))
    fewer = (right != 0).sum() - (got != 0).sum()
    return f"{bad.sum()} of {bad.size} outputs have others than the 2 largest of each 4 inputs" + \
        (f"; {fewer} weights too few" if fewer else "") if bad.any() else ""


def quarter(sizes):
    """Marks of the smallest quarter, of which one stays at least."""
    order = np.argsort(np.argsort(sizes.ravel())).reshape(sizes.shape)
    return order < sizes.size - max(1, round(sizes.size * 0.75))


def whole_channels(w, was, now):
    """A quarter of the channels is zero, the smallest of all or of each own; the others are as they were."""
    m, got = w.matrix(was), w.matrix(now)
    sizes = np.abs(m).sum((2, 3))
    gone = ~got.any((2, 3))
    changed = (m != got).any((2, 3)) & ~gone
    if changed.any():
        return f"{changed.sum()} of {changed.size} channels are changed, but not zero"
    if gone.shape[1] > 1 and gone.all(1).any():
        return f"{gone.all(1).sum()} of {len(gone)} groups, experts or directions are gone"
    rights = quarter(sizes), np.stack([quarter(s) for s in sizes])
    return "" if any((r == gone).all() for r in rights) else \
        f"{gone.sum()} of {gone.size} channels are zero, not the smallest quarter"


# ---- what is done to each network: name, program, judge of a weight, tolerance of an output ----

CHAINS = [
    ("8 bits per channel", "tmo-quant -b 8 -g channel", rounded(127, channels), 0.01),
    ("8 bits, groups", f"tmo-quant -b 8 -g group:{GROUP}", rounded(127, grouped), 0.01),
    ("4 bits, groups", f"tmo-quant -b 4 -g group:{GROUP}", rounded(7, grouped), None),
    ("values per channel", f"tmo-cluster -c {CLUSTERS} -g channel", clustered, 0.2),
    ("2:4", "tmo-prune -p 2:4", two_of_four, None),
    ("channels", "tmo-prune -p channel -s 0.25", whole_channels, None)]


def off(net, letters, wanted, got):
    """By how much of its own largest an output is off, at most; steps of a result allow for one."""
    data = tuple(a for a, letter in enumerate(letters.ljust(wanted.ndim)) if letter not in "go")
    wanted, got = wanted.astype(np.float64), got.astype(np.float64)
    largest = np.abs(wanted).max(data, initial=0)
    error = np.maximum(np.abs(wanted - got).max(data, initial=0) - net.step * (1 + SAME), 0)
    return np.divide(error, largest, out=np.where(error > 0, np.inf, 0), where=largest > 0)


def close(net, wanted, got, tolerance, *what):
    """Counts whether all outputs are close, for each weight's meaning of the result."""
    for letters in sorted({w.result for w in net.weights().values()}):
        error = off(net, letters, wanted, got)
        bad = error > tolerance
        check(not bad.any(), net.name, *what,
              f"{bad.sum()} of {bad.size} outputs are off by more than {tolerance:.2%} of their largest, "
              f"up to {error.max():.2%}")


def truth(net, wanted):
    """That the axes are what the network says: for that tmo is not needed."""
    linear = {n: w for n, w in net.weights().items() if w.result}
    ideal = {}
    for name, w in linear.items():
        m = w.matrix(w.value)
        scale = channels(m) / 127
        ideal[name] = w.unmatrix((np.rint(m / scale) * scale).astype(np.float32))
        for what, places in ("output", m.shape[:2]), ("input", m.shape[2:3]):
            at = tuple(np.random.default_rng(3).integers(n) for n in places)
            other = m.copy()
            other[at if what == "output" else (slice(None), slice(None)) + at] *= 2
            moved = off(net, w.result, wanted, computed(net, net.model({name: w.unmatrix(other)}))) > SAME
            right = moved.sum() <= 1 if what == "output" else moved.sum() > moved.size // 3
            check(right or moved.size == 1, net.name, "the script itself", name,
                  f"an {what} of the weight moves {moved.sum()} of {moved.size} results")
    if ideal:
        close(net, wanted, computed(net, net.model(ideal)), 0.01, "the script itself", "best 8 bits")


# ---- one network ----

class Start:
    """A network before the filters: its stream with all weights decoded, and what it then is."""

    def __init__(self, net):
        self.net, self.wanted = net, computed(net, net.model())
        stream = tool(["tmo-from-onnx"], net.model().SerializeToString())
        self.came = tool(["tmo-to-onnx"], stream)
        self.stream = tool(["tmo-decode"], stream) if net.coded else stream
        self.packed = room(tool(["tmo-pack"], self.stream))
        self.model = tool(["tmo-to-onnx"], self.stream)
        self.weights, self.others = found(net, self.model)

    def check(self):
        net = self.net
        if not net.coded:
            truth(net, self.wanted)
        close(net, self.wanted, computed(net, self.came), SAME if net.coded else 0, "in and out")
        for name, w in net.weights().items():
            check(np.array_equal(self.weights[name], w.value), net.name, "in", name, "other values")


def sizes(start, what, stream, coded):
    """No larger than before, in any form."""
    for form, now, before in (("stream", room(stream), room(start.stream)),
                              ("payload", room(tool(["tmo-pack"], stream)), start.packed),
                              ("model", len(coded), len(start.model))):
        check(now <= before, start.net.name, what, f"{form} of {now} bytes, {before} before")


def read_back(start, what, coded, weights, result):
    """A model of codes, read and written again: the same weights, which compute the same."""
    net = start.net
    dense = tool(["tmo-to-onnx", "-w", "dense"], tool(["tmo-from-onnx"], coded))
    again, _ = found(net, dense)
    for name, value in weights.items():
        check(np.array_equal(again[name], value), net.name, what, "read back", name, "other values")
    close(net, result, computed(net, dense), SAME, what, "read back")


def judged(net, what, name, judge, was, now):
    """Counts whether a weight is changed as it should be."""
    w, pruned, same = net.weights()[name], judge in (two_of_four, whole_channels), np.array_equal(was, now)
    # Better nothing than a guess; a table's rows need not be pruned.
    if net.untold and (same or not pruned) or w.table and pruned and same:
        return
    # Codes may be those that the filter chooses; of one input nothing can go.
    idle = net.coded or pruned and w.matrix(was).shape[2] == 1
    if check(idle or not same, net.name, what, name, "left as it was"):
        wrong = judge(w, was, now)
        check(not wrong, net.name, what, name, wrong)


def holds(w, value):
    """Whether no four neighbours along the input have more than two that are not 0."""
    m = w.matrix(value)
    return all((m[:, :, i:i + 4] != 0).sum(2).max() <= 2 for i in range(0, m.shape[2], 4))


def told(net, stream, weights, what):
    """tmo-eval --check says of each weight what numpy finds."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        tool(["tmo-eval", "--check", "2:4", "--report", report.name], stream)
        says = {t["name"]: t.get("pattern") for t in json.load(open(report.name, encoding="utf-8"))["tensors"]}
    for name, w in net.weights().items():
        if not (net.untold or net.coded or w.strided):  # codes bear other names
            check(says.get(name) == holds(w, weights[name]), net.name, what, name, "--check says", says.get(name))


def chain(start, what, command, judge, tolerance):
    """A network through one filter."""
    net = start.net
    stream = tool(command.split(), start.stream)
    coded, dense = tool(["tmo-to-onnx"], stream), tool(["tmo-to-onnx", "-w", "dense"], stream)
    sizes(start, what, stream, coded)
    weights, others = found(net, dense)
    check(others.keys() == start.others.keys() and
          all(np.array_equal(others[n], start.others[n]) for n in others), net.name, what,
          "something else than the weight is changed")
    for name, w in net.weights().items():
        judged(net, what, name, judge, start.weights[name], weights[name])
    if judge == two_of_four:
        told(net, stream, weights, what)
    result = computed(net, dense)
    if tolerance and not net.untold and any(w.result for w in net.weights().values()):
        close(net, start.wanted, result, tolerance, what)
    close(net, result, computed(net, coded), SAME, what, "codes and dense")
    if not net.coded:
        close(net, computed(net, net.model(weights)), result, SAME, what, "weights put into the model")
    if "prune" not in command:
        read_back(start, what, coded, weights, result)


def network(number):
    """All of one network; what is said of it, how many cases hold and how many do not."""
    counting.counts.update({True: 0, False: 0})
    net, said = NETS[number], io.StringIO()
    with contextlib.redirect_stdout(said), counted(net.name):
        start = Start(net)
        start.check()
        told(net, start.stream, start.weights, "as it came")
        for what, command, judge, tolerance in CHAINS:
            with counted(net.name, what):
                chain(start, what, command, judge, tolerance)
    return said.getvalue(), dict(counting.counts)


def main():
    first_on_path(sys.argv[1])
    globs = sys.argv[2:] or ["*"]
    chosen = [i for i, n in enumerate(NETS) if any(fnmatch.fnmatchcase(n.name, g) for g in globs)]
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        for said, counts in pool.map(network, chosen):
            print(said, end="", flush=True)
            for good in counts:
                counting.counts[good] += counts[good]
    return finish(max(1, len(chosen) * 20))


if __name__ == "__main__":
    sys.exit(main())
