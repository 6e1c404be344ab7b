# SPDX-License-Identifier: Apache-2.0
"""make_onnx.py external FILE DATA COUNT SIDE OFFSET: MatMuls whose weights lie in DATA from OFFSET on
make_onnx.py resnet FILE: the layers of ResNet-50 (25.5 million weights), with random weights."""
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper


def external(file, data, count, side, offset):
    nodes, weights, value = [], [], "x"
    for i in range(count):
        w = TensorProto(name="layer%d.weight" % i, data_type=TensorProto.FLOAT, dims=[side, side],
                        data_location=TensorProto.EXTERNAL)
        for key, text in (("location", data), ("offset", offset + 4 * side * side * i),
                          ("length", 4 * side * side)):
            w.external_data.add(key=key, value=str(text))
        weights.append(w)
        nodes.append(helper.make_node("MatMul", [value, w.name], ["y%d" % i]))
        value = "y%d" % i
    shape = ["n", side]
    graph = helper.make_graph(
        nodes, "external", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(value, TensorProto.FLOAT, shape)], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), file)


class Net:
    def __init__(self):
        self.nodes, self.weights = [], []
        self.random = numpy.random.default_rng(1)

    def tensor(self, name, shape, deviation):
        data = (self.random.standard_normal(shape) * deviation).astype(numpy.float32)
        self.weights.append(numpy_helper.from_array(data, name))
        return name

    def node(self, op, inputs, **attributes):
        out = "%s_%d" % (op, len(self.nodes))
        self.nodes.append(helper.make_node(op, inputs, [out], name=out, **attributes))
        return out

    def conv(self, x, name, cin, cout, size, stride):
        w = self.tensor(name + ".weight", (cout, cin, size, size), (2 / (cin * size * size)) ** .5)
        b = self.tensor(name + ".bias", (cout,), .1)
        return self.node("Conv", [x, w, b], kernel_shape=[size] * 2, strides=[stride] * 2,
                         pads=[size // 2] * 4)


def resnet(file):
    net = Net()
    x = net.node("Relu", [net.conv("x", "stem", 3, 64, 7, 2)])
    x = net.node("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    cin = 64
    for stage, (blocks, width) in enumerate(((3, 64), (4, 128), (6, 256), (3, 512))):
        for block in range(blocks):
            stride, name = 2 if block == 0 and stage > 0 else 1, "s%d.b%d." % (stage, block)
            y = net.node("Relu", [net.conv(x, name + "a", cin, width, 1, 1)])
            y = net.node("Relu", [net.conv(y, name + "b", width, width, 3, stride)])
            y = net.conv(y, name + "c", width, 4 * width, 1, 1)
            if block == 0:
                x = net.conv(x, name + "down", cin, 4 * width, 1, stride)
            x, cin = net.node("Relu", [net.node("Add", [x, y])]), 4 * width
    x = net.node("Flatten", [net.node("GlobalAveragePool", [x])])
    x = net.node("Gemm", [x, net.tensor("fc.weight", (1000, cin), .02),
                          net.tensor("fc.bias", (1000,), .02)], transB=1)
    graph = helper.make_graph(
        net.nodes, "resnet50",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, 224, 224])],
        [helper.make_tensor_value_info(x, TensorProto.FLOAT, ["n", 1000])], net.weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)],
                                ir_version=8), file)


if sys.argv[1] == "resnet":
    resnet(sys.argv[2])
else:
    external(sys.argv[2], sys.argv[3], *(int(n) for n in sys.argv[4:7]))
