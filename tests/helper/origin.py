# SPDX-License-Identifier: Apache-2.0
"""A stream whose graph.onnx is otherwise; standard library only.

usage: origin.py forget|damage|note <stream >stream

forget: without what the network was before; damage: with its last byte changed; note: with a doc string
more, as a program would leave it that changed the network.
"""
import io
import sys
import tarfile

ORIGIN = 19998 << 3 | 2


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def otherwise(data):
    """The graph; what it was before is its last field."""
    at, start = 0, None
    while at < len(data):
        start = at
        tag, at = varint(data, at)
        size, body = varint(data, at) if tag & 7 == 2 else (0, varint(data, at)[1])
        at = body + size
    assert tag == ORIGIN, "no origin"
    if sys.argv[1] == "forget":
        return data[:start]
    if sys.argv[1] == "note":
        return data[:start] + b"\x32\x01n" + data[start:]
    return data[:body + 32] + b"\xff" * (len(data) - body - 32)


old = tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read()))
new = tarfile.open(fileobj=sys.stdout.buffer, mode="w|", format=tarfile.USTAR_FORMAT)
for member in old:
    data = old.extractfile(member).read()
    if member.name == "graph.onnx":
        data = otherwise(data)
        member.size = len(data)
    new.addfile(member, io.BytesIO(data))
new.close()
