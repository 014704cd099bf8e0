"""``climc db``: a check that finds damage, a backup that is whole and private, a prune that takes only history."""

import json
import os
import sqlite3
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from climc_py.store import schema
from climc_py.store.database import Database
from cloudmux_py.cloudprovider.resource import format_time, parse_time

from ..conftest import REGIONS, World
from .test_climc import Shell


@pytest.fixture
def small(make_world: Callable[..., World]) -> World:
    world = make_world(instances=6)
    for provider in REGIONS:
        world.sync(provider)
    return world


@pytest.fixture
def shell(small: World, tmp_path: Path) -> Shell:
    return Shell(small, tmp_path)


def dump(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        found = list(connection.iterdump())
    connection.close()
    return found


def copied(world: World, target: Path) -> Path:
    """The cache at rest, without a write-ahead log."""
    assert not target.exists()
    world.database.execute(f"VACUUM INTO '{target}'")
    return target


def test_path_and_check(small: World, shell: Shell) -> None:
    path = small.database.path
    assert shell.run("climc db path").stdout == f"{path}\n"
    assert shell.run("climc --db /nowhere/c.db db path -o json --query path -o jsonl").stdout == '"/nowhere/c.db"\n'
    done = shell.run("climc db check")
    number = schema.fingerprint()
    start = f"{path}: integrity ok; application id clmc; schema {number}, this version's; "
    assert done.stdout.startswith(start)
    assert done.stdout.count("\n") == 1
    found = shell.json("climc db check -o json")
    assert (found["integrity"], found["schema"], found["expected_schema"]) == ("ok", number, number)


def test_check_tells_another_version_s_schema_and_changes_nothing(small: World, shell: Shell, tmp_path: Path) -> None:
    old = copied(small, tmp_path / "old.db")
    with sqlite3.connect(old) as connection:
        connection.execute("PRAGMA user_version = 7")
    connection.close()
    before = old.read_bytes()
    done = shell.run(f"climc --db {old} db check")
    assert (done.returncode, "schema 7, another version's" in done.stdout) == (0, True)
    assert old.read_bytes() == before


@pytest.mark.parametrize("harm", ["a page", "an index", "the header", "cut short", "empty", "not ours", "no file"])
def test_check_names_what_is_wrong_in_a_line(small: World, shell: Shell, tmp_path: Path, harm: str) -> None:
    bad = copied(small, tmp_path / "bad.db")
    content = bytearray(bad.read_bytes())
    if harm == "a page":
        content[3 * 4096 : 5 * 4096] = os.urandom(2 * 4096)
    elif harm == "the header":
        content[:16] = b"not SQLite at all"[:16]
    elif harm == "cut short":
        content = content[: len(content) // 2 // 4096 * 4096]
    elif harm == "empty":
        content.clear()
    bad.write_bytes(content)
    if harm == "no file":
        bad.unlink()
    elif harm == "an index":
        unindex(bad)
    elif harm == "not ours":
        bad.unlink()
        with sqlite3.connect(bad) as connection:
            connection.execute("CREATE TABLE theirs (a)")
        connection.close()
    before = bad.read_bytes() if bad.exists() else None
    done = shell.run(f"climc --db {bad} db check")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("error: ")
    assert str(bad) in done.stderr
    assert (bad.read_bytes() if bad.exists() else None) == before


def unindex(path: Path) -> None:
    """Rows that an index does not have."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        ((sql,),) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'opslog_time'")
        connection.execute("UPDATE sqlite_master SET sql = replace(sql, 'ops_time)', 'obj_name)') WHERE sql = ?", [sql])
    connection.close()


def test_a_backup_is_the_cache_for_its_owner_alone(small: World, shell: Shell, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    done = shell.run(f"umask 0; climc db backup {target} -o json")
    assert json.loads(done.stdout) == {"path": str(target), "bytes": target.stat().st_size}
    assert target.stat().st_mode & 0o777 == 0o600
    assert [path for path in tmp_path.iterdir() if path.name.startswith("copy.db")] == [target], "nothing beside it"
    assert dump(target) == dump(small.database.path)
    assert shell.run(f"climc --db {target} db check").returncode == 0
    ids = shell.run("climc elastic-search-list --limit 0 -o id").stdout
    assert shell.run(f"climc --db {target} elastic-search-list --limit 0 -o id").stdout == ids
    assert shell.run(f"climc --db {target} cloud-account-sync ali --resources elastic-search").returncode == 0


def test_a_backup_overwrites_nothing_and_leaves_no_half(small: World, shell: Shell, tmp_path: Path) -> None:
    target = tmp_path / "there"
    target.write_text("precious")
    done = shell.run(f"climc db backup {target}")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (6, "", 1)
    assert target.read_text() == "precious"
    (tmp_path / "link").symlink_to(target)
    assert shell.run(f"climc db backup {tmp_path / 'link'}").returncode == 6
    assert target.read_text() == "precious"
    assert shell.run(f"climc db backup {tmp_path / 'no' / 'folder.db'}").returncode == 1
    bad, copy = copied(small, tmp_path / "bad.db"), tmp_path / "of-bad.db"
    unindex(bad)
    done = shell.run(f"climc --db {bad} db backup {copy}")
    assert (done.returncode, done.stderr.count("\n"), copy.exists()) == (1, 1, False)
    done = shell.run(f"climc --db {tmp_path / 'none.db'} db backup {copy}")
    assert (done.returncode, copy.exists()) == (1, False)


def test_backups_while_others_write_are_each_of_one_moment(small: World, shell: Shell, tmp_path: Path) -> None:
    """A writer changes two tables in each transaction; no copy has one without the other."""
    stop, path = threading.Event(), small.database.path
    small.database.execute("UPDATE elastic_searchs_tbl SET description = '0'")
    small.database.execute("UPDATE versions_tbl SET number = 0")

    def write() -> None:
        with Database.write(path) as database:
            number = 0
            while not stop.is_set():
                number += 1
                with database.transaction():
                    database.execute("UPDATE elastic_searchs_tbl SET description = ?", [str(number)])
                    database.execute("UPDATE versions_tbl SET number = ?", [number])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for turn in range(5):
            assert shell.run(f"climc db backup {tmp_path / f'{turn}.db'}").returncode == 0
    finally:
        stop.set()
        writer.join()
    for turn in range(5):
        with Database.read(tmp_path / f"{turn}.db") as copy:
            told = {row["description"] for row in copy.rows("SELECT description FROM elastic_searchs_tbl")}
            assert told == {str(copy.version())}


def age(world: World, days: int) -> None:
    """As if all of it had been some days ago."""
    columns = {schema.table(row): ["imported_at", "updated_at", "deleted_at"] for row in schema.all_types()}
    columns |= {"opslog_tbl": ["ops_time"], "tasks_tbl": ["created_at", "ended_at"]}
    columns |= {"syncs_tbl": ["started_at", "ended_at"]}
    for table, names in columns.items():
        pairs = ", ".join(f"{name} = strftime('%Y-%m-%dT%H:%M:%SZ', {name}, '-{days} days')" for name in names)
        world.database.execute(f"UPDATE {table} SET {pairs}")


def counted(world: World, sql: str) -> int:
    row = world.database.one(f"SELECT count(*) AS n FROM {sql}")
    assert row
    return int(row["n"])


DEAD, LIVING = "elastic_searchs_tbl WHERE deleted = 1", "elastic_searchs_tbl WHERE deleted = 0"


def test_prune_takes_what_is_old_and_gone_and_leaves_the_rest(small: World, shell: Shell) -> None:
    old, young = small.ids("aliyun")[:2]
    assert shell.run(f"climc elastic-search-add-tag {old} mine=1").returncode == 0
    small.remove("aliyun", old)
    small.sync("aliyun")
    age(small, 40)
    small.remove("aliyun", young)
    small.sync("aliyun")
    living = small.database.rows(f"SELECT * FROM {LIVING} ORDER BY id")
    before = small.dump()
    would = shell.json("climc db prune --older-than 30 --dry-run -o json")
    assert small.dump() == before
    gone = shell.json("climc db prune --older-than 30 --yes -o json")
    assert {name: gone[name] for name in would if name != "before"} == {
        name: would[name] for name in would if name != "before"
    }
    assert (gone["rows"], gone["syncs"]) == (1, 3)
    assert counted(small, DEAD) == 1
    assert small.database.rows(f"SELECT * FROM {LIVING} ORDER BY id") == living
    assert counted(small, "metadata_tbl") == 0, "tags of what went"
    actions = [row["action"] for row in small.database.rows("SELECT action FROM opslog_tbl ORDER BY id")]
    assert actions == ["delete", "prune"]
    assert shell.run(f"climc why {old}").returncode == 3
    assert "is gone since" in shell.run(f"climc why {young}").stdout
    assert small.sync("aliyun")[small.region("aliyun")].state == "complete"
    again = shell.json("climc db prune --older-than 30 --yes -o json")
    assert {again[name] for name in again if name != "before"} == {0}
    assert counted(small, "opslog_tbl WHERE action = 'prune'") == 1, "nothing went, nothing is told"


ON_A_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"


def test_on_a_terminal_a_prune_asks_and_takes_silence_for_no(small: World, shell: Shell) -> None:
    age(small, 40)
    before = small.dump()
    line = f'{sys.executable} -c "{ON_A_TERMINAL}" climc db prune --older-than 30'
    for answer in ("n\n", "\n"):
        done = shell.run(line, stdin=answer)
        assert (done.returncode, "Forget for good 0 rows that are gone, " in done.stdout) == (6, True)
        assert "nothing was forgotten" in done.stdout
        assert small.dump() == before
    assert shell.run(line, stdin="y\n").returncode == 0
    assert [row["action"] for row in small.database.rows("SELECT action FROM opslog_tbl")] == ["prune"]


def test_at_reaches_back_no_further_than_what_was_kept(small: World, shell: Shell) -> None:
    age(small, 40)
    renamed = small.ids("aliyun")[0]
    small.rename("aliyun", renamed, "later")
    small.sync("aliyun")
    age(small, 1)
    gone = shell.json("climc db prune --older-than 30 -y -o json")
    done = shell.run("climc elastic-search-list --at 2001-01-01")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert f"the events before {gone['before']} were pruned" in done.stderr
    found = shell.json(f"climc elastic-search-list -o json --limit 0 --at {gone['before']}")["data"]
    assert len(found) == counted(small, LIVING)
    assert "later" not in {row["cloud_name"] for row in found}


def test_at_does_not_tell_of_what_a_restore_took_back(small: World, shell: Shell, tmp_path: Path) -> None:
    age(small, 3)
    assert shell.run(f"climc db backup {tmp_path / 'old.db'}").returncode == 0
    small.rename("aliyun", small.ids("aliyun")[0], "later")
    small.sync("aliyun")
    small.database.close()
    assert shell.run(f"climc db restore {tmp_path / 'old.db'} --yes").returncode == 0
    assert shell.run("climc cloud-account-sync --all").returncode == 0
    event = next(row for row in shell.json("climc event-list -o json --limit 0")["data"] if row["action"] == "restore")
    known, restored = event["notes"]["known_until"], event["ops_time"]
    between = format_time(parse_time(restored) - timedelta(hours=1))
    done = shell.run(f"climc elastic-search-list --at {between}")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert f"between {known} and {restored}, when a backup was restored" in done.stderr
    for time in (known, restored):
        assert shell.run(f"climc elastic-search-list --at {time}").returncode == 0


def test_a_row_whose_task_is_open_stays(small: World, shell: Shell) -> None:
    small.database.execute("UPDATE elastic_searchs_tbl SET disable_delete = 0")
    found = small.database.one(
        "SELECT * FROM elastic_searchs WHERE account = 'ali' AND billing_type = 'postpaid' AND status = 'available'"
    )
    assert found
    shell.run(f"climc elastic-search-delete {found['id']} --yes --wait-timeout 0")
    assert counted(small, "tasks_tbl WHERE stage = 'accepted'") == 1
    small.emulator.world.hasten(3600)
    assert shell.run("climc cloud-account-sync ali --resources elastic-search").returncode == 0
    age(small, 40)
    assert shell.json("climc db prune --older-than 30 --yes -o json")["rows"] == 0
    assert counted(small, DEAD) == 1
    assert shell.run("climc task-resume").returncode == 0
    age(small, 40)
    gone = shell.json("climc db prune --older-than 30 --yes -o json")
    assert (gone["rows"], gone["tasks"]) == (1, 1)


def test_a_prune_gives_the_room_back(small: World, shell: Shell) -> None:
    small.database.many(
        "INSERT INTO opslog_tbl (ops_time, obj_type, obj_id, obj_name, action, notes) VALUES (?, '', '', '', '', ?)",
        [("2001-01-01T00:00:00Z", "x" * 10_000)] * 300,
    )
    small.database.close()
    path = small.database.path
    before = path.stat().st_size
    done = shell.run("climc db prune --older-than 30 --yes")
    assert done.stdout.startswith("forgot 0 rows that are gone, 300 events, 0 tasks and 0 syncs from before 2")
    assert path.stat().st_size < before - 2_500_000
    assert shell.run("climc db check").returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        "nosuch",
        "backup",
        "check file",
        "path --older-than 3",
        "prune",
        "prune --older-than 0",
        "prune x --older-than 1",
        "rekey --dry-run",
        "restore {copy} --dry-run",
    ],
)
def test_words_that_make_no_sense_do_nothing(small: World, shell: Shell, tmp_path: Path, words: str) -> None:
    copy = copied(small, tmp_path / "copy.db")
    small.database.execute("UPDATE elastic_searchs_tbl SET description = 'newer than the copy'")
    before = small.dump()
    done = shell.run(f"climc db {words.format(copy=copy)} --yes")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert small.dump() == before


@pytest.mark.parametrize("days", ["-1", "800000", "99999999999"])
def test_a_prune_reaches_no_further_back_than_a_hundred_years(small: World, shell: Shell, days: str) -> None:
    before = small.dump()
    done = shell.run(f"climc db prune --older-than {days} --yes")
    assert (done.returncode, done.stdout, "0<=x<=36500" in done.stderr) == (2, "", True)
    assert small.dump() == before
