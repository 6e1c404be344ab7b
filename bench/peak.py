# SPDX-License-Identifier: Apache-2.0
"""peak.py FILE COMMAND...: runs it with stdin and stdout as they are; FILE gets its wall time, its
processor time (s) and its peak resident memory (MiB). A process of its own, and a small one: what a
child is forked from counts as the child's peak."""
import os
import sys
import time

start = time.perf_counter()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, used = os.wait4(child, 0)
with open(sys.argv[1], "w") as out:
    out.write("%f %f %f\n" % (time.perf_counter() - start, used.ru_utime + used.ru_stime,
                              used.ru_maxrss / 1024))
sys.exit(os.waitstatus_to_exitcode(status))
