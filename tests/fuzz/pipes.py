#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pipes.py SEED COUNT [CASE]: whole random streams through chains of the programs on PATH, with
random options of those that `--describe` names. What must hold of each run of a program:

- status 0, 1 or 2, no signal, no sanitizer's report, an end within a minute
- if it failed: one line on stderr, that begins with its name, and no complete archive on stdout
- if not: nothing on stderr, and an archive that tarfile reads to its end
- the same output, message and status for -j1 and -j2

and of each stream: tmo-decode gives what tmo-stream(5) says, also of the packed form, tmo-unpack
undoes tmo-pack, and what was written to another format can be read, from .npz the same. A damaged
stream is refused, or read; nothing else. Run in an empty folder; ends with "N passed, N failed" of
cases. CASE runs only that one, and says what it does."""
import io
import math
import os
import random
import re
import shlex
import subprocess
import sys
import tarfile
import urllib.parse

sys.dont_write_bytecode = True
import anystream

SEED, COUNT = int(sys.argv[1]), int(sys.argv[2])
ONLY = int(sys.argv[3]) if len(sys.argv) > 3 else None
FILTERS = ["quant", "prune", "cluster", "decode", "pack", "unpack", "eval"]
EXPORTS = ["npz", "safetensors", "onnx"]
PATTERNS = ["unstructured", "2:4", "1:2", "3:8", "channel", "channel:l1", "channel:bn", "block:1x4", "block:2x2:max",
            "block:4x1:avg", "block:16x16", "5:4", "blob"]
REQUIRE = ["sqnr_db>=20", "bits<=8", "zeros>=0.1", "elements>0", "max_abs_error<1", "cosine>0.5", "what>1", "bits"]


class Wrong(Exception):
    pass


def describe(program):
    """The options of a program: a list of maps."""
    text = subprocess.run(["tmo-" + program, "--describe"], stdout=subprocess.PIPE, check=True).stdout.decode()
    options = []
    for line in text.partition("options:\n")[2].splitlines():
        if line.startswith("- "):
            options.append({})
        key, _, value = line[2:].partition(": ")
        if value.startswith("["):
            value = [v.strip(" '") for v in value[1:-1].split(",")]
        options[-1][key] = value if isinstance(value, list) else value.strip("'")
    return options


# ---- random options ----

def draw_glob(rng, names):
    name = rng.choice(sorted(names) or ["w"])
    return rng.choice(["*", "*.weight", "op:*", "op:MatMul", "node:*", "[", "a*", name, name[:2] + "*"]).replace("\n", "?")


def draw_text(rng, option, names):
    name = option["name"]
    if name == "pattern":
        return rng.choice(PATTERNS)
    if name == "check":
        return rng.choice(["2:4", "1:3", "0:0", "4:2", "x"])
    if name == "report":
        return rng.choice(["r.json", "r.html", "r.txt", "r.doc"])
    if name == "require":
        return rng.choice(REQUIRE)
    if name in ("only", "skip"):
        return draw_glob(rng, names)
    return rng.choice(["x", "weights.bin"])


def draw_map(rng, options, names):
    lines = []
    for _ in range(rng.randint(0, 3)):
        glob = "'%s'" % draw_glob(rng, names).replace("'", "''")
        if any(glob in line for line in lines):
            continue
        own = [o for o in options if "common" not in o and o["name"] != "map" and o["type"] != "file"]
        rows = rng.sample(own, min(len(own), rng.randint(1, 3)))
        lines.append("%s: %s\n" % (glob, rng.choice(["skip"] + ["{%s}" % ", ".join(
            "%s: '%s'" % (o["name"], draw_value(rng, o, options, names)) if o["type"] in ("text", "choice") else
            "%s: %s" % (o["name"], draw_value(rng, o, options, names)) for o in rows)] * 4)))
    with open("map.yaml", "w", encoding="utf-8") as file:
        file.write("".join(lines))
    return "map.yaml"


def draw_value(rng, option, options, names):
    kind, name = option["type"], option["name"]
    if kind in ("flag", "switch"):
        return rng.choice(["true", "true", "false"])
    if kind == "int":
        low, high = int(float(option.get("min", 0))), int(float(option.get("max", 100)))
        if name == "zstd":
            high = 6
        return str(rng.choice([low, low + 1, min(high, low + rng.randint(0, 8)), min(high, low + rng.randint(0, 300)), high]))
    if kind == "real":
        low, high = float(option.get("min", 0)), min(100.0, float(option.get("max", 100)))
        return repr(rng.choice([low, high, rng.uniform(low, high), rng.uniform(low, high)]))
    if kind == "choice":
        word = rng.choice(option["values"])
        if word.endswith(":N"):
            return word[:-1] + str(rng.choice([1, 2, 3, 4, 8, 32, 1000]))
        return word[:-1] + str(rng.choice([99.9, 90, 50, 100])) if word.endswith(":P") else word
    if name == "map":
        return draw_map(rng, options, names)
    if kind == "file":
        return rng.choice(["stream.tar", "stream.tar", "other.tar"])
    return draw_text(rng, option, names)


def draw_options(rng, program, names):
    options, argv = DESCRIBED[program], []
    for option in options:
        share = 0.04 if "common" in option else 0.02 if option["type"] == "file" else 0.25
        if option["name"] in ("quiet", "verbose", "threads") or rng.random() > share:
            continue
        for _ in range(rng.choice([1, 1, 2]) if option["type"] == "list" else 1):
            value = draw_value(rng, option, options, names)
            if option["type"] in ("flag", "switch"):
                argv.append(("--" if value == "true" else "--no-") + option["name"])
            else:
                argv.append("--%s=%s" % (option["name"], value))
    return argv


# ---- runs ----

def complete(data):
    """Whether it ends as a complete tar archive does."""
    return len(data) >= 1024 and not any(data[-1024:])


def start(argv, data):
    try:
        done = subprocess.run(argv, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        raise Wrong("no end: %s" % shlex.join(argv)) from None
    status, err = done.returncode, done.stderr.decode("utf-8", "replace")
    if status not in (0, 1, 2) or "Sanitizer" in err or "runtime error" in err:
        raise Wrong("status %d of %s:\n%s" % (status, shlex.join(argv), err[:3000]))
    return status, done.stdout, err


def run(program, argv, data, must=False):
    """A program's output, or None if it failed as it should; must: it may not fail."""
    command = ["tmo-" + program, "-q"] + argv
    status, out, err = start(command + ["-j1"], data)
    if ONLY is not None:
        print(shlex.join(command), "->", status, err.strip())
    TOLD[status] = TOLD.get(status, 0) + 1
    if status == 0 and err:
        raise Wrong("%s succeeds and says: %s" % (shlex.join(command), err[:500]))
    if status != 0 and (must or not re.fullmatch(r"%s: [^\n]+\n" % command[0], err) or complete(out)):
        raise Wrong("status %d of %s, %s archive, says: %s" % (
            status, shlex.join(command), "complete" if complete(out) else "no", err[:500]))
    if start(command + ["-j2"], data) != (status, out, err):
        raise Wrong("%s gives something else with -j2" % shlex.join(command))
    return out if status == 0 else None


