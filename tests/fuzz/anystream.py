# SPDX-License-Identifier: Apache-2.0
"""anystream.py: whole valid tensor streams drawn from a random.Random, as foreign writers might make
them, and what their tensors decode to by tmo-stream(5) alone. Python's own library only."""
import hashlib
import io
import math
import re
import struct
import tarfile

FORMATS = {"f2": "e", "f4": "f", "f8": "d", "i1": "b", "i2": "h", "i4": "i", "i8": "q",
           "u1": "B", "u2": "H", "u4": "I", "u8": "Q", "b1": "?"}
DTYPES = {"f16": "f2", "f32": "f4", "f64": "f8"}
CODES = {"f16": ("u2", 5, 10), "bf16": ("u2", 8, 7), "f8e4m3": ("u1", 4, 3), "f8e5m2": ("u1", 5, 2)}
ODD = ["a", "b.weight", "onnx::MatMul_3", "conv/1/kernel:0", ".hidden", "..", "%41", "a b", "'\"", "\u00e9\u4e2d",
       "-o", "*", "x~y", "\\", "new\nline", "\x7f", "tensors", "tensor.yaml", "w.npy", "~", "#", "?", "[a]", "{}"]


class Expected:
    def __init__(self, dtype, shape, values):
        self.dtype, self.shape, self.values = dtype, list(shape), values


def rounded(kind, x):
    """x as that float type has it."""
    try:
        return struct.unpack("<" + FORMATS[kind], struct.pack("<" + FORMATS[kind], x))[0]
    except OverflowError:
        return math.copysign(math.inf, x)


def pattern(code, bits):
    """The number that a bit pattern of a float type stands for."""
    _, exponent_bits, mantissa_bits = CODES[code]
    sign = -1.0 if bits >> (exponent_bits + mantissa_bits) else 1.0
    exponent = bits >> mantissa_bits & (1 << exponent_bits) - 1
    mantissa = bits & (1 << mantissa_bits) - 1
    bias, top = (1 << exponent_bits - 1) - 1, (1 << exponent_bits) - 1
    if code == "f8e4m3":
        if exponent == top and mantissa == 7:
            return math.nan
    elif exponent == top:
        return math.nan if mantissa else sign * math.inf
    if exponent == 0:
        return sign * math.ldexp(mantissa, 1 - bias - mantissa_bits)
    return sign * math.ldexp(mantissa + (1 << mantissa_bits), exponent - bias - mantissa_bits)


# ---- .npy ----

def npy(kind, shape, values, swapped=False, fortran=False, version=1, pad=64):
    order = ">" if swapped and kind[1] != "1" else "|" if kind[1] == "1" else "<"
    text = "{'descr': '%s%s', 'fortran_order': %s, 'shape': (%s), }" % (
        order, kind, fortran, "".join("%d, " % n for n in shape) if len(shape) != 1 else "%d," % shape[0])
    head = "<H" if version == 1 else "<I"
    text += " " * (-(len(text) + 9 + struct.calcsize(head)) % pad) + "\n"
    if fortran:
        values = [values[i] for i in fortran_order(shape)]
    return (b"\x93NUMPY" + bytes([version, 0]) + struct.pack(head, len(text)) + text.encode()
            + struct.pack("%s%d%s" % (">" if swapped else "<", len(values), FORMATS[kind]), *values))


def fortran_order(shape):
    """For each element in Fortran order: where it stands in C order."""
    count = math.prod(shape)
    strides = [math.prod(shape[a + 1:]) for a in range(len(shape))]
    index = [0] * len(shape)
    for _ in range(count):
        yield sum(i * s for i, s in zip(index, strides))
        for axis, n in enumerate(shape):
            index[axis] += 1
            if index[axis] < n:
                break
            index[axis] = 0


def load(data):
    """(kind, shape, values in C order) of a .npy of any version and order."""
    size = 2 if data[6] == 1 else 4
    start = 8 + size + int.from_bytes(data[8:8 + size], "little")
    text = data[8 + size:start].decode()
    order, kind = re.search(r"'descr': '([<>|])(..)'", text).groups()
    shape = [int(n) for n in re.search(r"'shape': \(([^)]*)\)", text).group(1).split(",") if n.strip()]
    values = struct.unpack("%s%d%s" % (order.replace("|", "<"), math.prod(shape), FORMATS[kind]), data[start:])
    if "'fortran_order': True" in text:
        ordered = [None] * len(values)
        for value, i in zip(values, fortran_order(shape)):
            ordered[i] = value
        values = ordered
    return kind, shape, list(values)


# ---- one tensor ----

