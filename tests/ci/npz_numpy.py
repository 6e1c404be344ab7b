# SPDX-License-Identifier: Apache-2.0
"""numpy.savez, savez_compressed and save against tmo-from-npz and tmo-to-npz, for every dtype.

Wants tmo-from-npz, tmo-to-npz, tmo-quant, tmo-decode on PATH. Ends with "N passed, N failed".
"""
import io
import itertools
import os
import subprocess
import sys
import tempfile
import zipfile

import ml_dtypes
import numpy as np

sys.dont_write_bytecode = True
from counting import check, finish  # noqa: E402
from programs import pipe  # noqa: E402
from streams import npy, same_bits  # noqa: E402

DTYPES = ["?", "<f2", "<f4", "<f8", ">f4", ">f8", "<i1", "<i2", ">i4", "<i8", "<u1", ">u2", "<u4", "<u8"]
SHAPES = [(), (0,), (1,), (7,), (3, 4), (2, 0, 3), (2, 3, 1, 2, 5), (1000, 33)]


def arrays():
    rng = np.random.default_rng(5)
    for kind, shape in itertools.product(DTYPES, SHAPES):
        bits = rng.bytes(int(np.prod(shape)) * np.dtype(kind).itemsize)
        a = np.frombuffer(bits, dtype=kind).reshape(shape)	# NaNs of all kinds among them
        if kind == "?":
            a = (np.frombuffer(bits, np.uint8) & 1).astype(bool).reshape(shape)
        name = "%s/%s" % (kind.replace(">", "big").replace("<", "").replace("?", "bool"), "x".join(map(str, shape)))
        yield name, a
        yield name + " F", np.asfortranarray(a)


def spellings():
    """Every text that could be a type: what NumPy reads as one of ours we read alike, and nothing else."""
    codes = [k + n for k in "fiub?efdghHiIlLqQbBpPcSUVOmM" for n in ("", "1", "2", "4", "8", "16", "3")]
    words = ["float", "half", "single", "double", "longdouble", "int", "uint", "bool", "bool_", "byte", "short", "intc",
             "intp", "int_", "long", "longlong", "str", "object", "Float32", "complex64"]
    words += ["u" + w for w in words] + [w + n for w in ("float", "int", "uint", "complex") for n in ("8", "16", "32", "64", "128")]
    ours = {np.dtype(d).newbyteorder("<") for d in DTYPES} | {np.dtype("bool"), np.dtype("<u8")}
    for text in sorted({o + c for o in ("", "<", ">", "=", "|") for c in codes + words}):
        try:
            dtype = np.lib.format.descr_to_dtype(text)
        except (TypeError, ValueError):
            dtype = None
        header = "{'descr': %r, 'fortran_order': False, 'shape': (1,), }" % text
        header += " " * (-(len(header) + 11) % 64) + "\n"
        known = dtype is not None and dtype.newbyteorder("<") in ours
        data = bytes([1] + [0] * ((dtype.itemsize if known else 4) - 1))
        raw = b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header.encode() + data
        p = subprocess.run(["tmo-from-npz", "-n", "w"], input=raw, capture_output=True)
        if not known:
            check(p.returncode == 1, "%r is refused" % text)
            continue
        back = np.load(io.BytesIO(pipe(["tmo-to-npz"], p.stdout))) if p.returncode == 0 else {}
        check("w" in back and same_bits(np.load(io.BytesIO(raw)), back["w"]), "%r is %s" % (text, dtype))


def round_trips():
    all_of_them = dict(arrays())
    for save in (np.savez, np.savez_compressed):
        file = io.BytesIO()
        save(file, **all_of_them)
        stream = pipe(["tmo-from-npz"], file.getvalue())
        for options in ([], ["--compress"]):
            back = np.load(io.BytesIO(pipe(["tmo-to-npz", *options], stream)))
            check(back.files == list(all_of_them), "names and their order")
            for name, a in all_of_them.items():
                check(same_bits(a, back[name]), f"{save.__name__} {options} {name}")
    big = {"w": np.arange(300000, dtype="<f4").reshape(300, 1000), "ä/中": np.zeros(3)}
    file = io.BytesIO()
    np.savez(file, **big)
    back = np.load(io.BytesIO(pipe(["tmo-to-npz"], pipe(["tmo-from-npz"], file.getvalue()))))
    check(back.files == list(big), "names that are no ASCII")


