"""Kill -9 at each point where state is written: what is left is sound, and the same command again ends it."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from climc_py.errors import StoreError
from climc_py.models import account as accounts
from climc_py.models import connection
from climc_py.models import task as tasks
from climc_py.secrets import unseal
from climc_py.store import upkeep
from climc_py.store.database import Database
from climc_py.store.query import find
from climc_py.tasks.delete import Clouds, Deletion, plan, validate
from cloudmux_py.cloudprovider.region import DEFAULTS
from cloudmux_py.resources.elastic_search import ElasticSearch

from ..conftest import World
from ..e2e.test_db import age
from ..tasks.test_delete import sent
from .killing import EVERY, TABLE, Cache

ONE_REGION = {"aliyun": ["cn-beijing"], "qcloud": ["ap-beijing"]}
ROWS = {"aliyun": {"cn-beijing": 12}, "qcloud": {"ap-beijing": 0}}
SYNC = "climc cloud-account-sync ali --resources elastic-search"


@pytest.fixture
def small(make_world: Callable[..., World]) -> World:
    world = make_world(regions=ONE_REGION, rows=ROWS)
    world.sync("aliyun")
    return world


@pytest.fixture
def cache(small: World, tmp_path: Path) -> Cache:
    return Cache(small, tmp_path)


def test_kill_9_anywhere_in_a_sync(small: World, cache: Cache) -> None:
    gone, renamed = small.ids("aliyun")[:2]
    small.remove("aliyun", gone)
    small.rename("aliyun", renamed, "renamed")
    small.create("aliyun", "es-cn-new")
    seen = []
    for where in cache.kills(lambda _: SYNC, step=3):
        cache.check()
        if where == "whole":
            whole = cache.dump()
            continue
        seen.append(where)
        assert cache.run(SYNC).returncode == 0, where
        cache.check()
        assert cache.dump() == whole, where
    assert seen.count("after it") >= 2


LOCAL = {
    "update": ("elastic-search-update {id} --name mine --description d --delete disable", set()),
    "add a tag": ("elastic-search-add-tag {id} a=b", set()),
    "set tags": ("elastic-search-set-tag {id} new=1 other=2", set()),
    "purge": ("elastic-search-purge {id} --yes", {3}),
    "account delete": ("cloud-account-delete ali --yes", {3}),
    "prune": ("db prune --older-than 30 --yes", set()),
}


SHORT = ["prune"]


@pytest.mark.parametrize("what", LOCAL if EVERY else SHORT)
def test_kill_9_anywhere_in_what_changes_the_cache_alone(small: World, cache: Cache, what: str) -> None:
    id, gone = small.ids("aliyun")[:2]
    small.database.execute(f"INSERT INTO metadata_tbl SELECT 'elastic_search', id, 'user:old', '1' FROM {TABLE}")
    if what == "prune":
        small.remove("aliyun", gone)
        small.sync("aliyun")
        age(small, 40)
    if what == "account delete":
        accounts.update(small.database, small.accounts["aliyun"], {"enabled": False}, "disable")
    cache.keep()
    line, done_before = LOCAL[what][0].format(id=id), LOCAL[what][1]
    cache.reset()
    before, seen = cache.dump(), []
    purged = {id} if what == "purge" else small.cloud("aliyun") if what == "account delete" else set[str]()
    for where in cache.kills(lambda _: f"climc {line}"):
        cache.check(purged=purged)
        if where == "whole":
            whole = cache.dump()
            assert whole != before
            continue
        seen.append(where)
        assert cache.dump() in (before, whole), f"neither as before nor as after: {where}"
        assert cache.run(f"climc {line}").returncode in {0} | done_before, where
        cache.check(purged=purged)
        assert cache.dump() == whole, where
    assert seen[-1] == "after it", "killed before its end, and when all was done"


def deletable(world: World) -> list[str]:
    rows = world.database.rows(
        "SELECT external_id FROM elastic_searchs WHERE billing_type = 'postpaid' AND status = 'available'"
        " ORDER BY external_id"
    )
    return [row["external_id"] for row in rows]


@pytest.fixture
def many(make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> World:
    """Enough rows to delete another one at each point."""
    world = make_world(regions=ONE_REGION, rows={"aliyun": {"cn-beijing": 2000 if EVERY else 90}, "qcloud": {}})
    monkeypatch.setattr(connection, "TIMEOUT", 30.0)
    assert world.sync("aliyun")["cn-beijing"].state == "complete"
    world.database.execute(f"UPDATE {TABLE} SET disable_delete = 0")
    return world


ON_ITS_WAY = "a DELETE is on its way"
RESUME = "climc task-resume --wait-timeout 0"


def settle(world: World, cache: Cache, id: str, line: str) -> None:
    """End what was left open; ask for the deletion again if it turned out not to have been sent."""
    resume(world, cache)
    if id in world.cloud("aliyun"):
        assert sent(world, id) == 0, "sent, and not executed"
        assert cache.run(line).returncode == 5, "accepted, and not gone yet"
        resume(world, cache)


def resume(world: World, cache: Cache) -> None:
    """Until no task is open; the cloud does meanwhile what it was told."""
    for _ in range(3):
        world.emulator.world.hasten(3600)
        with Database.read(cache.path) as database:
            if not tasks.tasks(database, stages=tasks.OPEN):
                return
        assert cache.run(RESUME).returncode in {0, 5}
        cache.check()
    raise AssertionError("a task stays open")


def is_gone(cache: Cache, id: str) -> bool:
    with Database.read(cache.path) as database:
        assert not tasks.tasks(database, stages=tasks.OPEN)
        return bool(database.one(f"SELECT deleted FROM {TABLE} WHERE external_id = ?", [id])[0])  # type: ignore[index]


def test_kill_9_anywhere_in_a_delete(many: World, tmp_path: Path) -> None:
    """Exactly one deletion of each is on the wire, whatever was killed and whatever resumes."""
    cache, ids, seen = Cache(many, tmp_path), deletable(many), list[str]()

    def line(number: int) -> str:
        return f"climc elastic-search-delete {ids[number]} --yes --wait-timeout 0"

    for number, where in enumerate(cache.kills(line)):
        id = ids[number]
        if where == ON_ITS_WAY:
            wait_until(lambda: sent(many, id) == 1)  # noqa: B023
        cache.check()
        assert sent(many, id) <= 1
        settle(many, cache, id, line(number))
        assert sent(many, id) == 1, where
        assert is_gone(cache, id), where
        cache.keep(cache.path)
        seen.append(where)
    assert seen.count("after it") >= 3, "planned, sent, accepted"
    assert ON_ITS_WAY in seen


def wait_until(true: Callable[[], bool]) -> None:
    """Until the emulator, which runs beside, has taken what the dead program sent."""
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("stage", ["planned", "accepted"] if EVERY else ["accepted"])
def test_kill_9_anywhere_in_a_resume(many: World, tmp_path: Path, stage: str) -> None:
    """Of a task that was planned, which sends, and of one that was accepted, which buries."""
    cache, ids, seen = Cache(many, tmp_path), deletable(many), list[str]()

    def reset() -> None:
        cache.reset()
        begin(cache, ids[len(seen)], stage)
        many.emulator.world.hasten(3600)

    for where in cache.kills(lambda _: RESUME, reset):
        id = ids[len(seen)]
        if where == ON_ITS_WAY:
            wait_until(lambda: sent(many, id) == 1)  # noqa: B023
        cache.check()
        settle(many, cache, id, f"climc elastic-search-delete {id} --yes --wait-timeout 0")
        assert sent(many, id) == 1, where
        assert is_gone(cache, id), where
        cache.keep(cache.path)
        seen.append(where)
    assert seen.count("after it") >= {"planned": 2, "accepted": 1}[stage]


def begin(cache: Cache, id: str, stage: str) -> None:
    """A task, planned or sent and accepted."""
    with Database.write(cache.path) as database:
        found = find(database, ElasticSearch, id)
        target = validate(database, Clouds(database), ElasticSearch, found, DEFAULTS)
        ((_, task),) = plan(database, ElasticSearch, [target], DEFAULTS)
        if stage == "accepted":
            assert Deletion(database, task, target.region, 0).run().stage == stage


def has_tables(path: Path) -> bool:
    if not path.exists():
        return False
    with closing(sqlite3.connect(path)) as connection:
        return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


def test_kill_9_anywhere_in_adding_an_account(
    small: World, cache: Cache, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keys = small.emulator.world.of("aliyun")[0]
    line = f"climc cloud-account-create-aliyun new {keys.access_key} {keys.secret} --endpoint {small.emulator.url}"
    key = cache.path.parent / "config" / "key"
    cache.env["CLIMC_KEY_FILE"] = str(key)
    monkeypatch.setenv("CLIMC_KEY_FILE", str(key))
    seen = []

    with Database.write(tmp_path / "none.db") as database:
        cache.keep(database.path)

    def reset() -> None:
        cache.reset()
        if EVERY:
            cache.path.unlink()  # the schema is made too

    for where in cache.kills(lambda _: line, reset, step=2):
        seen.append(where)
        if not has_tables(cache.path):
            with pytest.raises(StoreError, match=r"is empty; any command that writes|no cache at"):
                upkeep.check(cache.path)
        if where != "whole":
            stored = seen.count("after it") == 1 + EVERY  # after the schema, and after the account
            assert cache.run(line).returncode == (6 if stored else 0), where
        upkeep.check(cache.path)
        with Database.read(cache.path) as database:
            (account,) = accounts.accounts(database)
        assert unseal(account.id, account.secret) == keys.secret
    assert any(where.startswith("before os.remove of key.") for where in seen), seen
    assert seen[-1] == "after it"
    assert not EVERY or "before open of cache.db" in seen
