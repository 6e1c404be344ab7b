# SPDX-License-Identifier: Apache-2.0
"""What the scripts here count: cases that hold and cases that do not, and the last line of a script."""
import contextlib

counts = {True: 0, False: 0}


def check(good, *what):
    """Counts a case; what is said of one that does not hold. Whether it does."""
    counts[bool(good)] += 1
    if not good:
        print("not ok:", ": ".join(str(w) for w in what if w != ""))
    return bool(good)


@contextlib.contextmanager
def counted(*what):
    """Whatever is raised within is a case that does not hold."""
    try:
        yield
    except Exception as e:
        check(False, *what, "raised", f"{type(e).__name__}: {str(e)[:400]}")


def finish(least=1):
    """Prints "N passed, N failed"; the exit status, which is 0 if none failed and enough passed."""
    print(f"{counts[True]} passed, {counts[False]} failed")
    return counts[False] > 0 or counts[True] < least
