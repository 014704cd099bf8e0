"""A disk that is full, read-only, or that lost what was on it: one line, the right exit code, nothing overwritten."""

import json
import shlex
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from climc_py.store import schema
from climc_py.store.database import WAL_BYTES, Database, beside

from .. import programs
from ..conftest import World
from ..tasks.test_delete import sent
from .hooks import CANNOT, FullDisk, SmallFiles, TellSettings, Unprivileged
from .killing import EVERY, TABLE, Cache
from .test_kill import ONE_REGION, SYNC, deletable, settle

ROWS = {"aliyun": {"cn-beijing": 60}, "qcloud": {"ap-beijing": 0}}


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    world = make_world(regions=ONE_REGION, rows=ROWS)
    world.sync("aliyun")
    world.database.execute(f"UPDATE {TABLE} SET disable_delete = 0")
    return world


@pytest.fixture
def cache(world: World, tmp_path: Path) -> Cache:
    return Cache(world, tmp_path)


def one_line(done: programs.Done, code: int, *words: str) -> None:
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1), done.stderr
    assert done.stderr.startswith("error: ")
    assert all(word in done.stderr for word in words), done.stderr


LIMITS = range(36 << 10, 200 << 10, 4 << 10) if EVERY else [36 << 10]


def test_a_disk_that_fills_amid_a_sync_leaves_each_scope_as_before_or_as_after(world: World, cache: Cache) -> None:
    for id in world.ids("aliyun")[:40]:
        world.rename("aliyun", id, "renamed " * 20)
    failed = 0
    for limit in LIMITS:
        cache.reset()
        done = programs.run(shlex.split(SYNC), env=cache.env, arrange=SmallFiles(limit))
        if done.returncode:
            failed += 1
            one_line(done, 1, str(cache.path), "what was not finished is undone", "run it again")
        cache.check()
        assert cache.run(SYNC).returncode == 0
        assert world.cloud("aliyun") == {row.split("'")[1] for row in names(cache)}
    assert failed


def names(cache: Cache) -> list[str]:
    with Database.read(cache.path) as database:
        rows = database.rows(f"SELECT external_id FROM {TABLE} WHERE deleted = 0")
        return [repr(tuple(row)) for row in rows]


def test_a_full_disk_is_named(world: World, cache: Cache) -> None:
    for number in range(40):
        world.create("aliyun", f"es-cn-{number}-{'x' * 200}")
    cache.reset()
    pages = cache.path.stat().st_size // 4096
    before = cache.dump()
    done = programs.run(shlex.split(SYNC), env=cache.env, arrange=FullDisk(pages + 2))
    one_line(done, 1, "database or disk is full", "make room")
    cache.check()
    assert cache.dump()["rows"] == before["rows"]


def test_a_disk_that_fills_amid_a_delete_sends_none_twice(world: World, cache: Cache) -> None:
    ids = deletable(world)
    failed = 0
    for id, limit in zip(ids, LIMITS, strict=False):
        cache.reset()
        line = f"climc elastic-search-delete {id} --yes --wait-timeout 0"
        done = programs.run(shlex.split(line), env=cache.env, arrange=SmallFiles(limit))
        assert done.returncode in {1, 5}
        failed += done.returncode == 1
        cache.check()
        settle(world, cache, id, line)
        assert sent(world, id) == 1
        cache.keep(cache.path)
    assert failed


# Read-only.


def test_a_read_only_cache_is_read_and_not_written(cache: Cache) -> None:
    """The file, its folder, or both; a sync says so before it asks any cloud."""

    def run(line: str) -> programs.Done:
        done = programs.run(shlex.split(line), env=cache.env, arrange=Unprivileged())
        if done.returncode == CANNOT:
            pytest.skip("root cannot give up its rights here")
        return done

    for file, folder in ((0o400, 0o500), (0o400, 0o700), (0o600, 0o500)):
        cache.reset()
        with Database.write(cache.path) as database:  # a write-ahead log is kept from now on
            database.execute("UPDATE versions_tbl SET number = number + 1")
        before = cache.path.read_bytes()
        cache.path.chmod(file)
        cache.path.parent.chmod(folder)
        asked = len(cache.world.emulator.requests)
        try:
            done = run("climc elastic-search-list --limit 0 -o id")
            assert (done.returncode, done.stdout.count("\n"), done.stderr) == (0, ROWS["aliyun"]["cn-beijing"], "")
            one_line(run(SYNC), 1, f"{cache.path} cannot be written", "read-only")
        finally:
            cache.path.parent.chmod(0o700)
        assert cache.path.read_bytes() == before
        assert not beside(cache.path, "-wal").exists() or not beside(cache.path, "-wal").stat().st_size
        assert len(cache.world.emulator.requests) == asked


