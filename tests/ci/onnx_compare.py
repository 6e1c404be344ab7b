#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Other people's judgement of ONNX in and out: onnx's checker and onnxruntime.

usage: onnx_compare.py BIN [MODELS]

For each network, tmo-from-onnx | tmo-to-onnx must give a model that the checker passes and from
which onnxruntime computes, bit for bit, what it computes from the original; so must the unpacked
stream, and the form with external data. BIN is the folder of the programs, MODELS one with more
networks (*.onnx). Networks are made here by onnx.helper, and by torch where it is installed.
"""
import os
import subprocess
import sys
import tarfile
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto as T
from onnx import helper, numpy_helper

BIN = os.path.abspath(sys.argv[1])
rng = np.random.default_rng(0)
passed = failed = 0


def tool(name, *arguments, stdin=None):
    """Runs a program; its stdout."""
    done = subprocess.run([os.path.join(BIN, name), *arguments], input=stdin,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{name}: exit {done.returncode}: {done.stderr.decode()}")
    return done.stdout


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


NUMPY = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16,
         "tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(bool)": np.bool_,
         "tensor(uint8)": np.uint8, "tensor(int8)": np.int8}


def random_inputs(s, name):
    """One set of inputs; open dimensions are 1, or what the networks that are known need."""
    feeds = {}
    for i in s.get_inputs():
        shape = [d if isinstance(d, int) and d > 0 else 1 for d in i.shape]
        if name.startswith("ocr") and len(shape) == 4:
            shape = [1, 3, 64, 96]
        if "silero" in name:
            shape = {"input": [1, 512], "state": [2, 1, 128], "sr": []}.get(i.name, shape)
        kind = NUMPY[i.type]
        if i.name == "sr":
            feeds[i.name] = np.array(16000, kind)
        elif np.issubdtype(kind, np.floating):
            feeds[i.name] = rng.standard_normal(shape).astype(kind)
        else:
            feeds[i.name] = rng.integers(0, 2, shape).astype(kind)
    return feeds


def bits(value):
    if isinstance(value, list):
        return [bits(v) for v in value]
    if isinstance(value, np.ndarray) and value.dtype != object:
        return (value.dtype.str, value.shape, value.tobytes())
    return value.tolist() if isinstance(value, np.ndarray) else value


def outputs(path, feeds):
    return [[bits(v) for v in session(path).run(None, f)] for f in feeds]


def check(name, what, condition, text=""):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {name}: {what} {text}")


def members(path):
    """A stream's tensors: their names and bytes."""
    with tarfile.open(path) as t:
        return {m.name: t.extractfile(m).read() for m in t if m.name.startswith("tensors/")}


def check_model(path, original):
    """onnx's checker, with shape inference too unless that fails for the original already."""
    try:
        onnx.checker.check_model(original, full_check=True)
        full = True
    except onnx.shape_inference.InferenceError:
        full = False
    onnx.checker.check_model(path, full_check=full)


