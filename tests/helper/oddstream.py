# SPDX-License-Identifier: Apache-2.0
"""oddstream.py [small|codings] >stream: a stream with one of everything that tmo-stream(5) allows.

All encodings and types in many sizes, foreign .npy headers, tensor.yaml in odd forms and places,
names that must be escaped or cut, members that are no tensors in all places, two of one name. `small` leaves most encodings out;
`codings` has nothing but three tensors of which each wants another coding.
"""
import hashlib
import io
import random
import struct
import sys
import tarfile

INTEGERS = {"|i1": "b", "<i2": "<h", "<i4": "<i", "<i8": "<q",
            "|u1": "B", "<u2": "<H", "<u4": "<I", "<u8": "<Q"}
draw = random.Random(1)


def npy(descr, shape, data, text=None, version=1):
    text = text or "{'descr': '%s', 'fortran_order': False, 'shape': %r, }" % (descr, tuple(shape))
    text += " " * (-(len(text) + (11 if version == 1 else 13)) % 64) + "\n"
    size = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + size + text.encode() + data


def integers(descr, values):
    return b"".join(struct.pack(INTEGERS[descr], v) for v in values)


def floats(values, letter="f"):
    return b"".join(struct.pack("<" + letter, v) for v in values)


def count(shape):
    n = 1
    for size in shape:
        n *= size
    return n


class Stream:
    def __init__(self, file):
        self.tar = tarfile.open(fileobj=file, mode="w|", format=tarfile.GNU_FORMAT)

    def add(self, path, data):
        info = tarfile.TarInfo()
        # Bytes of a name that are no UTF-8 come as surrogates.
        info.name = path.decode("utf-8", "surrogateescape") if isinstance(path, bytes) else path
        info.size = len(data)
        self.tar.addfile(info, io.BytesIO(data))

    def encoded(self, stem, descr, shape, codes, extra="", yaml=None, parts=()):
        bits = 8 * struct.calcsize(INTEGERS[descr])
        yaml = yaml or "shape: %s\ndtype: f32\n%sbits: %d\n" % (list(shape), extra, bits)
        self.add("tensors/%s/tensor.yaml" % stem, yaml.encode())
        self.add("tensors/%s/codes.npy" % stem, npy(descr, shape, integers(descr, codes)))
        for name, data in parts:
            self.add("tensors/%s/%s.npy" % (stem, name), data)


