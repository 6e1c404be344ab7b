# SPDX-License-Identifier: Apache-2.0
"""starts.py VECTORS: tmo-cluster's values before the first step against vectors/cluster.txt."""
import struct
import subprocess
import sys

import streams


def npy(path, shape, values):
    head = "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }" % (shape,)
    with open(path, 'wb') as file:
        file.write(b'\x93NUMPY\1\0' + struct.pack('<H', 118) + (head.ljust(117) + '\n').encode())
        file.write(struct.pack('<%df' % len(values), *values))


def computed(start, clusters, how, weights):
    """The codebooks, sorted."""
    per_channel = how in ('first', 'last')
    npy('w.npy', '(2, 2, 1, 2)' if per_channel else '(1, %d)' % len(weights), weights)
    subprocess.run(['tar', 'cf', 'w.tar', 'w.npy'], check=True)
    command = ['tmo-cluster', '--init', start, '--clusters', clusters, '--steps', '0', '-o', 'out.tar']
    command += ['--keep-zeros' if how == 'zeros' else '--no-keep-zeros']
    if per_channel:
        command += ['--granularity', 'channel', '--axis', '1' if how == 'first' else '3']
    subprocess.run(command + ['w.tar'], check=True)
    book = streams.load('out.tar')['w'].codebook
    return [sorted(book.values[i:i + book.shape[-1]])
            for i in range(0, book.count, book.shape[-1])]


def cases(path):
    with open(path) as file:
        for line in file:
            words = line.split()
            if words and words[0] == 'case':
                case = words[1:] + [''] * (5 - len(words))
            elif words and words[0] == 'weights':
                weights = [float(x) for x in words[1:]]
            elif words and words[0] == 'values':
                yield case, weights, [[float(x) for x in part.split()]
                                      for part in line[len('values'):].split(';')]


checked = failures = 0
for (name, start, clusters, how), weights, wanted in cases(sys.argv[1]):
    got = computed(start, clusters, how, weights)
    wanted = [sorted(book) for book in wanted]
    same = len(got) == len(wanted) and all(
        len(g) == len(w) and all(abs(a - b) <= 5e-5 for a, b in zip(g, w))
        for g, w in zip(got, wanted))
    checked += 1
    if not same:
        print('%s: %s, published %s' % (name, got, wanted))
        failures += 1
sys.exit(failures > 0 or checked == 0)
