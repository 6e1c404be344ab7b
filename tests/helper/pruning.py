# SPDX-License-Identifier: Apache-2.0
"""What pruning in patterns should leave, slowly and with the standard library only; streams to try
it on. A tensor is (type, shape, values): values a flat list in C order."""
import io
import itertools
import math
import random
import struct
import tarfile

from weights import CODES, load, run  # noqa: F401  (for the tests' snippets)


def write(path, tensors):
    """A stream of plain tensors."""
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, (kind, shape, values) in tensors.items():
            text = f"{{'descr': '<{kind}', 'fortran_order': False, 'shape': {tuple(shape)}, }}"
            text += " " * (-(len(text) + 11) % 64) + "\n"
            data = b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text.encode()
            data += struct.pack(f"<{len(values)}{CODES[kind]}", *values)
            member = tarfile.TarInfo(f"tensors/{name}.npy")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


def some(kind, shape, seed, ties=False):
    """Random values; many equal magnitudes and zeros if ties."""
    r = random.Random(seed)
    n = math.prod(shape)
    values = [r.choice((-2, -1, 0, 0, 1, 2)) * 0.5 if ties else r.gauss(0, 1) for _ in range(n)]
    return kind, shape, [struct.unpack("<" + CODES[kind], struct.pack("<" + CODES[kind], v))[0]
                         for v in values]


def kept(n, sparsity):
    return max(1, round(n * (1 - sparsity)))


def largest(scores, k, ties="first"):
    """The places of the k largest; of equal ones the first, or all."""
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], i))
    if ties == "keep":
        return {i for i in order if scores[i] >= scores[order[k - 1]]}
    return set(order[:k])


def input_axis(shape, axis):
    return 1 if axis == 0 else axis - 1


def places(shape):
    """Every index of a tensor, in C order."""
    return list(itertools.product(*map(range, shape)))


def matrix_cell(place, shape, axis):
    """Row and column of an element: its output channel, and the place among all other axes."""
    column = 0
    for i, n in enumerate(shape):
        if i != axis:
            column = column * n + place[i]
    return place[axis], column


def units(shape, axis, rows, columns):
    """Of each element the number of the block it is in; how many blocks."""
    width = math.prod(shape) // shape[axis]
    across = -(-width // columns)
    numbers = []
    for place in places(shape):
        row, column = matrix_cell(place, shape, axis)
        numbers.append(row // rows * across + column // columns)
    return numbers, across * -(-shape[axis] // rows)


MEASURES = {
    "avg": lambda v: sum(v) / len(v), "max": max, "l1": lambda v: sum(v) / len(v),
    "l2": lambda v: math.sqrt(sum(x * x for x in v) / len(v)),
}


def unit_scores(values, numbers, count, measure):
    members = [[] for _ in range(count)]
    for number, w in zip(numbers, values):
        members[number].append(abs(w))
    return [MEASURES[measure](m) for m in members]


def rms(values):
    return math.sqrt(sum(w * w for w in values) / len(values))


def cut(values, stays):
    return [w if s else 0.0 for w, s in zip(values, stays)]


def in_blocks(tensor, axis, rows, columns, measure, sparsity, ties="first"):
    _, shape, values = tensor
    numbers, count = units(shape, axis, rows, columns)
    stay = largest(unit_scores(values, numbers, count, measure), kept(count, sparsity), ties)
    return cut(values, [n in stay for n in numbers])


def in_groups(tensor, axis, n, m, scores=None):
    """N of each M along an axis; scores instead of the magnitudes."""
    _, shape, values = tensor
    scores = scores or [abs(w) for w in values]
    lines = {}
    for i, place in enumerate(places(shape)):
        lines.setdefault(place[:axis] + place[axis + 1:], []).append(i)
    stays = [False] * len(values)
    for line in lines.values():
        for start in range(0, len(line), m):
            group = line[start:start + m]
            for i in largest([scores[i] for i in group], min(n, len(group))):
                stays[group[i]] = True
    return cut(values, stays)


def by_rows(tensor, axis, scores, sparsity):
    """In each output channel by scores."""
    _, shape, values = tensor
    stays = [False] * len(values)
    numbers, count = units(shape, axis, 1, math.prod(shape))
    for row in range(count):
        line = [i for i, n in enumerate(numbers) if n == row]
        line.sort(key=lambda i: matrix_cell(places(shape)[i], shape, axis))
        for i in largest([scores[i] for i in line], kept(len(line), sparsity)):
            stays[line[i]] = True
    return cut(values, stays)
