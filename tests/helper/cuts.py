#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""cuts.py COUNT INPUT COMMAND...: runs the command on the first N bytes of INPUT, for COUNT values
of N from 0 to all but the last byte. Each must end with status 1 and one line on stderr, and must
not have written what could pass for a whole stream."""
import os
import sys

count, path, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
cut, out, err = "cut.%d" % os.getpid(), "cut.out", "cut.err"


def run():
    opened = [(os.POSIX_SPAWN_OPEN, 0, cut, os.O_RDONLY, 0),
              (os.POSIX_SPAWN_OPEN, 1, out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666),
              (os.POSIX_SPAWN_OPEN, 2, err, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)]
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=opened)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with open(out, "rb") as o, open(err, "rb") as e:
        return status, o.read(), e.read()


with open(path, "rb") as f:
    data = f.read()
with open(cut, "wb") as f:
    f.write(data)
status, whole, messages = run()
if status != 0 or messages:
    sys.exit("%s of all: status %d, %r" % (command[0], status, messages))
bad = 0
# downwards, so that the file need only be cut; close together at the end, where the last blocks are
ends = sorted({len(data) - 1 - k for k in range(min(8, len(data)))} |
              {len(data) * k // count for k in range(count)}, reverse=True)
for size in ends:
    os.truncate(cut, size)
    status, output, messages = run()
    prefix = len(output) < len(whole) and whole.startswith(output)
    if status != 1 or messages.count(b"\n") != 1 or not (prefix or not output.endswith(bytes(1024))):
        print("%s, first %d of %d bytes: status %d, %d bytes out, %r" %
              (" ".join(command), size, len(data), status, len(output), messages))
        bad += 1
sys.exit(bad > 0)
