"""Single rows: what the user changes in the cache, and what one look at the cloud tells of one row."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from cloudmux_py.cloudprovider.errors import UsageError
from cloudmux_py.cloudprovider.resource import ICloudResource

from ..store import schema
from ..store.database import Database
from ..store.shape import shape_of
from ..store.stage import Counts, Stage
from ..store.values import now
from . import event
from .account import Account

Row = type[ICloudResource]


def subject(row: Row, found: sqlite3.Row) -> event.Subject:
    """What events about a row are about."""
    return event.Subject(row.keyword, found["id"], found["name"], found["account_id"])


def region_of(found: sqlite3.Row) -> str:
    """The cloud's id of a row's region."""
    return str(found["cloudregion_id"]).partition("/")[2]


def some_id(database: Database, row: Row, account: Account, region: str) -> str:
    """The cloud's id of some living row there, or nothing."""
    where = "account_id = ? AND cloudregion_id = ? AND deleted = 0 LIMIT 1"
    values = [account.id, account.region_id(region)]
    found = database.one(f"SELECT external_id FROM {schema.table(row)} WHERE {where}", values)
    return str(found["external_id"]) if found else ""


def by_id(database: Database, row: Row, id: str) -> sqlite3.Row:
    """The row of a local id, living or not."""
    found = database.one(f"SELECT * FROM {schema.table(row)} WHERE id = ?", [id])
    assert found is not None
    return found


def update(database: Database, row: Row, found: sqlite3.Row, changes: Mapping[str, Any]) -> None:
    """Change what belongs to the user: name, description, lock. The cloud is unchanged.

    Raises:
        UsageError: The name is taken.
    """
    differing = {name: value for name, value in changes.items() if found[name] != value}
    if not differing:
        return
    table = schema.table(row)
    with database.transaction():
        if "name" in differing:
            taken = database.one(f"SELECT id FROM {table} WHERE name = ? AND deleted = 0", [differing["name"]])
            if taken:
                raise UsageError(f"the name {differing['name']!r} is taken by {taken['id']}")
            differing["name_set"] = 1
        pairs = ", ".join(f"{name} = :{name}" for name in differing)
        database.execute(
            f"UPDATE {table} SET {pairs}, updated_at = :time WHERE id = :id",
            {**differing, "time": now(), "id": found["id"]},
        )
        notes = {
            name: {"old": _shown(name, found[name]), "new": _shown(name, value)}
            for name, value in differing.items()
            if name != "name_set"
        }
        event.log(database, subject(row, found), "update", notes)


def set_status(database: Database, row: Row, found: sqlite3.Row, status: str, action: str, notes: Any = None) -> None:
    """Set the status of a living row and tell why; within the caller's transaction."""
    living = database.execute(
        f"UPDATE {schema.table(row)} SET status = ?, updated_at = ?, row_version = ? WHERE id = ? AND deleted = 0",
        (status, now(), database.next_version(), found["id"]),
    )
    if living:
        told = {"status": {"old": found["status"], "new": status}, **(notes or {})}
        event.log(database, subject(row, found), action, told)


def refresh(
    database: Database, account: Account, row: Row, found: sqlite3.Row, seen: ICloudResource, version: int
) -> Counts:
    """Write what the cloud just told of one row, with the columns that lists lack.

    Args:
        database: The cache.
        account: The row's account.
        row: The resource type.
        found: The row.
        seen: What the cloud told.
        version: The cache's version before the cloud was asked; what changed since is left alone.
    """
    shape = shape_of(row.keyword, account.provider, full=True)
    where = (account.id, found["cloudregion_id"])
    stage = Stage(database, shape, *where, version=version, locked=not account.no_delete_lock)
    stage.add([shape.stored(seen)])
    return stage.merge({})


def bury(database: Database, row: Row, found: sqlite3.Row, action: str, notes: Any) -> bool:
    """Mark a row as gone, with an event that says why; within the caller's transaction."""
    time = now()
    gone = database.execute(
        f"UPDATE {schema.table(row)} SET deleted = 1, deleted_at = ?, updated_at = ?, missing_since = NULL"
        " , row_version = ? WHERE id = ? AND deleted = 0",
        (time, time, database.next_version(), found["id"]),
    )
    if gone:
        event.log(database, subject(row, found), action, notes)
    return bool(gone)


def forget(database: Database, row: Row, found: sqlite3.Row, *, locked: bool) -> None:
    """Mark a row as gone because the user said so; what comes back is as new: locked if new rows are.

    Else forgetting a row and syncing would be a way to lose its lock unseen; within the caller's transaction.
    """
    notes: dict[str, Any] = {"by": "purge"}
    if locked and not found["disable_delete"]:
        database.execute(f"UPDATE {schema.table(row)} SET disable_delete = 1 WHERE id = ?", [found["id"]])
        notes["disable_delete"] = {"old": False, "new": True}
    bury(database, row, found, "delete", notes)


def _shown(name: str, value: Any) -> Any:
    return bool(value) if name == "disable_delete" else value
