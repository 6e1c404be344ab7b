# SPDX-License-Identifier: Apache-2.0
"""The safetensors library against tmo's reader and writer: what it writes comes back byte for byte,
what tmo writes is what it would write, and what it refuses is refused.

safetensors_library.py [MODELS]: with tmo's programs on PATH; MODELS is a folder of real networks.
Ends with "N passed, N failed".
"""
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

import ml_dtypes
import numpy as np
import safetensors
import safetensors.numpy

sys.dont_write_bytecode = True
from counting import check, finish  # noqa: E402
from programs import pipe  # noqa: E402
from streams import archive, array, members, npy  # noqa: E402

# what the library calls a type when it writes it, its name in the file, bits, the array in a stream
TYPES = {
    "bool": ("BOOL", 8, np.bool_), "uint8": ("U8", 8, np.uint8), "int8": ("I8", 8, np.int8),
    "int16": ("I16", 16, np.int16), "uint16": ("U16", 16, np.uint16), "int32": ("I32", 32, np.int32),
    "uint32": ("U32", 32, np.uint32), "int64": ("I64", 64, np.int64), "uint64": ("U64", 64, np.uint64),
    "float16": ("F16", 16, np.float16), "float32": ("F32", 32, np.float32),
    "float64": ("F64", 64, np.float64), "bfloat16": ("BF16", 16, None),
    "float8_e4m3fn": ("F8_E4M3", 8, None), "float8_e5m2": ("F8_E5M2", 8, None),
    "float8_e8m0fnu": ("F8_E8M0", 8, None), "float8_e4m3fnuz": ("F8_E4M3FNUZ", 8, None),
    "float8_e5m2fnuz": ("F8_E5M2FNUZ", 8, None), "complex64": ("C64", 64, None),
    "float4_e2m1fn_x2": ("F4", 8, None),
}


def run(program, data=b"", *args):
    return pipe(["tmo-" + program, "-q", *args], data)


def library(tensors, meta):
    """tensors: name -> (the library's type, shape, bytes)."""
    alive, specs = [], {}
    for name, (kind, shape, data) in tensors.items():
        buffer = np.frombuffer(data + b"\0", np.uint8)
        alive.append(buffer)
        specs[name] = safetensors.TensorSpec(dtype=kind, shape=list(shape), data_ptr=buffer.ctypes.data,
                                             data_len=len(data))
    return bytes(safetensors.serialize(specs, metadata=meta))


def text(rng, least):
    letters = "ab.Z_-/\\\"\n\t\b\f\r\x01\x1f\x7f %é中🙂~{}[],:0"
    return "".join(rng.choice(letters) for _ in range(rng.randint(least, 12)))


def model(rng, count):
    tensors = {}
    while len(tensors) < count:
        kind = rng.choice(list(TYPES))
        shape = [rng.choice((0, 1, 2, 3, 5, 8)) for _ in range(rng.randint(0, 4))]
        if kind == "float4_e2m1fn_x2":
            shape.append(rng.choice((1, 2, 4)))    # in pairs, as the library counts them
        size = TYPES[kind][1] // 8
        for n in shape:
            size *= n
        data = rng.randbytes(size)
        if kind == "bool":
            data = bytes(b & 1 for b in data)
        tensors[text(rng, 1)] = (kind, shape, data)
    meta = rng.choice((None, {}, {"format": "pt"}, {text(rng, 0): text(rng, 0) for _ in range(4)}))
    if not tensors and meta == {}:
        meta = None    # the library writes {},"__metadata__":{}}, which it does not read itself
    return tensors, meta


def array_of(files, name):
    stem = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else
                   "".join("%%%02X" % b for b in c.encode()) for c in name)
    stem = "%2E" + stem[1:] if stem[0] == "." else stem
    for path in (f"tensors/{stem}.npy", f"tensors/{stem}/codes.npy"):
        if path in files:
            return array(files[path])
    return None


def there_and_back(rng, tensors, meta, what):
    file = library(tensors, meta)
    stream = run("from-safetensors", file)
    check(run("to-safetensors", stream) == file, f"{what}: there and back")
    files = members(stream)
    for name, (kind, shape, data) in tensors.items():
        got = array_of(files, name)
        if check(got is not None, f"{what}: {name!r} is not in the stream"):
            check(got.tobytes() == data, f"{what}: bytes of {name!r}")
            if TYPES[kind][2] is not None:
                check(got.dtype == TYPES[kind][2] and list(got.shape) == shape,
                      f"{what}: type and shape of {name!r}")
    # in any order: what stands in one folder stays together, the manifest first
    groups = {}
    for path, data in files.items():
        if path != "model.yaml":
            groups.setdefault(path.rsplit("/", 1)[0] if path.count("/") > 1 else path, []).append((path, data))
    shuffled = list(groups.values())
    rng.shuffle(shuffled)
    mixed = archive({"model.yaml": files["model.yaml"], **dict(sum(shuffled, []))})
    check(run("to-safetensors", mixed) == file, f"{what}: in another order")


