# SPDX-License-Identifier: Apache-2.0
"""Networks of operators whose form changed, for onnx_quantized.py: each has a weight of 4 bits to be."""
import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper

from onnx_models import info, save, weights
from runtime import session

# What cannot be raised: the weights then take a form that the old operator set has.
STAY = {"GroupNormalization", "Dropout-mask", "Resize-nearest", "Clip-half", "Scan-8", "BatchNorm-training"}


def node(op, inputs, outputs, **attributes):
    return helper.make_node(op, inputs, outputs, **attributes)


def i64(name, *values):
    return numpy_helper.from_array(np.array(values, np.int64), name)


def f32(name, *values):
    return numpy_helper.from_array(np.array(values, np.float32), name)


def before(shape, nodes, outputs, initializers=(), width=24):
    """x [.., width] times w, in shape `shape` as v; then the nodes, from v."""
    rows, last = int(np.prod(shape[:-1])), shape[-1]
    head = [node("MatMul", ["x", "w"], ["flat"]), node("Reshape", ["flat", "to"], ["v"])]
    return helper.make_graph(
        head + list(nodes), "net", [info("x", [rows, width])], outputs,
        [numpy_helper.from_array(weights(width, last), "w"), i64("to", *shape)] +
        list(initializers))


def out(name="y", kind=T.FLOAT):
    return helper.make_tensor_value_info(name, kind, None)


def single(op, shape=(2, 3, 4, 6), inputs=("v",), initializers=(), outputs=("y",), kinds=None,
           **attributes):
    kinds = kinds or [T.FLOAT] * len(outputs)
    return before(shape, [node(op, list(inputs), list(outputs), **attributes)],
                  [out(o, k) for o, k in zip(outputs, kinds)], initializers)


def branch(nodes, result, name):
    return helper.make_graph(nodes, name, [], [out(result)])


def inner():
    """Old operators in the branches of an If."""
    one = branch([node("Unsqueeze", ["v"], ["u"], axes=[0]), node("Softmax", ["u"], ["s"], axis=2),
                  node("Squeeze", ["s"], ["a"], axes=[0])], "a", "one")
    two = branch([node("ReduceSum", ["v"], ["b"], axes=[1], keepdims=1)], "b", "two")
    graph = before((2, 3, 4, 6), [node("If", ["c"], ["y"], then_branch=one, else_branch=two)],
                   [out()])
    graph.input.append(helper.make_tensor_value_info("c", T.BOOL, []))
    return graph


def in_function(folder):
    inner_nodes = [node("Squeeze", ["a"], ["b"], axes=[0]), node("Softmax", ["b"], ["c"], axis=1)]
    f = helper.make_function("custom", "Soft", ["a"], ["c"], inner_nodes, [helper.make_opsetid("", 12)])
    graph = before((1, 3, 4, 6), [node("Soft", ["v"], ["y"], domain="custom")], [out()])
    model = helper.make_model(graph, functions=[f], ir_version=8, opset_imports=[
        helper.make_opsetid("", 12), helper.make_opsetid("custom", 1)])
    path = f"{folder}/function.onnx"
    onnx.save(model, path)
    return path


REDUCE = ("ReduceL1", "ReduceL2", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin",
          "ReduceProd", "ReduceSum", "ReduceSumSquare")


