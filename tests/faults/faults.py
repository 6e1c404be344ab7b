# SPDX-License-Identifier: Apache-2.0
"""faults.py SHIM MODEL [POINTS]: a pipeline from a model to a payload in which every call of read,
write, open, ... of every program fails once, in turn; POINTS of each at most (0: all; of malloc
200 a program). A program that is asked to --describe itself, and the same one as a stage, are two.
What must hold: the right status, a line that says what failed, a last one that names the stage, no
output, no file left behind, no hang; and where a call was only cut short or interrupted, the same
bytes as without a fault. The programs call neither mmap nor fork: faults.bats looks.
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

CAUSES = {"EIO": "Input/output error", "ENOSPC": "No space left on device", "ENOMEM": "memory",
          "EMFILE": "Too many open files", "EAGAIN": "Resource temporarily unavailable"}


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


def silences(fault, lines):
    """What the messages do not say: what failed and why, and which stage that was."""
    program, function, _, how = fault.split(":")
    name = program.removeprefix("tmo-")
    if program.endswith("--describe"):
        ends = r"tmo: .*/%s: --describe: exit 1" % program.removesuffix("--describe")
    else:
        ends = r"tmo: .+" if program == "tmo" else r"tmo: (stage \d|import) \(%s\): exit 1" % name
        if function != "seek" and not any(   # what cannot seek is not an error as a rule
                line.startswith(program + ": ") and CAUSES[how] in line for line in lines):
            yield "no line says what failed"
    if not lines or not re.fullmatch(ends, lines[-1]):
        yield "no last line that names the stage"


def complaints(folder, fault, status, err, same, wanted):
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
    if not same:
        for silence in silences(fault, lines):
            yield "%s: %r" % (silence, text[-300:])
    if any(not re.match(r"tmo(-[a-z-]+)?: .", line) for line in lines
           if not line.startswith(("tensor", " ")) and ": " not in line):
        yield "a line that is no message: %r" % text[-300:]


def points(count, most):
    if most == 0 or count <= most:
        return range(1, count + 1)
    return sorted({1 + i * (count - 1) // (most - 1) for i in range(most)})


def one(parent, fault, same, wanted):
    """What was wrong in a run with that fault; None if it never came to that call."""
    folder = fresh(parent)
    hit = folder + ".hit"
    try:
        status, _, err = run(folder, TMO_FAULT=fault, TMO_FAULT_HIT=hit)
        bad = ["%s: %s" % (fault, text)
               for text in complaints(folder, fault, status, err, same, wanted)]
        return bad if bad or os.path.exists(hit) else None
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
        if program.startswith("tmo"):
            calls[program, function] = max(calls.get((program, function), 0), int(count))
    plans = [("%s:%s:%d:%s" % (program, function, n, how), same)
             for (program, function), count in sorted(calls.items())
             for how, same in FAULTS[function].items()
             for n in points(count, POINTS or (200 if function == "malloc" else 0))]
    passed, bad, late = 0, 0, 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(lambda plan: one(parent, plan[0], plan[1], wanted), plans):
            passed += found == []
            late += found is None
            bad += bool(found)
            for text in found or ():
                print("not ok", text, flush=True)
    shutil.rmtree(parent)
    # How often a pipe is read differs from run to run; all else is called as often as it was counted.
    if late > len(plans) // 10:
        bad += 1
        print("not ok: %d of %d faults did not happen" % (late, len(plans)))
    print("%d passed, %d failed" % (passed, bad))
    sys.exit(bad > 0)


main()
