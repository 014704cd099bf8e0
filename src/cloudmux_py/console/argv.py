"""A secret on the command line: others may have seen it, so it is said, and taken out of the process list at once."""

import sys
from pathlib import Path

from .terminal import note

ARG_START = 45
"""Index in ``/proc/self/stat``, behind the name, of where the arguments start: field 48 of proc(5)."""


def warn_of_secret(secret: str) -> None:
    """Warn, and overwrite the secret where the system shows a process's arguments."""
    note("warning: a secret on the command line shows in the process list; leave it out, or use the environment")
    if sys.platform == "linux":
        _overwrite(secret.encode("utf-8", "surrogateescape"))


def _overwrite(secret: bytes) -> None:
    try:
        fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
        shown = Path("/proc/self/cmdline").read_bytes()
        start = int(fields[ARG_START])
    except (OSError, ValueError, IndexError):  # no /proc, or one of another shape
        return
    import ctypes

    at = shown.find(secret)
    while start and secret and at >= 0:
        ctypes.memset(start + at, ord("x"), len(secret))
        at = shown.find(secret, at + len(secret))
