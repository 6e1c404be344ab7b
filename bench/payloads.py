# SPDX-License-Identifier: Apache-2.0
"""payloads.py [--check FILE] MODEL.onnx...: each model through each pipeline of pipelines/, as a table
for the README: bytes of the model, of it under zstd -19, of the payload, and SQNR. With --check, that
FILE has these rows."""
import json
import os
import subprocess
import sys
import tempfile

import measure

PIPELINES = os.path.join(measure.ROOT, "pipelines")


def size(path):
    return os.path.getsize(path)


def payload(pipeline, model, folder):
    """Bytes and SQNR of what a pipeline makes of a model."""
    out, report = os.path.join(folder, "out.tar.zst"), os.path.join(folder, "report.json")
    command = ["tmo", "run", pipeline, "-q", "-i", model, "-o", out, "--set", "eval.report=" + report]
    subprocess.run(command, check=True, env=measure.environment())
    with open(report) as file:
        return size(out), json.load(file)["total"]["sqnr_db"]


def cells(model, pipelines, folder):
    """What stands in a model's column."""
    packed = subprocess.run(["zstd", "-q", "-19", "-c", model], check=True,
                            stdout=subprocess.PIPE).stdout
    yield f"{size(model):,}"
    yield f"{len(packed):,}"
    for name in pipelines:
        taken, sqnr = payload(os.path.join(PIPELINES, name + ".yaml"), model, folder)
        yield f"{taken:,} ({sqnr:.1f})"


def rows(models):
    pipelines = sorted(name[:-5] for name in os.listdir(PIPELINES) if name.endswith(".yaml"))
    with tempfile.TemporaryDirectory() as folder:
        columns = [list(cells(model, pipelines, folder)) for model in models]
    yield "| | " + " | ".join(f"`{os.path.basename(model)}`" for model in models) + " |"
    yield "|---|" + "---:|" * len(models)
    for i, name in enumerate(["ONNX", "ONNX, zstd -19"] + [f"`{p}`" for p in pipelines]):
        yield f"| {name} | " + " | ".join(column[i] for column in columns) + " |"


def main():
    arguments, wanted = sys.argv[1:], None
    if arguments[:1] == ["--check"]:
        with open(arguments[1]) as file:
            wanted = file.read().splitlines()
        arguments = arguments[2:]
    missing = 0
    for row in rows(arguments):
        print(row, flush=True)
        missing += wanted is not None and row not in wanted
    if wanted is not None:
        print("%d passed, %d failed" % (missing == 0, missing))
    sys.exit(missing > 0)


main()
