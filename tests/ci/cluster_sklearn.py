# SPDX-License-Identifier: Apache-2.0
"""cluster_sklearn.py: tmo-cluster against scikit-learn's KMeans, which looks for the same optimum.

The squared error of tmo-cluster's result is never above that of KMeans with ten starts, on weights of
several shapes and kinds, per tensor, channel and group, also where weights do not count alike; and
from the same start Lloyd's algorithm ends where KMeans ends. Prints "N passed, N failed".
"""
import os
import sys
import tempfile
import warnings

import numpy as np
from sklearn.cluster import KMeans

sys.dont_write_bytecode = True
from counting import check, finish  # noqa: E402
from programs import tool  # noqa: E402
from streams import stream_of, tensors  # noqa: E402


def kinds(rng):
    yield "normal", rng.standard_normal((40, 25, 3, 3)).astype("f4")
    yield "laplace", rng.laplace(size=(100, 80)).astype("f4")
    yield "uniform", rng.random((30, 200)).astype("f8")
    yield "half", rng.standard_normal((50, 60)).astype("f2")
    yield "few", rng.integers(-20, 20, (60, 50)).astype("f4")
    yield "groups", (rng.integers(0, 9, (60, 50)) + 1e-3 * rng.standard_normal((60, 50))).astype("f4")
    heavy = rng.standard_t(1.5, (70, 60))
    yield "heavy tails", heavy.astype("f4")


def clustered(array, k, *options):
    """Codes and codebook, as tmo-cluster makes them."""
    made = tensors(tool(["tmo-cluster", f"--clusters={k}", "--no-keep-zeros", *options],
                        stream_of({"w": array})))["w"]
    return made["codes"], made["codebook"]


def inertia(x, codes, values, weight=1.0):
    return float((weight * (x.astype("f8") - values.astype("f8")[codes]) ** 2).sum())


def sklearn_inertia(x, k, weight=None, **how):
    how = how or {"n_init": 10, "random_state": 0}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")     # fewer different values than clusters
        fit = KMeans(k, **how).fit(x.astype("f8").reshape(-1, 1),
                                   sample_weight=None if weight is None else weight.ravel())
    # Its values rounded as ours are, each weight with the nearest.
    values = np.sort(np.unique(fit.cluster_centers_.ravel().astype("f8" if x.dtype == "f8" else "f4")))
    codes = np.searchsorted((values[1:].astype("f8") + values[:-1]) / 2, x.astype("f8"))
    return inertia(x, codes, values, 1.0 if weight is None else weight)


def compare_plain(name, x):
    for k in (2, 5, 16, 64):
        codes, book = clustered(x, k)
        ours, theirs = inertia(x, codes, book.ravel()), sklearn_inertia(x, k)
        check(ours <= theirs * (1 + 1e-6) + 1e-12 and len(book.ravel()) <= k,
              f"{name}, {k} clusters: {ours!r}, scikit-learn {theirs!r}")
    codes, book = clustered(x, 4, "--granularity=channel")
    for channel in range(0, len(x), 10):
        ours = inertia(x[channel], codes[channel], book[channel].ravel())
        theirs = sklearn_inertia(x[channel].ravel(), 4)
        check(ours <= theirs * (1 + 1e-6) + 1e-12,
              f"{name}, channel {channel}: {ours!r}, scikit-learn {theirs!r}")


def compare_groups(name, x):
    flat = x.reshape(len(x), -1)
    codes, book = clustered(flat, 3, "--granularity=group:32")
    for row in range(0, len(flat), 29):
        for group in range(0, flat.shape[1] // 32 + 1, 2):
            part = flat[row, 32 * group:32 * group + 32]
            if len(part):
                ours = inertia(part, codes[row, 32 * group:32 * group + 32], book[row, group])
                theirs = sklearn_inertia(part, 3)
                check(ours <= theirs * (1 + 1e-6) + 1e-12,
                      f"{name}, row {row}, group {group}: {ours!r}, scikit-learn {theirs!r}")


def importances(rng, shape):
    yield "even", rng.random(shape)
    yield "Fisher", (rng.standard_normal(shape) * rng.gamma(0.5, size=shape)).astype("f4") ** 2
    yield "half nothing", np.where(rng.random(shape) < 0.5, 0.0, rng.random(shape)).astype("f4")


def compare_weighted(rng, name, x, folder):
    for kind, weight in importances(rng, x.shape):
        path = os.path.join(folder, "importance.tar")
        with open(path, "wb") as file:
            file.write(stream_of({"w": weight}))
        for k in (2, 16):
            codes, book = clustered(x, k, f"--importance={path}")
            ours = inertia(x, codes, book.ravel(), weight)
            theirs = sklearn_inertia(x, k, weight)
            check(ours <= theirs * (1 + 1e-6) + 1e-12 * weight.max(),
                  f"{name}, {kind}, {k} clusters: {ours!r}, scikit-learn {theirs!r}")


def compare_lloyd(name, x):
    """From values at equal distances both come to the same."""
    for k in (2, 5, 16):
        start = np.linspace(float(x.min()), float(x.max()), k).reshape(-1, 1)
        codes, book = clustered(x, k, "--init=linear")
        ours = inertia(x, codes, book.ravel())
        theirs = sklearn_inertia(x, k, init=start, n_init=1, max_iter=100000, tol=0,
                                 algorithm="lloyd")
        check(abs(ours - theirs) <= 1e-4 * theirs,
              f"{name}, {k} clusters by Lloyd: {ours!r}, scikit-learn {theirs!r}")


def main():
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        for name, x in kinds(np.random.default_rng(0)):
            compare_plain(name, x)
            compare_groups(name, x)
            compare_weighted(rng, name, x, folder)
            if name in ("normal", "uniform", "half"):   # scikit-learn moves values of no weights
                compare_lloyd(name, x)
    return finish()


if __name__ == "__main__":
    sys.exit(main())
