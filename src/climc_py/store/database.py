"""The cache file: opened safely, migrated in one transaction, locked shortly."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Any

from cloudmux_py.cloudprovider.errors import UsageError
from cloudmux_py.console.places import data_folder

from ..errors import Damaged, Locked, SchemaMismatch, StoreError

APPLICATION_ID = 0x636C6D63
"""``clmc`` in the file's header: tells our caches from other SQLite files."""

FORMAT = 1
"""Goes up when what a cache holds means something else, so that versions which do not know of it must leave it alone.

Columns and tables that are added need none: every version brings what it lacks, and drops nothing.
"""

WAL_BYTES = 4 << 20
"""What the write-ahead log keeps of the disk once its content is in the cache: as much as SQLite lets it grow."""

DURABLE = (
    "synchronous=FULL",  # each commit is on the disk before the next step
    "fullfsync=ON",  # macOS alone: fsync() leaves the data in the drive's own memory there
    "checkpoint_fullfsync=ON",
    f"journal_size_limit={WAL_BYTES}",
)
"""Settings of every connection: one that only reads also writes the log back, when it is the last to close."""

BUSY_SECONDS = 30.0
BUSY_STEP = 0.2
NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "ceph", "glusterfs"}
MOUNTS = Path("/proc/self/mounts")

MENDING = "keep a copy; then take back a backup (climc db restore FILE), or move it away and sync anew"

Values = Sequence[Any] | dict[str, Any]


MOST = 2**63 - 1
"""The largest number that SQLite takes."""


def window(limit: int, offset: int) -> tuple[int, int]:
    """Values of ``LIMIT ? OFFSET ?``; a limit of 0 is none."""
    return min(limit, MOST) or -1, min(offset, MOST)


def default_path() -> Path:
    """Where the cache lies unless ``CLIMC_DB`` or ``--db`` says otherwise."""
    given = os.environ.get("CLIMC_DB", "")
    return Path(given) if given else data_folder("climc") / "cache.db"


