"""Several processes on one cache at once: they sync, list, change, delete, resume and migrate; nothing goes wrong.

For a moment, or for ``CROWD_SECONDS`` (``make crowd``).
"""

import json
import os
import random
import shlex
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing

import pytest

from climc_py.models import connection
from climc_py.store import upkeep
from climc_py.store.database import Database

from .. import programs
from ..conftest import World
from ..tasks.test_delete import sent
from .killing import TABLE

SECONDS = float(os.environ.get("CROWD_SECONDS", "0"))
ROLES = ["sync", "list", "delete", "migrate", "change", "sync", "resume", "list"]
REGIONS = {"aliyun": ["cn-beijing", "cn-hangzhou"], "qcloud": ["ap-beijing"]}
CODES = {
    "sync": {0, 5, 6},  # 5: a row was renamed or went while it was listed; 6: another syncs
    "list": {0},
    "change": {0, 2, 3},  # 2: the name is taken; 3: gone
    "delete": {0, 2, 3, 5, 6},  # 5: accepted, and not gone yet; 6: has an open task
    "resume": {0, 5},
    "migrate": {0},
}


class Crowd:
    """Threads that each run one program after another, each in a process of its own."""

    def __init__(self, world: World, seconds: float, runs: int) -> None:
        self.world = world
        self.end = time.monotonic() + seconds
        self.runs = runs
        self.ids = deletable(world)
        self.env = {**os.environ, "CLIMC_DB": str(world.database.path)}
        self.told: Counter[tuple[str, int]] = Counter()
        self.slowest: dict[str, float] = {}
        self.wrong: list[str] = []

    def run(self, role: str, number: int) -> None:
        chance = random.Random(number)
        turn = 0
        while turn < self.runs or time.monotonic() < self.end:
            turn += 1
            line = self.line(role, chance)
            if not line:
                self.outdate()
                line = "db prune --older-than 9"  # writes, and so migrates
            began = time.monotonic()
            done = programs.run(["climc", *shlex.split(line)], env=self.env, timeout=300)
            self.told[role, done.returncode] += 1
            self.slowest[role] = max(self.slowest.get(role, 0.0), time.monotonic() - began)
            if done.returncode not in CODES[role] or "internal fault" in done.stderr:
                self.wrong.append(f"{line}: {done.returncode} {done.stderr}")

    def line(self, role: str, chance: random.Random) -> str:
        id = chance.choice(self.ids)
        lines = {
            "sync": [
                "cloud-account-sync ali --resources elastic-search",
                "cloud-account-sync --all --force --resources elastic-search",
            ],
            "list": ["elastic-search-list --limit 0 -o json --details", "event-list -o jsonl", "task-list -o id"],
            "delete": [f"elastic-search-delete {id} --yes --wait-timeout 0"],
            "change": [
                f"elastic-search-update {id} --description {chance.random()}",
                f"elastic-search-add-tag {id} a=b",
            ],
            "resume": ["task-resume --wait-timeout 0"],
            "migrate": [""],
        }
        return chance.choice(lines[role])

    def outdate(self) -> None:
        """As if the cache were of an older version."""
        with closing(sqlite3.connect(self.world.database.path, timeout=30, isolation_level=None)) as old:
            old.execute("BEGIN IMMEDIATE")
            old.execute(f"DROP INDEX IF EXISTS {TABLE}_listed")
            old.execute("PRAGMA user_version = 7")
            old.execute("COMMIT")

    def disturb(self, stop: threading.Event) -> None:
        """What others do in the cloud meanwhile."""
        chance = random.Random(0)
        number = 0
        while not stop.wait(0.3 if SECONDS else 0.05):
            number += 1
            others = [id for id in self.world.ids("aliyun") if id not in self.ids]
            self.world.create("aliyun", f"es-cn-made-{number}")
            self.world.rename("aliyun", chance.choice(others), f"renamed-{number}")
            self.world.remove("aliyun", chance.choice(others))
            self.world.emulator.world.hasten(20)


def deletable(world: World) -> list[str]:
    rows = world.database.rows(
        "SELECT external_id FROM elastic_searchs WHERE billing_type = 'postpaid' AND status = 'available'"
        " AND cloudregion = 'cn-beijing' ORDER BY external_id"
    )
    return [row["external_id"] for row in rows]


def test_a_crowd_on_one_cache_keeps_every_promise(
    make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    count = {"cn-beijing": 60 if SECONDS < 10 else 600, "cn-hangzhou": 5}
    world = make_world(regions=REGIONS, rows={"aliyun": count, "qcloud": {"ap-beijing": 5}}, kinds=["elastic_search"])
    monkeypatch.setattr(connection, "TIMEOUT", 30.0)
    for provider in REGIONS:
        assert {result.state for result in world.sync(provider).values()} == {"complete"}
    world.database.execute(f"UPDATE {TABLE} SET disable_delete = 0")
    crowd, stop = Crowd(world, SECONDS, runs=2), threading.Event()
    crowd.outdate()
    world.database.close()
    roles = ROLES if SECONDS else ROLES[:5]
    threads = [threading.Thread(target=crowd.run, args=(role, number)) for number, role in enumerate(roles)]
    clouds = threading.Thread(target=crowd.disturb, args=[stop])
    for thread in [*threads, clouds]:
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    clouds.join()
    print(dict(crowd.told), {role: round(seconds, 1) for role, seconds in crowd.slowest.items()})
    assert crowd.wrong == []
    check(world, crowd)


def check(world: World, crowd: Crowd) -> None:
    path = world.database.path
    world.emulator.world.hasten(3600)
    for line in ("task-resume --wait-timeout 0", "cloud-account-sync --all"):
        done = programs.run(["climc", *line.split()], env=crowd.env)
        assert done.returncode == 0, done.stderr
    upkeep.check(path)
    with Database.read(path) as database:
        rows = database.rows(f"SELECT * FROM {TABLE}")
        events = database.rows("SELECT obj_id, action, notes FROM opslog_tbl ORDER BY id")
        assert not database.rows("SELECT 1 FROM tasks_tbl WHERE stage IN ('planned', 'sent', 'accepted', 'unknown')")
        assert not database.rows("SELECT 1 FROM syncs_tbl WHERE state = 'running'")
    cloud = {(region, id) for region in REGIONS["aliyun"] for id in world.emulator.rows("aliyun", region)}
    assert {
        (r["cloudregion_id"].split("/")[1], r["external_id"]) for r in rows if not r["deleted"] and of_ali(r)
    } == cloud
    lives: Counter[str] = Counter()
    for event in events:
        lives[event["obj_id"]] += {"create": 1, "delete": -1}.get(event["action"], 0)
    assert {row["id"]: 1 - row["deleted"] for row in rows} == {row["id"]: lives[row["id"]] for row in rows}
    for id in crowd.ids:
        assert sent(world, id) <= 1
    assert all(json.loads(event["notes"]) is not None for event in events)


def of_ali(row: sqlite3.Row) -> bool:
    return bool(row["account_id"] == "ali-id")
