# SPDX-License-Identifier: Apache-2.0
"""onnx_edit.py [FOLDER]: networks that are changed by net/edit.h and written back, with editonnx on PATH.

A network with an If in it is changed in many ways; onnx's checker takes each, shape inference finds no
contradiction, onnxruntime computes what numpy says, and whatever the change does not concern comes out
byte for byte: nodes, initializers, the model's other fields. A model that is not changed comes out as
the same bytes. In the networks of FOLDER, Identities come behind many values, and nothing else changes.
"""
import subprocess
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from counting import check, counted, finish
from runtime import bits, networks, outputs, random_inputs, session

rng = np.random.default_rng(11)
P = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in
     dict(w1=(4, 4), b1=4, w2=(4, 4), s=4, o=4, mean=4, k=(), kb=4, k2=4).items()}
P["var"] = rng.uniform(0.5, 2, 4).astype(np.float32)
P["w3"] = P["w1"]
X = rng.standard_normal((3, 4)).astype(np.float32)


def edited(model, *edits):
    """The bytes of the model with these edits; what is said if they fail."""
    done = subprocess.run(["editonnx", *edits], input=model, capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else done.stderr.decode()


def initializers(*names):
    return [numpy_helper.from_array(P[n], n) for n in names]


def base():
    f = TensorProto.FLOAT
    node = helper.make_node
    result = lambda name, *shape: helper.make_tensor_value_info(name, f, shape)
    then = helper.make_graph([
        node("Mul", ["n", "k"], ["t0"], "mul"), node("Identity", ["t0"], ["t1"], "idt"),
        node("Add", ["t1", "kb"], ["ty"], "add")], "then", [], [result("ty", 3, 4)],
        initializers("k", "kb"))
    other = helper.make_graph([node("Sub", ["n", "k2"], ["ey"], "sub")], "else", [],
                              [result("ey", 3, 4)], initializers("k2"))
    graph = helper.make_graph([
        node("Gemm", ["x", "w1", "b1"], ["h"], "g1", transB=1, doc_string="as it came"),
        node("Identity", ["h"], ["i"], "id1"), node("Relu", ["i"], ["r"], "relu"),
        node("Gemm", ["r", "w2"], ["m"], "g2"),
        node("BatchNormalization", ["m", "s", "o", "mean", "var"], ["n"], "bn", epsilon=1e-3),
        node("If", ["c"], ["y"], "if", then_branch=then, else_branch=other),
        node("Constant", [], ["c0"], "held", value=numpy_helper.from_array(np.float32([1, 2, 3, 4]))),
        node("Add", ["x", "c0"], ["z"], "plus"), node("Identity", ["x"], ["direct"], "id2")],
        "main", [result("x", 3, 4), helper.make_tensor_value_info("c", TensorProto.BOOL, [])],
        [result(n, 3, 4) for n in ("y", "r", "z", "direct")],
        initializers("w1", "b1", "w2", "s", "o", "mean", "var", "w3"))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8,
                              producer_name="onnx_edit")
    helper.set_model_props(model, {"key": "value"})
    model = onnx.shape_inference.infer_shapes(model, strict_mode=True)
    # a field that nobody knows, in the graph and in a node's own message
    raw = model.SerializeToString()
    return raw + b"\xc2\x3e\x03new"


def keep(v):
    return v


def computed(c, p=None, h=keep, r=keep, n=keep, t1=keep, ty=keep, relu=lambda v: np.maximum(v, 0), wide=None,
             alpha=1, norm=True, bias=0, trans=True, m_of=None, c0=(1, 2, 3, 4)):
    """The outputs, with what a change does to a value or a parameter."""
    p = {**P, **(p or {})}
    y = {}
    y["r"] = r(relu(h(alpha * (X @ (p["w1"].T if trans else p["w1"])) + p["b1"])))
    m = (m_of or keep)(y["r"]) @ p["w2"] + bias
    if norm:
        m = (m - p["mean"]) / np.sqrt(p["var"] + 1e-3) * p["s"] + p["o"]
    m = n(m)
    y["y"] = ty(t1(m * p["k"]) + p["kb"]) if c else m - p["k2"]
    y["z"] = X + np.float32(c0)
    y["direct"] = X
    return y


