"""The cache as it was: what happened since a time is undone, event by event, in temporary tables.

Temporary tables stand before those of the file under the same names, and so does a temporary view: whatever reads rows
reads those of then. Every change of a row is in an event with its old values, and each event has the name that the row
had before it, so that all columns are as they were but these:

- ``synced_at``, ``scope_age``, ``stale_since`` are empty: no event tells how fresh a scope was;
- ``missing_since`` is empty where the row was seen again, or proved gone, since;
- ``row_version`` is that of now;
- where older events were pruned, ``updated_at`` and ``deleted_at`` may be empty, and ``name_set`` false, for what they
  told is unknown.

A time counts to its end: what happened within its second has happened.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cloudmux_py.cloudprovider.errors import UsageError
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.resources import resource_type

from . import schema
from .database import Database
from .values import compact, now

Row = type[ICloudResource]

ACCOUNT = "cloudaccount"
CACHE, PRUNE = "cache", "prune"
"""What the event of a pruning is about, and its action; its notes say before when nothing was kept."""

RESTORE = "restore"
"""The action of a restore's event; its notes say until when the backup knew what happened."""

RENAMED = (
    "SELECT 1 FROM opslog_tbl e WHERE e.obj_id = t.id AND e.action = 'update'"
    " AND json_extract(e.notes, '$.name') IS NOT NULL"
)
"""The user gave the row its name."""


class _Event(NamedTuple):
    """An event to undo; `went` is when a row that came back had gone."""

    obj_id: str
    obj_name: str
    action: str
    notes: str
    went: str | None


def rewind(database: Database, row: Row, at: str) -> None:
    """Let this connection read a type's rows as they were, with the names of what they refer to, and of accounts.

    Args:
        database: The cache; nothing in its file is changed.
        row: The resource type.
        at: The time, as the cache keeps times.

    Raises:
        UsageError: Events since then were pruned.
    """
    named = {row.columns[column].references for column in schema.names_of_references(row).values()}
    with database.snapshot():
        _check_kept(database, at)
        _rewind_accounts(database, at)
        for keyword in sorted({row.keyword, *named}):
            _rewind_type(database, resource_type(keyword), at)
        _rewind_tags(database, row, at)
        database.execute("CREATE TEMP TABLE scopes_tbl AS SELECT * FROM main.scopes_tbl WHERE 0")
        database.execute(f"CREATE TEMP VIEW {row.plural} AS {schema.view(row)}")


def doubt(database: Database, at: str) -> str:
    """Why a list of then tells little: the time is yet to come, or nothing is known from so long ago; else nothing."""
    if at > now():
        return f"{at} is yet to come; this is the cache as it is now"
    found = database.one("SELECT min(created_at) AS began FROM main.cloudaccounts_tbl")
    began = (found and found["began"]) or now()
    return f"nothing is known from before the first account was added, at {began}" if at < began else ""


def _check_kept(database: Database, at: str) -> None:
    found = database.one(
        "SELECT max(json_extract(notes, '$.before')) AS before FROM opslog_tbl WHERE obj_type = ? AND action = ?",
        (CACHE, PRUNE),
    )
    if found and found["before"] and at < found["before"]:
        raise UsageError(f"--at {at}: the events before {found['before']} were pruned; give a later time")
    lost = database.one(
        "SELECT json_extract(notes, '$.known_until') AS since, ops_time FROM opslog_tbl"
        " WHERE obj_type = ? AND action = ? AND json_extract(notes, '$.known_until') < ? AND ops_time > ?",
        (CACHE, RESTORE, at, at),
    )
    if lost:
        between = f"between {lost['since']} and {lost['ops_time']}, when a backup was restored"
        raise UsageError(f"--at {at}: what happened {between}, is not in its events; give another time")


def _rewind_accounts(database: Database, at: str) -> None:
    """Their names, and nothing secret."""
    database.execute("CREATE TEMP TABLE cloudaccounts_tbl AS SELECT id, name, brand FROM main.cloudaccounts_tbl")
    _undo(database, "cloudaccounts_tbl", ACCOUNT, {"name": "text"}, at)


