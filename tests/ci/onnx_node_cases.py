#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the node cases of the onnx package that is installed, newer than Debian's, with tests/net/onnx_cases.py."""
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases

HERE = os.path.dirname(os.path.abspath(__file__))


def encoded(value):
    """A TensorProto's bytes; none of a sequence, of nothing, or of what has no tensor."""
    if value is None or isinstance(value, (list, dict)):
        return b""
    if hasattr(value, "SerializeToString"):
        return value.SerializeToString()
    try:
        return numpy_helper.from_array(np.asarray(value)).SerializeToString()
    except (TypeError, ValueError, NotImplementedError):
        return b""


def write(case, folder):
    os.makedirs(folder)
    with open(folder + "/model.onnx", "wb") as f:
        f.write(case.model.SerializeToString())
    for i, data in enumerate(case.data_sets):
        os.makedirs(f"{folder}/test_data_set_{i}")
        for what, values in zip(("input", "output"), data):
            for k, value in enumerate(values):
                with open(f"{folder}/test_data_set_{i}/{what}_{k}.pb", "wb") as f:
                    f.write(encoded(value))


def main():
    warnings.simplefilter("ignore")	# the cases' own arithmetic
    with np.errstate(all="ignore"):
        cases = collect_testcases(None)
    with tempfile.TemporaryDirectory() as top:
        for case in cases:
            write(case, os.path.join(top, case.name))
        return subprocess.run([sys.executable, HERE + "/../net/onnx_cases.py",
                               HERE + "/../net/unsupported_today.txt", top], check=False).returncode


sys.exit(main())
