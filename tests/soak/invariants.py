"""What must hold when the faults are over: the cache is the cloud, and nothing was deleted twice or unasked."""

import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cloudmux_py.emulator.control import Control

from .clouds import Changer
from .load import RESOURCES, Load
from .settings import ID, NAME, PLACES, Place

UNNAMED = "未命名"
SETTLING = 5.0
"""Seconds in which what is being deleted in the clouds goes."""


def broken(load: Load, changer: Changer, control: Control) -> Iterator[str]:
    """Bring everything to rest without faults, and name what does not hold."""
    control.clear_faults()
    time.sleep(SETTLING)
    load.climc("task-resume", "task-resume", "--wait-timeout", "60")
    open_tasks = [task for task in _json(load, "task-list", "task-list", "--limit", "0") if not task["ended_at"]]
    if open_tasks:
        yield f"{len(open_tasks)} tasks never ended: {open_tasks[0]['obj_name']}: {open_tasks[0]['note']}"
    words = ("cloud-account-sync", "--all", "--resources", RESOURCES)
    first = _json(load, "sync", *words, "--accept-removals")
    second = _json(load, "sync", *words)
    yield from _not_complete(first, second)
    yield from _differences(Path(load.env["CLIMC_DB"]), changer)
    done = load.climc("db check", "db", "check")
    if done.code or "integrity ok" not in done.out:
        yield f"climc db check: {done.out}{done.error}"
    load.watch.note_deletions()
    yield from wrong_deletions(load)


def wrong_deletions(load: Load) -> Iterator[str]:
    """Deletions that were sent twice, or that nobody asked for."""
    for id, times in load.watch.sent().items():
        if times > 1:
            yield f"the deletion of {id} was sent {times} times"
        if id not in load.deleted:
            yield f"the deletion of {id} was sent, and nobody had asked for it"


def _json(load: Load, kind: str, *words: str) -> list[dict[str, Any]]:
    done = load.climc(kind, *words, "-o", "json")
    found: list[dict[str, Any]] = json.loads(done.out)["data"]
    return found


def _not_complete(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> Iterator[str]:
    for result in [*first, *second]:
        if result["state"] not in {"complete", "unsupported"}:
            yield f"the last sync: {result['account']} {result['region']} {result['type']}: {result['error']}"
    for result in second:
        if any(result[name] for name in ("added", "updated", "removed", "held", "failed")):
            yield f"a sync after the last one still found something new: {result}"


def _differences(cache: Path, changer: Changer) -> Iterator[str]:
    with sqlite3.connect(cache) as connection:
        for place in PLACES:
            key, name = ID[place.provider, place.kind], NAME[place.provider, place.kind]
            cloud = {row[key]: _name(row[name], row[key]) for row in changer.rows(place)}
            cached = _cached(connection, place)
            if cached != cloud:
                lost, invented = sorted(cloud.keys() - cached.keys()), sorted(cached.keys() - cloud.keys())
                other = [id for id in cloud.keys() & cached.keys() if cloud[id] != cached[id]]
                yield f"{place}: lost {lost}, invented {invented}, with another name {other}"
    connection.close()


def _name(name: str, id: str) -> str:
    """What a row is called here: by its id where the cloud has no name, or says so in Chinese."""
    return id if name in {"", UNNAMED} else name


def _cached(connection: sqlite3.Connection, place: Place) -> dict[str, str]:
    rows = connection.execute(
        f"SELECT external_id, cloud_name FROM {place.kind}s_tbl t JOIN cloudaccounts_tbl a ON a.id = t.account_id"
        " WHERE t.deleted = 0 AND a.name = ? AND t.cloudregion_id LIKE ?",
        (place.account_name, f"%/{place.region}"),
    )
    return dict(rows.fetchall())
