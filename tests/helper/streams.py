# SPDX-License-Identifier: Apache-2.0
"""streams.py: tensor streams read from tmo-stream(5) alone, with nothing but Python's library.

As a program: streams.py REPORT.json STREAM [REFERENCE] computes what tmo-eval reports anew, from the
definitions in tmo-eval(1), and says what differs.
"""
import collections
import json
import math
import re
import struct
import sys
import tarfile
import urllib.parse

FORMATS = {'<f2': 'e', '<f4': 'f', '<f8': 'd', '|i1': 'b', '<i2': 'h', '<i4': 'i', '<i8': 'q',
           '|u1': 'B', '<u2': 'H', '<u4': 'I', '<u8': 'Q', '|b1': '?'}
NAMES = {'<f2': 'f16', '<f4': 'f32', '<f8': 'f64', '|i1': 'i8', '<i2': 'i16', '<i4': 'i32',
         '<i8': 'i64', '|u1': 'u8', '<u2': 'u16', '<u4': 'u32', '<u8': 'u64', '|b1': 'bool'}
SAME_SIZE = {1: 'B', 2: 'H', 4: 'I', 8: 'Q'}


def f32(x):
    return struct.unpack('<f', struct.pack('<f', x))[0]


def f16(x):
    return struct.unpack('<e', struct.pack('<e', x))[0]


class Array:
    def __init__(self, data):
        length = struct.unpack('<H', data[8:10])[0]
        header = data[10:10 + length].decode('latin-1')
        self.descr = re.search(r"'descr': '([^']*)'", header).group(1)
        self.shape = [int(n) for n in
                      re.search(r"'shape': \(([^)]*)\)", header).group(1).split(',') if n.strip()]
        self.count = math.prod(self.shape)
        self.raw = data[10 + length:]
        self.values = list(struct.unpack('<%d%s' % (self.count, FORMATS[self.descr]), self.raw))
        self.item_bytes = len(self.raw) // self.count if self.count else 1

    def patterns(self):
        return struct.unpack('<%d%s' % (self.count, SAME_SIZE[self.item_bytes]), self.raw)

    def bits(self):
        return 8 * len(self.raw)


class Tensor:
    """name, dtype, shape, encoding, values; codes, codebook, scale, zero_point if encoded."""


def entry(array, index, shape, block, extra):
    """Where in array's values the entry for an index stands; extra: of the codebook's last axis."""
    at = 0
    for axis, n in enumerate(array.shape[:len(shape)]):
        i = 0 if n == 1 else index[axis] // (block[axis] if n != shape[axis] else 1)
        at = at * n + i
    return at * array.shape[-1] + extra if extra is not None else at


def decode(t, yaml):
    block = yaml.get('block', [1] * len(t.shape))
    index = [0] * len(t.shape)
    out = []
    rounded = (lambda x: x) if t.dtype == 'f64' else f32
    for v in t.codes.values:
        if t.codebook:
            v = t.codebook.values[entry(t.codebook, index, t.shape, block, v)]
        if t.zero_point:
            v = rounded(v - t.zero_point.values[entry(t.zero_point, index, t.shape, block, None)])
        if t.scale:
            v = rounded(v * t.scale.values[entry(t.scale, index, t.shape, block, None)])
        out.append(f16(v) if t.dtype == 'f16' else v)
        for axis in reversed(range(len(index))):
            index[axis] += 1
            if index[axis] < t.shape[axis]:
                break
            index[axis] = 0
    return out


def load(path):
    folders = collections.OrderedDict()
    with tarfile.open(path) as tar:
        for member in tar:
            parts = member.name.split('/')
            if parts[0] == 'tensors':
                folders.setdefault(re.sub(r'\.npy$', '', parts[1]), {})[parts[-1]] = \
                    tar.extractfile(member).read()
    tensors = collections.OrderedDict()
    for stem, files in folders.items():
        t = Tensor()
        t.name = urllib.parse.unquote(stem)
        t.bytes = sum(len(data) for data in files.values())
        arrays = {name: Array(data) for name, data in files.items() if name.endswith('.npy')}
        t.codes, t.codebook, t.scale, t.zero_point = (
            arrays.get(part + '.npy') if 'tensor.yaml' in files else None
            for part in ('codes', 'codebook', 'scale', 'zero_point'))
        if 'tensor.yaml' in files:
            yaml = {}
            for line in files['tensor.yaml'].decode().splitlines():
                key, value = line.split(': ', 1)
                yaml[key] = json.loads(value) if value[0] in '[0123456789' else value
            t.dtype, t.shape, t.code_bits = yaml['dtype'], yaml['shape'], yaml['bits']
            if 'code' in yaml and yaml['code'] == 'f16':
                t.codes.values = [struct.unpack('<e', struct.pack('<H', c))[0]
                                  for c in t.codes.patterns()]
            t.encoding = '+'.join(['codebook'] * bool(t.codebook) +
                                  ['affine'] * bool(t.scale or t.zero_point)) or 'cast'
            t.values = decode(t, yaml)
            t.bits = t.code_bits * t.codes.count + sum(
                a.bits() for a in (t.codebook, t.scale, t.zero_point) if a)
        else:
            array, = arrays.values()
            t.dtype, t.shape, t.encoding = NAMES[array.descr], array.shape, 'plain'
            t.values, t.bits = array.values, array.bits()
        t.patterns = t.codes.patterns() if t.codes else array.patterns()
        tensors[t.name] = t
    return tensors