def quantized(v):
    return np.clip(np.rint(v / 0.125), -128, 127) * 0.125


CASES = [  # edits; what is computed; the nodes that are others, but for those that come
    (["add b1 0.5"], dict(p={"b1": P["b1"] + 0.5}), ""),
    (["add kb 2"], dict(p={"kb": P["kb"] + 2}), "if"),
    (["data b1 1,2,3,4"], dict(p={"b1": np.float32([1, 2, 3, 4])}), ""),
    (["data c0 4,3,2,1"], dict(c0=(4, 3, 2, 1)), "held"),
    (["insert h Neg 13"], dict(h=np.negative), "id1"),
    (["insert h Identity 13"], {}, "id1"),
    (["scale r 3"], dict(r=lambda v: 3 * v), "relu g2"),
    (["scale n 3"], dict(n=lambda v: 3 * v), "mul sub if"),
    (["scale t1 2"], dict(t1=lambda v: 2 * v), "add if"),
    (["scale ty 2"], dict(ty=lambda v: 2 * v), "add if"),
    (["scale ty 2", "scale ty 2"], dict(ty=lambda v: 4 * v), "add if"),
    (["insert x Neg 13", "bypass id2"], None, "g1 plus id2"),
    (["bypass id1"], {}, "id1 relu"),
    (["bypass idt"], {}, "idt add if"),
    (["bypass id2"], {}, ""),
    (["bypass relu"], dict(relu=keep), "relu id1 g2"),
    (["bias g2 1,2,3,4", "bypass bn", "remove-value s", "remove-value o", "remove-value mean",
      "remove-value var", "add w2 1"], dict(norm=False, bias=np.float32([1, 2, 3, 4]), p={"w2": P["w2"] + 1}),
     "g2 bn mul sub if"),
    (["qdq r 0.125"], dict(r=quantized), "relu g2"),
    (["qdq m 0.125", "qdq h 0.125", "qdq t1 0.125"], dict(h=quantized, t1=quantized), None),
    (["int g1 transB 0"], dict(trans=False), "g1"),
    (["drop g1 transB"], dict(trans=False), "g1"),
    (["float g1 alpha 2"], dict(alpha=2), "g1"),
    (["operator relu Abs 13"], dict(relu=np.abs), "relu"),
    (["input relu 0 h", "remove id1"], {}, "relu id1"),
    (["input g1 1 w3", "remove-value w1"], {}, "g1"),
    (["weight v 4,5"], {}, ""),
]


def nodes(graph):
    for n in graph.node:
        yield n
        for a in n.attribute:
            if a.HasField("g"):
                yield from nodes(a.g)


def untouched(before, after, raw, touched):
    """Whether all named nodes but these, initializers, and the model's own fields are what they were."""
    named = {n.name: n.SerializeToString() for n in nodes(after.graph) if n.name}
    good = raw.endswith(b"\xc2\x3e\x03new")
    for n in nodes(before.graph):
        if n.name not in touched:
            good &= named.get(n.name) == n.SerializeToString() and n.SerializeToString() in raw
    model = onnx.ModelProto()
    model.CopyFrom(after)
    for m in (model, before):
        m.graph.ClearField("node"), m.graph.ClearField("initializer"), m.graph.ClearField("value_info")
    return good and model.SerializeToString() == before.SerializeToString()


