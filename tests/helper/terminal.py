# SPDX-License-Identifier: Apache-2.0
"""terminal.py [--after SECONDS KEY] [--size COLUMNS ROWS] COMMAND...: runs it with a terminal as stderr
(and stdin), prints what it wrote there, with ESC as ^[, and ends with its status. KEY, such as ctrl-c,
is typed once."""
import fcntl
import os
import pty
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
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        os.environ["TERM"] = "xterm"
        os.execvp(words[0], words)
    start, text = time.monotonic(), b""
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
    sys.stdout.write(text.decode("utf-8", "replace").replace("\x1b", "^[").replace("\r", "\n"))
    status = os.waitpid(child, 0)[1]
    sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))


main()
