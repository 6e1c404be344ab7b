# SPDX-License-Identifier: Apache-2.0
"""Tensor streams by tarfile and numpy: what tmo-stream(5) says, once more.

A stream is its bytes, or the path of its file.
"""
import io
import json
import tarfile
from urllib.parse import unquote

import numpy as np


def npy(array, version=None):
    """The bytes of a .npy file."""
    out = io.BytesIO()
    np.lib.format.write_array(out, np.asanyarray(array), version=version)
    return out.getvalue()


def array(data):
    """The array in the bytes of a .npy file."""
    return np.lib.format.read_array(io.BytesIO(data))


def archive(files, form=tarfile.DEFAULT_FORMAT):
    """A tar archive of name -> bytes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


def stream_of(arrays):
    """A stream of name -> array; a text (str) is a member as it is."""
    return archive({f"tensors/{name}" if isinstance(a, str) else f"tensors/{name}.npy":
                    a.encode() if isinstance(a, str) else npy(a) for name, a in arrays.items()})


def members(stream):
    """name -> bytes, each name once."""
    source = {"name": stream} if isinstance(stream, str) else {"fileobj": io.BytesIO(stream)}
    files = {}
    with tarfile.open(**source) as tar:
        for member in tar:
            if member.name in files:
                raise ValueError(f"{member.name} is there twice")
            files[member.name] = tar.extractfile(member).read()
    return files


def tensors(stream):
    """name -> array, or a dict of the parts of an encoded tensor; tensor.yaml as "yaml"."""
    found = {}
    for path, data in members(stream).items():
        if not path.startswith("tensors/"):
            continue
        stem, _, part = path.removeprefix("tensors/").partition("/")
        if not part:
            found[unquote(stem.removesuffix(".npy"))] = array(data)
        elif part == "tensor.yaml":
            found.setdefault(unquote(stem), {})["yaml"] = data.decode()
        else:
            found.setdefault(unquote(stem), {})[part.removesuffix(".npy")] = array(data)
    return found


def stays_plain(w, bits, more):
    """Whether codes of w and so many bytes more (a scale, values) take no less room than w does."""
    return w.size * bits / 8 + more >= w.nbytes


def affine_parts(stream, name="w"):
    """A tensor's codes and scale, and its zero point or None."""
    t = tensors(stream)[name]
    return t["codes"], t.get("scale"), t.get("zero_point")


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


def same_bits(a, b):
    """Whether two arrays have one shape, type and every bit in common, in whichever byte order."""
    order = a.dtype.newbyteorder("<")
    return (a.shape == b.shape and order == b.dtype.newbyteorder("<")
            and a.astype(order).tobytes() == b.astype(order).tobytes())