def draw_shape(rng):
    if rng.random() < 0.03:
        return [1] * rng.randint(5, 32)
    shape = [rng.choice([1, 2, 3, 4, 7, 8, 16]) for _ in range(rng.choice([0, 1, 2, 2, 2, 3, 4, 5]))]
    if shape and rng.random() < 0.05:
        shape[rng.randrange(len(shape))] = 0
    while math.prod(shape) > 4096:
        shape[rng.randrange(len(shape))] = 1
    return shape


def draw_values(rng, kind, count):
    if kind == "b1":
        return [rng.random() < 0.5 for _ in range(count)]
    if kind[0] in "iu":
        bits = 8 * int(kind[1])
        low = -(1 << bits - 1) if kind[0] == "i" else 0
        high = low + (1 << bits) - 1
        if rng.random() < 0.5:
            low, high = max(low, -3), min(high, 3)
        return [rng.randint(low, high) for _ in range(count)]
    width = rng.choice([1e-3, 0.05, 1.0, 1.0, 100.0, 1e-30 if kind != "f2" else 1e-7])
    values = [rounded(kind, rng.gauss(0, width)) for _ in range(count)]
    odd = rng.random()
    for i in range(count):
        if odd < 0.2 and rng.random() < 0.6:
            values[i] = rng.choice([0.0, -0.0])
        elif odd < 0.25:
            values[i] = values[0]
        elif 0.25 < odd < 0.29 and rng.random() < 0.1:
            values[i] = rng.choice([math.nan, math.inf, -math.inf, 5e-324, 65504.0, 3.4e38 if kind != "f2" else 0.0])
    return [rounded(kind, v) for v in values]


def plain(rng):
    kind = rng.choice(["f4"] * 8 + ["f2", "f8", "f8"] + list(FORMATS))
    shape = draw_shape(rng)
    values = draw_values(rng, kind, math.prod(shape))
    data = npy(kind, shape, values, swapped=rng.random() < 0.1, fortran=rng.random() < 0.1,
               version=rng.choice([1, 1, 1, 1, 2, 3]), pad=rng.choice([64, 64, 16]))
    return data, Expected(kind, shape, values)


