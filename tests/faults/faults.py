# SPDX-License-Identifier: Apache-2.0
"""faults.py SHIM MODEL [POINTS]: a pipeline from a model to a payload in which every call of read,
write, open, ... of every program fails once, in turn; POINTS of each at most (0: all; of malloc
200 a program). What must
hold: the right status, one clear line that names the stage, no output, no file left behind, no hang;
and where a call was only cut short or interrupted, the same bytes as without a fault.
Run in an empty folder. Prints what did not hold, and ends with "N passed, N failed"."""
import concurrent.futures
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

SHIM, MODEL = (os.path.abspath(name) for name in sys.argv[1:3])
POINTS = int(sys.argv[3]) if len(sys.argv) > 3 else 0
LIMIT = 30
PIPELINE = """stages:
  - prune:   {sparsity: 0.5, scope: global}
  - cluster: {clusters: 8}
  - quant:   {bits: 8}
  - eval:    {reference: "@input", report: report.json}
  - pack:    {zstd: 3}
"""
# What a call may fail with; True: the run must come to the same end as without.
FAULTS = {
    "read": {"EIO": False, "EINTR": True, "short": True},
    "write": {"ENOSPC": False, "EIO": False, "EINTR": True, "short": True},
    "open": {"EMFILE": False}, "mmap": {"ENOMEM": False}, "fsync": {"EIO": False},
    "rename": {"EIO": False}, "fork": {"EAGAIN": False}, "spawn": {"EAGAIN": False},
    "pipe": {"EMFILE": False}, "seek": {"EIO": False}, "truncate": {"ENOSPC": False},
    "mkstemp": {"ENOSPC": False}, "thread": {"EAGAIN": True}, "malloc": {"ENOMEM": False},
}


def run(folder, **environment):
    env = dict(os.environ, LD_PRELOAD=SHIM, TMPDIR=os.path.join(folder, "tmp"), LC_ALL="C",
               ASAN_OPTIONS="verify_asan_link_order=0:detect_leaks=0", **environment)
    child = subprocess.Popen(["tmo", "run", "p.yaml", "-i", MODEL, "-o", "out"],
                             cwd=folder, env=env, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                             stdout=subprocess.PIPE, start_new_session=True)
    try:
        out, err = child.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        return None, b"", b""
    return child.returncode, out, err


def fresh(parent):
    folder = tempfile.mkdtemp(dir=parent)
    os.mkdir(os.path.join(folder, "tmp"))
    with open(os.path.join(folder, "p.yaml"), "w") as file:
        file.write(PIPELINE)
    return folder


def digest(folder):
    try:
        with open(os.path.join(folder, "out"), "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except FileNotFoundError:
        return None


def complaints(folder, status, err, same, wanted):
    """What is wrong with how a run with a fault came out."""
    text = err.decode("utf-8", "replace")
    left = sorted(set(os.listdir(folder)) - {"p.yaml", "tmp", "out", "report.json"})
    left += os.listdir(os.path.join(folder, "tmp"))
    if status is None:
        yield "hung"
        return
    if left:
        yield "left " + " ".join(left)
    if status == 0:
        if digest(folder) != wanted:
            yield "said it worked, but the output is another"
        return
    if same:
        yield "failed: " + text.strip()[-200:]
    if status != 1:
        yield "status %d: %s" % (status, text.strip()[-200:])
    if digest(folder) is not None:
        yield "failed and left an output"
    lines = text.splitlines()
    if not lines or not re.match(r"tmo: .", lines[-1]):
        yield "no last line that says what failed: %r" % text[-200:]
    if any(not re.match(r"tmo(-[a-z-]+)?: .", line) for line in lines
           if not line.startswith(("tensor", " ")) and ": " not in line):
        yield "a line that is no message: %r" % text[-300:]


def points(count, most):
    if most == 0 or count <= most:
        return range(1, count + 1)
    return sorted({1 + i * (count - 1) // (most - 1) for i in range(most)})


def one(parent, fault, same, wanted):
    folder = fresh(parent)
    try:
        status, _, err = run(folder, TMO_FAULT=fault)
        return ["%s: %s" % (fault, text) for text in complaints(folder, status, err, same, wanted)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    parent = tempfile.mkdtemp(dir=os.getcwd())
    first = fresh(parent)
    counts = os.path.join(parent, "counts")
    status, _, err = run(first, TMO_FAULT_COUNT=counts)
    if status != 0:
        sys.exit("without a fault: status %s: %s" % (status, err.decode()))
    wanted = digest(first)
    calls = {}
    for line in open(counts):
        program, function, count = line.split()
        if program.startswith("tmo"):   # --describe runs the same programs: the larger count
            calls[program, function] = max(calls.get((program, function), 0), int(count))
    plans = [("%s:%s:%d:%s" % (program, function, n, how), same)
             for (program, function), count in sorted(calls.items())
             for how, same in FAULTS[function].items() for n in points(count, POINTS or (200 if function == "malloc" else 0))]
    passed, bad = 0, 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(lambda plan: one(parent, plan[0], plan[1], wanted), plans):
            passed += not found
            bad += bool(found)
            for text in found:
                print("not ok", text, flush=True)
    shutil.rmtree(parent)
    print("%d passed, %d failed" % (passed, bad))
    sys.exit(bad > 0)


main()
