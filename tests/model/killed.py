"""A process that dies: it runs a sync, a deletion or a resumption, and is killed before the statement of a number."""

import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from climc_py.models import account as accounts
from climc_py.models import task as tasks
from climc_py.store.database import Database
from climc_py.store.query import find
from climc_py.sync.run import Options, sync
from climc_py.tasks.delete import Clouds, Deletion, plan, validate
from climc_py.tasks.resume import resume
from cloudmux_py.cloudprovider.errors import CloudmuxError
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.resources import resource_type

from . import patience

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.preloaded", "tests.model.patience"])


def run(path: Path, key_file: str, statement: int, what: str, **words: Any) -> bool:
    """Run something in a process of its own; tells whether it was killed."""
    process = CONTEXT.Process(target=_child, args=(str(path), key_file, statement, what, words))
    process.start()
    process.join(60)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise AssertionError(f"{what} hung, to be killed at statement {statement}")
    assert process.exitcode in {0, -signal.SIGKILL}
    return process.exitcode != 0


def _child(path: str, key_file: str, statement: int, what: str, words: dict[str, Any]) -> None:
    os.environ["CLIMC_KEY_FILE"] = key_file
    patience.apply(pytest.MonkeyPatch())
    with Database.write(Path(path)) as database:
        _kill_at(database.connection, statement)
        try:
            WHAT[what](database, **words)
        except CloudmuxError:
            return  # it was refused before it could be killed


def _kill_at(connection: sqlite3.Connection, statement: int) -> None:
    left = [statement]

    def count(sql: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    connection.set_trace_callback(count)


def _sync(database: Database, account: str, **options: Any) -> None:
    sync(database, [accounts.find(database, account)], Options(**options))


def _delete(database: Database, keyword: str, id: str, **options: Any) -> None:
    row, chosen = resource_type(keyword), DeleteOptions(**options)
    target = validate(database, Clouds(database), row, find(database, row, id), chosen)
    for _, task in plan(database, row, [target], chosen):
        Deletion(database, task, target.region, 0).run()


def _resume(database: Database) -> None:
    for _ in resume(database, tasks.tasks(database, stages=tasks.OPEN), 0):
        pass


WHAT: dict[str, Callable[..., None]] = {"sync": _sync, "delete": _delete, "resume": _resume}
