#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the demo network and writes what lies in this folder: digits.onnx and digits-test.tar.

    pip install torch==2.13.0 scikit-learn==1.9.1 onnx==1.23.2 && python3 examples/train.py

Four fifths of scikit-learn's digits (1,797 images of 8x8, each pixel 0 to 16) train a small
convolutional network; the last fifth is never looked at before the accuracy is printed. Seeds are
fixed and one thread works, so that the same versions on the same machine give the same bytes.
"""
import io
import pathlib
import tarfile
import warnings
from collections import OrderedDict

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

HERE = pathlib.Path(__file__).parent
EPOCHS = 60


def network():
    return nn.Sequential(OrderedDict([
        ("conv1", nn.Conv2d(1, 16, 3, padding=1)), ("relu1", nn.ReLU()),
        ("conv2", nn.Conv2d(16, 32, 3, padding=1)), ("relu2", nn.ReLU()),
        ("pool", nn.MaxPool2d(2)),
        ("conv3", nn.Conv2d(32, 64, 3, padding=1)), ("relu3", nn.ReLU()),
        ("flatten", nn.Flatten()), ("dropout", nn.Dropout(0.5)),
        ("hidden", nn.Linear(64 * 4 * 4, 48)), ("relu4", nn.ReLU()),
        ("scores", nn.Linear(48, 10))]))


def shifted(x):
    """Each image moved by up to one pixel either way, zeros coming in."""
    padded = nn.functional.pad(x, (1, 1, 1, 1))
    return torch.stack([image[:, i:i + 8, j:j + 8]
                        for image, (i, j) in zip(padded, torch.randint(3, (len(x), 2)))])


def train(model, x, y):
    loss_of = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    for _ in range(EPOCHS):
        model.train()
        for batch in torch.randperm(len(x)).split(32):
            optimizer.zero_grad()
            loss_of(model(shifted(x[batch])), y[batch]).backward()
            optimizer.step()
        schedule.step()


def write_stream(path, arrays):
    """A tensor stream as tmo writes one: ustar, mode 0644, no owner, no time."""
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, array in arrays.items():
            data = io.BytesIO()
            np.lib.format.write_array(data, np.ascontiguousarray(array), version=(1, 0))
            member = tarfile.TarInfo(name + ".npy")
            member.size, member.mode = data.tell(), 0o644
            data.seek(0)
            tar.addfile(member, data)
        end = tar.offset + 2 * tarfile.BLOCKSIZE
    with open(path, "r+b") as file:
        file.truncate(end)  # tarfile goes on with zeros up to 10 KiB


def main():
    torch.manual_seed(20261123)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)

    digits = load_digits()
    images = (digits.images / 16).astype(np.float32).reshape(-1, 1, 8, 8)
    labels = digits.target.astype(np.int64)
    x, x_test, y, y_test = train_test_split(images, labels, test_size=0.2, random_state=0,
                                            stratify=labels)
    model = network()
    train(model, torch.from_numpy(x), torch.from_numpy(y))

    model.eval()
    with torch.no_grad():
        right = (model(torch.from_numpy(x_test)).argmax(1).numpy() == y_test).sum()
    parameters = sum(p.numel() for p in model.parameters())
    print(f"{parameters} parameters, {right} of {len(y_test)} held-out images right: "
          f"{100 * right / len(y_test):.2f} %")

    warnings.simplefilter("ignore", DeprecationWarning)  # of this exporter, whose files are smaller
    torch.onnx.export(model, torch.zeros(1, 1, 8, 8), HERE / "digits.onnx", dynamo=False,
                      opset_version=17, input_names=["image"], output_names=["scores"],
                      dynamic_axes={"image": {0: "N"}, "scores": {0: "N"}})
    write_stream(HERE / "digits-test.tar", {"x": x_test, "y": y_test})


if __name__ == "__main__":
    main()
