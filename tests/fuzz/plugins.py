#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""plugins.py SEED COUNT [CASE]: plugins that describe themselves oddly, and pipelines that use them,
through all commands of tmo that ask: list, help, complete, run --dry-run and --make with --set. Each
ends by itself with status 0, 1 or 2; what fails says why on one line. Run in an empty folder; ends
with "N passed, N failed"."""
import os
import random
import shlex
import subprocess
import sys

SEED, COUNT = int(sys.argv[1]), int(sys.argv[2])
ONLY = int(sys.argv[3]) if len(sys.argv) > 3 else None
WORDS = ["''", "~", "1", "-1", "1e400", "nan", "true", "[]", "{}", "[a, b]", "{a: 1}", "int", "real", "flag", "switch",
         "text", "file", "list", "choice", "filter", "source", "sink", "x", "'a b'", "'@input'", "é", "[[], {}]", "'%s%n'",
         "9999999999999999999999", "'--x'", "'group:N'", "[x, 'group:N', []]", "|\n  a\n  b\n", "'" + "w" * 300 + "'"]
NAMES = ["bits", "scale", "only", "o", "x", "'a=b'", "''", "'x.y'", "'-'", "output", "' '", "help"]
ENTRY = {"name": NAMES, "letter": ["b", "''", "'n'", "bb", "[]"], "type": ["int", "real", "flag", "list", "choice", "file"],
         "arg": ["'N'", "FILE"], "default": ["8", "x"], "min": ["0", "-1", "x"], "max": ["10", "0", "x"],
         "values": ["[a, b, 'c:N']", "[]"], "help": ["what it is"], "common": ["true"], "recorded": ["false"]}
TOP = {"tmo": ["1"] * 12 + ["2"], "name": ["x", "y"], "version": ["'1'"], "kind": ["filter", "source", "sink"], "summary": ["does it"]}


def pairs(rng, table, odd):
    """Some of the keys, some of them with words that do not belong there."""
    return [(key, rng.choice(WORDS) if rng.random() < odd else rng.choice(words)) for key, words in table.items()
            if rng.random() > odd or key == "tmo"]


def description(rng):
    odd = rng.choice([0.02, 0.1, 0.3])
    lines = ["%s: %s" % pair for pair in pairs(rng, TOP, odd)]
    if rng.random() < odd:
        lines.append("options: " + rng.choice(WORDS))
    else:
        lines.append("options:")
        for _ in range(rng.randint(0, 4)):
            entry = pairs(rng, ENTRY, odd)
            lines += ["%s %s: %s" % (" " if i else "-", key, value.replace("\n", "\n  ")) for i, (key, value) in enumerate(entry)]
            if rng.random() < odd:
                lines.append("- " + rng.choice(WORDS))
    text = "\n".join(lines) + "\n"
    if rng.random() < 0.1:
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice(["\0", "\t", "\x7f", ":", "&a", "*a", "---\n", "]"]) + text[at + 1:]
    return text


def value(rng):
    return rng.choice(WORDS + ["1", "2", "[1, 2]"])


def pipeline(rng):
    lines = ["stages:"]
    for _ in range(rng.randint(1, 3)):
        kind = rng.random()
        if kind < 0.15:
            lines.append("- sh: " + rng.choice(["cat", "''", "[]", "1"]))
        elif kind < 0.25:
            lines.append("- %s: %s" % (rng.choice(["x", "quant", "nosuch", "''"]), rng.choice(WORDS)))
        else:
            names = rng.sample(NAMES, rng.choice([0, 0, 0, 1, 1, 2]))
            lines.append("- x: {%s}" % ", ".join("%s: %s" % (n, value(rng).replace("\n", " ").replace("|", "p")) for n in names))
    return "\n".join(lines) + "\n"


def check(argv, env):
    """What was wrong with that run, or None."""
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30,
                              env=env, check=False)
    except subprocess.TimeoutExpired:
        return "no end: " + shlex.join(argv)
    said = done.stderr.decode("utf-8", "replace")
    TOLD[done.returncode] = TOLD.get(done.returncode, 0) + 1
    if ONLY is not None:
        print(shlex.join(argv), "->", done.returncode, said.strip())
    if done.returncode not in (0, 1, 2) or "Sanitizer" in said or "runtime error" in said:
        return "status %d of %s: %s" % (done.returncode, shlex.join(argv), said[:2000])
    if done.returncode != 0 and (said.count("\n") != 1 or not said.startswith("tmo")):
        return "status %d of %s says: %r" % (done.returncode, shlex.join(argv), said[:500])
    return None


def one(rng):
    text = description(rng).encode("utf-8", "replace")
    with open("described", "wb") as file:
        file.write(text)
    with open("p.yaml", "w", encoding="utf-8") as file:
        file.write(pipeline(rng))
    env = dict(os.environ, TMO_PATH=os.getcwd(), PAGER="cat", MANPAGER="cat")
    name, word = (rng.choice(words).strip("'") for words in (NAMES, WORDS))
    sets = ["--set", "x.%s=%s" % (name, word)]
    commands = [["list"], ["list", "-v"], ["complete", "x"], ["help", "x"], ["run", "p.yaml", "--dry-run"],
                ["run", "p.yaml", "--dry-run", "-i", "in", "-o", "out.onnx"] + sets,
                ["run", "p.yaml", "--make", "-i", "in", "-o", "out.tar"] + sets + sets]
    return [fault for fault in (check(["tmo"] + c, env) for c in commands) if fault is not None]


TOLD = {}


def main():
    passed = failed = 0
    with open("tmo-x", "w", encoding="ascii") as file:
        file.write("#!/bin/sh\nexec cat '%s/described'\n" % os.getcwd())
    os.chmod("tmo-x", 0o755)
    with open("in", "wb") as file:
        file.write(bytes(1024))
    for case in range(COUNT) if ONLY is None else [ONLY]:
        faults = one(random.Random("%d.%d" % (SEED, case)))
        passed, failed = passed + (not faults), failed + bool(faults)
        for fault in faults:
            print("not ok: plugins.py %d %d %d: %s" % (SEED, COUNT, case, fault))
    print("runs by status: %s" % ", ".join("%d: %d" % item for item in sorted(TOLD.items())))
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


sys.exit(main())