def entry(index, shape, entries, block):
    at = 0
    for i, n, m, b in zip(index, shape, entries, block):
        at = at * m + (0 if m == 1 else i if m == n and b == 1 else i // b)
    return at


def encoded(rng):
    """(parts of a folder: name -> bytes, what they decode to)"""
    dtype = rng.choice(["f32", "f32", "f32", "f16", "f64"])
    kind = "f8" if dtype == "f64" else "f4"
    shape = draw_shape(rng)
    count = math.prod(shape)
    blocked = bool(shape) and rng.random() < 0.4
    block = [rng.choice([1, 1, 2, 3, 5, 64]) if blocked else 1 for _ in shape]
    code = rng.choice([None] * 4 + list(CODES))
    if code is not None:
        code_kind, bits = CODES[code][0], 16 if CODES[code][0] == "u2" else 8
    else:
        bits = rng.choice([1, 2, 3, 4, 5, 6, 7, 8, 8, 8, 11, 16, 31, 50])
        width = rng.choice([w for w in (1, 2, 4, 8) if 8 * w >= bits])
        code_kind = rng.choice("iu") + str(width)
    book = code is None and bits <= 8 and len(shape) < 32 and rng.random() < 0.4
    if book:
        code_kind = "u" + code_kind[1]
    low = -(1 << bits - 1) if code_kind[0] == "i" else 0
    codes = [rng.randint(low, low + (1 << bits) - 1) for _ in range(count)]
    if rng.random() < 0.3:
        codes = [c if rng.random() < 0.2 else 0 for c in codes]
    yaml = "shape: [%s]\ndtype: %s\n" % (", ".join(map(str, shape)), dtype)
    if code is not None or rng.random() < 0.1:
        yaml += "code: %s\n" % (code or "int")
    yaml += "bits: %d\n" % bits
    if blocked:
        yaml += "block: [%s]\n" % ", ".join(map(str, block))
    if rng.random() < 0.1:
        yaml += rng.choice(["more: 1\n", "more: [a, 'b']\n", "# said\n", "more: {x: {y: []}}\n"])

    def parameter(last=()):
        entries = [rng.choice([1, -(-n // b)]) for n, b in zip(shape, block)] + list(last)
        return entries, math.prod(entries)

    arrays = {"codes": (code_kind, shape, codes)}
    if book:
        entries, n = parameter([1 << bits])
        if n <= 1 << 14:
            book_kind = rng.choice(["i1", kind])
            arrays["codebook"] = (book_kind, entries, draw_values(rng, book_kind, n))
    if rng.random() < 0.8:
        entries, n = parameter()
        arrays["scale"] = (kind, entries, [rounded(kind, abs(rng.gauss(0, 0.1)) + 1e-4) for _ in range(n)])
    if rng.random() < 0.4:
        entries, n = parameter()
        arrays["zero_point"] = (rng.choice(["i1", "i4", code_kind]), entries, [rng.randint(0, 100) for _ in range(n)])
        if bits < 8 and arrays["zero_point"][0] == code_kind and code_kind == "i1":
            arrays["zero_point"] = ("i1", entries, [rng.randint(-100, 100) for _ in range(n)])
    parts = {"tensor.yaml": yaml.encode()}
    names = sorted(arrays)
    rng.shuffle(names)
    for name in names:
        parts[name + ".npy"] = npy(*arrays[name])
    return parts, Expected(DTYPES[dtype], shape, list(decode(arrays, shape, block, kind, DTYPES[dtype], code)))


def decode(arrays, shape, block, kind, dtype, code):
    index = [0] * len(shape)
    for v in arrays["codes"][2]:
        v = pattern(code, v) if code else v
        if "codebook" in arrays:
            _, entries, book = arrays["codebook"]
            v = book[entry(index, shape, entries[:-1], block) * entries[-1] + v]
        v = rounded(kind, float(v))
        if "zero_point" in arrays:
            _, entries, zero = arrays["zero_point"]
            v = rounded(kind, v - rounded(kind, float(zero[entry(index, shape, entries, block)])))
        if "scale" in arrays:
            _, entries, scale = arrays["scale"]
            v = rounded(kind, v * scale[entry(index, shape, entries, block)])
        yield rounded(dtype, v)
        for axis in reversed(range(len(shape))):
            index[axis] += 1
            if index[axis] < shape[axis]:
                break
            index[axis] = 0


# ---- the archive ----

def stem(name):
    """The path component of a tensor's name, and what it stands for if it is cut."""
    out = "".join(chr(b) if chr(b).isascii() and (chr(b).isalnum() or b in b"._-") else "%%%02X" % b
                  for b in name.encode())
    if out.startswith("."):
        out = "%2E" + out[1:]
    if len(out) <= 200:
        return out, None
    return out[:150] + "~" + hashlib.sha256(name.encode()).hexdigest()[:32], out


def draw_name(rng):
    kind = rng.random()
    if kind < 0.4:
        return "layer%d.%s" % (rng.randint(0, 99), rng.choice(["weight", "bias", "w"]))
    if kind < 0.9:
        return rng.choice(ODD) + rng.choice(["", "", str(rng.randint(0, 9))])
    return rng.choice(["long", "\u00fc", "a/"]) * rng.randint(30, 120)


def draw(rng):
    """(a stream's bytes, {name: Expected})"""
    members, cut, tensors = [], {}, {}
    for _ in range(rng.choice([0, 1, 2, 3, 4, 6, 12])):
        name = draw_name(rng)
        if name in tensors:
            continue
        component, whole = stem(name)
        if whole is not None:
            cut[component] = whole
        if rng.random() < 0.6:
            data, tensors[name] = plain(rng)
            outside = re.fullmatch(r"[a-z][a-z0-9.]*", name) and not name.startswith("tensor")
            path = name if outside and rng.random() < 0.3 else "tensors/" + component
            members.append((path + ".npy", data))
        else:
            parts, tensors[name] = encoded(rng)
            members += [("tensors/%s/%s" % (component, part), data) for part, data in parts.items()]
        if rng.random() < 0.1:
            members.append(("notes%d.txt" % len(members), rng.randbytes(rng.choice([0, 5, 512, 2000]))))
    if rng.random() < 0.7 or cut:
        yaml = "tmo: 1\nname: 'any'\n" + "names:\n" * bool(cut)
        yaml += "".join("  '%s': '%s'\n" % item for item in cut.items())
        yaml += rng.choice(["", "history: []\n", "more: {a: [1, 2]}\n"])
        members.insert(0, ("model.yaml", yaml.encode()))
    if rng.random() < 0.1:
        members.insert(0, ("activations.yaml", b"x: {min: 0, max: 1}\n"))
    return archive(rng, members), tensors


def archive(rng, members):
    out = io.BytesIO()
    form = rng.choice([tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
    if form == tarfile.USTAR_FORMAT and any(len(path.encode()) > 99 for path, _ in members):
        form = tarfile.GNU_FORMAT
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        if rng.random() < 0.2:
            folder = tarfile.TarInfo("tensors")
            folder.type = tarfile.DIRTYPE
            tar.addfile(folder)
        for path, data in members:
            info = tarfile.TarInfo(rng.choice(["", "", "./"]) + path)
            info.size = len(data)
            info.mtime = rng.choice([0, 1700000000])
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()
