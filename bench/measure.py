# SPDX-License-Identifier: Apache-2.0
"""measure.py: how everything here is timed: in turn, in one run, medians, whole processes."""
import os
import statistics
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
BIN = os.path.join(ROOT, "build", "bin")
TOOLS = os.path.join(ROOT, "build", "tests")


def environment():
    env = dict(os.environ, LC_ALL="C")
    env["PATH"] = BIN + os.pathsep + TOOLS + os.pathsep + env["PATH"]
    return env


def shell(command, **more):
    """A shell command of which every part must succeed."""
    subprocess.run(["bash", "-o", "pipefail", "-c", command], check=True, env=environment(), **more)


def seconds(command):
    start = time.perf_counter()
    shell(command, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def turns(commands, runs=5):
    """{name: command} -> {name: median seconds}: one warm-up each, then all in turn, `runs` times."""
    took = {name: [] for name in commands}
    for name in commands:
        seconds(commands[name])
    for _ in range(runs):
        for name in commands:
            took[name].append(seconds(commands[name]))
    return {name: statistics.median(times) for name, times in took.items()}


def usage(command):
    """A shell command that is one program with redirections: its wall time and processor time in
    seconds, its peak resident memory in MiB."""
    with tempfile.NamedTemporaryFile("r") as report:
        shell("python3 %s %s %s" % (os.path.join(HERE, "peak.py"), report.name, command),
              stdin=subprocess.DEVNULL)
        return tuple(float(word) for word in report.read().split())


class Table:
    """Rows of a section: printed as they come, kept for bench/README.md."""

    def __init__(self, title, columns):
        self.title, self.columns, self.rows, self.failed = title, columns, [], 0
        print("\n%s\n%s" % (title, "  ".join(columns)), flush=True)

    def row(self, *cells, good=True):
        cells = [str(cell) for cell in cells] + ["yes" if good else "**no**"]
        self.failed += not good
        self.rows.append(cells)
        print("  ".join(cells), flush=True)

    def markdown(self):
        head = self.columns + ["met"]
        lines = ["### " + self.title, "", "| " + " | ".join(head) + " |",
                 "|" + "---|" * len(head)]
        return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in self.rows]) + "\n"