def compare(name, path, feeds=None, run=True, arguments=(), reference=None):
    """Everything about one network in a file; reference: the file with the right outputs."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            compare_in(folder, name, path, feeds, run, arguments, reference or path)
    except Exception as e:  # whatever it is, it is a failure of this network
        check(name, "raised", False, f"{type(e).__name__}: {e}")


def compare_in(folder, name, path, feeds, run, arguments, reference):
    stream, again = os.path.join(folder, "s.tar"), os.path.join(folder, "again.onnx")
    tool("tmo-from-onnx", *arguments, "-o", stream, path)
    with open(again, "wb") as f:
        f.write(tool("tmo-to-onnx", stream))
    check_model(again, path)
    check(name, "checker", True)
    unpacked = os.path.join(folder, "unpacked")
    os.mkdir(unpacked)
    subprocess.run(["tar", "xf", stream, "-C", unpacked], check=True)
    apart = os.path.join(folder, "apart.onnx")
    tool("tmo-to-onnx", "--external", os.path.join(folder, "apart.bin"), "-o", apart, stream)
    check_model(apart, path)
    second = os.path.join(folder, "s2.tar")
    tool("tmo-from-onnx", "-o", second, apart)
    check(name, "external data and back", members(second) == members(stream))
    if not run:
        return
    feeds = feeds or [random_inputs(session(reference), name) for _ in range(3)]
    wanted = outputs(reference, feeds)
    check(name, "outputs", outputs(again, feeds) == wanted)
    check(name, "outputs with external data", outputs(apart, feeds) == wanted)
    if not any(m.endswith("/tensor.yaml") for m in members(stream)):
        check(name, "outputs, unpacked",
              outputs(os.path.join(unpacked, "graph.onnx"), feeds) == wanted)


def save(folder, name, graph, opset=17, ir=8, **more):
    model = helper.make_model(graph, producer_name="onnx_compare", producer_version="1",
                              opset_imports=[helper.make_opsetid("", opset)],
                              ir_version=ir, **more)
    path = os.path.join(folder, name + ".onnx")
    onnx.save(model, path)
    return path


def info(name, shape, kind=T.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def weights(*shape, kind=np.float32):
    return rng.standard_normal(shape).astype(kind)


def init(name, array):
    return numpy_helper.from_array(np.asarray(array, order="C"), name)


def typed(name, kind, array):
    """A tensor in typed fields."""
    return helper.make_tensor(name, kind, array.shape, array.flatten().tolist())


def cnn(opset, ir=None):
    """Conv, Relu, Reshape, Gemm; weights in raw data and typed fields."""
    reshape_to = init("shape", np.array([1, -1], np.int64))
    initializers = [init("conv/weight:0", weights(8, 3, 3, 3)),
                    typed("conv/bias", T.FLOAT, weights(8)), reshape_to,
                    typed("fc%weight", T.FLOAT, weights(10, 8 * 36)),
                    init("fc.bias", weights(10)), init("scalar", np.float32(0.5)),
                    init("empty", np.zeros((0, 4), np.float32))]
    nodes = [helper.make_node("Conv", ["x", "conv/weight:0", "conv/bias"], ["c"]),
             helper.make_node("Relu", ["c"], ["r"]),
             helper.make_node("Reshape", ["r", "shape"], ["f"]),
             helper.make_node("Gemm", ["f", "fc%weight", "fc.bias"], ["g"], transB=1),
             helper.make_node("Mul", ["g", "scalar"], ["y"])]
    inputs = [info("x", [1, 3, 8, 8])]
    if ir == 3:
        inputs += [info(i.name, i.dims, i.data_type) for i in initializers]
    return helper.make_graph(nodes, "cnn", inputs, [info("y", [1, 10])], initializers)


def constants():
    """Weights in Constants; one is an output; small ones stay."""
    w = weights(16, 32)
    nodes = [helper.make_node("Constant", [], ["w"], value=init("anything", w)),
             helper.make_node("Constant", [], ["s"], value=init("", np.float32(2))),
             helper.make_node("Constant", [], ["out"], value=init("", weights(5, 7))),
             helper.make_node("MatMul", ["x", "w"], ["m"]),
             helper.make_node("Mul", ["m", "s"], ["y"])]
    return helper.make_graph(nodes, "constants", [info("x", [2, 16])],
                             [info("y", [2, 32]), info("out", [5, 7])], [])


def branches():
    """If with Constants and initializers of one name, one of them the branch's output, nested."""
    def branch(name, w, inner):
        nodes = [helper.make_node("Constant", [], ["w"], value=init("", w)),
                 helper.make_node("MatMul", ["x", "w"], [name + "_m"]),
                 helper.make_node("Add", [name + "_m", "b"], [name + "_a"])]
        outputs = [info(name + "_out", [2, 8])]
        if inner:
            leaf = [helper.make_graph(
                [], name + leaf, [], [info("v", [2, 8])], [init("v", weights(2, 8))])
                for leaf in ("l1", "l2")]
            nodes.append(helper.make_node("If", ["c2"], [name + "_i"], then_branch=leaf[0],
                                          else_branch=leaf[1]))
            nodes.append(helper.make_node("Add", [name + "_a", name + "_i"], [name + "_out"]))
        else:
            outer = helper.make_graph(
                [helper.make_node("MatMul", ["x", "w"], [name + "_deep"])],
                name + "deep", [], [info(name + "_deep", [2, 8])], [])
            other = helper.make_graph(
                [helper.make_node("Identity", [name + "_a"], [name + "_flat"])],
                name + "flat", [], [info(name + "_flat", [2, 8])], [])
            nodes.append(helper.make_node("If", ["c2"], [name + "_out"], then_branch=outer,
                                          else_branch=other))
        return helper.make_graph(nodes, name, [], outputs, [init("b", weights(2, 8))])

    node = helper.make_node("If", ["c"], ["y"], then_branch=branch("t", weights(4, 8), True),
                            else_branch=branch("e", weights(4, 8), False))
    return helper.make_graph([node], "branches", [info("c", [], T.BOOL), info("c2", [], T.BOOL),
                                                  info("x", [2, 4])], [info("y", [2, 8])], [])