def members(data):
    """[(name, bytes)] by tarfile, which must reach the end."""
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        found = [(m.name, tar.extractfile(m).read()) for m in tar]
    if not complete(data) or len(data) % 512 != 0:
        raise Wrong("an archive without an end")
    return found


# ---- what must hold of a stream ----

def same_number(a, b):
    return a == b and math.copysign(1, a) == math.copysign(1, b) or (a != a and b != b)


def arrays(data):
    """{tensor's name: its .npy} of the plain tensors, and what cannot be plain left out."""
    found, names = {}, {}
    for path, bytes_ in members(data):
        if path in ("model.yaml", "names.yaml"):
            names.update(re.findall(r"^  (?:\? )?'?([^':\n]*~[0-9a-f]{32})'?(?:\n  )?: '?([^'\n]*)'?$", bytes_.decode(), re.M))
        component = path[:-4].removeprefix("tensors/")
        if path.endswith(".npy") and "/" not in component:
            if path.startswith("tensors/"):
                component = urllib.parse.unquote(names.get(component, component))
            found[component] = bytes_
    return found


def check_decoded(data, tensors):
    """tmo-decode against what the stream's maker computed."""
    found = arrays(data)
    if set(found) != set(tensors):
        raise Wrong("tensors are gone, or new: %s" % sorted(set(found) ^ set(tensors)))
    for name, want in tensors.items():
        kind, shape, values = anystream.load(found[name])
        if kind != want.dtype or shape != want.shape:
            raise Wrong("%r is %s %s, not %s %s" % (name, kind, shape, want.dtype, want.shape))
        for i, (a, b) in enumerate(zip(values, want.values)):
            if not same_number(a, b):
                raise Wrong("%r[%d] is %r, not %r" % (name, i, a, b))


