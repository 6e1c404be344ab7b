# SPDX-License-Identifier: Apache-2.0
"""demo_accuracy.py MODEL.onnx PAYLOAD SAMPLES.tar: what the payload costs in accuracy.

Scores the model, and what tmo-to-onnx makes of the payload, in onnxruntime on labelled samples.
Fails if more than one percentage point was lost.
"""
import io
import subprocess
import sys
import tarfile

import numpy as np
import onnx
import onnxruntime

ALLOWED = 1.0  # percentage points


def samples(path):
    with tarfile.open(path) as tar:
        return [np.load(io.BytesIO(tar.extractfile(name + ".npy").read())) for name in "xy"]


def accuracy(model, x, y):
    onnx.checker.check_model(onnx.load_from_string(model), full_check=True)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    scores = session.run(None, {session.get_inputs()[0].name: x})[0]
    return 100 * float((scores.argmax(1) == y).mean())


def main(model_path, payload_path, samples_path):
    x, y = samples(samples_path)
    with open(model_path, "rb") as file:
        original = file.read()
    restored = subprocess.run(["tmo-to-onnx", payload_path], check=True, capture_output=True).stdout
    before, after = accuracy(original, x, y), accuracy(restored, x, y)
    print(f"{len(y)} samples: {before:.2f} % right with {model_path}, {after:.2f} % with the payload")
    passed = before >= 97 and before - after <= ALLOWED
    print(f"{int(passed)} passed, {int(not passed)} failed")
    return not passed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
