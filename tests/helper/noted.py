# SPDX-License-Identifier: Apache-2.0
"""Adds text for people to an ONNX model, at every place that may have it; standard library only.

usage: noted.py <model >model

It says leak-PLACE; the model's own metadata have the keys alphabet and author. The node that comes with
it is called leaky/node. A second graph field adds to the first.
"""
import sys

from wire_format import put_field as field


def pair(number, key, value):
    return field(number, field(1, key) + field(2, value))


attribute = field(1, "to") + b"\x18\x01\xa0\x01\x02" + field(13, "leak-attribute ")
node = (field(1, "w") + field(2, "w2") + field(3, "leaky/node") + field(4, "Cast") + field(5, attribute)
        + field(6, "leak-node ")
        + pair(9, "pkg.torch.onnx.stack_trace", "leak-trace File /home/me/model.py"))
value = field(1, "y") + field(3, "leak-value ") + pair(4, "k", "leak-value ")
tensor = (b"\x08\x01\x10\x01" + field(9, b"\0\0\x80\x3f") + field(8, "b") + field(12, "leak-tensor ")
          + pair(16, "k", "leak-tensor "))
graph = (field(1, node) + field(5, tensor) + field(10, "leak-graph ") + field(13, value)
         + pair(16, "k", "leak-graph "))
function = (field(1, "f") + field(10, "d") + field(7, node) + field(8, "leak-function ")
            + pair(14, "k", "leak-function "))

sys.stdout.buffer.write(
    sys.stdin.buffer.read() + field(6, "leak-model ") + pair(14, "alphabet", "abc")
    + pair(14, "author", "me") + field(7, graph) + field(25, function))
