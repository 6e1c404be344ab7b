# SPDX-License-Identifier: Apache-2.0
"""For the tests' Python snippets: a stream's arrays as flat lists, with the standard library only."""
import ast
import struct
import subprocess
import tarfile

CODES = {"f2": "e", "f4": "f", "f8": "d", "i1": "b", "i2": "h", "i4": "i", "i8": "q",
         "u1": "B", "u2": "H", "u4": "I", "u8": "Q", "b1": "?"}


def load(path):
    """{"w": [...], "w/codes": [...]} for tensors/w.npy, tensors/w/codes.npy."""
    arrays = {}
    with tarfile.open(path) as tar:
        for member in tar:
            if not member.name.endswith(".npy"):
                continue
            data = tar.extractfile(member).read()
            start = 10 + int.from_bytes(data[8:10], "little")
            kind = ast.literal_eval(data[10:start].decode())["descr"][1:]
            values = struct.iter_unpack("<" + CODES[kind], data[start:])
            arrays[member.name[len("tensors/"):-len(".npy")]] = [v for (v,) in values]
    return arrays


def f32(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


def run(command):
    """A shell command that must succeed."""
    subprocess.run(["bash", "-c", "set -o pipefail; " + command], check=True)