def entropy(patterns):
    n = len(patterns)
    return sum(-c / n * math.log2(c / n) for c in collections.Counter(patterns).values())


class Sums:
    def __init__(self):
        self.reference = self.error = self.x = self.product = self.largest = 0.0

    def add(self, reference, values):
        self.reference += math.fsum(r * r for r in reference)
        self.x += math.fsum(x * x for x in values)
        self.product += math.fsum(r * x for r, x in zip(reference, values))
        self.error += math.fsum((r - x) ** 2 for r, x in zip(reference, values))
        self.see(reference, values)

    def see(self, reference, values):
        self.largest = max([self.largest] + [abs(r - x) for r, x in zip(reference, values)])

    def keys(self):
        norm = math.sqrt(self.reference * self.x)
        return {'sqnr_db': 10 * math.log10(self.reference / self.error) if self.error else None,
                'max_abs_error': self.largest,
                'cosine': self.product / norm if norm else 1.0 if self.reference == self.x else 0.0}


def channels(t, reference):
    """Of a weight in a stream without a network, whose output axis is the first."""
    length = len(t.values) // t.shape[0] if t.values else 0
    parts = [slice(i * length, (i + 1) * length) for i in range(t.shape[0] if length else 0)]
    zeros = [t.values[p].count(0) for p in parts]
    before = [reference.values[p].count(0) if reference else 0 for p in parts]
    keys = {'dead_outputs': sum(z == length and (not reference or b < length) for z, b in zip(zeros, before)),
            'max_channel_sparsity': max(zeros, default=0) / length if length else 0.0}
    if reference:
        found = [Sums() for _ in parts]
        for sums, p in zip(found, parts):
            sums.add(reference.values[p], t.values[p])
        found = [sums.keys()['sqnr_db'] for sums in found]
        keys['min_channel_sqnr_db'] = min((d for d in found if d is not None), default=None)
    return keys


def worst(rows):
    """What the total says of all weights: the worst of each."""
    rows = [row for row in rows if 'dead_outputs' in row]
    keys = {}
    if rows:
        least = lambda key: min((r[key] for r in rows if r.get(key) is not None), default=None)
        keys = {'dead_outputs': sum(r['dead_outputs'] for r in rows),
                'max_channel_sparsity': max(r['max_channel_sparsity'] for r in rows)}
        compared = any('sqnr_db' in r for r in rows)
        if compared:
            keys['min_channel_sqnr_db'] = least('min_channel_sqnr_db')
        keys['max_sparsity'] = max(r['sparsity'] for r in rows)
        if compared:
            keys['min_sqnr_db'] = least('sqnr_db')
    return keys


def report(stream, reference=None):
    """What tmo-eval should say, but for total.stream_bytes."""
    rows, all_sums = [], Sums()
    total = dict.fromkeys(['elements', 'bytes', 'distinct', 'bits', 'zeros', 'information'], 0)
    for t in stream.values():
        n = len(t.values)
        zeros, distinct, h = t.values.count(0), len(set(t.patterns)), entropy(t.patterns)
        row = {'name': t.name, 'shape': t.shape, 'dtype': t.dtype, 'encoding': t.encoding,
               'elements': n, 'bytes': t.bytes, 'bits_per_weight': t.bits / max(n, 1),
               'sparsity': zeros / max(n, 1), 'distinct': distinct, 'entropy': h}
        if reference and t.name in reference:
            sums = Sums()
            sums.add(reference[t.name].values, t.values)
            row.update(sums.keys())
            (all_sums.add if t.dtype[0] in 'fb' and t.dtype != 'bool' else all_sums.see)(
                reference[t.name].values, t.values)
        if t.dtype in ('f16', 'f32', 'f64') and len(t.shape) >= 2:
            row.update(channels(t, (reference or {}).get(t.name)))
        rows.append(row)
        for key, value in [('elements', n), ('bytes', t.bytes), ('distinct', distinct),
                           ('bits', t.bits), ('zeros', zeros), ('information', n * h)]:
            total[key] += value
    n = max(total['elements'], 1)
    out = {'elements': total['elements'], 'bytes': total['bytes'],
           'bits_per_weight': total['bits'] / n, 'sparsity': total['zeros'] / n,
           'distinct': total['distinct'], 'entropy': total['information'] / n}
    if reference:
        out.update(all_sums.keys())
    out.update(worst(rows))
    return {'tensors': rows, 'total': out}


def differences(wanted, got, where=''):
    if isinstance(wanted, dict):
        if list(wanted) != [k for k in got if k != 'stream_bytes']:
            yield '%s: keys %s, wanted %s' % (where, list(got), list(wanted))
            return
        for key in wanted:
            yield from differences(wanted[key], got[key], where + '.' + key)
    elif isinstance(wanted, list):
        if len(wanted) != len(got):
            yield '%s: %d of them, wanted %d' % (where, len(got), len(wanted))
        for i, (w, g) in enumerate(zip(wanted, got)):
            yield from differences(w, g, '%s[%d]' % (where, i))
    elif isinstance(wanted, float) and got is not None:
        if abs(wanted - got) > 1e-9 * max(1.0, abs(wanted)):
            yield '%s: %r, wanted %r' % (where, got, wanted)
    elif wanted != got:
        yield '%s: %r, wanted %r' % (where, got, wanted)


if __name__ == '__main__':
    streams = [load(path) for path in sys.argv[2:]]
    with open(sys.argv[1]) as file:
        found = list(differences(report(*streams), json.load(file)))
    print('\n'.join(found))
    sys.exit(bool(found))
