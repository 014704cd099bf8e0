"""Looking after the cache's file: whether it is sound, a copy of it, and a copy taken back."""

import os
import sqlite3
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from ..errors import Damaged, Locked, Refused, StoreError
from . import schema
from .database import APPLICATION_ID, MENDING, Database, beside, resolved


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
    _copy_to_new(database, target, sound=True)
    return target.stat().st_size


def _copy_to_new(database: Database, target: Path, *, sound: bool) -> None:
    """Copy to a file of its own; `sound` refuses a damaged cache, and leaves no copy of it."""
    try:
        os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise Refused(f"{target} exists already; nothing was overwritten") from None
    except OSError as error:
        raise StoreError(f"{target} cannot be made: {error.strerror}") from None
    try:
        with Database.bare(target) as copy:
            _copy(database, copy)
            if sound and (problems := _problems(copy)):
                raise StoreError(f"{database.path} is damaged: {problems[0]}; {MENDING}")
    except BaseException:
        target.unlink()
        raise


def _copy(database: Database, target: Database) -> None:
    """Every page, in one transaction of the target: all or nothing, whatever happens to us or to the power."""
    try:
        # Told of its progress we come back to Python while we wait for a lock, and Ctrl-C is heard.
        database.connection.backup(target.connection, progress=lambda *_: None)
    except sqlite3.Error as error:
        raise StoreError(f"{database.path} cannot be copied to {target.path}: {error}") from None


class Restored(NamedTuple):
    """What a restore did.

    Attributes:
        path: The cache.
        bytes: Its size now.
        kept: Where it is as it was before; None if there was none.
    """

    path: str
    bytes: int
    kept: str | None


def restore(path: Path, source: Path) -> Restored:
    """Put a backup in place of the cache; what was there stays beside it, under a name with the time.

    The backup is written into the cache's own file, as one transaction of SQLite: there is no moment at which another
    process could see half of it, or go on with a file that is no longer the cache.

    Raises:
        StoreError: There is no backup, it is none of ours, or it is damaged; or the cache's place holds what is none
            of ours.
        SchemaMismatch: A newer version made the backup, or the cache.
        Refused: Another process has the cache open, were it only to read.
    """
    path = resolved(path)
    if not source.is_file():
        raise StoreError(f"there is no backup at {source}")
    if path.exists() and source.samefile(path):
        raise Refused(f"{source} is the cache itself")
    check(source)
    kept = beside(path, datetime.now(UTC).strftime(".%Y%m%dT%H%M%S.%fZ"))
    with Database.read(source) as found, closing(_vacated(path, kept)) as cache:
        _copy(found, cache)
    return Restored(str(path), path.stat().st_size, str(kept) if kept.exists() else None)


def _vacated(path: Path, kept: Path) -> Database:
    """The cache's file, open for us alone, with what it held kept under another name too."""
    log = beside(path, "-wal")
    if not any(file.stat().st_size for file in (path, log) if file.exists()):
        log.unlink(missing_ok=True)
        return Database.bare(path)
    with ExitStack() as stack:
        try:
            cache = stack.enter_context(closing(Database.bare(path)))
            cache.check_ours()
            _claim(cache)
            _copy_to_new(cache, kept, sound=False)
            stack.pop_all()  # it stays open
            return cache
        except Damaged:
            pass  # SQLite cannot even begin with it: whoever else has it open cannot either
    for ending in ("-wal", "-journal", ""):
        if beside(path, ending).exists():
            beside(path, ending).rename(beside(kept, ending))
    beside(path, "-shm").unlink(missing_ok=True)
    return Database.bare(path)


def _claim(cache: Database) -> None:
    """Keep everybody else out until it is closed: only who is alone can give up the write-ahead log."""
    try:
        cache.rows("PRAGMA locking_mode=EXCLUSIVE")
        (mode,) = cache.rows("PRAGMA journal_mode=DELETE")[0]
    except Locked:
        mode = "wal"
    if mode != "delete":
        raise Refused(f"{cache.path} is open in another process; end that first; nothing was changed")
