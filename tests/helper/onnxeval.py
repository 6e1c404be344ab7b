# SPDX-License-Identifier: Apache-2.0
"""What the nodes of an ONNX model make of its initializers, with nothing but the standard library.

usage: onnxeval.py NAME... <model  the elements of these values, one a line, as npy.py prints them
       onnxeval.py --list <model   opset N, ir N, then each initializer: NAME TYPE SHAPE BYTES

Knows the operators that make weights out of codes; computes in f32 (f64), rounding each operation.
"""
import struct
import sys

from wire_format import get_fields, get_varint

FLOAT, UINT8, INT8, UINT16, INT16, INT32, INT64, FLOAT16, DOUBLE = 1, 2, 3, 4, 5, 6, 7, 10, 11
BFLOAT16, E4M3, E5M2, UINT4, INT4, UINT2, INT2 = 16, 17, 19, 21, 22, 25, 26
CODE = {FLOAT: "f", UINT8: "B", INT8: "b", UINT16: "H", INT16: "h", INT32: "i", INT64: "q",
        FLOAT16: "e", DOUBLE: "d"}
NAMES = {FLOAT: "f32", UINT8: "u8", INT8: "i8", UINT16: "u16", INT16: "i16", INT32: "i32",
         INT64: "i64", FLOAT16: "f16", DOUBLE: "f64", BFLOAT16: "bf16", E4M3: "f8e4m3",
         E5M2: "f8e5m2", UINT4: "u4", INT4: "i4", UINT2: "u2", INT2: "i2"}


def message(data):
    """Field number -> its values: integers, or bytes."""
    fields = {}
    for number, _, value in get_fields(data):
        fields.setdefault(number, []).append(value)
    return fields


def signed(value):
    return value - (1 << 64) if value >> 63 else value


def integers(values):
    """A repeated int64, packed or not."""
    out = []
    for v in values:
        if isinstance(v, int):
            out.append(signed(v))
        else:
            out += [signed(x) for x in packed_varints(v)]
    return out


def packed_varints(data):
    at = 0
    while at < len(data):
        value, at = get_varint(data, at)
        yield value


def product(shape):
    n = 1
    for d in shape:
        n *= d
    return n


def small_float(x, exponent, mantissa, bias, infinite):
    sign, e, m = x >> 7, x >> mantissa & (1 << exponent) - 1, x & (1 << mantissa) - 1
    if infinite and e == (1 << exponent) - 1:
        value = float("nan") if m else float("inf")
    elif not infinite and x & 127 == 127:
        value = float("nan")
    else:
        value = (m / (1 << mantissa) + (e > 0)) * 2.0 ** (max(e, 1) - bias)
    return -value if sign else value


