# SPDX-License-Identifier: Apache-2.0
"""silero_decisions.py PIPELINES MODELS: a recurrent network with outliers among its weights, silero-vad,
through every pipeline of a folder and back: what it takes for speech.

At least 97 % of the decisions must be the same. A pipeline that is a start for fine-tuning says so in its
summary: it need not keep them, but then it must lose some, or its summary is wrong."""
import os
import re
import sys
import tempfile

import numpy as np

sys.dont_write_bytecode = True
import runtime  # noqa: E402
from counting import check, finish  # noqa: E402
from programs import tool  # noqa: E402

KEPT = 97.0  # percent


def summary(path):
    with open(path, encoding="utf-8") as file:
        return re.search(r"^summary: (.*)$", file.read(), re.MULTILINE).group(1)


def decisions(model, feeds):
    """Of all chunks, each with the state that the chunks before it left."""
    loaded, state, probabilities = runtime.session(model), feeds["state"][:, :1], []
    for chunk in feeds["input"]:
        probability, state = loaded.run(None, {**feeds, "input": chunk[None], "state": state})
        probabilities.append(probability.item())
    return np.array(probabilities) > 0.5


def same(pipeline, model, feeds, wanted):
    """Percent of the decisions that are those that are wanted, after a pipeline and back."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.tar.zst")
        tool(["tmo", "run", pipeline, "-q", "-i", model, "-o", out])
        return 100 * float((decisions(tool(["tmo-to-onnx", out]), feeds) == wanted).mean())


def main(pipelines, models):
    data = {name: np.load(os.path.join(models, "data", f"silero-{name}.npy"))
            for name in ("input", "state", "sr", "output")}
    wanted = data.pop("output").ravel() > 0.5
    for model, inputs in (("silero-vad.onnx", ("input", "state", "sr")), ("silero-vad-16k.onnx", ("input", "state"))):
        path, feeds = os.path.join(models, model), {name: data[name] for name in inputs}
        check((decisions(path, feeds) == wanted).all(), model, "decisions are not those of the data")
        for name in sorted(os.listdir(pipelines)):
            pipeline = os.path.join(pipelines, name)
            start, kept = "fine-tuning" in summary(pipeline), same(pipeline, path, feeds, wanted)
            print(f"{model}, {name}: {kept:.1f} % of the decisions are the same")
            check((kept < KEPT) if start else (kept >= KEPT), model, name, f"{kept:.1f} %")
    return finish(least=12)


if len(sys.argv) > 2:
    sys.exit(main(*sys.argv[1:3]))
print("no models here\n0 passed, 0 failed")