# Damaged, or none of ours.

COMMANDS = ["climc elastic-search-list", SYNC, "climc elastic-search-purge x --yes", "climc event-list"]


def harm(path: Path, how: str) -> None:
    content = bytearray(path.read_bytes())
    if how == "header":
        content[:16] = b"not SQLite at all"[:16]
    elif how == "page":
        with sqlite3.connect(path) as connection:
            pages = [row[0] for row in connection.execute("SELECT rootpage FROM sqlite_master WHERE rootpage > 1")]
        connection.close()
        for page in pages:
            content[(page - 1) * 4096 : page * 4096] = b"\xa5" * 4096
    elif how == "cut":
        content = content[: len(content) // 3 // 4096 * 4096]
    elif how in {"empty", "emptied"}:
        content.clear()
    elif how == "theirs":
        path.unlink()
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE theirs (a)")
        connection.close()
        content = bytearray(path.read_bytes())
    path.write_bytes(content)
    if how == "emptied":
        beside(path, "-wal").write_bytes(b"what was written last")
    if how == "newer":
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE versions_tbl SET format = format + 1")
        connection.close()


WORDS = {
    "header": ("cannot be read as a cache", "climc db restore FILE"),
    "page": ("malformed", "climc db restore FILE"),
    "cut": ("malformed", "climc db restore FILE"),
    "emptied": ("is empty, but its log cache.db-wal is not", "climc db restore FILE"),
    "theirs": ("no cache of climc", "choose another"),
    "newer": ("newer version of climc", "update climc"),
}


def test_what_cannot_be_used_is_named_and_left_as_it_is(cache: Cache) -> None:
    for number, (how, words) in enumerate(WORDS.items()):
        cache.reset()
        harm(cache.path, how)
        before = cache.path.read_bytes()
        log = beside(cache.path, "-wal")
        logged = log.read_bytes() if log.exists() else b""
        for line in COMMANDS if EVERY else [COMMANDS[number % 2]]:
            one_line(cache.run(line), 1, str(cache.path), *words)
            assert cache.path.read_bytes() == before, (how, line)
        assert (log.read_bytes() if log.exists() else b"") == logged


def test_an_empty_file_is_no_cache_to_read_and_becomes_one_when_written(cache: Cache, world: World) -> None:
    cache.reset()
    harm(cache.path, "empty")
    one_line(cache.run("climc elastic-search-list"), 1, "is empty; any command that writes makes it a cache")
    assert cache.path.read_bytes() == b""
    assert cache.run("climc db prune --older-than 1 --yes").returncode == 0
    assert cache.run("climc elastic-search-list").returncode == 0


# A power cut.


def test_every_connection_has_the_settings_that_a_power_cut_calls_for(
    world: World, cache: Cache, tmp_path: Path
) -> None:
    (id, *_), log = deletable(world), tmp_path / "settings"
    cache.reset()
    lines = [
        SYNC,
        "climc elastic-search-list",
        f"climc elastic-search-delete {id} --yes --wait-timeout 0",
        "climc db prune --older-than 1 --yes",
        f"climc db backup {tmp_path / 'copy.db'}",
        f"climc db restore {tmp_path / 'copy.db'} --yes",
    ]
    for line in lines:
        assert programs.run(shlex.split(line), env=cache.env, arrange=TellSettings(str(log))).returncode in {0, 5}, line
    told = [json.loads(line) for line in log.read_text().splitlines()]
    assert len(told) > len(lines)
    for settings in told:
        assert settings["synchronous"] == 2, "FULL"
        assert (settings["fullfsync"], settings["checkpoint_fullfsync"]) == (1, 1)
        assert settings["journal_size_limit"] == WAL_BYTES
    assert {settings["journal_mode"] for settings in told} <= {"wal", "delete"}
    with Database.write(tmp_path / "new.db") as database:
        assert database.rows("PRAGMA journal_mode")[0][0] == "wal"


def test_a_newer_cache_is_newer_by_its_format_alone(cache: Cache) -> None:
    """Another schema is none: what a version lacks it adds, and what another added it leaves."""
    cache.reset()
    with sqlite3.connect(cache.path) as connection:
        connection.execute(f"ALTER TABLE {TABLE} ADD COLUMN theirs TEXT")
        connection.execute("PRAGMA user_version = 2147483647")
    connection.close()
    assert cache.run(SYNC).returncode == 0
    with Database.read(cache.path) as database:
        assert database.rows("PRAGMA user_version")[0][0] == schema.fingerprint()
        assert "theirs" in {row["name"] for row in database.rows(f"PRAGMA table_info({TABLE})")}
