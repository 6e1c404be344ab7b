#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""npz.py COMMAND FILE ...: .npz files, good and bad, made and read with Python's zipfile alone."""
import ast
import hashlib
import io
import os
import struct
import sys
import zipfile
import zlib

SIZES = {"b1": 1, "u1": 1, "u2": 2, "u4": 4, "u8": 8, "i1": 1, "i2": 2, "i4": 4, "i8": 8,
         "f2": 2, "f4": 4, "f8": 8}
FORMATS = {"b1": "?", "u1": "B", "u2": "H", "u4": "I", "u8": "Q", "i1": "b", "i2": "h", "i4": "i",
           "i8": "q", "f2": "e", "f4": "f", "f8": "d"}


def npy(descr, shape, data, fortran=False, version=1):
    kind = "[('a', '<f4')]" if descr == "record" else repr(descr)
    text = "{'descr': %s, 'fortran_order': %s, 'shape': %s, }" % (kind, fortran, shape)
    head = "<H" if version == 1 else "<I"
    text += " " * (-(len(text) + 9 + struct.calcsize(head)) % 64) + "\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack(head, len(text)) + text.encode() + data


def data_for(kind, count):
    if kind == "b1":
        return bytes(i % 3 == 0 for i in range(count))
    data = hashlib.sha256(kind.encode()).digest() * (count * SIZES[kind] // 32 + 1)
    return data[:count * SIZES[kind]]


def array(kind, shape):
    count = 1
    for n in shape:
        count *= n
    return npy(("|" if SIZES[kind] == 1 else "<") + kind, shape, data_for(kind, count))


def arrays(kinds):
    shapes = [(), (1,), (0,), (5, 0, 2), (3, 4), (2, 3, 4, 5), (1000, 17), (70000,)]
    for kind in kinds:
        for i, shape in enumerate(shapes):
            yield "%s_%d" % (kind, i), array(kind, shape)


def write(path, members, method=zipfile.ZIP_STORED, file=None, zip64=False):
    with zipfile.ZipFile(file or path, "w", method) as z:
        for name, data in members:
            info = zipfile.ZipInfo(name + ".npy")
            info.compress_type = method
            with z.open(info, "w", force_zip64=zip64) as m:
                m.write(data)


class Pipe(io.RawIOBase):
    """Cannot seek: zipfile then writes sizes behind the data."""

    def __init__(self, file):
        self.file = file

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)


def understand(data):
    wide = 2 if data[6] == 1 else 4
    start = 8 + wide + int.from_bytes(data[8:8 + wide], "little")
    return ast.literal_eval(data[8 + wide:start].decode()), data[start:]


def entries(path):
    if path.endswith(".npy"):
        with open(path, "rb") as file:
            return [(path, file.read())]
    with zipfile.ZipFile(path) as z:
        assert all(i.date_time[0] == 1980 or "out" not in path for i in z.infolist())
        return [(i.filename, z.read(i)) for i in z.infolist()]


def show(path):
    for name, data in entries(path):
        digest = hashlib.sha256(data).hexdigest()[:16]
        if name.endswith(".npy"):
            header, rest = understand(data)
            digest = "%s %s %s %s" % (header["descr"], header["fortran_order"], header["shape"],
                                      hashlib.sha256(rest).hexdigest()[:16])
        print(name.encode(), digest) if not name.isascii() else print(name, digest)


def values(path):
    """Values in C order, of arrays of rank 2 at most."""
    for _, data in entries(path):
        header, rest = understand(data)
        kind, order = header["descr"][1:], "<" if header["descr"][0] == "|" else header["descr"][0]
        numbers = [x for x, in struct.iter_unpack(order + FORMATS[kind], rest)]
        shape = header["shape"]
        if header["fortran_order"] and len(shape) == 2:
            numbers = [numbers[j * shape[0] + i] for i in range(shape[0]) for j in range(shape[1])]
        print(kind, shape, numbers)


def odd(path):
    count = struct.pack
    write(path, [
        ("fortran", npy("<i4", (2, 3), count("<6i", 1, 4, 2, 5, 3, 6), True)),
        ("big", npy(">f8", (3,), count(">3d", 1.5, -2, 3e300))),
        ("both", npy(">i2", (2, 2), count(">4h", 1, 3, 2, -4), True)),
        ("two", npy("<u2", (2,), count("<2H", 1, 65535), version=2)),
        ("three", npy("<f4", (1, 1), count("<f", 0.5), version=3)),
        ("vector", npy("<f4", (2,), count("<2f", 0.5, 1), True)),
    ])


def others(path):
    with zipfile.ZipFile(path, "w") as z:
        z.writestr("folder/", b"")
        z.writestr("notes.txt", b"hello\n")
        z.writestr("w.npy", array("f4", (4, 4)))
        z.writestr("labels.npy", npy("<U3", (2,), "abcdef".encode("utf-32-le")))
        z.writestr("c.npy", npy("<c8", (1,), bytes(8)))
        z.writestr("rec.npy", npy("record", (1,), bytes(4)))
        z.writestr("pickle.npy", npy("|O", (1,), b"\x80\x04N."))


def patch(path, change):
    with open(path, "rb") as file:
        data = bytearray(file.read())
    change(data)
    with open(path, "wb") as file:
        file.write(data)