def loop():
    """A Loop and a Scan whose bodies have weights of their own."""
    body = helper.make_graph(
        [helper.make_node("MatMul", ["state", "w"], ["next"]),
         helper.make_node("Identity", ["cond"], ["go_on"])],
        "body", [info("i", [], T.INT64), info("cond", [], T.BOOL), info("state", [2, 6])],
        [info("go_on", [], T.BOOL), info("next", [2, 6])], [init("w", weights(6, 6))])
    scan = helper.make_graph(
        [helper.make_node("Constant", [], ["w"], value=init("", weights(6, 6))),
         helper.make_node("MatMul", ["row", "w"], ["new"]),
         helper.make_node("Add", ["acc", "new"], ["sum"]),
         helper.make_node("Identity", ["sum"], ["each"])],
        "scan", [info("acc", [6]), info("row", [6])], [info("sum", [6]), info("each", [6])], [])
    nodes = [helper.make_node("Loop", ["n", "go", "x"], ["l"], body=body),
             helper.make_node("Scan", ["zero", "l"], ["s", "y"], body=scan, num_scan_inputs=1)]
    return helper.make_graph(
        nodes, "loop", [info("x", [2, 6])], [info("s", [6]), info("y", [2, 6])],
        [init("n", np.array(3, np.int64)), init("go", np.array(True)),
         init("zero", np.zeros(6, np.float32))])


def kinds():
    """Every type, in raw data and typed fields, large enough to leave the graph."""
    nodes, outputs, initializers = [], [], []
    n = 600
    for kind, array in [
            (T.FLOAT, weights(30, 20)), (T.DOUBLE, weights(30, 20, kind=np.float64)),
            (T.FLOAT16, weights(30, 20, kind=np.float16)),
            (T.INT8, rng.integers(-128, 128, n * 4).astype(np.int8)),
            (T.UINT8, rng.integers(0, 256, n * 4).astype(np.uint8)),
            (T.INT16, rng.integers(-2**15, 2**15, n).astype(np.int16)),
            (T.UINT16, rng.integers(0, 2**16, n).astype(np.uint16)),
            (T.INT32, rng.integers(-2**31, 2**31, n).astype(np.int32)),
            (T.UINT32, rng.integers(0, 2**32, n).astype(np.uint32)),
            (T.INT64, rng.integers(-2**63, 2**63 - 1, n).astype(np.int64)),
            (T.UINT64, rng.integers(0, 2**64 - 1, n, dtype=np.uint64)),
            (T.BOOL, rng.integers(0, 2, n * 4).astype(np.bool_))]:
        for form in "raw", "typed":
            name = f"{T.DataType.Name(kind)}_{form}"
            initializers.append(init(name, array) if form == "raw" else typed(name, kind, array))
            nodes.append(helper.make_node("Identity", [name], [name + "_y"]))
            outputs.append(info(name + "_y", array.shape, kind))
    return helper.make_graph(nodes, "kinds", [], outputs, initializers)