def check_case(raw, edits, change, touched):
    got = edited(raw, *edits)
    if not check(isinstance(got, bytes), edits, got):
        return
    before, after = onnx.load_from_string(raw), onnx.load_from_string(got)
    if touched is not None:
        check(untouched(before, after, got, touched.split()), edits, "something else was touched")
    if any(t.data_location == TensorProto.EXTERNAL for t in after.graph.initializer):
        held = {e.key: e.value for e in after.graph.initializer[-1].external_data}
        check(held == {"location": "tensors/v.npy", "offset": "128", "length": "80"}, edits, held)
        return
    made = {o for n in nodes(after.graph) for o in n.output} | {t.name for t in after.graph.initializer}
    declared = {v.name for v in after.graph.value_info}
    check(declared <= made, edits, "declares what is not there", declared - made)
    attribute = edits[0].split()[0] in ("int", "float", "drop")     # of g1: h may be of another shape
    check(len(declared) >= 2 and ("h" in declared) != attribute, edits, "what is declared of h")
    onnx.checker.check_model(after, full_check=True)
    for c in (True, False):
        for optimized in (True, False):
            s = session(got, optimized)
            y = dict(zip([o.name for o in s.get_outputs()], s.run(None, {"x": X, "c": np.array(c)})))
            if edits[0] == "insert x Neg 13":
                y, wanted = {"z": y["z"], "direct": y["direct"]}, {"z": np.float32([1, 2, 3, 4]) - X, "direct": -X}
            elif edits[0] == "qdq m 0.125":
                y, wanted = {"r": y["r"]}, {"r": computed(c, **change)["r"]}
            else:
                wanted = computed(c, **change)
            check(all(np.allclose(y[k], wanted[k], rtol=1e-5, atol=1e-5) for k in wanted), edits,
                  "is not what numpy computes", c, optimized)


def refused(raw, pattern, *edits):
    got = edited(raw, *edits)
    check(isinstance(got, str) and pattern in got, edits, got if isinstance(got, str) else "was done")


def functions():
    """A function that is called twice: its calls are nodes like others, its body stays."""
    model = onnx.parser.parse_model("""
        <ir_version: 8, opset_import: ["" : 17, "f" : 1]>
        main (float[3, 4] x) => (float[3, 4] y) {
            a = f.twice (x)
            y = f.twice (a)
        }
        <domain: "f", opset_import: ["" : 17]>
        twice (u) => (v) { k = Constant <value = float {2}> () v = Mul (u, k) }""")
    model.functions[0].node[1].name = "inside"
    raw = model.SerializeToString()
    refused(raw, "the body of a function of the model", "int inside axis 1")
    refused(raw, "the body of a function of the model", "add k 1")
    got = edited(raw, "scale a 3")
    if check(isinstance(got, bytes), got):
        check(np.array_equal(outputs(got, [{"x": X}])[0][0], 12 * X), "a scaled value between two calls")
        check(onnx.load_from_string(got).functions == model.functions, "the function is as it was")


def folder(path):
    """Identities behind every seventh value: the same bits come out."""
    raw = open(path, "rb").read()
    check(edited(raw) == raw, path, "not the same bytes")
    graph = onnx.load_from_string(raw).graph
    names = [o for n in graph.node for o in n.output if o][::7]
    got = edited(raw, *(f"insert {n} Identity 1" for n in names if " " not in n))
    if not check(isinstance(got, bytes), path, got):
        return
    check(len(onnx.load_from_string(got).graph.node) > len(graph.node), path, "nothing came")
    s = session(raw, False)
    feeds = random_inputs(s, np.random.default_rng(3), path.rsplit("/", 1)[-1])
    check(bits(outputs(got, [feeds], False)[0]) == bits(s.run(None, feeds)), path, "other outputs")


def main():
    raw = base()
    check(edited(raw) == raw, "not the same bytes")
    for edits, change, touched in CASES:
        with counted(edits):
            check_case(raw, edits, change, touched)
    refused(raw, "r is used", "remove-value r")
    refused(raw, "is used", "remove id1")
    refused(raw, "made later", "input g1 1 m")
    refused(raw, "not there", "input relu 0 t0")
    refused(raw, "operator set 17, 21 is needed", "insert h Identity 21")
    refused(raw, "value w2 already", "weight w2 4")
    refused(raw, "graphs in it", "int if axis 1")
    with counted("functions"):
        functions()
    for path in networks(sys.argv[1:]):
        with counted(path):
            folder(path)
    return finish(least=100)


if __name__ == "__main__":
    sys.exit(main())
