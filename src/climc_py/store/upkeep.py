"""Looking after the cache's file: whether it is sound, and a copy of it."""

import os
import sqlite3
from pathlib import Path
from typing import NamedTuple

from ..errors import Refused, StoreError
from . import schema
from .database import APPLICATION_ID, Database

MENDING = "keep a copy; then take back a backup under this name, or move it away and sync anew"


class Health(NamedTuple):
    """What a check found.

    Attributes:
        path: The file.
        integrity: ``ok``: every page, row and index entry agrees, as SQLite's ``integrity_check`` finds.
        application_id: What marks the file as a cache of climc.
        schema: Fingerprint of its schema.
        expected_schema: That of this version; where they differ, a command that writes brings it up to date.
        bytes: Its size, without what the write-ahead log holds.
    """

    path: str
    integrity: str
    application_id: int
    schema: int
    expected_schema: int
    bytes: int


def check(path: Path) -> Health:
    """Look at every page of the cache; nothing is changed, and no schema brought up to date.

    Raises:
        StoreError: There is none, it is none of ours, or it is damaged; says what to do.
    """
    if not path.exists():
        raise StoreError(f"there is no cache at {path} yet; climc cloud-account-create-… makes it")
    with Database.read(path) as database:
        problems = _problems(database)
        mark, found = (int(database.rows(f"PRAGMA {name}")[0][0]) for name in ("application_id", "user_version"))
    if problems:
        raise StoreError(f"{path} is damaged: {problems[0]}; {MENDING}")
    if mark != APPLICATION_ID:
        raise StoreError(f"{path} is empty; any command that writes makes it a cache")
    return Health(str(path), "ok", mark, found, schema.fingerprint(), path.stat().st_size)


def _problems(database: Database) -> list[str]:
    """What SQLite finds wrong, one line each."""
    found = [" ".join(str(row[0]).split()) for row in database.rows("PRAGMA integrity_check(10)")]
    return [] if found == ["ok"] else found


def backup(database: Database, target: Path) -> int:
    """Copy the cache, as of one moment and while others go on, to a new file for its owner alone; returns its bytes.

    The copy is SQLite's online backup, and is checked. The key that seals secrets lies elsewhere, and is not in it.

    Raises:
        Refused: There is something under that name; it stays as it is.
        StoreError: It cannot be written, or the cache is damaged; no half copy is left.
    """
    try:
        os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise Refused(f"{target} exists already; nothing was overwritten") from None
    except OSError as error:
        raise StoreError(f"{target} cannot be made: {error.strerror}") from None
    try:
        _copy(database, target)
    except BaseException:
        target.unlink()
        raise
    return target.stat().st_size


def _copy(database: Database, target: Path) -> None:
    copy = Database(target, sqlite3.connect(target, isolation_level=None))
    with copy:
        try:
            database.connection.backup(copy.connection)
        except sqlite3.Error as error:
            raise StoreError(f"{database.path} cannot be copied to {target}: {error}") from None
        if problems := _problems(copy):
            raise StoreError(f"{database.path} is damaged: {problems[0]}; {MENDING}")