def graphs():
    """Name, graph, opset."""
    for op in "Softmax", "LogSoftmax", "Hardmax":
        for axis in 0, 1, 2, 3, None:
            more = {} if axis is None else {"axis": axis}
            yield f"{op} {axis}", single(op, **more), 9
        yield f"{op} -2", single(op, axis=-2), 11
        yield f"{op} -1", single(op, axis=-1), 12
        yield f"{op} 13", single(op, axis=1), 13
    for op in REDUCE:
        yield f"{op} axes", single(op, axes=[1, 3], keepdims=0), 9
        yield f"{op} all", single(op), 11
        yield f"{op} negative", single(op, axes=[-1]), 13 if op != "ReduceSum" else 12
    yield "ReduceLogSum", before((2, 3, 4, 6), [node("Abs", ["v"], ["a"]), node(
        "ReduceLogSum", ["a"], ["y"], axes=[2])], [out()]), 17
    yield "Squeeze", single("Squeeze", (2, 1, 4, 1), axes=[1, 3]), 9
    yield "Squeeze all", single("Squeeze", (2, 1, 4, 1)), 12
    yield "Unsqueeze", single("Unsqueeze", axes=[0, 5]), 11
    yield "Split", single("Split", outputs=("y", "z"), axis=3, split=[2, 4]), 9
    yield "Split equal", single("Split", outputs=("y", "z"), axis=2), 11
    yield "Split equal 13", single("Split", outputs=("y", "z", "q"), axis=3), 13
    yield "Split input", single("Split", inputs=("v", "n"), outputs=("y", "z"), axis=3,
                                initializers=[i64("n", 1, 5)]), 13
    yield "Clip", single("Clip", min=-0.5, max=0.75), 9
    yield "Clip one side", single("Clip", max=0.25), 10
    yield "Clip inputs", single("Clip", inputs=("v", "", "m"), initializers=[
        numpy_helper.from_array(np.float32(0.5), "m")]), 11
    yield "Clip-half", helper.make_graph(
        [node("MatMul", ["x", "w"], ["m"]), node("Cast", ["m"], ["h"], to=T.FLOAT16),
         node("Clip", ["h"], ["y"], min=-0.5)], "half", [info("x", [3, 24])],
        [out("y", T.FLOAT16)], [numpy_helper.from_array(weights(24, 16), "w")]), 10
    yield "Pad", single("Pad", pads=[0, 0, 1, 2, 0, 1, 0, 3], value=1.5), 9
    yield "Pad zero", single("Pad", pads=[0, 0, 1, 2, 0, 1, 0, 3], mode="reflect"), 10
    yield "Slice", single("Slice", starts=[1, -3], ends=[4, 1000], axes=[2, 3]), 9
    yield "Slice no axes", single("Slice", starts=[0, 1], ends=[1, 2]), 7
    yield "TopK", single("TopK", outputs=("y", "i"), kinds=[T.FLOAT, T.INT64], k=2), 9
    yield "TopK input", single("TopK", inputs=("v", "k"), outputs=("y", "i"),
                               kinds=[T.FLOAT, T.INT64], initializers=[i64("k", 3)]), 10
    yield "Dropout", single("Dropout", ratio=0.3), 9
    yield "Dropout-mask", single("Dropout", outputs=("y", "mask"), ratio=0.3), 9
    bn = [numpy_helper.from_array(np.abs(weights(3)) + 0.5, n) for n in ("s", "b", "m", "r")]
    yield "BatchNormalization", single("BatchNormalization", inputs=("v", "s", "b", "m", "r"),
                                       initializers=bn), 8
    yield "BatchNormalization spatial", single("BatchNormalization", inputs=(
        "v", "s", "b", "m", "r"), initializers=bn, spatial=1), 7
    yield "Upsample", single("Upsample", scales=[1.0, 1.0, 2.0, 3.0]), 7
    yield "Upsample linear", single("Upsample", inputs=("v", "sc"), mode="linear", initializers=[
        f32("sc", 1, 1, 2, 2)]), 9
    yield "Resize linear", single("Resize", inputs=("v", "sc"), mode="linear", initializers=[
        f32("sc", 1, 1, 0.5, 2)]), 10
    yield "Resize-nearest", single("Resize", inputs=("v", "sc"), initializers=[
        f32("sc", 1, 1, 0.6, 0.5)]), 10
    yield "Resize nearest up", single("Resize", inputs=("v", "sc"), initializers=[
        f32("sc", 1, 1, 3, 1.5)]), 10
    for opset in 11, 13, 18:
        yield f"Resize scales {opset}", single("Resize", inputs=("v", "roi", "sc"), initializers=[
            f32("sc", 1, 1, 2, 0.7), f32("roi")]), opset
        yield f"Resize sizes {opset}", single("Resize", inputs=(
            "v", "roi", "none" if opset == 11 else "", "sizes"), mode="linear", initializers=[
            f32("roi"), i64("sizes", 2, 3, 5, 9)] + [f32("none")] * (opset == 11)), opset
    yield "Scatter", before((3, 8), [node("Scatter", ["v", "at", "new"], ["y"], axis=1)], [out()],
                            [numpy_helper.from_array(np.array([[1, 2]] * 3), "at"),
                             numpy_helper.from_array(weights(3, 2), "new")]), 9
    yield "RoiAlign", single("RoiAlign", inputs=("v", "rois", "batch"), initializers=[
        numpy_helper.from_array(np.array([[0, 0, 3, 3], [1, 0, 5, 2.5]], np.float32), "rois"),
        i64("batch", 0, 1)], output_height=2, output_width=2), 12
    for mode in "bilinear", "bicubic", "nearest", None:
        more = {} if mode is None else {"mode": mode}
        yield f"GridSample {mode}", single("GridSample", inputs=("v", "grid"), initializers=[
            numpy_helper.from_array(weights(2, 4, 5, 2) / 2, "grid")], **more), 16
    yield "GroupNormalization", single("GroupNormalization", (2, 4, 3, 6), inputs=(
        "v", "s", "b"), initializers=[f32("s", 1, 2), f32("b", 0.5, 1)], num_groups=2), 18
    yield "DFT", before((2, 8, 1), [node("DFT", ["v"], ["y"], axis=1)], [out()]), 17
    yield "LSTM", before((3, 2, 6), [node("LSTM", ["v", "lw", "lr"], ["y"], hidden_size=4)], [out()], [
        numpy_helper.from_array(weights(1, 16, 6), "lw"),
        numpy_helper.from_array(weights(1, 16, 4), "lr")]), 9
    for op in "AveragePool", "MaxPool", "LpPool":
        yield op, single(op, kernel_shape=[2, 2], strides=[1, 2]), 7
    yield "ArgMax", single("ArgMax", kinds=[T.INT64], axis=1), 9
    yield "Cast", before((2, 8), [node("Cast", ["v"], ["i"], to=T.INT64),
                                  node("Cast", ["i"], ["y"], to=T.FLOAT)], [out()]), 8
    yield "Flatten", single("Flatten", axis=2), 7
    yield "If", inner(), 11


def settle(path):
    """Gives the outputs the shapes that they turn out to have: onnx's checker wants some."""
    model = onnx.load(path)
    s = session(path)
    feeds = {i.name: np.zeros(i.shape, np.float32 if i.type == "tensor(float)" else bool)
             for i in s.get_inputs()}
    for o, value in zip(model.graph.output, s.run(None, feeds)):
        o.CopyFrom(helper.make_tensor_value_info(o.name, o.type.tensor_type.elem_type, value.shape))
    onnx.save(model, path)


def cases(folder):
    """Name, file, inputs or None."""
    for n, (name, graph, opset) in enumerate(graphs()):
        path = save(folder, f"opset{n}", graph, opset)
        settle(path)
        feeds = None
        if name == "If":
            x = weights(24, 24)
            feeds = [{"x": x, "c": np.array(c)} for c in (False, True)]
        yield name, path, feeds
    path = in_function(folder)
    settle(path)
    yield "function", path, None
