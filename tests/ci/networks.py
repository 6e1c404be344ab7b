# SPDX-License-Identifier: Apache-2.0
"""networks.py [MODELS]: real networks run by netrun and by onnxruntime: the outputs are the same within 1e-4
of the largest, and the same bytes in the portable form of the kernels and for three threads. A small
network of the tests', so that there is one without MODELS."""
import os
import subprocess
import sys
import tempfile

import numpy as np

sys.dont_write_bytecode = True
import runtime  # noqa: E402
from counting import check, counted, finish  # noqa: E402
from programs import tool  # noqa: E402
from streams import archive, npy, tensors  # noqa: E402

# Shapes of inputs that a network leaves open, two samples where it takes them; silero's rate is a number.
SHAPES = {
    "resnet8": {"input": (2, 32, 32, 3)}, "dscnn": {"input_1": (2, 49, 10, 1)}, "dscnn2-dq": {"input_1": (2, 49, 10, 1)},
    "vww": {"input": (2, 96, 96, 3)}, "mnist-mlp": {}, "mnist-vit": {},
    "silero-vad": {"input": (1, 576), "state": (2, 1, 128), "sr": 16000},
    "silero-vad-16k": {"input": (1, 576), "state": (2, 1, 128)},
    "basic-pitch": {"serving_default_input_2:0": (1, 43844, 1)}, "ocr-det": {"x": (1, 3, 96, 160)},
}
TINY = 1e-6	# onnxruntime's sigmoid ends near 1e-8


def feeds_of(session, shapes, rng):
    feeds = {}
    for value in session.get_inputs():
        shape = shapes.get(value.name, [n if isinstance(n, int) else 2 for n in value.shape])
        feeds[value.name] = np.array(shape, np.int64) if isinstance(shape, int) else \
            rng.uniform(-1, 1, shape).astype(np.float32)
    return feeds


def outputs(stream, inputs, *options):
    return subprocess.run(["netrun", *options, stream, inputs], stdout=subprocess.PIPE, check=True).stdout


def compare(name, model, rng, folder):
    session = runtime.session(model)
    feeds = feeds_of(session, SHAPES.get(name, {}), rng)
    stream, inputs = os.path.join(folder, "m.tar"), os.path.join(folder, "in.tar")
    with open(stream, "wb") as file:
        file.write(tool(["tmo-from-onnx", "-q", model]))
    with open(inputs, "wb") as file:
        file.write(archive({f"tensors/{key.replace(':', '%3A')}.npy": npy(value) for key, value in feeds.items()}))
    got = outputs(stream, inputs)
    for options in (["-k", "portable"], ["-j", "3"]):
        check(outputs(stream, inputs, *options) == got, name, options, "other bytes")
    for value, wanted in zip(session.get_outputs(), session.run(None, feeds)):
        its = tensors(got)[value.name]
        error = np.abs(its - wanted).max() if its.shape == wanted.shape else np.inf
        print(f"{name} {value.name}: {error / np.abs(wanted).max():.1e}")
        check(error <= 1e-4 * np.abs(wanted).max() + TINY, name, value.name, error)


def main(folder_of_models):
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        with counted("digits"):
            compare("digits", "examples/digits.onnx", rng, folder)
        for name in SHAPES if folder_of_models else ():
            with counted(name):
                compare(name, os.path.join(folder_of_models, name + ".onnx"), rng, folder)
    return finish()


sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
