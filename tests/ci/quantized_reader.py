# SPDX-License-Identifier: Apache-2.0
"""Streams read by numpy, for onnx_read_quantized.py: what tmo-stream(5) says, once more."""
import io
import json
import os
import subprocess
import tarfile
from urllib.parse import unquote

import numpy as np


def tool(folder, name, *arguments, stdin=None):
    """Runs a program; its stdout."""
    done = subprocess.run([os.path.join(folder, name), *arguments], input=stdin,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{name}: exit {done.returncode}: {done.stderr.decode()}")
    return done.stdout


def stream_tensors(path):
    """name -> array, or a dict of the parts of an encoded tensor; tensor.yaml as "yaml"."""
    tensors = {}
    with tarfile.open(path) as t:
        for member in t:
            if not member.name.startswith("tensors/"):
                continue
            data = t.extractfile(member).read()
            stem, _, part = member.name[len("tensors/"):].partition("/")
            if not part:
                tensors[unquote(stem.removesuffix(".npy"))] = np.load(io.BytesIO(data))
            elif part == "tensor.yaml":
                tensors.setdefault(unquote(stem), {})["yaml"] = data.decode()
            else:
                tensors.setdefault(unquote(stem), {})[part.removesuffix(".npy")] = np.load(
                    io.BytesIO(data))
    return tensors


def spread(p, shape, block):
    """A parameter with an entry for each element, or 1, along each axis."""
    for axis, (n, b) in enumerate(zip(shape, block)):
        if p.shape[axis] > 1:
            p = np.repeat(p, b, axis)[(slice(None),) * axis + (slice(n),)]
    return p


def decode(t):
    """A tensor's values in f32; codes are whole numbers."""
    if not isinstance(t, dict):
        return t
    fields = dict(line.split(": ", 1) for line in t["yaml"].splitlines())
    shape = t["codes"].shape
    block = json.loads(fields["block"]) if "block" in fields else [1] * len(shape)
    v = t["codes"].astype(np.float32)
    if "zero_point" in t:
        v = v - spread(t["zero_point"].astype(np.float32), shape, block)
    return v * spread(t["scale"].astype(np.float32), shape, block)
