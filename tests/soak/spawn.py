"""Runs a program and writes what it used: ``python -I -S spawn.py FILE PROGRAM WORD…``.

A process inherits the peak of the memory of what it was forked from, so it is forked from this one, which is small.
"""

import json
import os
import sys

if __name__ == "__main__":
    pid = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
    _, state, usage = os.wait4(pid, 0)
    with open(sys.argv[1], "w") as file:  # noqa: PTH123 - what this imports counts
        json.dump({"code": os.waitstatus_to_exitcode(state), "peak": usage.ru_maxrss / 1024}, file)