def alone():
    for name, a in arrays():
        back = np.load(io.BytesIO(pipe(["tmo-to-npz"], pipe(["tmo-from-npz", "--name", "a"], npy(a)))))
        check(back.files == ["a"] and same_bits(a, back["a"]), f".npy alone: {name}")


def no_tensors():
    record = np.zeros(3, dtype=[("a", "<f4"), ("b", "<i2")])
    others = {"text": np.array(["ab", "c"]), "bytes": np.array([b"ab"]), "complex": np.ones(2, complex),
              "record": record, "date": np.array(["2020-01-01"], "datetime64[D]"),
              "bf16": np.ones(4, ml_dtypes.bfloat16).view("V2"), "object": np.array([{"a": 1}], object)}
    file = io.BytesIO()
    np.savez(file, w=np.ones((4, 4), "f4"), **others)
    stream = pipe(["tmo-from-npz"], file.getvalue())
    packed = pipe(["tmo-pack", "--zstd", "3"], pipe(["tmo-decode"], stream))
    back = np.load(io.BytesIO(pipe(["tmo-to-npz"], packed)), allow_pickle=True)
    for name, a in others.items():
        check(name in back.files and back[name].dtype == a.dtype and (back[name] == a).all(), f"{name} went through")


def encodings():
    rng = np.random.default_rng(6)
    w = rng.standard_normal((64, 48)).astype("f4")
    file = io.BytesIO()
    np.savez(file, w=w)
    stream = pipe(["tmo-from-npz"], file.getvalue())
    for options, want in ((["--type", "f16"], w.astype("f2").astype("f4")),
                          (["--type", "bf16"], w.astype(ml_dtypes.bfloat16).astype("f4"))):
        back = np.load(io.BytesIO(pipe(["tmo-to-npz"], pipe(["tmo-quant", *options], stream))))
        check(same_bits(want, back["w"]), f"{options}: as numpy rounds")


def past_4_gib():
    """Sizes that need zip64, as sparse as a disk allows: 4.5 GB of zeros, deflated, and many members."""
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "large.npz")
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (9 << 29,)})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
        with z.open("zeros.npy", "w", force_zip64=True) as m:
            m.write(header.getvalue())
            for _ in range(9 << 3):
                m.write(bytes(1 << 26))
    listing = subprocess.run("tmo-from-npz %s | tar tvf -" % path, shell=True, capture_output=True, text=True, check=False)
    check(str((9 << 29) + len(header.getvalue())) in listing.stdout and listing.returncode == 0, "a member past 4 GiB, in")
    again = os.path.join(folder, "again.npz")
    # a plain stream, so that its tensor of 4.5 GB is in memory once: only where there is room
    room = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if room > 12 << 30:
        subprocess.run("tmo-from-npz %s | tmo-to-npz -c --max-memory 20G -o %s" % (path, again), shell=True, check=True)
        with zipfile.ZipFile(again) as z:
            check(z.getinfo("zeros.npy").file_size == (9 << 29) + len(header.getvalue()) and z.testzip() is None,
                  "a member past 4 GiB, out")
    else:
        print("not enough memory for 4.5 GB; left out: a member past 4 GiB, out")
    with zipfile.ZipFile(path, "w") as z:
        one = npy(np.ones(1, "u1"))
        for i in range(70000):
            z.writestr("%d.npy" % i, one)
    with open(path, "rb") as file:
        back = pipe(["tmo-to-npz"], pipe(["tmo-from-npz"], file.read()))
    with zipfile.ZipFile(io.BytesIO(back)) as z:
        check(len(z.infolist()) == 70000 and z.read("69999.npy") == one, "more than 65,535 members")
    for name in (path, again):
        if os.path.exists(name):
            os.remove(name)
    os.rmdir(folder)


spellings()
round_trips()
alone()
no_tensors()
encodings()
past_4_gib()
sys.exit(finish())
