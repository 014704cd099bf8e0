"""Ends a program by kill -9 at its n-th point: where its state is about to be written, or has just been.

It watches from outside of our code: SQLite's own trace, Python's audit events, the standard library's HTTP. The module
imports little, for each program that is to be killed imports it anew.
"""

import os
import re
import signal
import sqlite3
import sys
import threading
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any

READS = re.compile(r"\s*(SELECT|PRAGMA (application_id|user_version|table_info|integrity_check)|EXPLAIN)\b", re.I)
TEMPORARY = re.compile(r"\s*(CREATE TABLE|INSERT INTO|UPDATE|DROP TABLE( IF EXISTS)?) temp\.", re.I)
BOUNDARY = re.compile(r"\s*(COMMIT|VACUUM|PRAGMA wal_checkpoint)\b", re.I)
CHANGES = {"os.link": 1, "os.mkdir": 0, "os.remove": 0, "os.rename": 1}
"""Audit events of what changes a folder, and which argument names what is changed."""


@dataclass
class KillAt:
    """A hook of a test program: dies at a point.

    Attributes:
        number: Of the point; 0 to only write down which there are.
        log: Gets a line for each point that was reached.
        every: Each statement that writes is a point; else the end of the first transaction is, and what follows each:
            until the next has ended the disk holds nothing new.
    """

    number: int
    log: str
    every: bool = False
    seen: int = field(default=0, init=False)
    committed: bool = field(default=False, init=False)
    wrote: bool = field(default=False, init=False)

    def __call__(self) -> None:
        """Begin to watch the process."""
        connect, answer = sqlite3.connect, HTTPConnection.getresponse
        kill = self

        class Watched(sqlite3.Connection):
            def close(self) -> None:
                kill.after()
                super().close()

            def backup(self, *args: Any, **options: Any) -> None:
                kill.point("before a copy")
                super().backup(*args, **options)
                kill.point("after a copy")

        def watched(path: Any, *args: Any, **options: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = connect(path, *args, factory=Watched, **options)
            if path != ":memory:":
                connection.set_trace_callback(self.statement)
            return connection

        def getresponse(connection: HTTPConnection) -> Any:
            fresh = self.committed
            self.after()
            if fresh or self.every:
                self.point(f"a {connection._method} is on its way")  # type: ignore[attr-defined]
            return answer(connection)

        sqlite3.connect = watched  # type: ignore[assignment]
        HTTPConnection.getresponse = getresponse  # type: ignore[method-assign,assignment]
        sys.addaudithook(self.audit)

    def statement(self, sql: str) -> None:
        """SQLite is about to run a statement."""
        self.after()
        boundary = bool(BOUNDARY.match(sql))
        if (self.every and not READS.match(sql) and not TEMPORARY.match(sql)) or (boundary and not self.wrote):
            self.point(f"before {' '.join(sql.split())[:60]}")
        self.committed = boundary

    def audit(self, event: str, args: tuple[Any, ...]) -> None:
        """Python is about to do something to a file or a folder."""
        made = event == "open" and isinstance(args[2], int) and args[2] & os.O_CREAT and not os.path.exists(args[0])  # noqa: PTH110
        if (event in CHANGES or made) and not str(args[0]).endswith((".lock", ".locks", ".pyc", "/dev/null")):
            self.after()
            self.point(f"before {event} of {os.path.basename(str(args[CHANGES.get(event, 0)]))}")  # noqa: PTH119

    def after(self) -> None:
        """Something else begins: what was written last is whole."""
        if self.committed:
            self.committed = False
            self.wrote = True
            self.point("after it")

    def point(self, label: str) -> None:
        """One of the points; worker threads, which come in no order, only read."""
        if threading.current_thread() is not threading.main_thread():
            return
        self.seen += 1
        handle = os.open(self.log, os.O_WRONLY | os.O_APPEND)
        os.write(handle, f"{label}\n".encode())
        os.close(handle)
        if self.seen == self.number:
            os.kill(os.getpid(), signal.SIGKILL)
