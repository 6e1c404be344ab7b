# SPDX-License-Identifier: Apache-2.0
"""terminal.py [--after SECONDS KEY] [--size COLUMNS ROWS] [--percent] COMMAND...: runs it with a terminal
as stderr (and stdin), prints what it wrote there, with ESC as ^[, and ends with its status. KEY, such as
ctrl-c, is typed once. --percent prints instead, for each line with a percentage: how much of the run's time
had passed, in percent, the percentage, and the line."""
import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time

KEYS = {"ctrl-c": b"\x03"}


def main():
    words, key, after = sys.argv[1:], None, 0
    if words[0] == "--after":
        after, key, words = float(words[1]), KEYS[words[2]], words[3:]
    size = (0, 0)
    if words[0] == "--size":
        size, words = (int(words[2]), int(words[1])), words[3:]
    percent = words[0] == "--percent"
    if percent:
        words = words[1:]
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        os.environ["TERM"] = "xterm"
        os.execvp(words[0], words)
    start, text, shown = time.monotonic(), b"", []
    while True:
        if key is not None and time.monotonic() - start > after:
            os.write(terminal, key)
            key = None
        if select.select([terminal], [], [], 0.05)[0]:
            try:
                got = os.read(terminal, 65536)
            except OSError:     # the other side is gone
                break
            if not got:
                break
            text += got
            shown += [(time.monotonic() - start, line) for line in
                      re.findall(rb"[^\r\n]*?\d+% [^\r\n]*", got)]
    if percent:
        took = time.monotonic() - start
        text = b"".join(b"%d %s %s\n" % (100 * at / took, re.search(rb"(\d+)% ", line)[1], line)
                        for at, line in shown)
    sys.stdout.write(text.decode("utf-8", "replace").replace("\x1b", "^[").replace("\r", "\n"))
    status = os.waitpid(child, 0)[1]
    sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))


main()
