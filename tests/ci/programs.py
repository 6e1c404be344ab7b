# SPDX-License-Identifier: Apache-2.0
"""Running tmo's programs, which are found on PATH."""
import os
import subprocess

from counting import check


def first_on_path(folder):
    """Programs of this folder are run before all others."""
    os.environ["PATH"] = os.path.abspath(folder) + ":" + os.environ["PATH"]


def tool(command, data=b""):
    """What a command, which must succeed, makes of data."""
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}: {done.stderr.decode().strip()}")
    return done.stdout


def shell(command):
    """Runs a pipeline, all of which must succeed."""
    return tool(["bash", "-c", "set -o pipefail; " + command])


def pipe(command, data=b""):
    """What a command makes of data; that it succeeds and says nothing is a case."""
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    check(done.returncode == 0 and not done.stderr, " ".join(command), done.stderr.decode().strip())
    return done.stdout
