# SPDX-License-Identifier: Apache-2.0
"""What tmo-info --json says of a model, against the onnx and safetensors libraries and numpy.

info_libraries.py [MODELS]: with tmo's programs on PATH; MODELS is a folder of real networks.
Ends with "N passed, N failed".
"""
import collections
import glob
import json
import os
import sys
import tempfile

import numpy as np
import onnx
import safetensors
import safetensors.numpy
from onnx import TensorProto as T
from onnx import helper, numpy_helper

sys.dont_write_bytecode = True
from counting import check, counted, finish  # noqa: E402
from programs import pipe  # noqa: E402

TYPES = {T.FLOAT: "f32", T.FLOAT16: "f16", T.DOUBLE: "f64", T.BFLOAT16: "bf16", T.INT8: "i8", T.UINT8: "u8", T.INT16: "i16",
         T.UINT16: "u16", T.INT32: "i32", T.UINT32: "u32", T.INT64: "i64", T.UINT64: "u64", T.BOOL: "bool"}
SAFETENSORS = {"F32": "f32", "F16": "f16", "BF16": "bf16", "F64": "f64", "I8": "i8", "U8": "u8", "I32": "i32", "I64": "i64",
               "BOOL": "bool"}


def said(path):
    return json.loads(pipe(["tmo-info", "--json", path]))


def value(v):
    tensor = v.type.tensor_type
    shape = [d.dim_value if d.HasField("dim_value") else d.dim_param or None for d in tensor.shape.dim]
    return {"name": v.name, "type": TYPES.get(tensor.elem_type), "shape": shape if tensor.HasField("shape") else None}


def graphs(graph):
    yield graph
    for node in graph.node:
        for a in node.attribute:
            for g in [a.g] if a.type == onnx.AttributeProto.GRAPH else a.graphs:
                yield from graphs(g)


def check_onnx(path):
    model, info, name = onnx.load(path), said(path), os.path.basename(path)
    held = {t.name: t for t in model.graph.initializer}
    check(info["format"] == "onnx" and info["file_bytes"] == os.path.getsize(path), name, "format, size")
    check(info["inputs"] == [value(v) for v in model.graph.input if v.name not in held], name, "inputs", info["inputs"])
    check(info["outputs"] == [value(v) for v in model.graph.output], name, "outputs", info["outputs"])
    check(info["opset"] == {o.domain or "ai.onnx": o.version for o in model.opset_import}, name, "opset")
    if not model.functions:
        # A Constant that holds a tensor in the main graph counts as one.
        operators = collections.Counter(f"{n.domain}:{n.op_type}".removeprefix("ai.onnx:").removeprefix(":")
                                        for g in graphs(model.graph) for n in g.node)
        mine = collections.Counter(info["operators"])
        for counts in operators, mine:
            counts.pop("Constant", None)
        check(mine == operators, name, "operators", mine - operators, operators - mine)
        check(sum(info["operators"].values()) == info["nodes"], name, "nodes")
    for t in info["tensors"]:
        if t["name"] in held and t["encoding"] == "plain":
            array = numpy_helper.to_array(held[t["name"]])
            check([t["type"], t["shape"], t["elements"], t["bytes"]] ==
                  [TYPES[held[t["name"]].data_type], list(array.shape), array.size, array.nbytes], name, t)
            users = [n for n in model.graph.node if t["name"] in n.input]
            if users and all(n.op_type in ("Conv", "MatMul", "Gemm", "Add") for n in users):
                check(t["operators"] == list(dict.fromkeys(n.op_type for n in users)), name, t["name"], t["operators"])
                check(t["nodes"] == [n.name for n in users if n.name], name, t["name"], t["nodes"])
    check(info["total"]["bytes"] == sum(t["bytes"] for t in info["tensors"]), name, "total")
    check(abs(sum(t["share"] for t in info["tensors"]) - 1) < 1e-9 or not info["tensors"], name, "shares")


def check_safetensors(path):
    info, name, seen = said(path), os.path.basename(path), {t["name"]: t for t in said(path)["tensors"]}
    with safetensors.safe_open(path, "numpy") as f:
        check(sorted(seen) == sorted(f.keys()), name, "names")
        check({m["key"]: m["bytes"] for m in info["metadata"]} ==
              {k: len(v.encode()) for k, v in (f.metadata() or {}).items()}, name, "metadata")
        for key in f.keys():
            part = f.get_slice(key)
            check([seen[key]["type"], seen[key]["shape"]] == [SAFETENSORS[part.get_dtype()], part.get_shape()], name, key)


def made(folder):
    """Names, symbols, types and forms that real networks of one exporter do not have together."""
    rng = np.random.default_rng(1)
    inits = [numpy_helper.from_array(rng.normal(size=s).astype(d), n)
             for n, s, d in (("conv", (8, 3, 3, 3), "f4"), ("fc", (200, 30), "f2"), ("bias", (30,), "f4"), ("one", (), "f4"))]
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "conv"], ["a"], "first"), helper.make_node("MatMul", ["b", "fc"], ["c"], "second"),
         helper.make_node("Add", ["d", "bias"], ["y"])], "made",
        [helper.make_tensor_value_info("x", T.FLOAT, ["batch", 3, None, 5]), helper.make_tensor_value_info("s", T.INT64, [])],
        [helper.make_tensor_value_info("y", T.FLOAT16, None)], inits)
    path = os.path.join(folder, "made.onnx")
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("com.example", 3)]), path)
    yield path
    path = os.path.join(folder, "external.onnx")
    onnx.save(onnx.load(os.path.join(folder, "made.onnx")), path, save_as_external_data=True, location="w.bin",
              size_threshold=100)
    yield path


def check_npz(folder):
    arrays = {"a": np.zeros((3, 4), "f8"), "b/c": np.ones(7, "?"), "d": np.zeros((2, 0), "u2"), "e": np.float32(1)}
    for save in np.savez, np.savez_compressed:
        path = os.path.join(folder, "m.npz")
        save(path, **arrays)
        info = said(path)
        check({t["name"]: (t["shape"], t["elements"], t["bytes"]) for t in info["tensors"]} ==
              {k: (list(np.shape(v)), np.size(v), np.asarray(v).nbytes) for k, v in arrays.items()}, "npz", info["tensors"])


def main():
    models = sys.argv[1] if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as folder:
        paths = list(made(folder)) + sorted(glob.glob(os.path.join(models, "*.onnx")) if models else [])
        for path in paths:
            with counted(path):
                check_onnx(path)
        path = os.path.join(folder, "m.safetensors")
        safetensors.numpy.save_file({"a": np.zeros((3, 4), "f4"), "é": np.zeros((), "i8"), "h": np.zeros((0, 2), "f2")}, path,
                                    {"format": "np", "who": "é"})
        for path in [path] + sorted(glob.glob(os.path.join(models, "*.safetensors")) if models else []):
            with counted(path):
                check_safetensors(path)
        with counted("npz"):
            check_npz(folder)
    return finish(least=30)


if __name__ == "__main__":
    sys.exit(main())
