#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Other people's judgement of ONNX in and out: onnx's checker and onnxruntime.

usage: onnx_compare.py BIN [MODELS]

For each network, tmo-from-onnx | tmo-to-onnx must give a model that the checker passes and from
which onnxruntime computes, bit for bit, what it computes from the original; so must the unpacked
stream, and the form with external data. BIN is the folder of the programs, MODELS one with more
networks (*.onnx). Networks are made here by onnx.helper, and by torch where it is installed.
"""
import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile

import numpy as np
import onnx
import onnxruntime

sys.dont_write_bytecode = True
import onnx_models as models  # noqa: E402
from onnx_models import rng, save, weights  # noqa: E402

BIN = os.path.abspath(sys.argv[1])
passed = failed = 0


def tool(name, *arguments, stdin=None):
    """Runs a program; its stdout."""
    done = subprocess.run([os.path.join(BIN, name), *arguments], input=stdin,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{name}: exit {done.returncode}: {done.stderr.decode()}")
    return done.stdout


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


NUMPY = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16,
         "tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(bool)": np.bool_,
         "tensor(uint8)": np.uint8, "tensor(int8)": np.int8}


def random_inputs(s, name):
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
            feeds[i.name] = rng.integers(0, 2, shape).astype(kind)
    return feeds


def bits(value):
    if isinstance(value, list):
        return [bits(v) for v in value]
    if value.dtype == object:
        return value.tolist()
    return (value.dtype.str, value.shape, value.tobytes())


def outputs(path, feeds):
    return [[bits(v) for v in session(path).run(None, f)] for f in feeds]


def check(name, what, condition, text=""):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {name}: {what} {text}")


def members(path):
    """A stream's tensors: their names and bytes."""
    with tarfile.open(path) as t:
        return {m.name: t.extractfile(m).read() for m in t if m.name.startswith("tensors/")}


def check_model(path, original):
    """onnx's checker, with shape inference too unless that fails for the original already."""
    try:
        onnx.checker.check_model(original, full_check=True)
        full = True
    except onnx.shape_inference.InferenceError:
        full = False
    onnx.checker.check_model(path, full_check=full)


def compare(name, path, feeds=None, run=True, arguments=(), reference=None):
    """Everything about one network in a file; reference: the file with the right outputs."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            compare_in(folder, name, path, feeds, run, arguments, reference or path)
    except Exception as e:  # whatever it is, it is a failure of this network
        check(name, "raised", False, f"{type(e).__name__}: {e}")


def compare_in(folder, name, path, feeds, run, arguments, reference):
    stream, again = os.path.join(folder, "s.tar"), os.path.join(folder, "again.onnx")
    tool("tmo-from-onnx", *arguments, "-o", stream, path)
    with open(again, "wb") as f:
        f.write(tool("tmo-to-onnx", stream))
    check_model(again, path)
    check(name, "checker", True)
    unpacked = os.path.join(folder, "unpacked")
    os.mkdir(unpacked)
    subprocess.run(["tar", "xf", stream, "-C", unpacked], check=True)
    apart = os.path.join(folder, "apart.onnx")
    tool("tmo-to-onnx", "--external", os.path.join(folder, "apart.bin"), "-o", apart, stream)
    check_model(apart, path)
    second = os.path.join(folder, "s2.tar")
    tool("tmo-from-onnx", "-o", second, apart)
    check(name, "external data and back", members(second) == members(stream))
    if not run:
        return
    feeds = feeds or [random_inputs(session(reference), name) for _ in range(3)]
    wanted = outputs(reference, feeds)
    check(name, "outputs", outputs(again, feeds) == wanted)
    check(name, "outputs with external data", outputs(apart, feeds) == wanted)
    if not any(m.endswith("/tensor.yaml") for m in members(stream)):
        check(name, "outputs, unpacked",
              outputs(os.path.join(unpacked, "graph.onnx"), feeds) == wanted)


def external(folder):
    """External data in three layouts, one file below the model's folder."""
    os.makedirs(os.path.join(folder, "ext", "sub"))
    plain = save(folder, "plain", models.cnn(17))
    for one in True, False:
        model = onnx.load(plain)
        path = os.path.join(folder, "ext", f"one{one}.onnx")
        onnx.save_model(model, path, save_as_external_data=True, all_tensors_to_one_file=one,
                        location=f"sub/w{one}.bin" if one else None, size_threshold=0)
        for arguments in (), ("--dir", os.path.join(folder, "ext")):
            compare(f"external, one file {one} {arguments[:1]}", path, arguments=arguments,
                    reference=os.path.join(folder, "plain.onnx"))