def check_pack(rng, stream):
    """tmo-unpack undoes tmo-pack, at any level."""
    argv = rng.choice([[], ["--zstd=1"], ["--zstd=%d" % rng.randint(1, 12)]])
    packed = run("pack", argv, stream, must=True)
    if run("unpack", [], packed, must=True) != stream:
        raise Wrong("tmo-unpack does not undo tmo-pack %s" % argv)
    if run("decode", [], packed, must=True) != run("decode", [], stream, must=True):
        raise Wrong("the packed form decodes to something else")


def check_near(stream):
    """8 bits are never far from what they stand for: half a step of the largest value's range."""
    coded = run("quant", ["--bits=8"], stream)
    if coded is None:				# NaN
        return
    was, now = (arrays(run("decode", [], d, must=True)) for d in (stream, coded))
    for name, data in was.items():
        _, _, values = anystream.load(data)
        largest = max([abs(v) for v in values] + [0])
        parts = {path: part for path, part in members(stream) if path.startswith("tensors/%s/" % anystream.stem(name)[0])}
        if any(path.endswith("/codebook.npy") for path in parts):	# its entries need not be used
            largest += sum(max([abs(v) for v in anystream.load(part)[2]] + [0]) for path, part in parts.items()
                           if path.endswith(("/codebook.npy", "/zero_point.npy")))
        for i, (a, b) in enumerate(zip(values, anystream.load(now[name])[2])):
            if not same_number(a, b) and not abs(a - b) <= largest / 100:
                raise Wrong("8 bits make %r of %r[%d], %r" % (b, name, i, a))


def check_exports(rng, stream):
    """There and back: the same tensors, if the format can hold them."""
    form = rng.choice(EXPORTS)
    made = run("to-" + form, draw_options(rng, "to-" + form, []) if form != "onnx" else [], stream)
    if made is None:
        return
    back = run("from-" + form, [], made, must=True)
    if form == "onnx":		# it names and arranges weights as its format wants
        return
    there, here = (
        {name: anystream.npy(*anystream.load(bytes_)) for name, bytes_ in arrays(run("decode", [], d, must=True)).items()}
        for d in (back, stream))
    lost = sorted(name for name in here if there.get(name) != here[name])
    if form == "npz" and lost and not any("\\" in name for name in here):	# libarchive makes it a slash
        raise Wrong("from-npz does not give what to-npz was given: %s" % lost)