def shards(rng, tensors, meta, what):
    count = rng.randint(1, 4)
    with tempfile.TemporaryDirectory() as folder:
        where = {name: f"model-{rng.randint(1, count)}.safetensors" for name in tensors}
        for file in set(where.values()):
            with open(os.path.join(folder, file), "wb") as f:
                f.write(library({n: t for n, t in tensors.items() if where[n] == file}, meta))
        with open(os.path.join(folder, "model.safetensors.index.json"), "w", encoding="utf-8") as f:
            json.dump({"metadata": {"total_size": 1}, "weight_map": where}, f, indent=rng.choice((None, 2)))
        one = run("to-safetensors", run("from-safetensors", b"", folder))
    loaded = safetensors.deserialize(one)
    check({n: (TYPES[k][0], bytes(d)) for n, (k, _, d) in tensors.items()} ==
          {n: (t["dtype"], bytes(t["data"])) for n, t in loaded}, f"{what}: all of {count} files in one")
    if meta is None or len(meta) < 2:    # the library writes metadata in no order
        check(one == library(tensors, meta), f"{what}: {count} files as the library writes one")


def from_arrays(rng, what):
    arrays, files = {}, {}
    for i in range(rng.randint(1, 9)):
        kind = rng.choice([t[2] for t in TYPES.values() if t[2] is not None])
        shape = [rng.randint(0, 4) for _ in range(rng.randint(0, 4))]
        a = np.frombuffer(rng.randbytes(8 * int(np.prod(shape))), np.uint8)
        a = a[:int(np.prod(shape))].astype(kind).reshape(shape)
        arrays[f"t{i}"] = a
        files[f"t{i}.npy"] = npy(np.array(a, order=rng.choice("CF")))
    check(run("to-safetensors", archive(files)) == safetensors.numpy.save(arrays), f"{what}: arrays")


def casts():
    rng = np.random.default_rng(0)
    w = (rng.standard_normal((64, 48)) * np.exp(rng.uniform(-20, 8, (64, 48)))).astype(np.float32)
    stream = archive({"w.npy": npy(w)})
    for name, kind in (("bf16", ml_dtypes.bfloat16), ("f16", np.float16)):
        with np.errstate(over="ignore"):
            want = safetensors.numpy.save({"w": w.astype(kind)})
        check(run("to-safetensors", run("quant", stream, "--type", name)) == want, f"cast to {name}")


def refused_alike(rng):
    """Whatever tmo takes, but for types that are unknown to both, the library takes too."""
    taken = refused = 0
    for i in range(400):
        tensors, meta = model(rng, rng.randint(1, 3))
        file = bytearray(library(tensors, meta))
        header = struct.unpack("<Q", file[:8])[0]
        for _ in range(rng.randint(1, 2)):
            at = rng.randrange(8, 8 + header)
            file[at:at + 1] = rng.choice((bytes([rng.choice(b'0123456789 ",:[]{}')]), b"\xff", b"0"))
        if rng.random() < 0.2:
            file = file[:-1] if rng.random() < 0.5 else file + b"\0"
        done = subprocess.run(["tmo-from-safetensors"], input=file, capture_output=True, check=False)
        status, err = done.returncode, done.stderr.decode()
        if not check(status in (0, 1) and (status == 0 or len(err.splitlines()) == 1), f"damaged {i}: {err}"):
            continue
        taken, refused = taken + (status == 0), refused + (status == 1)
        if status == 0:
            check(run("to-safetensors", done.stdout) == bytes(file), f"damaged {i}: taken, not given back")
            try:
                safetensors.deserialize(bytes(file))
                check(True, "")
            except safetensors.SafetensorError as error:
                check("unknown variant" in str(error), f"damaged {i}: taken, the library says {error}")
    print(f"of damaged headers {taken} were taken, {refused} refused")


def real(folder):
    for name in sorted(os.listdir(folder)):
        if name.endswith(".safetensors"):
            with open(os.path.join(folder, name), "rb") as f:
                file = f.read()
            check(run("to-safetensors", run("from-safetensors", file)) == file, name)
            packed = run("pack", run("from-safetensors", file), "--zstd", "3")
            check(run("to-safetensors", packed) == file, f"{name}, packed")
            onnx = os.path.join(folder, name[:-len(".safetensors")] + ".onnx")
            if os.path.exists(onnx):    # the library made the file from this network
                with open(onnx, "rb") as f:
                    made = run("to-safetensors", run("from-onnx", f.read()))
                check(made == file, f"{name}, from the network")


def main():
    rng = random.Random(5)
    for i in range(60):
        tensors, meta = model(rng, rng.randint(0, 12))
        there_and_back(rng, tensors, meta, f"model {i}")
        if tensors:
            shards(rng, tensors, meta, f"model {i}")
        from_arrays(rng, f"model {i}")
    casts()
    refused_alike(rng)
    if len(sys.argv) > 1:
        real(sys.argv[1])
    return finish()


sys.exit(main())