def _rewind_type(database: Database, row: Row, at: str) -> None:
    table, times = schema.table(row), {"at": at}
    own = schema.columns(row)
    kinds = {name: kind for name, kind in schema.view_kinds(row).items() if name in own}
    selected = ", ".join(f"t.{name}" for name in kinds)
    database.execute(
        f"CREATE TEMP TABLE {table} AS SELECT {selected} FROM main.{table} t WHERE t.imported_at <= :at", times
    )
    for name, columns in (("id", "id"), ("identity", "account_id, identity")):
        database.execute(f"CREATE INDEX temp.{table}_at_{name} ON {table} ({columns})")
    database.execute(f"UPDATE {table} SET missing_since = NULL WHERE missing_since > :at", times)
    database.execute(
        f"UPDATE {table} AS t SET name_set = 0 WHERE name_set = 1 AND EXISTS ({RENAMED} AND e.ops_time > :at)"
        f" AND NOT EXISTS ({RENAMED} AND e.ops_time <= :at)",
        times,
    )
    database.execute(
        f"UPDATE {table} AS t SET updated_at = (SELECT max(e.ops_time) FROM opslog_tbl e WHERE e.obj_id = t.id"
        " AND e.ops_time <= :at AND e.action NOT IN ('set_meta', 'del_meta')) WHERE updated_at > :at",
        times,
    )
    _undo(database, table, row.keyword, kinds, at)


def _undo(database: Database, table: str, keyword: str, kinds: Mapping[str, str], at: str) -> None:
    """Give rows the values that they had: of several events about one, the oldest tells."""
    before: dict[str, dict[str, Any]] = {}
    for event in _since(database, keyword, at):
        before.setdefault(event.obj_id, {}).update(_values_before(event, kinds))
    for id, values in before.items():
        pairs = ", ".join(f"{name} = :{name}" for name in values)
        database.execute(f"UPDATE {table} SET {pairs} WHERE id = :row_id", {**values, "row_id": id})


def _since(database: Database, keyword: str, at: str) -> Iterator[_Event]:
    """Events after a time, the newest first."""
    rows = database.stream(
        "SELECT obj_id, obj_name, action, notes, CASE WHEN action = 'create' THEN (SELECT d.ops_time FROM opslog_tbl d"
        " WHERE d.obj_id = e.obj_id AND d.action = 'delete' AND d.id < e.id ORDER BY d.id DESC LIMIT 1) END AS went"
        " FROM opslog_tbl e WHERE obj_type = ? AND ops_time > ? ORDER BY id DESC",
        (keyword, at),
    )
    return (_Event(*row) for row in rows)


def _values_before(event: _Event, kinds: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {"name": event.obj_name}
    notes = json.loads(event.notes)
    for name, change in notes.items():
        if name in kinds and isinstance(change, dict) and change.keys() == {"old", "new"}:
            values[name] = _stored(change["old"], kinds[name])
    if "deleted" in kinds and event.action == "delete":
        values |= {"deleted": 0, "deleted_at": None}
    if "deleted" in kinds and event.action == "create" and notes.get("revived"):
        values |= {"deleted": 1, "deleted_at": event.went}
    return values


def _stored(value: Any, kind: str) -> Any:
    """A value of an event as the column keeps it."""
    return compact(value) if kind in {"map", "list"} and value is not None else value


def _rewind_tags(database: Database, row: Row, at: str) -> None:
    """The user's own tags; the cloud's are columns of the row."""
    database.execute(
        "CREATE TEMP TABLE metadata_tbl AS SELECT * FROM main.metadata_tbl WHERE obj_type = ?", [row.keyword]
    )
    database.execute("CREATE INDEX temp.metadata_at ON metadata_tbl (obj_id, key)")
    before = {
        (event.obj_id, key): change["old"]
        for event in _since(database, row.keyword, at)
        if event.action in {"set_meta", "del_meta"}
        for key, change in json.loads(event.notes).items()
    }
    database.many("DELETE FROM temp.metadata_tbl WHERE obj_id = ? AND key = ?", list(before))
    kept = [(row.keyword, id, key, value) for (id, key), value in before.items() if value is not None]
    database.many("INSERT INTO temp.metadata_tbl VALUES (?, ?, ?, ?)", kept)