class Database:
    """An open cache.

    Every commit is synced to the disk (``synchronous=FULL``): that a deletion was sent must survive a power cut,
    or it might be sent again. Readers are never blocked (WAL). See docs/crash-safety.md.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection
        connection.row_factory = sqlite3.Row
        connection.create_function("new_id", 0, _new_id)

    @classmethod
    def read(cls, path: Path) -> "Database":
        """Open for reading; never migrates. Where there is no cache yet, an empty one in memory is read.

        Raises:
            StoreError: As for writing, but that a file, or a folder, that cannot be written can still be read.
        """
        if not path.exists():
            empty = cls(path, sqlite3.connect(":memory:", isolation_level=None))
            empty._migrate()
            return empty
        check_file_system(path)
        _check_not_emptied(path)
        if not path.stat().st_size:
            raise StoreError(f"{path} is empty; any command that writes makes it a cache")
        database = cls(path, _connect(path, fixed=_cannot_change(path)))
        database.check_ours()
        return database

    @classmethod
    def write(cls, path: Path) -> "Database":
        """Open for writing; makes it, and brings its schema up to date, if need be.

        Raises:
            StoreError: It is no cache of ours, is damaged, cannot be written, or lies where SQLite cannot be trusted.
            SchemaMismatch: A newer version made it, and this one does not know what it means.
        """
        path = resolved(path)
        database = cls.bare(path)
        database.check_ours()
        with _named(path):
            database.connection.execute("PRAGMA journal_mode=WAL")
            database._migrate()
        return database

    @classmethod
    def bare(cls, path: Path) -> "Database":
        """Open for writing without a look at what is in it; makes it if need be.

        Raises:
            StoreError: It cannot be written, or lies where SQLite cannot be trusted.
        """
        check_file_system(path)
        _create(path)
        _check_not_emptied(path)
        if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
            raise StoreError(f"{path} cannot be written: it, or its folder, is read-only; nothing was done")
        if path.stat().st_nlink > 1:  # SQLite finds log and locks by the file's name: "How To Corrupt", 2.3
            advice = "make a copy (climc db backup FILE) and give up the other names, or this one"
            raise StoreError(f"{path} has other names (hard links), and whoever uses two damages it: {advice}")
        return cls(path, _connect(path))

    def close(self) -> None:
        """Close it."""
        self.connection.close()

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def rows(self, sql: str, values: Values = ()) -> list[sqlite3.Row]:
        """All rows of a query."""
        with _named(self.path):
            return self.connection.execute(sql, values).fetchall()

    def one(self, sql: str, values: Values = ()) -> sqlite3.Row | None:
        """The first row of a query, or None."""
        with _named(self.path):
            found: sqlite3.Row | None = self.connection.execute(sql, values).fetchone()
            return found

    def stream(self, sql: str, values: Values = ()) -> Iterator[sqlite3.Row]:
        """The rows of a query, a thousand at a time."""
        with _named(self.path):
            cursor = self.connection.execute(sql, values)
            while rows := cursor.fetchmany(1000):
                yield from rows

    def execute(self, sql: str, values: Values = ()) -> int:
        """Run one statement; returns how many rows it changed."""
        with _named(self.path):
            return self.connection.execute(sql, values).rowcount

    def many(self, sql: str, values: Any) -> int:
        """Run one statement for many values."""
        with _named(self.path):
            return self.connection.executemany(sql, values).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A write transaction; all or nothing. Nothing may call a cloud within."""
        with _named(self.path):
            self._patiently("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:  # SQLite may have rolled back itself, as on a full disk
                    self.connection.execute("ROLLBACK")
                raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """One moment of the cache for several queries. Nothing but temporary tables may be made within."""
        with _named(self.path):
            self.connection.execute("BEGIN")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    def vacuum(self) -> None:
        """Give room that is free within the file back to the system. Readers see the same before and after."""
        with _named(self.path):
            self._patiently("VACUUM")
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()  # a reader may put it off

    def _patiently(self, sql: str) -> None:
        """Run what takes the write lock; waits in short steps, for SQLite's own waiting cannot be interrupted."""
        deadline = monotonic() + BUSY_SECONDS
        while True:
            try:
                self.connection.execute(sql)
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or monotonic() > deadline:
                    raise

    def version(self) -> int:
        """Number of the last change that came from a cloud."""
        row = self.one("SELECT number FROM versions_tbl")
        return int(row["number"]) if row else 0

    def next_version(self) -> int:
        """A new number; within a transaction."""
        self.execute("UPDATE versions_tbl SET number = number + 1")
        return self.version()

    def check_ours(self) -> None:
        """Refuse what is none of ours, and what a newer version made.

        Raises:
            StoreError: It is another program's, or damaged.
            SchemaMismatch: This version does not know what is in it.
        """
        with _named(self.path):
            found = self.connection.execute("PRAGMA application_id").fetchone()[0]
            tables = self.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if found != APPLICATION_ID and tables:
            raise StoreError(f"{self.path} is an SQLite file, but no cache of climc; choose another with --db")
        row = self.one("SELECT * FROM versions_tbl") if found == APPLICATION_ID else None
        if row and "format" in row.keys() and row["format"] > FORMAT:  # noqa: SIM118 - rows iterate values
            raise SchemaMismatch(
                f"{self.path} was made by a newer version of climc (format {row['format']}; this one knows {FORMAT}):"
                " update climc, or choose another cache with --db; nothing was changed"
            )

    def _migrate(self) -> None:
        """Bring the schema up to date, in one transaction, where it is not."""
        from . import schema

        expected = schema.fingerprint()
        if self._stored_fingerprint() == expected:
            return
        from .migration import migrate

        with self.transaction():
            if self._stored_fingerprint() == expected:
                return  # another process was quicker
            migrate(self.connection)
            self.connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            self.connection.execute(f"PRAGMA user_version={expected}")

    def _stored_fingerprint(self) -> int:
        return int(self.connection.execute("PRAGMA user_version").fetchone()[0])


def _new_id() -> str:
    import uuid  # 5 ms, which a reader does without

    return str(uuid.uuid4())


def _connect(path: Path, *, fixed: bool = False) -> sqlite3.Connection:
    """Open the file; a `fixed` one cannot change, so that nothing needs to be written to read it."""
    with _named(path):
        uri = f"{path.resolve().as_uri()}{'?immutable=1' if fixed else ''}"
        connection = sqlite3.connect(uri, timeout=BUSY_STEP, isolation_level=None, uri=True)
        for setting in DURABLE:
            connection.execute(f"PRAGMA {setting}")
        return connection


def resolved(path: Path) -> Path:
    """Where a cache really lies, so that its log and locks lie beside it whatever links lead there.

    Raises:
        StoreError: The links lead round in a circle.
    """
    try:
        return path.resolve()
    except RuntimeError:  # not raised from Python 3.13 on: then opening it fails
        raise StoreError(f"{path}: the links there lead round in a circle") from None


def beside(path: Path, ending: str) -> Path:
    """The file that SQLite keeps beside a cache: its log (``-wal``), the log's index (``-shm``)."""
    return path.with_name(path.name + ending)


def _cannot_change(path: Path) -> bool:
    """Whether SQLite could not even make its log's index, and needs none: whoever wrote the cache closed it."""
    return not os.access(path.parent, os.W_OK) and not any(beside(path, name).exists() for name in ("-wal", "-shm"))


def _check_not_emptied(path: Path) -> None:
    """SQLite takes an empty file for a new one, and throws its log away; there the last changes may be."""
    log = beside(path, "-wal")
    if path.stat().st_size == 0 and log.exists() and log.stat().st_size:
        raise Damaged(f"{path} is empty, but its log {log.name} is not: {MENDING}")


def _create(path: Path) -> None:
    """Make the file for us alone, before SQLite opens it: SQLite would ask the umask."""
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise StoreError(f"{path} cannot be made: {error.strerror}") from None


def check_file_system(path: Path, mounts: Path = MOUNTS) -> None:
    """Refuse a network file system: SQLite's locks do not hold there.

    Args:
        path: The cache.
        mounts: The system's table of mounts; a system without one is not checked.

    Raises:
        StoreError: With the remedy.
    """
    if not mounts.exists():
        return
    folder = str(path.resolve().parent) + "/"
    best, kind = "", ""
    for line in mounts.read_text().splitlines():
        _, point, name = line.split()[:3]
        point = point.replace("\\040", " ")
        if folder.startswith(point.rstrip("/") + "/") and len(point) >= len(best):
            best, kind = point, name
    if kind in NETWORK_FILE_SYSTEMS:
        raise StoreError(f"{path} is on a network file system ({kind}); put the cache on a local disk with --db")


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """SQLite's errors in our words."""
    try:
        yield
    except sqlite3.OperationalError as error:
        text = str(error)
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}:
            undone = "what was not finished is undone"
            raise StoreError(f"{path}: {text}; {undone}: make room or mend the disk, and run it again") from None
        if "locked" in text or "busy" in text:
            raise Locked(f"{path} is in use by another process for more than {BUSY_SECONDS:.0f} s") from None
        if "no such table" in text or "no such column" in text:
            remedy = "any command that writes, such as cloud-account-sync, updates it"
            raise SchemaMismatch(f"{path} is older than this version ({text}); {remedy}") from None
        raise StoreError(f"{path}: {text}") from None
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError):
            raise
        raise Damaged(f"{path} cannot be read as a cache ({error}): {MENDING}") from None
    except UnicodeEncodeError as error:  # bytes of the command line that are no UTF-8
        raise UsageError(f"{error.object[:100]!r} is no text: it cannot be looked for or stored") from None
