# SPDX-License-Identifier: Apache-2.0
"""Networks for onnx_*.py, each with something that real ones surprise a reader with."""
import os

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper

rng = np.random.default_rng(0)


def save(folder, name, graph, opset=17, ir=None, **more):
    """Writes a model; ir: else the version that came with the operator set, or a later one."""
    model = helper.make_model(graph, producer_name="onnx_compare", producer_version="1",
                              opset_imports=[helper.make_opsetid("", opset)],
                              ir_version=ir or (8 if opset < 20 else 10 if opset < 24 else 13),
                              **more)
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


def branch_feeds():
    """Inputs for branches() that take each way."""
    return [{"x": weights(2, 4), "c": np.array(a), "c2": np.array(b)}
            for a in (False, True) for b in (False, True)]


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


def quantizable(width=160):
    """Conv, Gemm, Gather, MatMul with and without bias: what the quantizers know."""
    initializers = [init("conv.weight", weights(8, 3, 3, 3)), init("conv.bias", weights(8)),
                    init("fc.weight", weights(16, 8 * 36)), init("fc.bias", weights(16)),
                    init("mm.weight", weights(16, 40)), init("add.bias", weights(40)),
                    init("shape", np.array([1, -1], np.int64)), init("table", weights(20, 16)),
                    init("head", weights(40, width))]
    node = helper.make_node
    nodes = [node("Conv", ["x", "conv.weight", "conv.bias"], ["c"], name="conv", strides=[1, 1]),
             node("Relu", ["c"], ["r"]), node("Reshape", ["r", "shape"], ["f"]),
             node("Gemm", ["f", "fc.weight", "fc.bias"], ["g"], transB=1, name="fc"),
             node("Gather", ["table", "ids"], ["e"], name="embed"), node("Add", ["g", "e"], ["s"]),
             node("MatMul", ["s", "mm.weight"], ["m"], name="mm"),
             node("Add", ["m", "add.bias"], ["h"]),
             node("MatMul", ["h", "head"], ["y"], name="head")]
    return helper.make_graph(nodes, "net", [info("x", [1, 3, 8, 8]),
                                            info("ids", [1], T.INT64)],
                             [info("y", [1, width])], initializers)


def common():
    """Name, graph, operator set, IR version of what is asked of all exports."""
    return [("IR version 3", cnn(7, 3), 7, 3), ("constants", constants(), 17, 8), ("loop", loop(), 17, 8),
            ("shared", shared(), 17, 8), ("long names", long_names(), 17, 8)]


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


def external_pair(location, count):
    """Two vectors of count floats in one external file."""
    graph = helper.make_graph([helper.make_node("Add", ["a", "b"], ["y"])], "pair", [],
                              [info("y", [count])])
    for i, name in enumerate("ab"):
        t = graph.initializer.add(name=name, data_type=T.FLOAT, dims=[count],
                                  data_location=onnx.TensorProto.EXTERNAL)
        for key, value in (("location", location), ("offset", str(i * count * 4)),
                           ("length", str(count * 4))):
            t.external_data.add(key=key, value=value)
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