def large(folder):
    """More than 2 GiB: there and back, by the digest of the data."""
    path = os.path.join(folder, "large.onnx")
    half = 300 << 20
    noise = rng.bytes(1 << 20)
    digest = hashlib.sha256()
    with open(os.path.join(folder, "large.bin"), "wb") as f:
        for i in range(2 * half * 4 >> 20):
            f.write(noise[i:] + noise[:i])
            digest.update(noise[i:] + noise[:i])
    with open(path, "wb") as f:
        f.write(models.external_pair("large.bin", half).SerializeToString())
    stream, again = os.path.join(folder, "large.tar"), os.path.join(folder, "again.onnx")
    tool("tmo-from-onnx", "-o", stream, path)
    tool("tmo-to-onnx", "--external", os.path.join(folder, "again.bin"), "-o", again, stream)
    onnx.checker.check_model(again)
    os.remove(stream)
    with open(os.path.join(folder, "again.bin"), "rb") as f:
        after = hashlib.file_digest(f, "sha256")
    check("more than 2 GiB", "data", after.digest() == digest.digest())


def torch_models(folder):
    try:
        import torch
    except ImportError:
        print("torch is not installed; its exports are left out")
        return
    torch.manual_seed(0)
    nn = torch.nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(),
                                      nn.Conv2d(8, 8, 3, groups=8), nn.ConvTranspose2d(8, 4, 2))
            self.lstm = nn.LSTM(4, 16, batch_first=True)
            self.fc = nn.Linear(16, 5)

        def forward(self, x):
            y = self.conv(x).flatten(2).transpose(1, 2)
            return self.fc(self.lstm(y)[0])

    layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True, dropout=0.0)
    for name, net, x in (("net", Net(), torch.randn(1, 3, 10, 10)),
                         ("transformer", nn.TransformerEncoder(layer, 2, enable_nested_tensor=False),
                          torch.randn(1, 6, 32))):
        net.eval()
        for dynamo in False, True:
            path = os.path.join(folder, f"torch_{name}_{dynamo}.onnx")
            try:
                torch.onnx.export(net, (x,), path, dynamo=dynamo, opset_version=18)
            except Exception as e:  # the exporter's own needs are not ours
                print(f"torch's exporter (dynamo={dynamo}) does not work here: "
                      f"{type(e).__name__}: {str(e)[:80]}")
                continue
            compare(f"torch {name}, dynamo {dynamo}", path)


def made_here(folder):
    latest = min(onnx.defs.onnx_opset_version(), 25)
    for opset in range(7, latest + 1):
        try:
            path = save(folder, f"cnn{opset}", models.cnn(opset), opset, 8 if opset < 20 else 10)
            session(path)
        except Exception as e:
            print(f"onnxruntime does not take opset {opset} ({str(e)[:60]}); checker only")
            compare(f"cnn, opset {opset}", path, run=False)
            continue
        compare(f"cnn, opset {opset}", path)
    for name, graph, opset, ir in (
            ("IR version 3", models.cnn(7, 3), 7, 3), ("constants", models.constants(), 17, 8),
            ("branches", models.branches(), 17, 8), ("loop", models.loop(), 17, 8), ("kinds", models.kinds(), 17, 8),
            ("shared", models.shared(), 17, 8), ("thousands", models.many(3000), 17, 8),
            ("long names", models.long_names(), 17, 8)):
        path = save(folder, name.replace(" ", "_"), graph, opset, ir)
        feeds = None
        if name == "branches":
            feeds = [{"x": weights(2, 4), "c": np.array(a), "c2": np.array(b)}
                     for a in (False, True) for b in (False, True)]
        compare(name, path, feeds)
    compare("exotic", save(folder, "exotic", models.exotic(), 21, 10))
    compare("sparse", save(folder, "sparse", models.sparse(), 17, 8))
    compare("function", models.function(folder))
    external(folder)


def main():
    with tempfile.TemporaryDirectory() as folder:
        made_here(folder)
        large(folder)
        torch_models(folder)
    if len(sys.argv) > 2 and os.path.isdir(sys.argv[2]):
        for file in sorted(os.listdir(sys.argv[2])):
            if file.endswith(".onnx"):
                compare(file, os.path.join(sys.argv[2], file))
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
