# SPDX-License-Identifier: Apache-2.0
"""Prints the elements of the .npy file on stdin, one a line, with nothing but the standard library."""
import ast
import struct
import sys

data = sys.stdin.buffer.read()
assert data[:6] == b"\x93NUMPY", "no .npy file"
width = 2 if data[6] == 1 else 4
length = int.from_bytes(data[8:8 + width], "little")
start = 8 + width + length
header = ast.literal_eval(data[8 + width:start].decode("utf-8"))
assert not header["fortran_order"], "Fortran order"
order, kind = header["descr"][0], header["descr"][1:]
code = {"f2": "e", "f4": "f", "f8": "d", "i1": "b", "i2": "h", "i4": "i", "i8": "q",
        "u1": "B", "u2": "H", "u4": "I", "u8": "Q", "b1": "?"}[kind]
count = 1
for n in header["shape"]:
    count *= n
order = "<" if order == "|" else order
for value in struct.unpack(f"{order}{count}{code}", data[start:]):
    print(format(value, ".9g") if kind == "f4" else int(value) if kind == "b1" else value)
