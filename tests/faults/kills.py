# SPDX-License-Identifier: Apache-2.0
"""kills.py MODEL [MOMENTS]: SIGKILL to a stage of a running pipeline, each time a little later and
another stage. The output is then the old one or none, or, if the kill came too late, the new one;
never a part of it. Run in an empty folder; ends with "N passed, N failed"."""
import contextlib
import os
import signal
import subprocess
import sys
import time

MODEL = os.path.abspath(sys.argv[1])
MOMENTS = int(sys.argv[2]) if len(sys.argv) > 2 else 100
STAGES = ["tmo-from-onnx", "tmo-prune", "tmo-cluster", "tmo-quant", "tmo-eval", "tmo-pack", "tmo"]
PIPELINE = """stages:
  - prune:   {sparsity: 0.5, scope: global}
  - cluster: {clusters: 8}
  - quant:   {bits: 8}
  - eval:    {reference: "@input", quiet: true}
  - pack:    {zstd: 3}
"""
COMMAND = ["tmo", "run", "p.yaml", "-q", "-i", MODEL, "-o", "out"]


def processes(session):
    """[(pid, parent, program)] of a session: those that have not ended."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % pid) as file:
                text = file.read()
            name, rest = text[text.index("(") + 1:text.rindex(")")], text[text.rindex(")") + 2:].split()
            with open("/proc/%s/cmdline" % pid, "rb") as file:
                program = os.path.basename(file.read().split(b"\0")[0].decode())
        except (OSError, ValueError):
            continue
        if int(rest[3]) == session and rest[0] != "Z":
            found.append((int(pid), int(rest[1]), program or name))
    return found


def find(tmo, stage):
    """The process of a stage, or None. Only tmo and its children: under AddressSanitizer a program
    that ends has a child of its name, which looks for leaks and for which it waits for ever."""
    if stage == "tmo":
        return tmo
    return next((pid for pid, parent, program in processes(tmo)
                 if parent == tmo and program == stage), None)


def kill_all(session):
    for pid, _, _ in processes(session):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def start():
    return subprocess.Popen(COMMAND, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, start_new_session=True)


def one(moment, stage, whole, length):
    """A run that is hit; what was wrong with it, or None."""
    old = b"old output" if moment % 2 else None
    if old is not None:
        with open("out", "wb") as file:
            file.write(old)
    elif os.path.exists("out"):
        os.unlink("out")
    child = start()
    time.sleep(length * moment / MOMENTS)
    pid = find(child.pid, stage)
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    try:
        err = child.communicate(timeout=30)[1]
    except subprocess.TimeoutExpired:
        kill_all(child.pid)
        return "hung"
    killed = child.returncode == -signal.SIGKILL
    if killed:    # it could not clean up: its stages die of broken pipes
        limit = time.monotonic() + 10
        while processes(child.pid):
            if time.monotonic() > limit:
                kill_all(child.pid)
                return "processes live on without tmo"
            time.sleep(0.02)
    got = None
    if os.path.exists("out"):
        with open("out", "rb") as file:
            got = file.read()
    if child.returncode == 0 and got != whole:
        return "it said that all went well, but the output is not whole"
    if child.returncode != 0 and got not in (old, whole):
        return "a part of an output is left: %d bytes" % (-1 if got is None else len(got))
    if child.returncode == 1 and not err.startswith(b"tmo"):
        return "no message: %r" % err[-200:]
    left = set(os.listdir(".")) - {"p.yaml", "out"}
    # What tmo itself writes to stays if it is killed; nothing else does.
    for name in left:
        os.unlink(name)
    if left and not killed:
        return "left " + " ".join(left)
    return None


def main():
    with open("p.yaml", "w") as file:
        file.write(PIPELINE)
    start().communicate()
    begin = time.monotonic()
    if start().wait() != 0:
        sys.exit("the pipeline fails even if nobody kills it")
    length = time.monotonic() - begin
    with open("out", "rb") as file:
        whole = file.read()
    bad = 0
    for moment in range(MOMENTS):
        stage = STAGES[moment % len(STAGES)]
        wrong = one(moment, stage, whole, length)
        if wrong:
            print("not ok %s at %d of %d: %s" % (stage, moment, MOMENTS, wrong))
            bad += 1
    print("%d passed, %d failed" % (MOMENTS - bad, bad))
    sys.exit(bad > 0)


main()
