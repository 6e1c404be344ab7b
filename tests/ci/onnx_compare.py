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
import tempfile

import onnx

sys.dont_write_bytecode = True
import onnx_models as models  # noqa: E402
import streams  # noqa: E402
from counting import check, counted, finish  # noqa: E402
from onnx_models import rng, save  # noqa: E402
from programs import first_on_path, tool  # noqa: E402
from runtime import bits, networks, outputs, random_inputs, session, shapes_inferred  # noqa: E402


def output_bits(path, feeds):
    return [bits(values) for values in outputs(path, feeds)]


def members(path):
    """A stream's tensors: their names and bytes."""
    return {n: data for n, data in streams.members(path).items() if n.startswith("tensors/")}


def compare(name, path, feeds=None, run=True, arguments=(), reference=None):
    """Everything about one network in a file; reference: the file with the right outputs."""
    with counted(name), tempfile.TemporaryDirectory() as folder:
        compare_in(folder, name, path, feeds, run, arguments, reference or path)


def compare_in(folder, name, path, feeds, run, arguments, reference):
    stream, again = os.path.join(folder, "s.tar"), os.path.join(folder, "again.onnx")
    tool(["tmo-from-onnx", *arguments, "-o", stream, path])
    with open(again, "wb") as f:
        f.write(tool(["tmo-to-onnx", stream]))
    full = shapes_inferred(path)
    onnx.checker.check_model(again, full_check=full)
    check(True, name, "checker")
    unpacked = os.path.join(folder, "unpacked")
    os.mkdir(unpacked)
    subprocess.run(["tar", "xf", stream, "-C", unpacked], check=True)
    apart = os.path.join(folder, "apart.onnx")
    tool(["tmo-to-onnx", "--external", os.path.join(folder, "apart.bin"), "-o", apart, stream])
    onnx.checker.check_model(apart, full_check=full)
    second = os.path.join(folder, "s2.tar")
    tool(["tmo-from-onnx", "-o", second, apart])
    check(members(second) == members(stream), name, "external data and back")
    if not run:
        return
    feeds = feeds or [random_inputs(session(reference), rng, name) for _ in range(3)]
    wanted = output_bits(reference, feeds)
    check(output_bits(again, feeds) == wanted, name, "outputs")
    check(output_bits(apart, feeds) == wanted, name, "outputs with external data")
    if not any(m.endswith("/tensor.yaml") for m in members(stream)):
        check(output_bits(os.path.join(unpacked, "graph.onnx"), feeds) == wanted, name,
              "outputs, unpacked")


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


def subfolders(folder):
    """--external in a folder below the model's; a cache of links, as hubs make it: onnxruntime loads both."""
    plain = save(folder, "below", models.cnn(17))
    stream, below = os.path.join(folder, "below.tar"), os.path.join(folder, "below2.onnx")
    os.makedirs(os.path.join(folder, "w", "deep"))
    tool(["tmo-from-onnx", "-o", stream, plain])
    feeds = [random_inputs(session(plain), rng, "below")]
    wanted = output_bits(plain, feeds)
    for name in "w/w.bin", "w/deep/w.bin":
        tool(["tmo-to-onnx", "--external", os.path.join(folder, name), "-o", below, stream])
        check(output_bits(below, feeds) == wanted, "external", f"{name}: outputs")
    blobs, names = os.path.join(folder, "blobs"), os.path.join(folder, "snapshots", "rev")
    os.makedirs(blobs)
    os.makedirs(names)
    model = onnx.load(plain)
    onnx.save_model(model, os.path.join(blobs, "m.onnx"), save_as_external_data=True, location="m.onnx_data",
                    size_threshold=64)
    for name, blob in ("m.onnx", "aaaa"), ("m.onnx_data", "bbbb"):
        os.rename(os.path.join(blobs, name), os.path.join(blobs, blob))
        os.symlink(os.path.join("..", "..", "blobs", blob), os.path.join(names, name))
    check(output_bits(os.path.join(names, "m.onnx"), feeds) == wanted, "cache", "onnxruntime loads it")
    again = os.path.join(folder, "cached.onnx")
    with open(again, "wb") as f:
        f.write(tool(["tmo-to-onnx"], tool(["tmo-from-onnx", os.path.join(names, "m.onnx")])))
    check(output_bits(again, feeds) == wanted, "cache", "outputs")


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
    tool(["tmo-from-onnx", "-o", stream, path])
    tool(["tmo-to-onnx", "--external", os.path.join(folder, "again.bin"), "-o", again, stream])
    onnx.checker.check_model(again)
    os.remove(stream)
    with open(os.path.join(folder, "again.bin"), "rb") as f:
        after = hashlib.file_digest(f, "sha256")
    check(after.digest() == digest.digest(), "more than 2 GiB", "data")


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
            path = save(folder, f"cnn{opset}", models.cnn(opset), opset)
            session(path)
        except Exception as e:
            print(f"onnxruntime does not take opset {opset} ({str(e)[:60]}); checker only")
            compare(f"cnn, opset {opset}", path, run=False)
            continue
        compare(f"cnn, opset {opset}", path)
    for name, graph, opset, ir in models.common() + [
            ("kinds", models.kinds(), 17, 8), ("thousands", models.many(3000), 17, 8),
            ("exotic", models.exotic(), 21, 10), ("sparse", models.sparse(), 17, 8)]:
        compare(name, save(folder, name.replace(" ", "_"), graph, opset, ir))
    compare("branches", save(folder, "branches", models.branches()), models.branch_feeds())
    compare("function", models.function(folder))
    external(folder)
    subfolders(folder)


def main():
    first_on_path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        made_here(folder)
        large(folder)
        torch_models(folder)
    for path in networks(sys.argv[2:3]):
        compare(os.path.basename(path), path)
    return finish()


if __name__ == "__main__":
    sys.exit(main())
