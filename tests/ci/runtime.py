# SPDX-License-Identifier: Apache-2.0
"""Networks in onnxruntime: sessions, inputs, outputs; a model is a path or its bytes."""
import os

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper
from onnxruntime.quantization import CalibrationDataReader

NUMPY = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16,
         "tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(bool)": np.bool_,
         "tensor(uint8)": np.uint8, "tensor(int8)": np.int8}


def operators(model):
    """The operators of its main graph."""
    graph = (onnx.load_from_string(model) if isinstance(model, bytes) else
             onnx.load(model, load_external_data=False)).graph
    return {n.op_type for n in graph.node}


def unsigned_weights(model):
    """
    The bytes of a model which computes the same, but in which weights of i8 that meet activations of u8 are u8: 128
    more, as are their zero points. For sessions without optimizations, of which the slower way is one.
    """
    model = onnx.load_from_string(model) if isinstance(model, bytes) else onnx.load(model)
    known = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    for node in model.graph.node:
        # Of each x, its scale, its zero point, then w with the same.
        if node.op_type in ("QLinearConv", "QLinearMatMul", "QGemm"):
            x_zero, w, zero = (known.get(node.input[i]) for i in (2, 3, 5))
            if x_zero is None or w is None or zero is None or x_zero.dtype != np.uint8 or w.dtype != np.int8:
                continue
            for i in 3, 5:
                name = node.input[i] + "_as_u8"
                if name not in known:
                    known[name] = (known[node.input[i]].astype(np.int16) + 128).astype(np.uint8)
                    model.graph.initializer.append(numpy_helper.from_array(known[name], name))
                node.input[i] = name
    return model.SerializeToString()


def avoid_saturation(options, model):
    """
    Without VNNI, x86 adds two products of u8 and i8 in 16 bits, where they saturate: such a machine would
    compute other results. Operators over integers are told to take the slower way, which of other models
    makes some that onnxruntime itself refuses; those whose activations are quantized are not to become such.
    """
    known = operators(model)
    if any(o.startswith("QLinear") or o in ("QGemm", "MatMulInteger", "ConvInteger") for o in known):
        options.add_session_config_entry("session.x64quantprecision", "1")
        # The slower way is an optimization of the second level.
        if (known & {"MatMulInteger", "ConvInteger"} and
                options.graph_optimization_level == onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL):
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    elif known & {"QuantizeLinear", "DynamicQuantizeLinear"}:
        options.add_session_config_entry("session.disable_quant_qdq", "1")


def plain_options(optimized):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    level = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = level.ORT_ENABLE_ALL if optimized else level.ORT_DISABLE_ALL
    # Else a MatMul behind 4-bit weights has its activations quantized.
    options.add_session_config_entry("session.qdq_matmulnbits_accuracy_level", "1")
    return options


def session(model, optimized=True):
    """A session that computes the same each time, with onnxruntime's graph optimizations or without."""
    exact = plain_options(optimized)
    avoid_saturation(exact, model)
    if not optimized and operators(model) & {"QLinearConv", "QLinearMatMul", "QGemm"}:
        model = unsigned_weights(model)
    try:
        return onnxruntime.InferenceSession(model, exact, providers=["CPUExecutionProvider"])
    except onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented:
        # Of some QLinearConv the slower way makes what has no kernel.
        return onnxruntime.InferenceSession(model, plain_options(optimized), providers=["CPUExecutionProvider"])


def outputs(model, feeds, optimized=True):
    """What a model computes from each of these inputs."""
    s = session(model, optimized)
    return [s.run(None, f) for f in feeds]


def random_inputs(s, rng, name="", below=2):
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
            feeds[i.name] = rng.integers(0, below, shape).astype(kind)
    return feeds


class Samples(CalibrationDataReader):
    """Inputs for quantize_static."""

    def __init__(self, feeds):
        self.feeds = iter(feeds)

    def get_next(self):
        return next(self.feeds, None)


def bits(value):
    """What is equal only for outputs that are so in every bit."""
    if isinstance(value, list):
        return [bits(v) for v in value]
    if value.dtype == object:
        return value.tolist()
    return (value.dtype.str, value.shape, value.tobytes())


def networks(folders):
    """The paths of all networks (*.onnx) in these folders, of those that are there."""
    for folder in folders:
        if os.path.isdir(folder):
            for file in sorted(os.listdir(folder)):
                if file.endswith(".onnx"):
                    yield os.path.join(folder, file)


def shapes_inferred(path):
    """onnx's checker; whether it passes with shape inference too, which not all networks do."""
    try:
        onnx.checker.check_model(path, full_check=True)
        return True
    except onnx.shape_inference.InferenceError:
        return False
