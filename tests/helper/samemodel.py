# SPDX-License-Identifier: Apache-2.0
"""Whether two ONNX models are the same, but for the order in which kinds of fields stand in the model, its
graph and its tensors; standard library only.

usage: samemodel.py A B
"""
import sys

MODEL = {7: {5: {}}}	# the messages whose fields may be in another order: graph, initializers


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(data, inner):
    """(number, bytes or fields) of a message, those of a number in their order."""
    at, found = 0, []
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 == 2:
            size, at = varint(data, at)
        elif tag & 7 == 0:
            size = varint(data, at)[1] - at
        else:
            size = 8 if tag & 7 == 1 else 4
        body = data[at:at + size]
        at += size
        number = tag >> 3
        found.append((number, fields(body, inner[number]) if number in inner else body))
    return sorted(found, key=lambda f: f[0])


def differences(a, b, path=""):
    if not isinstance(a, list) or not isinstance(b, list):
        return [f"{path}: {a[:60]} {b[:60]}"] if a != b else []
    if [n for n, _ in a] != [n for n, _ in b]:
        return [f"{path}: fields {[n for n, _ in a]} {[n for n, _ in b]}"]
    return [d for (n, x), (_, y) in zip(a, b) for d in differences(x, y, f"{path}/{n}")]


one, two = (fields(open(name, "rb").read(), MODEL) for name in sys.argv[1:3])
found = differences(one, two)
print("\n".join(found))
sys.exit(bool(found))
