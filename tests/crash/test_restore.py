"""``climc db restore``: a checked backup in place of the cache, all or nothing, and what was there is kept."""

import json
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from climc_py.store import upkeep
from climc_py.store.database import Database, beside

from ..conftest import World
from ..e2e.test_climc import Shell
from ..e2e.test_db import ON_A_TERMINAL
from .killing import EVERY, TABLE, Cache
from .test_disk import WORDS, harm, one_line
from .test_kill import ONE_REGION


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    world = make_world(regions=ONE_REGION, rows={"aliyun": {"cn-beijing": 6}, "qcloud": {"ap-beijing": 0}})
    world.sync("aliyun")
    return world


@pytest.fixture
def cache(world: World, tmp_path: Path) -> Cache:
    """A cache that changed since its backup, ``base``, was made."""
    cache = Cache(world, tmp_path)
    cache.reset()
    change(cache)
    return cache


def change(cache: Cache) -> None:
    with Database.write(cache.path) as database:
        database.execute(f"UPDATE {TABLE} SET description = 'since then'")


def restored(cache: Cache) -> bool:
    with Database.read(cache.path) as database:
        told = {row["description"] for row in database.rows(f"SELECT description FROM {TABLE}")}
    assert told in ({None}, {"since then"}), "half of it"
    return told == {None}


def kept(cache: Cache) -> list[Path]:
    return sorted(cache.path.parent.glob("cache.db.2*Z"))