def encodings(s):
    one = npy("<f4", [1], floats([0.5]))
    for descr in INTEGERS:
        size = 8 * struct.calcsize(INTEGERS[descr])
        for bits in {1, 3, size // 2, size - 1, size}:
            low = -(1 << bits - 1) if "i" in descr else 0
            high = low + (1 << bits) - 1
            for n in (1, 7, 64, 333):
                codes = [draw.randint(low, high) for _ in range(n)]
                s.encoded("%s.%d.%d" % (descr[1:], bits, n), descr, [n], codes,
                          parts=[("scale", one)])
        rare = [draw.choice([5] * 20 + [1, 0, 7, 9]) for _ in range(400)]
        s.encoded(descr[1:] + ".rare", descr, [4, 100], rare)
        s.encoded(descr[1:] + ".same", descr, [100], [1] * 100)
        s.encoded(descr[1:] + ".empty", descr, [0, 3], [])
        s.encoded(descr[1:] + ".scalar", descr, [], [1], parts=[("scale", npy("<f4", [], floats([2])))])
    s.encoded("half", "<u2", [2, 3], [0, 0x3c00, 0xbc00, 0x7bff, 1, 0x8000], "code: f16\n")
    s.encoded("bfloat", "<u2", [6], [0, 0x3f80, 0xbf80, 0x7f7f, 1, 0x8000], "code: bf16\n")
    s.encoded("fp8", "|u1", [6], [0, 0x38, 0xb8, 0x7e, 1, 0x80], "code: f8e4m3\n")
    s.encoded("all", "|u1", [4, 6], [draw.randrange(5) for _ in range(24)],
              parts=[("codebook", npy("|i1", [1, 1, 5], integers("|i1", [-9, -1, 0, 3, 8]))),
                     ("scale", npy("<f4", [4, 1], floats([1, 2, 3, 4]))),
                     ("zero_point", npy("|i1", [4, 1], integers("|i1", [0, 1, -1, 2])))])
    s.encoded("blocked", "|i1", [2, 5], range(-5, 5),
              yaml="shape: [2, 5]\ndtype: f32\nbits: 4\nblock: [1, 2]\n",
              parts=[("scale", npy("<f4", [2, 3], floats(range(1, 7))))])


def odd_encodings(s):
    codes = npy("|i1", [3], integers("|i1", [1, 2, 3]))
    base = "shape: [3]\ndtype: f32\nbits: 3\n"
    for name, yaml in {
        "comment": "# by hand\n" + base,
        "flow": "{shape: [3], dtype: f32, bits: 3}\n",
        "nested": base + "note:\n  by: somebody\n  when: [1, 2]\n",
        "word": base + "note: 007\nempty: []\nfloat: 1.50e-3\n",
        "quoted": base + "note: 'a: b'\n",
        "noend": base[:-1],
    }.items():
        s.encoded("yaml." + name, "|i1", [3], [1, 2, 3], yaml=yaml)
    s.add("tensors/late/codes.npy", codes)
    s.add("tensors/late/scale.npy", npy("<f4", [1], floats([0.25])))
    s.add("tensors/late/tensor.yaml", base.encode())
    s.add("tensors/foreign/codes.npy",
          npy("", [], b"\1\2\3", "{'shape': (3,), 'descr': '|i1', 'fortran_order': False}"))
    s.add("tensors/foreign/tensor.yaml", b"# odd\n" + base.encode())


def plains(s):
    for descr, letter in [("<f4", "f"), ("<f8", "d"), ("<f2", "e")]:
        for shape in ([3, 4], [], [0], [2, 0, 3], [5]):
            values = [draw.gauss(0, 1) for _ in range(count(shape))]
            s.add("tensors/%s.%s.npy" % (descr[1:], "x".join(map(str, shape))),
                  npy(descr, shape, floats(values, letter)))
    for descr in INTEGERS:
        s.add("tensors/plain.%s.npy" % descr[1:], npy(descr, [7], integers(descr, range(7))))
    s.add("tensors/bool.npy", npy("|b1", [5], b"\0\1\1\0\1"))
    s.add("tensors/deep.npy", npy("<f4", [1] * 32, floats([1])))
    s.add("tensors/fortran.npy", npy("", [], floats(range(6)),
                                     "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }"))
    s.add("tensors/big.npy", npy(">f4", [2], struct.pack(">2f", 1, 2)))
    s.add("tensors/second.npy", npy("<f4", [2], floats([1, 2]), version=2))
    s.add("tensors/third.npy", npy("<f4", [2], floats([1, 2]), version=3))
    s.add("tensors/old.npy", npy("", [], floats([1, 2]),
                                 "{\"shape\":(2L,),'fortran_order':False,'descr':'<f4'}"))


def names(s, long_name):
    one = npy("<f4", [1], floats([1]))
    for path in ("a/b/c.npy", "x.npy", "tensors/%2Fslash%2F.npy", "tensors/my weight.npy",
                 "tensors/[a, b]: {c} # \"d\" 'e'.npy", "tensors/-.npy", "tensors/~.npy",
                 "tensors/n%C3%A9.npy", "tensors/r\u00e9sum\u00e9.npy", b"tensors/latin\xe9.npy",
                 "tensors/123.npy", "tensors/true.npy", "tensors/" + "y" * 200 + ".npy",
                 "deep/" * 30 + "z.npy"):
        s.add(path, one)
    s.add("tensors/%s.npy" % cut(long_name), one)
    for i in range(2):
        later = "layer%d/" % i + "w" * 300
        whole = later.replace("/", "%2F")
        s.add("names.yaml", ("%s: %s\n" % (cut(later), whole)).encode())
        s.encoded(cut(later), "|i1", [2], [1, -1])
    s.encoded("odd name", "|i1", [2], [1, -1])


def cut(name):
    whole = name.replace("/", "%2F")
    return whole[:150] + "~" + hashlib.sha256(name.encode()).hexdigest()[:32]


def codings(s):
    n = 20000
    s.encoded("noise", "|i1", [n], [draw.randint(-8, 7) for _ in range(n)])
    s.encoded("rare", "|i1", [n], [draw.randint(-128, 127) if draw.random() < 0.3 else 3
                                   for _ in range(n)])
    s.encoded("pattern", "|i1", [n], [i % 37 - 18 for i in range(n)])


def main():
    s = Stream(sys.stdout.buffer)
    if "codings" in sys.argv:
        codings(s)
        s.tar.close()
        return
    long_name = "block/" + "v" * 250
    s.add("model.yaml", ("tmo: 1\nname: odd\nnames:\n  %s: %s\n"
                         % (cut(long_name), long_name.replace("/", "%2F"))).encode())
    s.add("activations.yaml", b"relu: [0, 6]\n")
    s.add("empty", b"")
    if "small" not in sys.argv:
        encodings(s)
    s.add("between/notes.txt", b"between tensors\n" * 100)
    odd_encodings(s)
    s.add("complex.npy", npy("<c8", [1], bytes(8)))
    plains(s)
    s.add("between/notes.txt", b"the same name again\n")
    names(s, long_name)
    s.add("behind/a.txt", b"behind the last tensor\n")
    s.add("activations.yaml", b"relu: [0, 7]\n")
    s.add("behind/new\nline\\back", b"a name that sha256sum escapes\n")
    s.add("behind/last", bytes(range(256)))
    s.tar.close()


main()
