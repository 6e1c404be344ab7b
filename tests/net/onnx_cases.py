#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs ONNX's own test cases with netrun: folders with model.onnx and test_data_set_N/{input,output}_N.pb.

usage: onnx_cases.py UNSUPPORTED FOLDER...

UNSUPPORTED lists cases that are known not to pass, a line each: NAME REASON. One of them that passes is
a failure, too. Standard library only. tmo-from-onnx and netrun are found on PATH. Outputs are compared as
ONNX compares them: within 1e-7 + 1e-3 of what is expected, integers and truth values exactly.
"""
import concurrent.futures
import io
import math
import os
import re
import struct
import subprocess
import sys
import tarfile
import tempfile
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "helper"))
sys.dont_write_bytecode = True
from wire_format import get_fields, get_varint  # noqa: E402

RELATIVE, ABSOLUTE = 1e-3, 1e-7
# ONNX's number of a type: .npy's, how struct reads it; types that .npy has no name for come as codes.
NPY = {1: ("<f4", "f"), 2: ("|u1", "B"), 3: ("|i1", "b"), 4: ("<u2", "H"), 5: ("<i2", "h"), 6: ("<i4", "i"),
       7: ("<i8", "q"), 9: ("|b1", "B"), 10: ("<f2", "e"), 11: ("<f8", "d"), 12: ("<u4", "I"), 13: ("<u8", "Q")}
CODES = {16: ("bf16", "<u2", "H"), 17: ("f8e4m3", "|u1", "B"), 19: ("f8e5m2", "|u1", "B")}


class Unsupported(Exception):
    pass


def fields(data):
    found = {}
    for number, _, value in get_fields(data):
        found.setdefault(number, []).append(value)
    return found


def integers(values):
    out = []
    for v in values:
        at = 0
        if isinstance(v, int):
            out.append(v)
        while not isinstance(v, int) and at < len(v):
            value, at = get_varint(v, at)
            out.append(value)
    return [x - (1 << 64) if x >> 63 else x for x in out]


def tensor(data):
    """(type, shape, bytes) of a TensorProto."""
    t = fields(data)
    kind, shape = t.get(2, [0])[0], integers(t.get(1, []))
    if kind not in NPY and kind not in CODES:
        raise Unsupported(f"type {kind}")
    if 9 in t:
        return kind, shape, t[9][0]
    letter = NPY[kind][1] if kind in NPY else CODES[kind][2]
    if 4 in t or 10 in t:
        return kind, shape, b"".join(v if isinstance(v, bytes) else v for v in t.get(4, t.get(10)))
    numbers = integers(t.get(5, t.get(7, t.get(11, []))))
    if kind == 10:
        letter = "H"
    return kind, shape, struct.pack(f"<{len(numbers)}{letter}", *numbers)


def npy(descr, shape, data):
    text = "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }" % (descr, "".join(f"{n}, " for n in shape))
    text += " " * (-(len(text) + 11) % 64) + "\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text.encode() + data


def stream(tensors, path):
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        def add(name, data):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
        for name, (kind, shape, data) in tensors.items():
            stem = "tensors/" + urllib.parse.quote(name, safe="")
            if kind in NPY:
                add(stem + ".npy", npy(NPY[kind][0], shape, data))
            else:
                code, descr, _ = CODES[kind]
                add(stem + "/tensor.yaml", f"shape: {shape}\ndtype: {code}\ncode: {code}\n"
                    f"bits: {8 * struct.calcsize(CODES[kind][2])}\n".encode())
                add(stem + "/codes.npy", npy(descr, shape, data))


def outputs(data):
    """NAME -> (.npy's type or the codes', shape, bytes), in the order in which they come."""
    found = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for member in tar:
            path = member.name.split("/")
            if not member.name.endswith(".npy"):
                continue
            body = tar.extractfile(member).read()
            length = struct.unpack("<H", body[8:10])[0]
            header = body[10:10 + length].decode()
            shape = [int(n) for n in re.search(r"'shape': \(([^)]*)\)", header)[1].split(",") if n.strip()]
            stem = path[1] if len(path) > 2 else re.sub(r"\.npy$", "", path[1])
            found[urllib.parse.unquote(stem)] = (re.search(r"'descr': '([^']*)'", header)[1], shape, body[10 + length:])
    return found


def bf16(code):
    return struct.unpack("<f", struct.pack("<I", code << 16))[0]


def float8(code, exponent, mantissa, bias, infinite):
    sign, e, m = -1 if code >> 7 else 1, code >> mantissa & (1 << exponent) - 1, code & (1 << mantissa) - 1
    if infinite and e == (1 << exponent) - 1:
        return math.nan if m else sign * math.inf
    if not infinite and code & 127 == 127:
        return math.nan
    return sign * (m * 2.0 ** (1 - bias - mantissa) if e == 0 else (1 + m / (1 << mantissa)) * 2.0 ** (e - bias))


def numbers(kind, data):
    letter = NPY[kind][1] if kind in NPY else CODES[kind][2]
    values = struct.unpack(f"<{len(data) // struct.calcsize(letter)}{letter}", data)
    if kind == 16:
        return [bf16(c) for c in values]
    if kind == 17:
        return [float8(c, 4, 3, 7, False) for c in values]
    if kind == 19:
        return [float8(c, 5, 2, 15, True) for c in values]
    return values


def near(a, b, exact):
    if exact or a == b:
        return a == b
    return (a != a and b != b) or abs(a - b) <= ABSOLUTE + RELATIVE * abs(b)


def differs(expected, got):
    """What is wrong with an output, or None."""
    kind, shape, data = expected
    descr, its_shape, its_data = got
    if descr != (NPY[kind][0] if kind in NPY else CODES[kind][1]):
        return f"type {descr}"
    if its_shape != shape:
        return f"shape {its_shape}, not {shape}"
    wrong = [(i, x, y) for i, (x, y) in enumerate(zip(numbers(kind, its_data), numbers(kind, data)))
             if not near(x, y, kind in NPY and descr[1] in "iub")]
    return f"{len(wrong)} of {len(data) and len(numbers(kind, data))} values, the first: {wrong[0]}" if wrong else None


def declared(values):
    """Name -> type of what a graph takes or gives. Old cases hold bf16 as u16."""
    found = {}
    for v in map(fields, values):
        kind = fields(fields(v.get(2, [b""])[0]).get(1, [b""])[0])
        found[v[1][0].decode()] = kind.get(1, [0])[0]
    return found


def as_declared(found, kind):
    return (kind, *found[1:]) if (found[0], kind) == (4, 16) else found


def names(model):
    graph = fields(model[7][0])
    held = {fields(t)[8][0] for t in graph.get(5, []) if 8 in fields(t)}
    inputs = [fields(v)[1][0] for v in graph.get(11, [])]
    return ([n.decode() for n in inputs if n not in held], [n.decode() for n in inputs],
            [fields(v)[1][0].decode() for v in graph.get(12, [])])


def run_set(folder, data_set, model, place):
    inputs, all_inputs, wanted = names(model)
    graph = fields(model[7][0])
    kinds = declared(graph.get(11, []) + graph.get(12, []))
    here = os.path.join(folder, data_set)
    count = len([f for f in os.listdir(here) if f.startswith("input_")])
    given = {}
    for i, name in zip(range(count), inputs if count <= len(inputs) else all_inputs):
        given[name] = as_declared(tensor(open(os.path.join(here, f"input_{i}.pb"), "rb").read()), kinds[name])
    stream(given, place + "/in.tar")
    result = subprocess.run(["netrun", place + "/m.tar", place + "/in.tar"], capture_output=True, timeout=60)
    if result.returncode != 0:
        return result.stderr.decode().strip()[-300:] or f"status {result.returncode}"
    got = outputs(result.stdout)
    for i, name in enumerate(wanted):
        path = os.path.join(here, f"output_{i}.pb")
        if not os.path.exists(path):
            continue
        if name not in got:
            return f"output {name} is missing"
        wrong = differs(as_declared(tensor(open(path, "rb").read()), kinds[name]), got[name])
        if wrong:
            return f"output {name}: {wrong}"
    return None


def run_case(folder):
    """None if the case passes, else why not."""
    try:
        data = open(os.path.join(folder, "model.onnx"), "rb").read()
        with tempfile.TemporaryDirectory() as place:
            with open(place + "/m.tar", "wb") as out:
                made = subprocess.run(["tmo-from-onnx", "-q"], input=data, stdout=out, stderr=subprocess.PIPE)
            if made.returncode != 0:
                return made.stderr.decode().strip()[-300:]
            for data_set in sorted(os.listdir(folder)):
                if data_set.startswith("test_data_set"):
                    wrong = run_set(folder, data_set, fields(data), place)
                    if wrong:
                        return wrong
        return None
    except (Unsupported, subprocess.TimeoutExpired, KeyError, IndexError, struct.error) as e:
        return f"{type(e).__name__}: {e}"


def main():
    known = {}
    for line in open(sys.argv[1]):
        if line.strip() and not line.startswith("#"):
            name, _, reason = line.strip().partition(" ")
            known[name] = reason
    folders = [f for top in sys.argv[2:] for f in
               ([top] if os.path.exists(top + "/model.onnx") else
                sorted(os.path.join(top, n) for n in os.listdir(top)))]
    folders = [f for f in folders if os.path.exists(f + "/model.onnx")]
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for folder, wrong in zip(folders, pool.map(run_case, folders)):
            name = os.path.basename(folder)
            if wrong is None:
                passed += 1
                if name in known:
                    failed += 1
                    print(f"not ok {name}: it passes, but is listed: {known[name]}")
            elif name not in known:
                failed += 1
                print(f"not ok {name}: {wrong}")
    print(f"{passed} of {len(folders)} cases pass")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