def test_a_restore_takes_the_backup_and_keeps_what_was_there(cache: Cache) -> None:
    backup = cache.base.read_bytes()
    done = cache.run(f"climc db restore {cache.base} --yes -o json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert restored(cache)
    assert cache.base.read_bytes() == backup
    assert (told["path"], told["kept"], told["accounts_without_key"]) == (str(cache.path), str(kept(cache)[0]), [])
    assert kept(cache)[0].stat().st_mode & 0o077 == 0
    upkeep.check(cache.path)
    upkeep.check(kept(cache)[0])
    assert cache.run(f"climc db restore {kept(cache)[0]} --yes").returncode == 0, "and back"
    assert not restored(cache)


def test_on_a_new_machine_there_is_nothing_to_keep_and_the_key_is_missed(cache: Cache, tmp_path: Path) -> None:
    shutil.rmtree(cache.path.parent)
    cache.env["CLIMC_KEY_FILE"] = str(tmp_path / "elsewhere" / "key")
    done = cache.run(f"climc db restore {cache.base} --yes -o json")
    assert done.returncode == 0
    warning, *_ = told = done.stderr.splitlines()
    assert len(told) == 2, "one line for each account"
    assert "account ali: the key file" in warning
    assert "climc cloud-account-update-credential-" in warning
    assert json.loads(done.stdout) == {
        "path": str(cache.path),
        "bytes": cache.path.stat().st_size,
        "kept": None,
        "accounts_without_key": ["ali", "ten"],
    }
    assert restored(cache)


def test_a_damaged_cache_is_set_aside_whole(cache: Cache) -> None:
    for how in ("header", "cut", "empty", "emptied"):
        cache.reset()
        harm(cache.path, how)
        before = cache.path.read_bytes()
        log = beside(cache.path, "-wal")
        logged = log.read_bytes() if log.exists() else None
        assert cache.run(f"climc db restore {cache.base} --yes").returncode == 0
        assert restored(cache)
        upkeep.check(cache.path)
        assert [file.read_bytes() for file in kept(cache)] == ([] if how == "empty" else [before])
        assert not logged or beside(kept(cache)[0], "-wal").read_bytes() == logged


def test_a_log_that_was_left_alone_is_not_taken_for_the_backup_s(cache: Cache) -> None:
    """SQLite would replay it into whatever lies under the cache's name."""
    log = beside(cache.path, "-wal")
    with Database.write(cache.path) as database:
        database.execute(f"UPDATE {TABLE} SET description = 'in the log'")
        content = log.read_bytes()
    cache.path.unlink()
    log.write_bytes(content)
    assert cache.run(f"climc db restore {cache.base} --yes").returncode == 0
    assert restored(cache)
    assert content in (
        log.read_bytes() if log.exists() else b"",
        *(beside(k, "-wal").read_bytes() for k in kept(cache)),
    )


def test_what_is_no_sound_backup_of_ours_changes_nothing(cache: Cache) -> None:
    before = cache.path.read_bytes()
    for how in [*WORDS, "empty", "none", "itself"] if EVERY else ["page", "theirs", "newer", "none", "itself"]:
        backup, code = cache.folder / f"{how}.db", 1
        shutil.copy(cache.base, backup)
        if how == "none":
            backup.unlink()
        elif how == "itself":
            backup, code = cache.path, 6
        else:
            harm(backup, how)
        one_line(cache.run(f"climc db restore {backup} --yes"), code, str(backup))
        assert cache.path.read_bytes() == before, how
        assert kept(cache) == []


def test_another_program_s_file_is_not_replaced(cache: Cache) -> None:
    harm(cache.path, "theirs")
    before = cache.path.read_bytes()
    one_line(cache.run(f"climc db restore {cache.base} --yes"), 1, "no cache of climc")
    assert (cache.path.read_bytes(), kept(cache)) == (before, [])


def test_who_has_the_cache_open_is_not_robbed_of_it(cache: Cache) -> None:
    for way in (Database.write, Database.read):
        with way(cache.path) as opened:
            opened.rows(f"SELECT * FROM {TABLE}")
            done = cache.run(f"climc db restore {cache.base} --yes")
            one_line(done, 6, "is open in another process", "nothing was changed")
            assert not restored(cache)
    assert kept(cache) == []
    assert cache.run(f"climc db restore {cache.base} --yes").returncode == 0


def test_it_asks_on_a_terminal_and_needs_a_yes_elsewhere(cache: Cache, world: World, tmp_path: Path) -> None:
    one_line(cache.run(f"climc db restore {cache.base}"), 2, "give --yes")
    shell = Shell(world, tmp_path)
    shell.env |= cache.env | {"PATH": shell.env["PATH"]}
    line = f'{sys.executable} -c "{ON_A_TERMINAL}" climc db restore {cache.base}'
    assert shell.run(line, stdin="n\n").returncode == 6
    assert (restored(cache), kept(cache)) == (False, [])
    assert shell.run(line, stdin="y\n").returncode == 0
    assert restored(cache)


def test_kill_9_anywhere_in_a_restore(cache: Cache) -> None:
    """The cache is as before or as after, and the command again ends it."""
    seen = []

    def reset() -> None:
        cache.reset()
        change(cache)

    line = f"climc db restore {cache.base} --yes"
    for where in cache.kills(lambda _: line, reset, step=2):
        restored(cache)
        upkeep.check(cache.path)
        assert cache.run(line).returncode == 0, where
        assert restored(cache)
        seen.append(where)
    assert {"before a copy", "after a copy"} & set(seen)


def test_a_restore_that_is_cut_off_amid_its_writing_is_undone(cache: Cache) -> None:
    """The journal that SQLite leaves then, as kill -9 or a power cut would."""
    cut = cache.folder / "cut"
    cut.mkdir()
    before = cache.dump()
    with Database.bare(cache.path) as target:
        target.check_ours()
        upkeep._claim(target)
        target.connection.execute("PRAGMA cache_size = 1")  # pages are written before the end
        target.connection.execute("BEGIN IMMEDIATE")
        target.connection.execute(f"UPDATE {TABLE} SET description = hex(randomblob(3000))")
        for name in ("cache.db", "cache.db-journal"):
            shutil.copy(cache.path.parent / name, cut / name)
        target.connection.execute("ROLLBACK")
    assert (cut / "cache.db-journal").stat().st_size > 4096
    with sqlite3.connect(cut / "cache.db") as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    raw.close()
    cache.path = cut / "cache.db"
    assert cache.dump() == before


def test_links_in_a_circle_hold_no_cache(cache: Cache) -> None:
    loop = cache.folder / "loop.db"
    loop.symlink_to(loop.name)
    for line in (f"db restore {cache.base} --yes", "db rekey", "db check", "elastic-search-purge x", "task-resume"):
        one_line(cache.run(f"climc --db {loop} {line}"), 1, str(loop))
    assert loop.is_symlink()
