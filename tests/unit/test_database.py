"""The cache file: a migration is whole or not at all, forgets nothing, and is nothing that a reading command does."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from climc_py.errors import SchemaMismatch, StoreError
from climc_py.models.account import find
from climc_py.models.purge import order, purge_account
from climc_py.store import database as store
from climc_py.store import migration, schema
from climc_py.store.database import Database
from cloudmux_py.cloudprovider.resource import col

TABLE = "elastic_searchs_tbl"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A cache of an older version: it lacks a column, an index and a table, and has a column of its own."""
    path = tmp_path / "cache.db"
    Database.write(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("DROP VIEW elastic_searchs")
        connection.execute(f"DROP INDEX {TABLE}_listed")
        connection.execute(f"DROP INDEX {TABLE}_name")
        connection.execute(f"CREATE INDEX {TABLE}_name ON {TABLE} (name DESC)")
        connection.execute("DROP TABLE syncs_tbl")
        connection.execute(f"ALTER TABLE {TABLE} DROP COLUMN description")
        connection.execute(f"ALTER TABLE {TABLE} DROP COLUMN name_set")
        connection.execute(f"ALTER TABLE {TABLE} ADD COLUMN theirs TEXT")
        connection.execute(
            f"INSERT INTO {TABLE} (id, name, cloud_name, account_id, cloudregion_id, identity, imported_at, updated_at,"
            " theirs) VALUES ('1', 'n', 'n', 'a', 'r', 'es', '2026', '2026', 'kept')"
        )
        connection.execute("PRAGMA user_version = 7")
    connection.close()
    return path


def dump(path: Path) -> list[Any]:
    """Everything in the file that a migration touches."""
    connection = sqlite3.connect(path)
    try:
        found = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2").fetchall()
        found += connection.execute("PRAGMA user_version").fetchall()
        return found + connection.execute(f"SELECT * FROM {TABLE}").fetchall()
    finally:
        connection.close()


def test_each_commit_is_on_the_disk(tmp_path: Path) -> None:
    """In WAL, only FULL syncs the log at each commit: that a deletion was sent must survive a power cut."""
    with Database.write(tmp_path / "cache.db") as database:
        found = [database.rows(f"PRAGMA {name}")[0][0] for name in ("journal_mode", "synchronous")]
    assert found == ["wal", 2]


def test_a_migration_adds_and_forgets_nothing(old: Path) -> None:
    with Database.write(old) as database:
        (row,) = database.rows(f"SELECT * FROM {TABLE}")
        assert (row["theirs"], row["description"], row["name_set"]) == ("kept", None, 0)
        assert database.rows("SELECT id FROM elastic_searchs")
        assert database.rows("SELECT * FROM syncs_tbl") == []
        names = {found["name"] for found in database.rows("SELECT name FROM sqlite_master WHERE type = 'index'")}
        assert f"{TABLE}_listed" in names
        assert database.rows("PRAGMA user_version")[0][0] == schema.fingerprint()
        assert database.rows("PRAGMA integrity_check")[0][0] == "ok"


def test_a_migrated_cache_has_the_schema_of_a_new_one(old: Path, tmp_path: Path) -> None:
    def columns(database: Database) -> dict[str, set[tuple[Any, ...]]]:
        return {
            name: {(row["name"], row["type"]) for row in database.rows(f"PRAGMA table_info({name})")}
            - {("theirs", "TEXT")}
            for name in schema.all_tables()
        }

    with Database.write(old) as migrated, Database.write(tmp_path / "new.db") as new:
        assert columns(migrated) == columns(new)
        indexes = "SELECT name, sql FROM sqlite_master WHERE type = 'index' ORDER BY name"
        assert [tuple(row) for row in migrated.rows(indexes)] == [tuple(row) for row in new.rows(indexes)]
        for name, fields in schema.all_tables().items():
            assert {column for column, _ in columns(new)[name]} == set(fields)


KILLED = """
import os, signal, sqlite3, sys
from pathlib import Path
from types import SimpleNamespace

connect = sqlite3.connect

def watched(*args, **options):
    connection = connect(*args, **options)
    connection.set_trace_callback(lambda sql: os.kill(os.getpid(), signal.SIGKILL) if sys.argv[2] in sql else None)
    return connection

sqlite3.connect = watched
from climc_py.store.database import Database
from cloudmux_py.cloudprovider.resource import col
Database.write(Path(sys.argv[1]))
"""


@pytest.mark.parametrize(
    "moment", ["CREATE TABLE", "ADD COLUMN", "CREATE INDEX", "CREATE VIEW", "PRAGMA user_version=", "COMMIT"]
)
def test_kill_9_amid_a_migration_leaves_the_old_schema(old: Path, moment: str) -> None:
    before = dump(old)
    done = subprocess.run([sys.executable, "-c", KILLED, str(old), moment], capture_output=True, timeout=30)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert dump(old) == before
    with Database.write(old) as database:
        assert database.rows(f"SELECT theirs, description FROM {TABLE}")


def test_an_error_amid_a_migration_leaves_the_old_schema(old: Path) -> None:
    with sqlite3.connect(old) as connection:
        connection.execute("CREATE TABLE elastic_searchs (theirs)")  # where our view belongs
    connection.close()
    before = dump(old)
    with pytest.raises(StoreError, match="elastic_searchs"):
        Database.write(old)
    assert dump(old) == before


def test_a_migration_without_a_transaction_is_refused(old: Path) -> None:
    before = dump(old)
    with pytest.raises(RuntimeError, match="needs a transaction"):
        migration.migrate(sqlite3.connect(old, isolation_level=None))
    assert dump(old) == before


def test_processes_that_migrate_at_once_do_not_disturb_each_other(old: Path) -> None:
    script = "import sys; from pathlib import Path; from climc_py.store.database import Database;"
    script += "Database.write(Path(sys.argv[1])).close()"
    running = [subprocess.Popen([sys.executable, "-c", script, str(old)], stderr=subprocess.PIPE) for _ in range(4)]
    assert [(process.communicate(timeout=30)[1], process.returncode) for process in running] == [(b"", 0)] * 4
    with Database.write(old) as database:
        assert [row["number"] for row in database.rows("SELECT number FROM versions_tbl")] == [0]


def test_reading_never_migrates_and_says_what_to_do(old: Path) -> None:
    before = dump(old)
    with Database.read(old) as database, pytest.raises(SchemaMismatch, match=r"older than this version.*sync"):
        database.rows("SELECT description FROM elastic_searchs")
    assert dump(old) == before


@pytest.mark.parametrize("command", ["elastic-search-list", "event-list", "cloud-account-list", "cloud-region-list"])
def test_reading_commands_never_migrate(old: Path, command: str) -> None:
    before = dump(old)
    program = Path(sys.executable).parent / "climc"
    done = subprocess.run([program, "--db", str(old), command], capture_output=True, text=True, timeout=30)
    assert done.returncode in {0, 1}
    assert "Traceback" not in done.stderr
    assert dump(old) == before


def test_sqlite_utils_is_imported_only_where_a_migration_is_due(tmp_path: Path) -> None:
    script = "import sys; from pathlib import Path; from climc_py.store.database import Database;"
    script += "Database.write(Path(sys.argv[1])).close(); print('sqlite_utils' in sys.modules)"

    def run() -> str:
        command = [sys.executable, "-c", script, str(tmp_path / "cache.db")]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout.strip()

    assert [run(), run()] == ["True", "False"]


def test_the_cache_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with Database.write(tmp_path / "new" / "cache.db") as database:
            database.execute("UPDATE versions_tbl SET number = 1")
            for file in (tmp_path / "new").iterdir():  # the write-ahead log too
                assert file.stat().st_mode & 0o077 == 0, file
    finally:
        os.umask(before)


MOUNTS = r"""/dev/vda / ext4 rw 0 0
filer:/home /home nfs4 rw 0 0
filer:/a /mnt/with\040space cifs rw 0 0
tmpfs /home/local tmpfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/u/.local/share/climc/cache.db", "nfs4"),
        ("/mnt/with space/cache.db", "cifs"),
        ("/home/local/cache.db", ""),
        ("/homes/cache.db", ""),
        ("/var/cache.db", ""),
    ],
)
def test_a_network_file_system_is_refused_with_the_remedy(path: str, kind: str, tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    if kind:
        with pytest.raises(
            StoreError, match=rf"network file system \({kind}\); put the cache on a local disk with --db"
        ):
            store.check_file_system(Path(path), mounts)
    else:
        store.check_file_system(Path(path), mounts)


def test_a_cache_with_two_names_is_not_written(tmp_path: Path) -> None:
    Database.write(tmp_path / "cache.db").close()
    (tmp_path / "other.db").hardlink_to(tmp_path / "cache.db")
    for name in ("cache.db", "other.db"):
        with pytest.raises(StoreError, match=r"has other names \(hard links\)"):
            Database.write(tmp_path / name)
        Database.read(tmp_path / name).close()
    (tmp_path / "other.db").unlink()
    Database.write(tmp_path / "cache.db").close()


def test_deleting_an_account_forgets_rows_of_types_that_load_no_more(tmp_path: Path) -> None:
    """Their distribution may be gone or broken; nothing of the account stays visible when it is repaired."""
    with Database.write(tmp_path / "cache.db") as database:
        database.execute(
            "INSERT INTO cloudaccounts_tbl (id, name, provider, brand, cloud_account_id, created_at)"
            " VALUES ('a', 'ali', 'aliyun', 'Aliyun', '1', '2026')"
        )
        database.execute("CREATE TABLE lost_ones_tbl AS SELECT * FROM elastic_searchs_tbl")
        database.execute(
            "INSERT INTO lost_ones_tbl (id, name, account_id, cloudregion_id, identity, deleted, row_version)"
            " VALUES ('1', 'n', 'a', 'r', 'i', 0, 0), ('2', 'n', 'other', 'r', 'i', 0, 0)"
        )
        assert purge_account(database, find(database, "ali")) == 1
        assert [tuple(row) for row in database.rows("SELECT id, deleted FROM lost_ones_tbl ORDER BY id")] == [
            ("1", 1),
            ("2", 0),
        ]
        (told,) = database.rows("SELECT obj_type, obj_id, action FROM opslog_tbl WHERE obj_id = '1'")
        assert tuple(told) == ("lost_one", "1", "delete")


def test_types_that_refer_to_each_other_in_a_circle_can_be_purged() -> None:
    def type_of(keyword: str, other: str) -> Any:
        return SimpleNamespace(keyword=keyword, columns={f"{other}_id": col("Its other", references=other)})

    circle = [type_of("egg", "hen"), type_of("hen", "egg")]
    assert order(circle) == circle
    chain = [type_of("egg", "hen"), type_of("hen", "nothing")]
    assert [each.keyword for each in order(chain)] == ["egg", "hen"]
    assert [each.keyword for each in order(chain[::-1])] == ["egg", "hen"]
