# SPDX-License-Identifier: Apache-2.0
"""cluster_sklearn.py: tmo-cluster against scikit-learn's KMeans, which looks for the same optimum.

The squared error of tmo-cluster's result is never above that of KMeans with ten starts, on weights of
several shapes and kinds, per tensor and per channel. Prints "N passed, N failed".
"""
import io
import subprocess
import tarfile
import warnings

import numpy as np
from sklearn.cluster import KMeans


def kinds(rng):
    yield "normal", rng.standard_normal((40, 25, 3, 3)).astype("f4")
    yield "laplace", rng.laplace(size=(100, 80)).astype("f4")
    yield "uniform", rng.random((30, 200)).astype("f8")
    yield "half", rng.standard_normal((50, 60)).astype("f2")
    yield "few", rng.integers(-20, 20, (60, 50)).astype("f4")
    yield "groups", (rng.integers(0, 9, (60, 50)) + 1e-3 * rng.standard_normal((60, 50))).astype("f4")
    heavy = rng.standard_t(1.5, (70, 60))
    yield "heavy tails", heavy.astype("f4")


def stream(array):
    data, out = io.BytesIO(), io.BytesIO()
    np.save(data, array)
    with tarfile.open(fileobj=out, mode="w") as tar:
        member = tarfile.TarInfo("tensors/w.npy")
        member.size = len(data.getvalue())
        data.seek(0)
        tar.addfile(member, data)
    return out.getvalue()


def clustered(array, k, *options):
    """Codes and codebook, as tmo-cluster makes them."""
    made = subprocess.run(["tmo-cluster", f"--clusters={k}", "--no-keep-zeros", *options],
                          input=stream(array), stdout=subprocess.PIPE, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(made)) as tar:
        return [np.load(io.BytesIO(tar.extractfile(f"tensors/w/{part}.npy").read()))
                for part in ("codes", "codebook")]


def inertia(x, codes, values):
    return float(((x.astype("f8") - values.astype("f8")[codes]) ** 2).sum())


def sklearn_inertia(x, k):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")     # fewer different values than clusters
        fit = KMeans(k, n_init=10, random_state=0).fit(x.astype("f8").reshape(-1, 1))
    # Its values rounded as ours are, each weight with the nearest.
    values = np.sort(np.unique(fit.cluster_centers_.ravel().astype("f8" if x.dtype == "f8" else "f4")))
    codes = np.searchsorted((values[1:].astype("f8") + values[:-1]) / 2, x.astype("f8"))
    return inertia(x, codes, values)


def main():
    passed = failed = 0
    for name, x in kinds(np.random.default_rng(0)):
        for k in (2, 5, 16, 64):
            codes, book = clustered(x, k)
            ours, theirs = inertia(x, codes, book.ravel()), sklearn_inertia(x, k)
            good = ours <= theirs * (1 + 1e-6) + 1e-12 and len(book.ravel()) <= k
            passed, failed = passed + good, failed + (not good)
            if not good:
                print(f"not ok {name}, {k} clusters: {ours!r}, scikit-learn {theirs!r}")
        codes, book = clustered(x, 4, "--granularity=channel")
        for channel in range(0, len(x), 10):
            ours = inertia(x[channel], codes[channel], book[channel].ravel())
            theirs = sklearn_inertia(x[channel].ravel(), 4)
            good = ours <= theirs * (1 + 1e-6) + 1e-12
            passed, failed = passed + good, failed + (not good)
            if not good:
                print(f"not ok {name}, channel {channel}: {ours!r}, scikit-learn {theirs!r}")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    raise SystemExit(main())
