#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""There and back: tmo-from-onnx | tmo-to-onnx gives the model that came in.

usage: onnx_back.py BIN [MODELS]

Every field of every message is compared: names, doc strings, metadata, types of values, operator sets,
functions, sparse initializers, annotations, fields that the installed onnx.proto does not know, the order
of all lists; of tensors' data only how they are stored may differ. And onnxruntime computes the same
bits. Then with some weights changed: those go where they can, the others back. BIN is the folder of the
programs, MODELS one with more networks.
"""
import logging
import os
import sys
import tempfile

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantFormat, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

sys.dont_write_bytecode = True
import onnx_models as models  # noqa: E402
from counting import check, counted, finish  # noqa: E402
from onnx_models import info, init, rng, save, weights  # noqa: E402
from programs import first_on_path, tool  # noqa: E402
from runtime import Samples, bits, networks, outputs, random_inputs, session  # noqa: E402

logging.disable(logging.WARNING)

TYPED = ("float_data", "int32_data", "int64_data", "double_data", "uint64_data")


def fields(message):
    """The messages in a message's fields."""
    for _, value in message.ListFields():
        for item in [value] if hasattr(value, "ListFields") else value if hasattr(value, "append") else ():
            if hasattr(item, "ListFields"):
                yield item


def one_storage(message, folder):
    """All data as raw_data."""
    if isinstance(message, onnx.TensorProto):
        if message.data_location == onnx.TensorProto.EXTERNAL:
            onnx.external_data_helper.load_external_data_for_tensor(message, folder)
            message.ClearField("external_data")
        if message.data_type != onnx.TensorProto.STRING and not message.HasField("raw_data"):
            raw = numpy_helper.from_array(numpy_helper.to_array(message)).raw_data
            for field in TYPED:
                message.ClearField(field)
            message.raw_data = raw
        message.ClearField("data_location")
    for item in fields(message):
        one_storage(item, folder)


def load(path):
    model = onnx.load(path, load_external_data=False)
    one_storage(model, os.path.dirname(path))
    return model


def operators(model):
    """How often each operator is there, in inner graphs and functions too."""
    counts = {}

    def walk(message):
        if isinstance(message, onnx.NodeProto):
            counts[message.op_type] = counts.get(message.op_type, 0) + 1
        for item in fields(message):
            walk(item)
    walk(model)
    return counts


def first_difference(a, b):
    for x, y in zip(str(a).splitlines(), str(b).splitlines()):
        if x != y:
            return f"{x.strip()[:100]} became {y.strip()[:100]}"
    return "one is longer"


def export(stream, path, *arguments):
    tool(["tmo-to-onnx", *arguments, "-o", path, stream])
    return path


def same_outputs(name, path, other, feeds):
    before, after = outputs(path, feeds, optimized=False), outputs(other, feeds, optimized=False)
    check([bits(v) for v in before] == [bits(v) for v in after], name, "onnxruntime, bit for bit")


def there_and_back(name, path, feeds=None, run=True):
    with counted(name), tempfile.TemporaryDirectory() as folder:
        stream, packed = os.path.join(folder, "s.tar"), os.path.join(folder, "p.tar.zst")
        tool(["tmo-from-onnx", "-o", stream, path])
        tool(["tmo-pack", "--zstd", "3", "-o", packed, stream])
        for way, source in ("plain", stream), ("packed", packed):
            back = export(source, os.path.join(folder, "back.onnx"))
            before, after = load(path), load(back)
            check(before == after, name, way, first_difference(before, after))
        if run:
            feeds = feeds or [random_inputs(session(path), rng, name)]
            same_outputs(name, path, back, feeds)
            some_changed(folder, name, path, stream, feeds)


