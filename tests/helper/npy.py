# SPDX-License-Identifier: Apache-2.0
"""Prints the elements of the .npy file on stdin, one a line, with nothing but the standard library."""
import ast
import struct
import sys

CODES = {"f2": "e", "f4": "f", "f8": "d", "i1": "b", "i2": "h", "i4": "i", "i8": "q",
         "u1": "B", "u2": "H", "u4": "I", "u8": "Q", "b1": "?"}


def kind_and_values(data):
    assert data[:6] == b"\x93NUMPY", "no .npy file"
    width = 2 if data[6] == 1 else 4
    start = 8 + width + int.from_bytes(data[8:8 + width], "little")
    header = ast.literal_eval(data[8 + width:start].decode("utf-8"))
    assert not header["fortran_order"], "Fortran order"
    order, kind = header["descr"][0], header["descr"][1:]
    count = 1
    for n in header["shape"]:
        count *= n
    order = "<" if order == "|" else order
    return kind, struct.unpack(f"{order}{count}{CODES[kind]}", data[start:])


def read(data):
    """The elements of a file, in their order."""
    return kind_and_values(data)[1]


def main():
    kind, values = kind_and_values(sys.stdin.buffer.read())
    for value in values:
        print(format(value, ".9g") if kind == "f4" else int(value) if kind == "b1" else value)


if __name__ == "__main__":
    main()