def elements(kind, count, raw):
    if kind in CODE:
        return list(struct.unpack(f"<{count}{CODE[kind]}", raw))
    if kind == BFLOAT16:
        return [struct.unpack("<f", b"\0\0" + raw[i:i + 2])[0] for i in range(0, len(raw), 2)]
    if kind == E4M3:
        return [small_float(x, 4, 3, 7, False) for x in raw]
    if kind == E5M2:
        return [small_float(x, 5, 2, 15, True) for x in raw]
    bits = 4 if kind in (UINT4, INT4) else 2
    codes = [byte >> s & (1 << bits) - 1 for byte in raw for s in range(0, 8, bits)]
    assert len(raw) == -(-count * bits // 8) and not any(codes[count:])
    top = 1 << bits - 1
    return [c - 2 * top if c >= top and kind in (INT4, INT2) else c for c in codes[:count]]


class Value:
    def __init__(self, kind, shape, data):
        self.kind, self.shape, self.data = kind, shape, data
        assert len(data) == product(shape)

    def at(self, index):
        """The element that counts there, by numpy's rule."""
        i = 0
        for d, x in zip(self.shape, index[len(index) - len(self.shape):]):
            i = i * d + (x if d > 1 else 0)
        return self.data[i]


def tensor(data):
    t = message(data)
    shape, kind = integers(t.get(1, [])), t.get(2, [0])[0]
    if 9 not in t or (kind not in NAMES):
        return t.get(8, [b""])[0].decode(), kind, shape, b"", None
    raw = t[9][0]
    return (t.get(8, [b""])[0].decode(), kind, shape, raw,
            Value(kind, shape, elements(kind, product(shape), raw)))


def indices(shape):
    if not shape:
        yield ()
        return
    for rest in indices(shape[:-1]):
        for i in range(shape[-1]):
            yield rest + (i,)


def rounded(kind, x):
    return struct.unpack(CODE[kind], struct.pack(CODE[kind], x))[0]


def binary(a, b, f):
    assert a.kind == b.kind
    rank = max(len(a.shape), len(b.shape))
    one, two = ([1] * (rank - len(v.shape)) + v.shape for v in (a, b))
    shape = [max(x, y) for x, y in zip(one, two)]
    return Value(a.kind, shape, [rounded(a.kind, f(a.at(i), b.at(i))) for i in indices(shape)])


def cast(v, to):
    if to == BFLOAT16:
        raise SystemExit("onnxeval.py: no cast to bf16")
    return Value(to, v.shape, [rounded(to, int(x) if to in (INT32, INT64) else x)
                               for x in v.data])


def gather(v, at, axis):
    shape = v.shape[:axis] + at.shape + v.shape[axis + 1:]
    n, out = len(at.shape), []
    for i in indices(shape):
        k = at.at(i[axis:axis + n])
        assert 0 <= k < v.shape[axis]
        flat = 0
        for d, x in zip(v.shape, i[:axis] + (k,) + i[axis + n:]):
            flat = flat * d + x
        out.append(v.data[flat])
    return Value(v.kind, shape, out)


def dequantize(v, scale, zero, axis, block):
    if zero is not None:
        assert zero.kind == v.kind and zero.shape == scale.shape
    if block:
        assert len(scale.shape) == len(v.shape)
        assert scale.shape[axis] == -(-v.shape[axis] // block)
    out = []
    for i in indices(v.shape):
        where = () if not scale.shape else (i[axis],)
        if block:
            where = i[:axis] + (i[axis] // block,) + i[axis + 1:]
        z = zero.at(where) if zero is not None else 0
        out.append(rounded(FLOAT, rounded(FLOAT, v.at(i) - z) * scale.at(where)))
    return Value(FLOAT, v.shape, out)


def run(op, inputs, attributes):
    if op == "Cast":
        return cast(inputs[0], attributes["to"])
    if op == "Reshape":
        return Value(inputs[0].kind, inputs[1].data, inputs[0].data)
    if op in ("Sub", "Mul", "Add"):
        return binary(*inputs, {"Sub": lambda a, b: a - b, "Mul": lambda a, b: a * b,
                                "Add": lambda a, b: a + b}[op])
    if op == "Gather":
        return gather(*inputs, attributes.get("axis", 0))
    if op == "DequantizeLinear":
        return dequantize(inputs[0], inputs[1], inputs[2] if len(inputs) > 2 else None,
                          attributes.get("axis", 1), attributes.get("block_size", 0))
    return None


def main():
    model = message(sys.stdin.buffer.read())
    graph = message(model[7][0])
    values = {}
    if sys.argv[1] == "--list":
        for o in map(message, model[8]):
            if o.get(1, [b""])[0] in (b"", b"ai.onnx"):
                print("opset", o[2][0])
        print("ir", model[1][0])
    for name, kind, shape, raw, value in map(tensor, graph.get(5, [])):
        values[name] = value
        if sys.argv[1] == "--list":
            print(name, NAMES.get(kind, kind), "x".join(map(str, shape)) or "-", len(raw))
    if sys.argv[1] == "--list":
        return
    for n in map(message, graph.get(1, [])):
        inputs = [values.get(i.decode()) for i in n.get(1, [])]
        if any(v is None for v in inputs):
            continue
        attributes = {a[1][0].decode(): signed(a[3][0]) for a in map(message, n.get(5, []))
                      if 3 in a}
        values[n[2][0].decode()] = run(n[4][0].decode(), inputs, attributes)
    for v in (values[name] for name in sys.argv[1:]):
        for x in v.data:
            print(format(x, ".9g") if v.kind == FLOAT else x)


main()
