# SPDX-License-Identifier: Apache-2.0
"""compare_cluster.py make FILE COUNT
compare_cluster.py sklearn|ckwrap FILE.npy VALUES OURS: seconds of ours (a shell command, whole
process), seconds of theirs (the call alone), our inertia over theirs."""
import io
import subprocess
import sys
import tarfile
import time

import numpy


def inertia(x, values):
    values = numpy.sort(numpy.asarray(values, numpy.float64).ravel())
    edges = (values[1:] + values[:-1]) / 2
    return float(((x.astype(numpy.float64) - values[numpy.searchsorted(edges, x)]) ** 2).sum())


def theirs(which, x, count):
    start = time.perf_counter()
    if which == "sklearn":
        from sklearn.cluster import KMeans
        start = time.perf_counter()
        model = KMeans(count, n_init=1, random_state=0).fit(x.reshape(-1, 1))
        return time.perf_counter() - start, model.cluster_centers_
    import ckwrap
    start = time.perf_counter()
    result = ckwrap.ckmeans(x.astype(numpy.float64), count)
    return time.perf_counter() - start, result.centers


def main():
    if sys.argv[1] == "make":
        x = numpy.random.default_rng(1).standard_normal(int(sys.argv[3])).astype(numpy.float32)
        with open(sys.argv[2], "wb") as out:
            numpy.save(out, x)
        return
    which, file, count, ours = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    x = numpy.load(file)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        stream = subprocess.run(["sh", "-c", ours], check=True, stdout=subprocess.PIPE).stdout
        times.append(time.perf_counter() - start)
    tar = tarfile.open(fileobj=io.BytesIO(stream))
    book = next(m for m in tar.getmembers() if m.name.endswith("/codebook.npy"))
    book = numpy.load(io.BytesIO(tar.extractfile(book).read()))
    took, centers = theirs(which, x, count)
    print(sorted(times)[1], took, inertia(x, book) / inertia(x, centers))


main()