def some_changed(folder, name, path, stream, feeds):
    """With some weights or all in another form: what a model of decoded weights computes."""
    # Sums of integers are exact; where one is quantized it can be a step away from that of floats.
    integers = "Integer", "QLinear", "QGemm", "NBits"
    near = 0.05 if any(word in op for op in operators(onnx.load(path)) for word in integers) else 1e-4
    dense, one = os.path.join(folder, "dense.onnx"), os.path.join(folder, "one.onnx")
    for number, arguments in enumerate((["tmo-quant", "--min-elements", "64", "--only", "*[0-9w]*"],
                                        ["tmo-cluster", "-c", "16"], ["tmo-decode"])):
        changed = os.path.join(folder, f"changed{number}.tar")
        tool([*arguments, "-q", "-o", changed, stream])
        export(changed, one)
        export(changed, dense, "-w", "dense")
        for a, b in zip(outputs(one, feeds, optimized=False), outputs(dense, feeds, optimized=False)):
            for x, y in zip(a, b):
                if isinstance(x, np.ndarray) and x.dtype.kind == "f" and x.size > 0:
                    away = np.abs(x - y).max() / max(np.abs(x).max(), 1e-9)
                    check(away < near, name, " ".join(arguments), f"{away} away")


def annotated():
    """All that a model can say beside its network."""
    w = init("w", weights(16, 32))
    w.doc_string = "a weight"
    node = helper.make_node("MatMul", ["x", "w"], ["y"], name="layer/1", doc_string="a node")
    constant = helper.make_node("Constant", [], ["c"], name="const/1", doc_string="a constant",
                                value=init("inside", weights(16, 32)))
    add = helper.make_node("Add", ["c", "w"], ["cw"], name="sum")
    last = helper.make_node("MatMul", ["x", "cw"], ["z"], name="last")
    graph = helper.make_graph([node, constant, add, last], "graph", [info("x", [2, 16])],
                              [info("y", [2, 32]), info("z", [2, 32])], [w], doc_string="a graph",
                              value_info=[info("c", [16, 32]), info("cw", [16, 32])])
    graph.quantization_annotation.append(onnx.TensorAnnotation(
        tensor_name="w", quant_parameter_tensor_names=[
            onnx.StringStringEntryProto(key="SCALE_TENSOR", value="w")]))
    for message in node, constant, graph, w, graph.value_info[0]:
        if hasattr(message, "metadata_props"):
            message.metadata_props.append(onnx.StringStringEntryProto(key="k", value="v"))
    return graph


def told(folder):
    path = save(folder, "annotated", annotated(), doc_string="a model", domain="org.example",
                model_version=7)
    model = onnx.load(path)
    helper.set_model_props(model, {"alphabet": "abc"})
    model.opset_import.append(helper.make_opsetid("org.example", 3))
    # Training information, and fields of the future in the model and the graph.
    model.training_info.add().initialization.CopyFrom(helper.make_graph(
        [helper.make_node("Constant", [], ["t"], value=init("", weights(16, 16)))], "t", [],
        [info("t", [16, 16])]))
    data = model.SerializeToString() + b"\xca\x3e\x03new"
    with open(path, "wb") as f:
        f.write(data)
    return path


def scan():
    """A Scan whose body has weights, and a Loop in an If in it."""
    w = init("w", weights(4, 4, kind=np.float32) / 4)
    w2 = init("w2", weights(4, 4, kind=np.float32) / 4)
    loop = helper.make_graph(
        [helper.make_node("Constant", [], ["lw"], value=init("", weights(4, 4) / 4)),
         helper.make_node("MatMul", ["s", "lw"], ["t"]),
         helper.make_node("Identity", ["go"], ["go_on"])], "loop",
        [info("i", [], onnx.TensorProto.INT64), info("go", [], onnx.TensorProto.BOOL), info("s", [1, 4])],
        [info("go_on", [], onnx.TensorProto.BOOL), info("t", [1, 4])])
    then = helper.make_graph([helper.make_node("Loop", ["n", "", "h2"], ["l"], body=loop, name="inner")],
                             "then", [], [info("l", [1, 4])])
    other = helper.make_graph([helper.make_node("MatMul", ["h2", "w2"], ["o"])], "else", [],
                              [info("o", [1, 4])], [w2])
    body = helper.make_graph(
        [helper.make_node("MatMul", ["h", "w"], ["m"]), helper.make_node("Add", ["m", "xt"], ["h2"]),
         helper.make_node("If", ["c"], ["r"], then_branch=then, else_branch=other),
         helper.make_node("Identity", ["r"], ["r2"])], "body",
        [info("h", [1, 4]), info("xt", [1, 4])], [info("r", [1, 4]), info("r2", [1, 4])], [w])
    return helper.make_graph(
        [helper.make_node("Scan", ["h0", "x"], ["hn", "y"], body=body, num_scan_inputs=1)], "scan",
        [info("h0", [1, 4]), info("x", [3, 1, 4]), info("c", [], onnx.TensorProto.BOOL),
         info("n", [], onnx.TensorProto.INT64)], [info("hn", [1, 4]), info("y", [3, 1, 4])])


