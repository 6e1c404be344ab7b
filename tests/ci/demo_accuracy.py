# SPDX-License-Identifier: Apache-2.0
"""demo_accuracy.py MODEL.onnx PAYLOAD SAMPLES.tar: what the payload costs in accuracy.

Scores the model, and what tmo-to-onnx makes of the payload, in onnxruntime on labelled samples.
Fails if more than one percentage point was lost.
"""
import sys

import onnx
import onnxruntime

sys.dont_write_bytecode = True
from counting import check, finish  # noqa: E402
from programs import tool  # noqa: E402
from streams import array, members  # noqa: E402

ALLOWED = 1.0  # percentage points


def samples(path):
    files = members(path)
    return [array(files[name + ".npy"]) for name in "xy"]


def accuracy(model, x, y):
    onnx.checker.check_model(onnx.load_from_string(model), full_check=True)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    scores = session.run(None, {session.get_inputs()[0].name: x})[0]
    return 100 * float((scores.argmax(1) == y).mean())


def main(model_path, payload_path, samples_path):
    x, y = samples(samples_path)
    with open(model_path, "rb") as file:
        original = file.read()
    restored = tool(["tmo-to-onnx", payload_path])
    before, after = accuracy(original, x, y), accuracy(restored, x, y)
    print(f"{len(y)} samples: {before:.2f} % right with {model_path}, {after:.2f} % with the payload")
    check(before >= 97 and before - after <= ALLOWED, "accuracy")
    return finish()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
