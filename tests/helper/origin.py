# SPDX-License-Identifier: Apache-2.0
"""A stream whose graph.onnx is otherwise; standard library only.

usage: origin.py forget|damage|note <stream >stream

forget: without what the network was before; damage: with its last byte changed; note: with a doc string
more, as a program would leave it that changed the network.
"""
import io
import sys
import tarfile

from wire_format import get_fields

ORIGIN = 19998


def otherwise(data):
    """The graph; what it was before is its last field."""
    number, start, origin = list(get_fields(data))[-1]
    assert number == ORIGIN, "no origin"
    if sys.argv[1] == "forget":
        return data[:start]
    if sys.argv[1] == "note":
        return data[:start] + b"\x32\x01n" + data[start:]
    body = len(data) - len(origin)
    return data[:body + 32] + b"\xff" * (len(origin) - 32)


old = tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read()))
new = tarfile.open(fileobj=sys.stdout.buffer, mode="w|", format=tarfile.USTAR_FORMAT)
for member in old:
    data = old.extractfile(member).read()
    if member.name == "graph.onnx":
        data = otherwise(data)
        member.size = len(data)
    new.addfile(member, io.BytesIO(data))
new.close()
