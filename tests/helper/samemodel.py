# SPDX-License-Identifier: Apache-2.0
"""Whether two ONNX models are the same, but for the order in which kinds of fields stand in the model, its
graph and its tensors; standard library only.

usage: samemodel.py A B
"""
import sys

from wire_format import get_fields

MODEL = {7: {5: {}}}	# the messages whose fields may be in another order: graph, initializers


def fields(data, inner):
    """(number, value or fields) of a message, those of a number in their order."""
    found = [(number, fields(value, inner[number]) if number in inner else value)
             for number, _, value in get_fields(data)]
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