def exotic():
    """bf16, the 8-bit floats, 4-bit integers, strings, complex, sparse: nothing is refused."""
    values = weights(24, 48)
    initializers, nodes, outputs = [], [], []
    for kind in (T.BFLOAT16, T.FLOAT8E4M3FN, T.FLOAT8E5M2, T.FLOAT8E4M3FNUZ, T.FLOAT8E5M2FNUZ):
        name = T.DataType.Name(kind)
        initializers.append(helper.make_tensor(name, kind, values.shape, values.flatten()))
        nodes.append(helper.make_node("Cast", [name], [name + "_y"], to=T.FLOAT))
        outputs.append(info(name + "_y", values.shape))
    for kind in (T.INT4, T.UINT4):
        name = T.DataType.Name(kind)
        initializers.append(helper.make_tensor(name, kind, [50, 60],
                                               rng.integers(0, 8, 3000).tolist()))
        nodes.append(helper.make_node("DequantizeLinear", [name, "one"], [name + "_y"]))
        outputs.append(info(name + "_y", [50, 60]))
    initializers.append(init("one", np.float32(0.25)))
    initializers.append(helper.make_tensor("text", T.STRING, [300], [b"abc%d" % i
                                                                      for i in range(300)]))
    nodes.append(helper.make_node("Identity", ["text"], ["text_y"]))
    outputs.append(info("text_y", [300], T.STRING))
    return helper.make_graph(nodes, "exotic", [], outputs, initializers)


def sparse():
    values = init("sparse_w", weights(400))
    indices = init("", np.arange(0, 1200, 3, dtype=np.int64))
    tensor = helper.make_sparse_tensor(values, indices, [30, 40])
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "sparse_w"], ["m"]),
                               helper.make_node("MatMul", ["m", "w"], ["y"])],
                              "sparse", [info("x", [2, 30])], [info("y", [2, 6])],
                              [init("w", weights(40, 6))])
    graph.sparse_initializer.append(tensor)
    return graph


def shared():
    """One weight for two layers, the second time transposed; one through Reshape."""
    nodes = [helper.make_node("Gather", ["embedding", "i"], ["e"]),
             helper.make_node("Transpose", ["embedding"], ["t"], perm=[1, 0]),
             helper.make_node("Reshape", ["flat", "square"], ["w"]),
             helper.make_node("MatMul", ["e", "w"], ["h"]),
             helper.make_node("MatMul", ["h", "w"], ["h2"]),
             helper.make_node("MatMul", ["h2", "t"], ["y"])]
    return helper.make_graph(nodes, "shared", [info("i", [5], T.INT64)], [info("y", [5, 50])],
                             [init("embedding", weights(50, 16)), init("flat", weights(4, 64)),
                              init("square", np.array([16, 16], np.int64))])


def many(count):
    nodes, initializers, last = [], [], "x"
    for i in range(count):
        initializers.append(init(f"w/{i}:0", weights(1, 4)))
        nodes.append(helper.make_node("Add", [last, f"w/{i}:0"], [f"v{i}"]))
        last = f"v{i}"
    return helper.make_graph(nodes, "many", [info("x", [1, 4])], [info(last, [1, 4])],
                             initializers)


def long_names():
    name = "onnx::" + "/".join(["very_long_scope"] * 20)
    return helper.make_graph([helper.make_node("MatMul", ["x", name], ["m"]),
                              helper.make_node("MatMul", ["m", name + "/2"], ["y"])],
                             "long", [info("x", [2, 8])], [info("y", [2, 8])],
                             [init(name, weights(8, 8)), init(name + "/2", weights(8, 8))])


def function(folder):
    """A model-local function with a Constant inside."""
    inner = helper.make_function(
        "custom", "Scale", ["v"], ["o"],
        [helper.make_node("Constant", [], ["k"], value=init("", weights(6, 60))),
         helper.make_node("MatMul", ["v", "k"], ["o"])], [helper.make_opsetid("", 17)])
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["m"]),
                               helper.make_node("Scale", ["m"], ["y"], domain="custom")],
                              "function", [info("x", [2, 7])], [info("y", [2, 60])],
                              [init("w", weights(7, 6))])
    model = helper.make_model(graph, functions=[inner], ir_version=8, opset_imports=[
        helper.make_opsetid("", 17), helper.make_opsetid("custom", 1)])
    path = os.path.join(folder, "function.onnx")
    onnx.save(model, path)
    return path