def both_sizes(path, offset, value):
    """A 4-byte field of the first member: `offset` in its central record, 4 less in the local one."""
    def change(data):
        for at in (data.find(b"PK\1\2") + offset, offset - 2):
            data[at:at + 4] = struct.pack("<I", value)
    patch(path, change)


def bad(path, what):
    good = array("f4", (300,))
    if what == "twice":
        import warnings
        warnings.simplefilter("ignore")
        return write(path, [("a", good), ("b", good), ("a", good)])
    if what == "nameless":
        return write(path, [("", good)])
    if what == "no-header":
        return write(path, [("a", b"PICKLED")])
    if what == "no-arrays":
        with zipfile.ZipFile(path, "w") as z:
            z.writestr("data.pkl", b"x")
        return None
    if what == "longer":
        return write(path, [("a", good + b"x")])
    if what == "bomb":
        return write(path, [("a", npy("<f4", (2 ** 40,), bytes(4000)))])
    if what == "bomb-true":		# it says 1 TiB everywhere, in column-major order
        data = npy("<f4", (2 ** 19, 2 ** 19), bytes(4000), True)
        write(path, [("a", data)], zipfile.ZIP_DEFLATED, zip64=True)

        def change(content):
            size = struct.pack("<Q", len(data) - 4000 + 2 ** 40)
            at = content.find(b"PK\1\2")
            extra = struct.pack("<HH", 1, 8) + size
            name = struct.unpack_from("<H", content, at + 28)[0]
            content[at + 24:at + 28] = b"\xff" * 4
            content[22:26] = b"\xff" * 4	# older Pythons leave the size here
            content[39:47] = size[:8]	# behind the local name "a.npy"
            old = struct.unpack_from("<H", content, at + 30)[0]
            content[at + 30:at + 32] = struct.pack("<H", len(extra))
            content[at + 46 + name:at + 46 + name + old] = extra
            end = content.find(b"PK\5\6")
            content[end + 12:end + 16] = struct.pack("<I", end - at)
        return patch(path, change)
    write(path, [("a", good), ("b", good)],
          zipfile.ZIP_DEFLATED if what in ("crc-deflated", "flipped") else zipfile.ZIP_STORED)
    if what in ("crc", "crc-deflated"):
        return both_sizes(path, 16, zlib.crc32(b"other"))
    if what == "flipped":
        def change(data):
            for i in range(120, 150):
                data[i] ^= 0xff
        return patch(path, change)
    if what in ("larger-than-real", "smaller-than-real"):
        write(path, [("a", npy("<f4", (400 if what[0] == "l" else 200,), good[128:]))],
              zipfile.ZIP_DEFLATED)
        return both_sizes(path, 24, 128 + 4 * (400 if what[0] == "l" else 200))
    if what == "encrypted":
        def change(data):
            for at in (data.find(b"PK\1\2") + 8, 6):
                data[at] |= 1
        return patch(path, change)
    if what == "method":
        def change(data):
            for at in (data.find(b"PK\1\2") + 10, 8):
                data[at:at + 2] = b"\x63\0"
        return patch(path, change)
    if what == "link":
        with zipfile.ZipFile(path, "w") as z:
            info = zipfile.ZipInfo("a.npy")
            info.create_system = 3
            info.external_attr = 0o120777 << 16
            z.writestr(info, "b.npy")
        return None
    raise SystemExit("no such damage: " + what)


def main(command, path, *rest):
    if command == "make":
        method = zipfile.ZIP_STORED if rest[0] == "stored" else zipfile.ZIP_DEFLATED
        write(path, arrays(rest[1:]), method)
    elif command == "names":
        write(path, [(os.fsencode(n).decode(), npy("<f4", (3, 1), struct.pack("<3f", 1, 0, -1))) for n in rest])
    elif command == "streamed":
        with open(path, "wb") as file:
            write(None, arrays(rest), file=Pipe(file))
    elif command == "zip64":
        write(path, arrays(rest), zip64=True)
    elif command in ("comment", "before"):
        write(path, arrays(rest))
        if command == "comment":
            with zipfile.ZipFile(path, "a") as z:
                z.comment = b"made by hand, PK"
        else:
            with zipfile.ZipFile(path, "a") as z:
                z.writestr("empty/", b"")
    elif command == "list":
        show(path)
    elif command == "values":
        values(path)
    elif command == "data":
        sys.stdout.buffer.write(dict(entries(path))[rest[0]])
    elif command == "odd":
        odd(path)
    elif command == "others":
        others(path)
    elif command == "other":
        with zipfile.ZipFile(path, "w") as z:
            z.writestr("w.npy", array("f4", (2, 2)))
            z.writestr(rest[0], b"hello\n")
    elif command == "npy":
        shape = tuple(int(n) for n in rest[1].split(","))
        count = 1
        for n in shape:
            count *= n
        if rest[0][0] == "<":
            data = npy(rest[0], shape, bytes(16 * count))
        else:
            kind = rest[0].lstrip(">")
            data = npy(rest[0] if rest[0][0] == ">" else "<" + kind, shape, data_for(kind, count))
        with open(path, "wb") as file:
            file.write(data)
    elif command == "bad":
        bad(path, rest[0])
    else:
        raise SystemExit("no such command: " + command)


if __name__ == "__main__":
    main(*sys.argv[1:])
