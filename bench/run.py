#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py: measures, prints tables, and writes them into bench/README.md.

    make bench                       everything; an hour
    make bench BENCH="start throughput"

What is compared with is installed in build/bench-venv, at the versions of requirements.txt."""
import os
import platform
import subprocess
import sys
import tempfile

import material
import measure
from measure import Table, shell, turns, usage

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = os.path.join(measure.ROOT, "build", "bench-venv", "bin", "python3")
GIB = int(os.environ.get("TMO_BENCH_GIB", "4"))
FOLDER = os.environ.get("TMO_BENCH_DIR") or os.path.join(tempfile.gettempdir(), "tmo-bench")


def path(name):
    return os.path.join(FOLDER, name)


def parts(cache=[]):        # the one list of tensors that all material is made of
    if not cache:
        cache.extend(material.weights(8))
    return cache


def have(name, make):
    """The file of that name, made if it is not there; in the page cache."""
    if not os.path.exists(path(name)):
        make(path(name) + ".new")
        os.rename(path(name) + ".new", path(name))
    shell("cat '%s' >/dev/null" % path(name))
    return path(name)


def stream(gib):
    return have("%dg.tar" % gib, lambda to: material.write_stream(to, 64 * gib, parts()))


def start():
    table = Table("Start-up", ["command", "ms", "target ms"])
    digits = os.path.join(measure.ROOT, "examples", "digits.onnx")
    demo = os.path.join(measure.ROOT, "pipelines", "ota-int8.yaml")
    commands = {
        "tmo-quant --help": ("tmo-quant --help >/dev/null", 5),
        "tmo list": ("tmo list >/dev/null", 50),
        "tmo run ota-int8.yaml -i digits.onnx":
            ("tmo run %s -q -i %s -o %s" % (demo, digits, path("digits.tar.zst")), 150),
    }
    nothing = turns({"": "true"}, 20)[""]
    for name, took in turns({n: c for n, (c, _) in commands.items()}, 20).items():
        ms = (took - nothing) * 1000
        table.row(name, "%.1f" % ms, commands[name][1], good=ms <= commands[name][1])
    return table


THROUGHPUT = [
    ("pass-through", "tmo-quant --skip '*'", .85),
    ("quant, 8 bits, channels", "tmo-quant --bits 8", .55),
    ("quant, 4 bits, groups of 32", "tmo-quant --bits 4 --granularity group:32", .4),
    ("quant, 4 bits, channels, mse", "tmo-quant --bits 4 --range mse", .1),
    ("quant, 8 bits, channels, mse", "tmo-quant --bits 8 --range mse", None),
    ("quant, 4 bits, groups of 32, mse",
     "tmo-quant --bits 4 --granularity group:32 --range mse", None),
    ("quant, 8 bits, percentile", "tmo-quant --bits 8 --range percentile:99.9", None),
    ("quant, 8 bits, asymmetric", "tmo-quant --bits 8 --asymmetric", None),
    ("quant, f16", "tmo-quant --type f16", None),
    ("quant, fp8", "tmo-quant --type f8e4m3", None),
    ("prune, half of each tensor", "tmo-prune --sparsity 0.5", .35),
    ("prune, half of all", "tmo-prune --sparsity 0.5 --scope global", .2),
    ("prune, 2:4", "tmo-prune --pattern 2:4", None),
    ("eval", "tmo-eval -q", .15),
]


def throughput():
    table = Table("Throughput, %d GiB of f32 in tensors of 16 MiB (1 GiB where there is no target)" %
                  GIB, ["what", "command", "GiB/s", "of cat", "target"])
    for name, command, target in THROUGHPUT:
        gib = GIB if target else 1
        tar = stream(gib)
        ours = "%s <%s | cat >/dev/null" % (command, tar)
        took = turns({"cat": "cat %s | cat >/dev/null" % tar, "ours": ours},
                     5 if target else 3)
        ratio = took["cat"] / took["ours"]
        table.row(name, "`%s`" % command, "%.2f" % (gib / took["ours"]), "%.2f" % ratio,
                  target or "", good=target is None or ratio >= target)
    return table


def formats():
    table = Table("Importers, %d GiB" % GIB, ["what", "GiB/s", "of cat", "target"])
    safe = have("%dg.safetensors" % GIB,
                lambda to: material.write_safetensors(to, 64 * GIB, parts()))
    onnx = path("%dg.onnx" % GIB)
    subprocess.run([PYTHON, os.path.join(HERE, "make_onnx.py"), "external", onnx,
                    os.path.basename(safe), str(64 * GIB), str(material.SIDE),
                    str(os.path.getsize(safe) - 64 * GIB * len(parts()[0]))], check=True)
    for name, command in (("tmo-from-safetensors", "tmo-from-safetensors %s" % safe),
                          ("tmo-from-onnx, external data", "tmo-from-onnx %s" % onnx)):
        took = turns({"cat": "cat %s | cat >/dev/null" % safe,
                      "ours": "%s | cat >/dev/null" % command})
        ratio = took["cat"] / took["ours"]
        table.row(name, "%.2f" % (GIB / took["ours"]), "%.2f" % ratio, .6, good=ratio >= .6)
    return table


def overlap():
    table = Table("Five stages in a pipe, 1 GiB",
                  ["wall s", "slowest stage s", "half of all CPU s", "ratio", "target"])
    stages = ["tmo-prune --sparsity 0.5", "tmo-cluster --clusters 32", "tmo-quant --bits 8",
              "tmo-eval -q", "tmo-pack --zstd 3"]
    given, slowest, cpu = stream(1), 0, 0
    for i, stage in enumerate(stages):
        wall, used, _ = usage("%s <%s >%s" % (stage, given, path("stage%d.tar" % i)))
        given, slowest, cpu = path("stage%d.tar" % i), max(slowest, wall), cpu + used
    wall = turns({"": "<%s %s >/dev/null" % (stream(1), " | ".join(stages))}, 3)[""]
    ratio = wall / max(slowest, cpu / 2)
    table.row("%.2f" % wall, "%.2f" % slowest, "%.2f" % (cpu / 2), "%.2f" % ratio, 1.3,
              good=ratio <= 1.3)
    for i in range(len(stages)):
        os.unlink(path("stage%d.tar" % i))
    return table


def cluster():
    table = Table("Clustering", ["weights", "values", "against", "s", "theirs s", "ratio", "target",
                                 "inertia / theirs"])
    for count, values, against, target in ((10_000_000, 16, "sklearn", 10),
                                           (1_000_000, 256, "ckwrap", 8)):
        name = "cluster%d" % count
        npy = have(name + ".npy", lambda to: subprocess.run(
            [PYTHON, os.path.join(HERE, "compare_cluster.py"), "make", to, str(count)], check=True))
        shell("cd %s && tar cf %s.tar %s.npy" % (FOLDER, name, name))
        ours = "tmo-cluster --clusters %d --only '*' <%s.tar" % (values, path(name))
        out = subprocess.run([PYTHON, os.path.join(HERE, "compare_cluster.py"), against, npy,
                              str(values), ours], check=True, stdout=subprocess.PIPE,
                             env=measure.environment()).stdout.split()
        mine, theirs, inertia = (float(x) for x in out)
        table.row(f"{count:,}", values, against, "%.2f" % mine, "%.2f" % theirs,
                  "%.1f" % (theirs / mine), target, "%.6f" % inertia,
                  good=theirs / mine >= target and inertia <= 1 + 1e-6)
    return table


def whole():
    table = Table("A convolutional network of 25 million weights, file to file",
                  ["program", "s", "peak MiB", "times faster", "memory", "target"])
    model = have("resnet.onnx", lambda to: subprocess.run(
        [PYTHON, os.path.join(HERE, "make_onnx.py"), "resnet", to], check=True))
    ours = "tmo-from-onnx %s | tmo-quant | tmo-to-onnx >%s" % (model, path("ours.onnx"))
    theirs = "%s %s %s %s" % (PYTHON, os.path.join(HERE, "quantize_dynamic.py"), model,
                              path("theirs.onnx"))
    took = turns({"ours": ours, "theirs": theirs}, 3)
    shell("tmo-from-onnx %s >%s && tmo-quant %s >%s" % (
        model, path("r.tar"), path("r.tar"), path("q.tar")))
    # The three stages run at the same time: their peaks add up.
    memory = sum(usage(c + " >/dev/null")[2] for c in (
        "tmo-from-onnx %s" % model, "tmo-quant <%s" % path("r.tar"),
        "tmo-to-onnx <%s" % path("q.tar")))
    other = usage(theirs)[2]
    table.row("onnxruntime.quantization.quantize_dynamic", "%.2f" % took["theirs"],
              "%.0f" % other, "", "", "")
    ratio = took["theirs"] / took["ours"]
    table.row("tmo-from-onnx, tmo-quant, tmo-to-onnx", "%.2f" % took["ours"], "%.0f" % memory,
              "%.1f" % ratio, "%.2f of theirs" % (memory / other), "6 x, 0.25",
              good=ratio >= 6 and memory <= other / 4)
    return table


def memory():
    table = Table("Peak memory, tensors of 16 MiB", ["command", "MiB", "bound"])
    tar = stream(1)
    for command in ("tmo-quant", "tmo-quant --bits 4 --granularity group:32",
                    "tmo-quant --bits 4 --range mse", "tmo-quant --type f16",
                    "tmo-prune", "tmo-prune --scope global", "tmo-prune --pattern 2:4",
                    "tmo-cluster --clusters 16", "tmo-eval -q", "tmo-eval -q --reference " + tar,
                    "tmo-decode", "tmo-pack"):
        bound = 32 + 16 * (8 if "cluster" in command else 3)
        if command == "tmo-pack":
            bound += 96             # zstd at level 19, to measure with
        peak = usage("%s <%s >/dev/null" % (command, tar))[2]
        table.row("`%s`" % command.replace(tar, "FILE"), "%.0f" % peak, bound, good=peak <= bound)
    return table


def small():
    table = Table("Tensors of 100 weights", ["command", "10,000: s", "20,000: s", "target"])
    for count in (10_000, 20_000):
        have("small%d.tar" % count, lambda to, n=count: shell(
            "python3 %s/many.py %d >%s" % (HERE, n, to)))
        have("codes%d.tar" % count, lambda to, n=count: shell(
            "tmo-quant <%s >%s" % (path("small%d.tar" % n), to)))
    for command, what in (("tmo-quant", "small"), ("tmo-prune", "small"),
                          ("tmo-cluster --clusters 16", "small"), ("tmo-eval -q", "small"),
                          ("tmo-decode", "small"), ("tmo-pack --zstd 3", "small"),
                          ("tmo-pack", "small"), ("tmo-decode", "codes"),
                          ("tmo-pack --zstd 3", "codes"), ("tmo-pack", "codes")):
        took = turns({n: "%s <%s >/dev/null" % (command, path("%s%d.tar" % (what, n)))
                      for n in (10_000, 20_000)}, 3)
        table.row("`%s`%s" % (command, ", quantized" if what == "codes" else ""), "%.2f" % took[10_000], "%.2f" % took[20_000], "1 s, linear",
                  good=took[10_000] < 1 and took[20_000] < 2.6 * took[10_000])
    return table


def big():
    table = Table("A stream of 64 GiB, one tensor of it 9 GiB", ["command", "s", "peak MiB"])
    report = path("peak")
    command = "%s | /usr/bin/env python3 %s/peak.py %s tmo-quant --skip big >/dev/null" % (
        material.big_generator(64), HERE, report)
    took = measure.seconds(command)
    peak = float(open(report).read().split()[2])
    table.row("`tmo-quant --skip big`", "%.0f" % took, "%.0f" % peak, good=peak < 80)
    return table


def kernels():
    table = Table("Kernels, one thread, data in memory", ["kernel", "GB/s of weights", "of memcpy"])
    shell("make -s -C %s build/bench/kernels" % measure.ROOT)
    out = subprocess.run([os.path.join(measure.ROOT, "build", "bench", "kernels")], check=True,
                         stdout=subprocess.PIPE).stdout.decode().splitlines()
    for line in out:
        name, speed, share = line.split("\t")
        table.row(name, speed, share)
    return table


def math():
    table = Table("Functions of base/math, all 2^32 floats",
                  ["function", "ulp at most", "at", "% not the nearest float", "stated"])
    program = os.path.join(measure.ROOT, "build", "bench", "math_errors")
    shell("make -s -C %s build/bench/math_errors" % measure.ROOT)
    run = subprocess.Popen(["nice", program, "-j", str(os.cpu_count())], stdout=subprocess.PIPE)
    for line in run.stdout:
        name, ulp, at, share, stated = line.decode().rstrip("\n").split("\t")
        table.row(name, ulp, at, share, stated, good=float(ulp) <= float(stated))
    if run.wait() not in (0, 1):
        sys.exit("math_errors failed")
    return table


SECTIONS = [start, throughput, formats, overlap, cluster, whole, memory, small, big, kernels, math]


def write_readme(table):
    """Puts the table where its title stands between the markers, or at the end of them."""
    file = os.path.join(HERE, "README.md")
    head, rest = open(file).read().split("<!-- measured -->\n")
    old, tail = rest.split("<!-- end -->\n")
    kept = {text.split("\n", 1)[0]: text for text in old.split("### ")[1:]}
    kept[table.title] = table.markdown()[4:]
    body = "".join("### " + kept[title].rstrip("\n") + "\n\n" for title in kept)
    with open(file, "w") as out:
        out.write(head + "<!-- measured -->\n" + body + "<!-- end -->\n" + tail)


def main():
    wanted = sys.argv[1:] or [section.__name__ for section in SECTIONS]
    known = {section.__name__: section for section in SECTIONS}
    for name in wanted:
        if name not in known:
            sys.exit("no section %s; there are: %s" % (name, " ".join(known)))
    os.makedirs(FOLDER, exist_ok=True)
    print("%s, %d processors" % (platform.machine(), os.cpu_count()))
    missed = 0
    for name in wanted:
        table = known[name]()
        write_readme(table)
        missed += table.failed
    print("\n%d targets missed; bench/README.md has the tables" % missed)


if __name__ == "__main__":
    main()
