"""Merging a listing into the cache: a temporary stage, a diff, and one short transaction of a few statements."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from cloudmux_py.cloudprovider.errors import Drift
from cloudmux_py.cloudprovider.resource import ICloudResource, format_time

from . import schema
from .database import Database

OPEN_STAGES = "('planned', 'sent', 'accepted')"


class Missing(NamedTuple):
    """A living row of the cache that a listing lacks."""

    id: str
    external_id: str
    name: str
    missing_since: str | None


@dataclass
class Counts:
    """What a merge did, in rows."""

    added: int = 0
    updated: int = 0
    removed: int = 0
    unchanged: int = 0
    held: int = 0


def now() -> str:
    """The time as the cache keeps it."""
    return format_time(datetime.now(UTC))


def compact(value: Any) -> str:
    """Canonical JSON: equal values are equal texts."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class Stage:
    """The rows of one listing beside the rows of its scope.

    Args:
        database: The cache.
        row: The resource type.
        account_id: The account.
        cloudregion_id: The region.
        version: The cache's version when the listing began; rows that changed later are left alone.
        identity: From a cloud id to what it is compared by.
        get_only: Columns that this listing does not tell, and must not touch.
        locked: Whether new rows are locked against deletion.
    """

    def __init__(
        self,
        database: Database,
        row: type[ICloudResource],
        account_id: str,
        cloudregion_id: str,
        *,
        version: int,
        identity: Callable[[str], str] = str,
        get_only: frozenset[str] = frozenset(),
        locked: bool = True,
    ) -> None:
        self.database = database
        self.row = row
        self.table = schema.table(row)
        self.scope = {"account": account_id, "region": cloudregion_id, "version": version}
        self.identity = identity
        self.locked = locked
        columns = schema.cloud_columns(row)
        self.columns = [name for name in columns if name not in get_only]
        self.kinds = {name: columns[name].kind for name in self.columns}
        database.execute("DROP TABLE IF EXISTS temp.stage")
        names = ", ".join(self.columns)
        database.execute(f"CREATE TEMP TABLE stage (identity TEXT PRIMARY KEY, {names}) WITHOUT ROWID")

    def add(self, rows: Iterable[ICloudResource]) -> None:
        """Put rows on the stage.

        Raises:
            Drift: An id came twice.
        """
        sources = ["name" if name == "cloud_name" else name for name in self.columns]
        marks = ", ".join("?" for _ in range(len(sources) + 1))
        try:
            self.database.connection.execute("BEGIN")
            self.database.many(
                f"INSERT INTO temp.stage VALUES ({marks})",
                ([self.identity(row.external_id), *(_stored(row, name) for name in sources)] for row in rows),
            )
            self.database.connection.execute("COMMIT")
        except sqlite3.IntegrityError:
            self.database.connection.execute("ROLLBACK")
            raise Drift("an id came twice in one listing") from None

    def witness(self) -> str:
        """The cloud id of a row of the listing, to be asked for beside the missing; empty if there is none."""
        row = self.database.one("SELECT external_id FROM temp.stage WHERE status = 'available' LIMIT 1")
        row = row or self.database.one("SELECT external_id FROM temp.stage LIMIT 1")
        return str(row["external_id"]) if row else ""

    def living(self) -> int:
        """How many rows the cache has in the scope."""
        row = self.database.one(f"SELECT count(*) AS n FROM {self.table} t WHERE {self._scope()}", self.scope)
        return int(row["n"]) if row else 0

    def missing(self) -> list[Missing]:
        """The living rows that the listing lacks."""
        found = self.database.rows(
            f"SELECT t.id, t.external_id, t.name, t.missing_since FROM {self.table} t"
            f" WHERE {self._scope()} AND t.row_version <= :version"
            " AND NOT EXISTS (SELECT 1 FROM temp.stage s WHERE s.identity = t.identity)",
            self.scope,
        )
        return [Missing(*row) for row in found]

    def counts(self) -> Counts:
        """What a merge would add and update."""
        staged = self._count("SELECT count(*) FROM temp.stage")
        added = self._count(f"SELECT count(*) FROM temp.stage s WHERE NOT {self._lives()}")
        updated = self._count(f"SELECT count(*) {self._differing()}")
        return Counts(added=added, updated=updated, unchanged=staged - added - updated)

    def merge(self, removals: Mapping[str, Mapping[str, Any]], held: Iterable[str] = ()) -> Counts:
        """Write what is new, in one transaction.

        Args:
            removals: Local ids that are proved gone, each with its proof.
            held: Local ids that are missing without proof.
        """
        held = list(held)
        with self.database.transaction():
            time = now()
            staged = self._count("SELECT count(*) FROM temp.stage")
            self._spare_open_tasks()
            revived = self._revive(time)
            updated = self._update(time)
            added = self._insert(time)
            removed = sum(self._remove(id, proof, time) for id, proof in removals.items())
            self._mark(held, time)
        return Counts(added + revived, updated, removed, staged - added - revived - updated, len(held))

    # The statements.

    def _scope(self, table: str = "t") -> str:
        return f"{table}.account_id = :account AND {table}.cloudregion_id = :region AND {table}.deleted = 0"

    def _lives(self, alias: str = "t") -> str:
        return (
            f"EXISTS (SELECT 1 FROM {self.table} {alias} WHERE {self._scope(alias)} AND {alias}.identity = s.identity)"
        )

    def _differing(self) -> str:
        ours, theirs = (", ".join(f"{table}.{name}" for name in self.columns) for table in "ts")
        return (
            f"FROM {self.table} t CROSS JOIN temp.stage s ON s.identity = t.identity"
            f" WHERE {self._scope()} AND t.row_version <= :version AND ({ours}) IS NOT ({theirs})"
        )

    def _count(self, sql: str) -> int:
        row = self.database.one(sql, self.scope)
        return int(row[0]) if row else 0

    def _spare_open_tasks(self) -> None:
        """The status of a row with an open task is the task's business."""
        self.database.execute(
            f"UPDATE temp.stage AS s SET status = o.status FROM (SELECT t.identity, t.status FROM tasks_tbl k"
            f" JOIN {self.table} t ON t.id = k.obj_id WHERE k.stage IN {OPEN_STAGES} AND {self._scope()}) o"
            " WHERE o.identity = s.identity",
            self.scope,
        )

    def _revive(self, time: str) -> int:
        """Rows that come back keep their id, lock and user tags, if the cloud means the same resource."""
        found = self.database.rows(
            f"SELECT t.id, t.name, max(t.deleted_at) FROM temp.stage s CROSS JOIN {self.table} t"
            " ON t.account_id = :account AND t.cloudregion_id = :region AND t.identity = s.identity AND t.deleted = 1"
            " WHERE (t.created_at IS s.created_at OR t.created_at IS NULL OR s.created_at IS NULL)"
            f" AND NOT {self._lives('u')} GROUP BY s.identity",
            self.scope,
        )
        if not found:
            return 0
        self.database.many(
            f"UPDATE {self.table} SET deleted = 0, deleted_at = NULL, missing_since = NULL, updated_at = ? WHERE id = ?",
            [(time, row["id"]) for row in found],
        )
        self._events(time, "create", [(row["id"], row["name"], {"revived": True}) for row in found])
        self._unique_names([row["id"] for row in found])
        return len(found)

    def _update(self, time: str) -> int:
        pairs = ", ".join(f"t.{name}, s.{name}" for name in self.columns)
        rows = self.database.rows(
            f"SELECT t.id, t.name, t.name_set, s.identity, {pairs} {self._differing()}", self.scope
        )
        if not rows:
            return 0
        events, renamed = [], []
        for row in rows:
            changes = {}
            for index, name in enumerate(self.columns):
                old, new = row[4 + 2 * index], row[5 + 2 * index]
                if old != new or (old is None) != (new is None):
                    changes[name] = {"old": self._shown(name, old), "new": self._shown(name, new)}
            if "cloud_name" in changes and not row["name_set"]:
                renamed.append(row["id"])
            events.append((row["id"], row["name"], changes))
        names = ", ".join(self.columns)
        version = self.database.next_version()
        self.database.many(
            f"UPDATE {self.table} SET ({names}) = (SELECT {names} FROM temp.stage WHERE identity = ?),"
            " updated_at = ?, row_version = ? WHERE id = ?",
            [(row["identity"], time, version, row["id"]) for row in rows],
        )
        self._events(time, "sync_update", events)
        if renamed:
            marks = [(id,) for id in renamed]
            self.database.many(f"UPDATE {self.table} SET name = cloud_name WHERE id = ?", marks)
            self._unique_names(renamed)
        return len(rows)

    def _insert(self, time: str) -> int:
        self.database.execute("DROP TABLE IF EXISTS temp.fresh")
        self.database.execute(
            "CREATE TEMP TABLE fresh AS SELECT new_id() AS id, s.identity AS identity FROM temp.stage s"
            f" WHERE NOT {self._lives()}",
            self.scope,
        )
        count = self._count("SELECT count(*) FROM temp.fresh")
        if not count:
            return 0
        names = ", ".join(self.columns)
        staged = ", ".join(f"s.{name}" for name in self.columns)
        self.database.execute(
            f"INSERT INTO {self.table} (id, name, account_id, cloudregion_id, identity, disable_delete, imported_at,"
            f" updated_at, row_version, {names}) SELECT f.id, s.cloud_name, :account, :region, s.identity, :locked,"
            f" :time, :time, :next, {staged} FROM temp.fresh f CROSS JOIN temp.stage s ON s.identity = f.identity",
            {**self.scope, "locked": int(self.locked), "time": time, "next": self.database.next_version()},
        )
        self._unique_names(None)
        self.database.execute(
            "INSERT INTO opslog_tbl (ops_time, obj_type, obj_id, obj_name, action, account_id, notes)"
            f" SELECT :time, :type, t.id, t.name, 'create', :account, '{{}}' FROM temp.fresh f"
            f" CROSS JOIN {self.table} t ON t.id = f.id",
            {**self.scope, "time": time, "type": self.row.keyword},
        )
        return count

    def _remove(self, id: str, proof: Mapping[str, Any], time: str) -> int:
        gone = self.database.execute(
            f"UPDATE {self.table} SET deleted = 1, deleted_at = :time, updated_at = :time, missing_since = NULL"
            " WHERE id = :id AND deleted = 0 AND row_version <= :version"
            f" AND NOT EXISTS (SELECT 1 FROM temp.stage s WHERE s.identity = {self.table}.identity)",
            {**self.scope, "id": id, "time": time},
        )
        if not gone:
            return 0
        row = self.database.one(f"SELECT name, disable_delete FROM {self.table} WHERE id = ?", [id])
        assert row
        notes = {"proof": dict(proof), "locked": bool(row["disable_delete"]), "by": "sync"}
        self._events(time, "delete", [(id, row["name"], notes)])
        return 1

    def _mark(self, held: Iterable[str], time: str) -> None:
        """Missing rows get the time when they first were; rows that were seen again lose it."""
        self.database.many(
            f"UPDATE {self.table} SET missing_since = ? WHERE id = ? AND missing_since IS NULL AND deleted = 0",
            [(time, id) for id in held],
        )
        self.database.execute(
            f"UPDATE {self.table} AS t SET missing_since = NULL WHERE {self._scope()} AND t.missing_since IS NOT NULL"
            " AND EXISTS (SELECT 1 FROM temp.stage s WHERE s.identity = t.identity)",
            self.scope,
        )

    def _unique_names(self, ids: list[str] | None) -> None:
        """Names that are taken get a number, as Cloudpods gives it: ``name-1``."""
        if ids is None:
            candidates = self.database.rows(
                f"SELECT t.id, t.name FROM temp.fresh f CROSS JOIN {self.table} t ON t.id = f.id WHERE EXISTS"
                f" (SELECT 1 FROM {self.table} o WHERE o.name = t.name AND o.deleted = 0 AND o.id <> t.id)"
            )
        else:
            candidates = [row for id in ids for row in self._taken(id)]
        first: set[str] = set()
        numbers: dict[str, int] = {}
        for row in candidates:
            name = row["name"]
            if name not in first:
                first.add(name)
                if not self._outside(name, {other["id"] for other in candidates if other["name"] == name}):
                    continue
            number = numbers.get(name, 0) + 1
            while self.database.one(f"SELECT 1 FROM {self.table} WHERE name = ? AND deleted = 0", [f"{name}-{number}"]):
                number += 1
            numbers[name] = number
            self.database.execute(f"UPDATE {self.table} SET name = ? WHERE id = ?", [f"{name}-{number}", row["id"]])

    def _taken(self, id: str) -> list[sqlite3.Row]:
        return self.database.rows(
            f"SELECT t.id, t.name FROM {self.table} t WHERE t.id = :id AND EXISTS"
            f" (SELECT 1 FROM {self.table} o WHERE o.name = t.name AND o.deleted = 0 AND o.id <> t.id)",
            {"id": id},
        )

    def _outside(self, name: str, candidates: set[str]) -> bool:
        rows = self.database.rows(f"SELECT id FROM {self.table} WHERE name = ? AND deleted = 0", [name])
        return any(row["id"] not in candidates for row in rows)

    def _shown(self, name: str, value: Any) -> Any:
        if value is None:
            return None
        if self.kinds[name] == "bool":
            return bool(value)
        return json.loads(value) if self.kinds[name] in {"map", "list"} else value

    def _events(self, time: str, action: str, events: list[tuple[str, str, Any]]) -> None:
        self.database.many(
            "INSERT INTO opslog_tbl (ops_time, obj_type, obj_id, obj_name, action, account_id, notes)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (time, self.row.keyword, id, name, action, self.scope["account"], compact(notes))
                for id, name, notes in events
            ],
        )


def _stored(row: ICloudResource, name: str) -> Any:
    column = row.columns[name]
    value = getattr(row, name)
    if value is None:
        return None
    if column.kind in {"map", "list"}:
        return compact(value)
    return format_time(value) if column.kind == "time" else value