def external(folder):
    """External data in three layouts, one file below the model's folder."""
    os.makedirs(os.path.join(folder, "ext", "sub"))
    plain = save(folder, "plain", cnn(17))
    for one in True, False:
        model = onnx.load(plain)
        path = os.path.join(folder, "ext", f"one{one}.onnx")
        onnx.save_model(model, path, save_as_external_data=True, all_tensors_to_one_file=one,
                        location=f"sub/w{one}.bin" if one else None, size_threshold=0)
        for arguments in (), ("--dir", os.path.join(folder, "ext")):
            compare(f"external, one file {one} {arguments[:1]}", path, arguments=arguments,
                    reference=os.path.join(folder, "plain.onnx"))


def torch_models(folder):
    try:
        import torch
    except ImportError:
        print("torch is not installed; its exports are left out")
        return
    torch.manual_seed(0)
    nn = torch.nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(),
                                      nn.Conv2d(8, 8, 3, groups=8), nn.ConvTranspose2d(8, 4, 2))
            self.lstm = nn.LSTM(4, 16, batch_first=True)
            self.fc = nn.Linear(16, 5)

        def forward(self, x):
            y = self.conv(x).flatten(2).transpose(1, 2)
            return self.fc(self.lstm(y)[0])

    layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True, dropout=0.0)
    for name, net, x in (("net", Net(), torch.randn(1, 3, 10, 10)),
                         ("transformer", nn.TransformerEncoder(layer, 2, enable_nested_tensor=False),
                          torch.randn(1, 6, 32))):
        net.eval()
        for dynamo in False, True:
            path = os.path.join(folder, f"torch_{name}_{dynamo}.onnx")
            try:
                torch.onnx.export(net, (x,), path, dynamo=dynamo, opset_version=18,
                                  **({"verbose": False}))
            except Exception as e:  # the exporter's own needs are not ours
                print(f"torch's exporter (dynamo={dynamo}) does not work here: "
                      f"{type(e).__name__}: {str(e)[:80]}")
                continue
            compare(f"torch {name}, dynamo {dynamo}", path)


def made_here(folder):
    latest = min(onnx.defs.onnx_opset_version(), 25)
    for opset in range(7, latest + 1):
        try:
            path = save(folder, f"cnn{opset}", cnn(opset), opset, 8 if opset < 20 else 10)
            session(path)
        except Exception as e:
            print(f"onnxruntime does not take opset {opset} ({str(e)[:60]}); checker only")
            compare(f"cnn, opset {opset}", path, run=False)
            continue
        compare(f"cnn, opset {opset}", path)
    for name, graph, opset, ir in (
            ("IR version 3", cnn(7, 3), 7, 3), ("constants", constants(), 17, 8),
            ("branches", branches(), 17, 8), ("loop", loop(), 17, 8), ("kinds", kinds(), 17, 8),
            ("shared", shared(), 17, 8), ("thousands", many(3000), 17, 8),
            ("long names", long_names(), 17, 8)):
        path = save(folder, name.replace(" ", "_"), graph, opset, ir)
        feeds = None
        if name == "branches":
            feeds = [{"x": weights(2, 4), "c": np.array(a), "c2": np.array(b)}
                     for a in (False, True) for b in (False, True)]
        compare(name, path, feeds)
    compare("exotic", save(folder, "exotic", exotic(), 21, 10))
    compare("sparse", save(folder, "sparse", sparse(), 17, 8))
    compare("function", function(folder))
    external(folder)


def main():
    with tempfile.TemporaryDirectory() as folder:
        made_here(folder)
        torch_models(folder)
    if len(sys.argv) > 2 and os.path.isdir(sys.argv[2]):
        for file in sorted(os.listdir(sys.argv[2])):
            if file.endswith(".onnx"):
                compare(file, os.path.join(sys.argv[2], file))
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