def damage(rng, data):
    """Some bytes changed, lost, or doubled; sometimes with the header's checksum made good."""
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 5])):
        at = rng.randrange(len(data))
        kind = rng.random()
        if kind < 0.4:
            data[at] = rng.choice([0, 1, 0x30, 0x39, 0x7f, 0x80, 0xff, rng.randrange(256)])
        elif kind < 0.6:
            data[at:at + rng.choice([1, 8, 512])] = b""
        elif kind < 0.8:
            data[at:at] = data[at - rng.choice([1, 8, 512]):at]
        else:
            digits = [i for i in range(at, min(len(data), at + 2000)) if 48 <= data[i] <= 57]
            for i in digits[:1]:
                data[i] = rng.randrange(48, 58)
        if len(data) < 512:
            break
        block = rng.randrange(len(data) // 512) * 512 if rng.random() < 0.3 else at - at % 512
        if data[block + 257:block + 262] == b"ustar":
            head = data[block:block + 512]
            head[148:156] = b" " * 8
            data[block + 148:block + 156] = b"%06o\0 " % sum(head)
    return bytes(data)


def from_graph(rng):
    """A stream with a graph, by tmo-from-onnx."""
    lines, last, width = ["ir 8", "opset 13", "input x"], "x", rng.choice([3, 4, 8])
    for i in range(rng.randint(1, 4)):
        name, out = rng.choice(["fc", "a/b:", "onnx::MatMul_", "."]) + str(i), rng.choice([3, 8, 16, 64])
        if i == 0 and rng.random() < 0.4:
            lines += ["init %s f32 %dx%dx3x3 raw" % (name, out, width), "node Conv n%d %s,%s h%d" % (i, last, name, i)]
        else:
            lines += ["init %s %s %dx%d raw" % (name, rng.choice(["f32", "f32", "f16", "f64", "bf16"]), width, out),
                      "node %s n%d %s,%s h%d" % (rng.choice(["MatMul", "Gemm"]), i, last, name, i)]
        last, width = "h%d" % i, out
    model = subprocess.run(["mkonnx"] + lines + ["output " + last], stdout=subprocess.PIPE, check=True).stdout
    return run("from-onnx", [], model, must=True)


def one(rng):
    if rng.random() < 0.25:
        stream, names = from_graph(rng), ["fc0", "op:MatMul"]
    else:
        data, tensors = anystream.draw(rng)
        names = list(tensors)
        check_decoded(run("decode", [], data, must=True), tensors)
        stream = run("decode", ["--skip=*"], data, must=True)	# as a program of tmo writes it
    for file, content in (("stream.tar", stream), ("other.tar", anystream.draw(rng)[0])):
        with open(file, "wb") as f:
            f.write(content)
    check_near(stream)
    for program in rng.choices(FILTERS, weights=[4, 3, 3, 1, 1, 1, 2], k=rng.randint(1, 4)):
        out = run(program, draw_options(rng, program, names), stream)
        if out == b"":				# tmo-unpack --test
            out = None
        if out is not None and not out.startswith(b"\x28\xb5\x2f\xfd"):
            members(out)
        if rng.random() < 0.3 and out is not None:
            run(program, draw_options(rng, program, names), damage(rng, out))
        stream = stream if out is None else out
    stream = run("unpack", [], stream, must=True)
    run("eval", [], stream, must=True)
    check_pack(rng, stream)
    check_exports(rng, stream)
    run(rng.choice(FILTERS + ["to-npz", "to-safetensors", "to-onnx"]), [], damage(rng, stream))


TOLD = {}
DESCRIBED = {p: describe(p) for p in FILTERS + ["to-" + e for e in EXPORTS]}


def main():
    passed = failed = 0
    for case in range(COUNT) if ONLY is None else [ONLY]:
        try:
            one(random.Random("%d.%d" % (SEED, case)))
            passed += 1
        except (Wrong, tarfile.TarError) as e:
            failed += 1
            print("not ok: pipes.py %d %d %d: %s" % (SEED, COUNT, case, e))
    print("runs by status: %s" % ", ".join("%d: %d" % item for item in sorted(TOLD.items())))
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


sys.exit(main())
