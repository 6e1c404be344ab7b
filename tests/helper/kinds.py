#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kinds.py: writes one small file of each kind that is no tensor stream, into the current folder. The name
is the kind's; where Python's own library writes the format, it does, else the bytes that others write."""
import bz2
import gzip
import io
import lzma
import pickle
import struct
import zipfile

from wire_format import put_field as field

NPY = (b"\x93NUMPY\1\0v\0" + b"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }".ljust(117) + b"\n"
       + struct.pack("<2f", 1, 2))


def archive(*members, compression=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as z:
        for name, data in members:
            z.writestr(name, data)
    return out.getvalue()


def onnx(weights):
    node = field(1, b"x") + field(1, b"w") + field(2, b"y") + field(4, b"MatMul")
    tensor = bytes([1 << 3, 8, 1 << 3, 8, 2 << 3, 1]) + field(8, b"w") + field(9, bytes(weights))
    graph = field(1, node) + field(2, b"g") + field(5, tensor)
    return field(1, 8) + field(2, b"kinds") + field(7, graph) + field(8, field(2, 17))


def safetensors():
    header = b'{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  '
    return struct.pack("<Q", len(header)) + header + struct.pack("<2f", 1, 2)


def xml(root):
    return b'<?xml version="1.0" encoding="UTF-8"?>\n<' + root + b">x</" + root.split()[0] + b">\n"


feature = field(1, b"image") + field(2, b"an image") + field(3, bytes(4))
noise = bytes(i * 7 & 255 for i in range(600))
lfs = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 123456\n"

KINDS = {
    "onnx": onnx(256), "onnx-large": onnx(100000), "safetensors": safetensors(), "npy": NPY,
    "npz": archive(("w.npy", NPY)), "npz-deflated": archive(("w.npy", NPY), compression=zipfile.ZIP_DEFLATED),
    "index": b'{"metadata": {"total_size": 8}, "weight_map": {"w": "m.safetensors"}}\n',
    "zip": archive(("model.onnx", onnx(256))),
    "pytorch": archive(("archive/data.pkl", pickle.dumps({}, 2)), ("archive/version", b"3\n")),
    "torchscript": archive(("m/constants.pkl", pickle.dumps((), 2)), ("m/version", b"3\n")),
    "pytorch-old": pickle.dumps(0x1950a86a20f9469cfc6c, 2) + pickle.dumps(1001, 2),
    "keras": archive(("metadata.json", "{}"), ("config.json", "{}"), ("model.weights.h5", "")),
    "pickle2": pickle.dumps([1.5], 2), "pickle5": pickle.dumps(list(range(400)), 5),
    "pickle0": pickle.dumps({"w": [1, 2]}, 0),
    "hdf5": b"\x89HDF\r\n\x1a\n" + bytes(600), "gguf": b"GGUF\3\0\0\0" + noise, "ggml": b"lmgg" + noise,
    "tflite": b"\x1c\0\0\0TFL3" + noise, "ort": b"\x18\0\0\0ORTM" + noise, "executorch": b"\x1c\0\0\0ET12" + noise,
    "saved-model": field(1, 1) + field(2, field(1, field(2, noise) + field(4, b"serve")) + field(2, noise)),
    "frozen": field(1, field(1, b"input") + field(2, b"Placeholder")) + field(1, noise),
    "coreml": field(1, 4) + field(2, field(1, feature) + field(10, feature)) + field(502, noise),
    "coreml1": field(1, 1) + field(2, field(1, field(1, b"x") + field(3, b"t"))) + field(500, noise),
    "openvino": xml(b'net name="m" version="11"'), "ncnn": b"7767517\n3 3\nInput data 0 1 data\n",
    "matlab": b"MATLAB 5.0 MAT-file, Platform: GLNXA64".ljust(124) + b"\0\1IM" + noise,
    "tfjs": b'{"format": "graph-model", "modelTopology": {"node": []}}',
    "json": b'{"hidden_size": 8}\n', "json-list": b" [1, 2]\n", "xml": xml(b"svg"),
    "html": b"\n<!DOCTYPE html>\n<html><head>" + b"<title>Sign in</title>" * 40, "html-bare": b"<HTML><body>404",
    "s3-error": xml(b"Error"), "lfs": lfs, "lfs-old": lfs.replace(b"git-lfs.github", b"hawser.github"),
    "annex": b"/annex/objects/SHA256E-s1234--abcd.onnx\n", "dvc": b"outs:\n- md5: abcd\n  size: 1234\n",
    "pipeline": b"summary: eight bits\nstages:\n  - quant: {bits: 8}\n", "text": b"hello\nworld\n",
    "utf16": "x,y\r\n1,2\r\n".encode("utf-16"),
    "gzip": gzip.compress(noise), "xz": lzma.compress(noise), "bzip2": bz2.compress(noise),
    "lzma": lzma.compress(noise, format=lzma.FORMAT_ALONE),
    "lzma9": lzma.compress(noise, format=lzma.FORMAT_ALONE, preset=9),
    "compress": b"\x1f\x9d\x90" + noise, "lz4": b"\x04\x22\x4d\x18\x64\x40\xa7" + noise,
    "lz4-old": b"\x02\x21\x4c\x18" + noise, "lzip": b"LZIP\1\x0c" + noise, "lzop": b"\x89LZO\0\r\n\x1a\n" + noise,
    "7z": b"7z\xbc\xaf\x27\x1c\0\4" + noise, "rar": b"Rar!\x1a\x07\1\0" + noise,
}

for name, data in KINDS.items():
    with open(name, "wb") as out:
        out.write(data)
