# SPDX-License-Identifier: Apache-2.0
"""numpy and Python's tarfile against tmo's streams, both ways, for every dtype.

Wants mkstream, rewrite and tmo-quant on PATH. Ends with "N passed, N failed".
"""
import itertools
import sys
import tarfile

import numpy as np

sys.dont_write_bytecode = True
from counting import check, finish  # noqa: E402
from programs import pipe  # noqa: E402
from streams import archive, array, members, npy, same_bits  # noqa: E402

DTYPES = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"]
SHAPES = [(), (0,), (1,), (7,), (3, 4), (2, 0, 3), (2, 3, 1, 2, 5)]
FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}


def numpy_reads_ours():
    for dtype, shape in itertools.product(DTYPES, SHAPES):
        text = "x".join(map(str, shape)) or "-"
        specs = [f"{dist}:{dtype}:{text}:{dist}" for dist in ("ramp", "zeros", "ones", "normal")]
        found = members(pipe(["mkstream", *specs]))
        count = int(np.prod(shape))
        ramp = np.arange(count) & 1 if dtype == "b1" else np.arange(count)
        for dist, want in (("ramp", ramp), ("zeros", np.zeros(count)), ("ones", np.ones(count))):
            data = found[f"tensors/{dist}.npy"]
            got = array(data)
            check(same_bits(got, want.astype("<" + dtype).reshape(shape)), f"{dist} {dtype} {shape}")
            check(data[6:8] == b"\1\0" and (len(data) - got.nbytes) % 64 == 0,
                  f"header of {dtype} {shape}")
        normal = array(found["tensors/normal.npy"])
        check(normal.shape == shape and normal.dtype == np.dtype(dtype), f"normal {dtype} {shape}")


def we_read_numpys():
    random = np.random.default_rng(1)
    for dtype, version, form in itertools.product(DTYPES, ((1, 0), (2, 0), (3, 0)), FORMATS):
        files, arrays = {}, {}
        for number, (shape, order, end) in enumerate(itertools.product(SHAPES, "CF", "<>")):
            size = int(np.prod(shape)) * np.dtype(dtype).itemsize
            bits = random.integers(0, 2 if dtype == "b1" else 256, size, dtype=np.uint8)
            a = bits.view(dtype).reshape(shape)
            a = np.asarray(a.astype(a.dtype.newbyteorder(end)), order=order)
            # A signalling NaN may become quiet on its way; floats here are finite.
            if dtype[0] == "f":
                a = np.where(np.isfinite(a), a, np.array(1.5, a.dtype))
                a = np.asarray(a.astype(a.dtype.newbyteorder(end)), order=order)
            name = f"t{number}"
            files[f"tensors/{name}.npy"], arrays[name] = npy(a, version), a
        found = members(pipe(["rewrite"], archive(files, FORMATS[form])))
        for name, a in arrays.items():
            what = f"numpy's {a.dtype.str} {a.shape} {version} in {form}"
            data = found.get(f"tensors/{name}.npy")
            if data is None:
                check(False, what + ": missing")
                continue
            got = array(data)
            check(same_bits(got, a) and got.dtype.byteorder in "|=<" and got.flags.c_contiguous, what)


def names_of_any_length():
    plain = npy(np.arange(3, dtype="<f4"), (1, 0))
    lengths = {"ustar": (1, 90, 96, 150, 190), "gnu": (99, 100, 101, 150, 255, 256, 400),
               "pax": (99, 100, 101, 150, 255, 256, 400)}
    for form, wanted in lengths.items():
        files = {("d" * 99 + "/" + "x" * n if n > 100 else "x" * n)[:n] + ".npy": plain
                 for n in wanted}
        if form == "ustar":
            files = {name: data for name, data in files.items() if len(name) <= 100 or "/" in name}
        for unicode_name in () if form == "ustar" else ("größe/重み.npy",):
            files[unicode_name] = plain
        out = pipe(["tmo-quant", "-q", "--skip", "*"], archive(files, FORMATS[form]))
        got = {name: data for name, data in members(out).items() if name != "model.yaml"}
        check(list(got) == list(files) and got == files, f"names in {form}")


def what_we_cannot_name_passes():
    files = {"complex.npy": npy(np.zeros((2, 3), "c8"), (1, 0)),
             "text.npy": npy(np.array(["a", "bc"]), (1, 0)),
             "record.npy": npy(np.zeros(3, [("a", "<i4"), ("b", "<f4")]), (1, 0)),
             "time.npy": npy(np.zeros(3, "M8[s]"), (1, 0)),
             "notes.txt": b"hello\n"}
    got = members(pipe(["tmo-quant", "-q"], archive(files)))
    got.pop("model.yaml", None)
    check(got == files, "dtypes without a name pass through")


def main():
    numpy_reads_ours()
    we_read_numpys()
    names_of_any_length()
    what_we_cannot_name_passes()
    return finish()


if __name__ == "__main__":
    sys.exit(main())