def scan_feeds():
    return [{"h0": weights(1, 4), "x": weights(3, 1, 4), "c": np.array(c), "n": np.array(2, np.int64)}
            for c in (True, False)]


def quantized(folder, name, path):
    """What onnxruntime's quantizers write."""
    feeds = [random_inputs(session(path), rng, below=20) for _ in range(2)]
    for kind in QuantType.QInt8, QuantType.QUInt8:
        for channels in False, True:
            to = os.path.join(folder, f"{name}_dynamic_{kind.name}_{channels}.onnx")
            quantize_dynamic(path, to, per_channel=channels, weight_type=kind, reduce_range=True)
            there_and_back(os.path.basename(to), to, feeds)
            for form in QuantFormat.QDQ, QuantFormat.QOperator:
                to = os.path.join(folder, f"{name}_{form.name}_{kind.name}_{channels}.onnx")
                quantize_static(path, to, Samples(feeds), quant_format=form, per_channel=channels,
                                weight_type=kind, activation_type=QuantType.QUInt8,
                                reduce_range=True)
                there_and_back(os.path.basename(to), to, feeds)
    for block in 16, 32:
        for symmetric in False, True:
            quantizer = MatMulNBitsQuantizer(onnx.load(path), block_size=block, is_symmetric=symmetric,
                                             accuracy_level=4,
                                             op_types_to_quantize=("MatMul", "Gather"))
            quantizer.process()
            to = os.path.join(folder, f"{name}_nbits_{block}_{symmetric}.onnx")
            quantizer.model.save_model_to_file(to)
            there_and_back(os.path.basename(to), to, feeds)


def kept_integers(folder, path):
    """Codes that changed stay in the operators over integers that have them."""
    to, back = os.path.join(folder, "dynamic.onnx"), os.path.join(folder, "changed.onnx")
    stream = os.path.join(folder, "dynamic.tar")
    quantize_dynamic(path, to, weight_type=QuantType.QInt8)
    tool(["tmo-from-onnx", "-o", stream, to])
    before = operators(onnx.load(to))
    check(before.get("MatMulInteger", 0) > 1, "dynamic", "has MatMulInteger")
    tool(["tmo-quant", "-q", "--bits", "4", "--only", "mm.weight", "-o", stream + "4", stream])
    after = operators(onnx.load(export(stream + "4", back)))
    check(after["MatMulInteger"] == before["MatMulInteger"] - 1, "dynamic", "one weight of 4 bits", after)


def main():
    first_on_path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        for name, graph, opset, ir in models.common():
            feeds = models.branch_feeds() if name == "branches" else None
            there_and_back(name, save(folder, name, graph, opset, ir), feeds)
        for name, graph, opset in (("kinds", models.kinds(), 17), ("exotic", models.exotic(), 21),
                                   ("sparse", models.sparse(), 17)):
            there_and_back(name, save(folder, name, graph, opset))
        there_and_back("cnn_ir3", save(folder, "cnn_ir3", models.cnn(7, 3), 7, 3))
        there_and_back("annotated", told(folder), run=False)
        there_and_back("scan", save(folder, "scan", scan()), scan_feeds())
        there_and_back("function", models.function(folder))
        path = save(folder, "net", models.quantizable())
        quantized(folder, "net", path)
        kept_integers(folder, path)
        for path in networks(sys.argv[2:3]):
            there_and_back(os.path.basename(path), path)
    return finish()


if __name__ == "__main__":
    sys.exit(main())
