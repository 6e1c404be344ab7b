# SPDX-License-Identifier: Apache-2.0
"""pairs.py STREAM STAGES: each two of the stages, in a row, on the stream of f32: what the second must
leave of what the first one made, or say. Prints what does not hold."""
import io
import math
import shlex
import subprocess
import sys
import tarfile

import npy

SAID = {  # what a stage takes away, and the words by which it says so
    "zeros": "were 0 and are not now",
    "values": "shared values are gone",
    "codes": "and is plain now",
}


def run(stage, stream):
    done = subprocess.run(["tmo-" + stage[0], *stage[1:]], input=stream, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{shlex.join(stage)}: {done.stderr.decode()}")
    return done.stdout, done.stderr.decode()


def members(stream):
    with tarfile.open(fileobj=io.BytesIO(stream)) as tar:
        return {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}


class Made:
    """A stream, and of each tensor its values, how many bits it has for a weight, and whether it is plain."""

    def __init__(self, stream):
        self.stream = stream
        plain, given = members(run(["decode"], stream)[0]), members(stream)
        self.values, self.bits, self.plain = {}, {}, {}
        for name, data in plain.items():
            if not name.endswith(".npy"):
                continue
            self.values[name] = x = npy.read(data)
            self.plain[name] = name in given
            folder, size = name[:-4] + "/", 0
            for part, content in given.items():
                if part == name:
                    size += 32 * len(x)
                elif part == folder + "codes.npy":
                    text = given[folder + "tensor.yaml"].decode()
                    size += int(text.split("bits:")[1].split()[0]) * len(x)
                elif part.startswith(folder) and part.endswith(".npy"):
                    size += 8 * (len(content) - 128)
            self.bits[name] = size / len(x)


def rms(a, b):
    return math.sqrt(math.fsum((x - y) ** 2 for x, y in zip(a, b)) / len(a))


def distinct(values):
    """How many values there are in each few, added up: they have one scale, most of them."""
    return sum(len(set(values[i:i + 8])) for i in range(0, len(values), 8))


def faults(name, original, first, second, both, said):
    """What is wrong with tensor `name`, in words."""
    x, a, b, ab = (made.values[name] for made in (original, first, second, both))
    if any(p == 0 != q for p, q in zip(a, ab)) and SAID["zeros"] not in said:
        yield "zeros are lost in silence"
    left = [i for i, (p, q) in enumerate(zip(a, b)) if p != 0 and q != 0]
    before, alone, after = (distinct([v[i] for i in left]) for v in (a, b, ab))
    if after < 0.5 * min(before, alone) and SAID["values"] not in said:
        yield f"{before} values became {after} in silence, {alone} by the second alone"
    if both.plain[name] and not first.plain[name] and SAID["codes"] not in said:
        yield "codes are gone in silence"
    if both.bits[name] > 1.02 * max(first.bits[name], second.bits[name]) and SAID["codes"] not in said:
        yield f"{both.bits[name]:.1f} bits a weight"
    # What is nearest to a is no farther from it than b is, by the triangle of x, a and b.
    if rms(x, ab) > 2 * rms(x, a) + 1.1 * rms(x, b):
        yield f"error {rms(x, ab):.3g}, of the first {rms(x, a):.3g}, of the second {rms(x, b):.3g}"


def main(path, table):
    with open(path, "rb") as file:
        original = Made(file.read())
    with open(table) as file:
        stages = [shlex.split(line) for line in file if line.strip() and line[0] != "#"]
    alone = [Made(run(stage, original.stream)[0]) for stage in stages]
    wrong = 0
    for i, first in enumerate(stages):
        for k, second in enumerate(stages):
            stream, said = run(second, alone[i].stream)
            if second == ["decode"]:
                said += SAID["codes"]    # that is what it is for
            both = Made(stream)
            for name in original.values:
                for fault in faults(name, original, alone[i], alone[k], both, said):
                    print(f"{shlex.join(first)} | {shlex.join(second)}: {name}: {fault}")
                    wrong += 1
    print(f"{len(stages) ** 2} pairs, {wrong} faults")
    sys.exit(wrong > 0)


main(*sys.argv[1:])
