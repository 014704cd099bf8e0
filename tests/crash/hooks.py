"""What can be wrong with a disk, as a test program's own process sees it. It imports little: see `points`."""

import ctypes
import json
import os
import resource
import sqlite3
from dataclasses import dataclass
from typing import Any

CANNOT = 77
"""Exit code where the system does not let us test something."""

SETTINGS = ("journal_mode", "synchronous", "fullfsync", "checkpoint_fullfsync", "journal_size_limit")


@dataclass
class SmallFiles:
    """No file grows beyond so many bytes: the disk fails amid whatever writes more."""

    bytes: int

    def __call__(self) -> None:
        """Begin."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.bytes, self.bytes))


@dataclass
class FullDisk:
    """The cache gets so many pages at most: SQLite finds the disk full."""

    pages: int

    def __call__(self) -> None:
        """Begin."""
        connect = sqlite3.connect

        def full(*args: Any, **options: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = connect(*args, **options)
            connection.execute(f"PRAGMA max_page_count={self.pages}").fetchone()
            return connection

        sqlite3.connect = full  # type: ignore[assignment]


@dataclass
class Unprivileged:
    """Permissions hold, also for root: it gives up the right to pass over them."""

    def __call__(self) -> None:
        """Begin."""
        if os.geteuid() == 0:
            self.give_up(1 << 1 | 1 << 2)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH

    def give_up(self, rights: int) -> None:
        """See capset(2)."""
        try:
            libc = ctypes.CDLL(None, use_errno=True)
            head = (ctypes.c_uint32 * 2)(0x20080522, 0)
            sets = (ctypes.c_uint32 * 6)()
            done = libc.capget(head, sets)
            for index in (0, 1):  # effective, permitted
                sets[index] &= ~rights
            done |= libc.capset(head, sets)
        except AttributeError:
            done = -1
        if done:
            os._exit(CANNOT)


@dataclass
class TellSettings:
    """Writes down how each connection to a file was set when it was closed."""

    log: str

    def __call__(self) -> None:
        """Begin."""
        connect: Any = sqlite3.connect
        log = self.log

        class Watched(sqlite3.Connection):
            def close(self) -> None:
                found = {name: self.execute(f"PRAGMA {name}").fetchone()[0] for name in SETTINGS}
                with open(log, "a") as file:  # noqa: PTH123 - cheap
                    file.write(json.dumps(found) + "\n")
                super().close()

        def watched(path: Any, *args: Any, **options: Any) -> sqlite3.Connection:
            options |= {} if path == ":memory:" else {"factory": Watched}
            made: sqlite3.Connection = connect(path, *args, **options)
            return made

        sqlite3.connect = watched  # type: ignore[assignment]
