"""Merging a listing into the cache: a temporary stage, a diff, and one short transaction of a few statements."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple

from cloudmux_py.cloudprovider.errors import Drift

from . import schema
from .database import Database
from .shape import Shape, Stored
from .values import compact, now

_numbers = count(1)
"""Several stages may stand side by side on one connection."""

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


class Stage:
    """The rows of one listing beside the rows of its scope.

    Args:
        database: The cache.
        shape: What the listing tells of each row.
        account_id: The account.
        cloudregion_id: The region.
        version: The cache's version when the listing began; rows that changed later are left alone.
        locked: Whether new rows are locked against deletion.
    """

    def __init__(
        self,
        database: Database,
        shape: Shape,
        account_id: str,
        cloudregion_id: str,
        *,
        version: int,
        locked: bool = True,
    ) -> None:
        self.database = database
        self.row = shape.row
        self.table = schema.table(shape.row)
        self.scope = {"account": account_id, "region": cloudregion_id, "version": version}
        self.locked = locked
        self.columns, self.kinds = shape.columns, shape.kinds
        names = ", ".join(self.columns)
        number = next(_numbers)
        self.stage, self.fresh, self.changed = (f"temp.{name}{number}" for name in ("stage", "fresh", "changed"))
        database.execute(f"CREATE TABLE {self.stage} (identity TEXT PRIMARY KEY, {names}) WITHOUT ROWID")

    def add(self, rows: Iterable[Stored]) -> None:
        """Put rows on the stage.

        Raises:
            Drift: An id came twice.
        """
        marks = ", ".join("?" for _ in range(len(self.columns) + 1))
        self.database.connection.execute("BEGIN")
        try:
            self.database.many(f"INSERT INTO {self.stage} VALUES ({marks})", rows)
        except BaseException as error:
            self.database.connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.IntegrityError):
                raise Drift("an id came twice in one listing") from None
            raise
        self.database.connection.execute("COMMIT")

    def witness(self, unlisted: Sequence[str] = ()) -> str:
        """The cloud id of a row of the listing, to be asked for beside the missing; empty if there is none.

        Args:
            unlisted: Ids of rows that no list has, which can be no witnesses.
        """
        row = self.database.one(
            f"SELECT external_id FROM {self.stage} WHERE external_id NOT IN ({', '.join('?' for _ in unlisted)})"
            " ORDER BY status = 'available' DESC LIMIT 1",
            list(unlisted),
        )
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
            f" AND NOT EXISTS (SELECT 1 FROM {self.stage} s WHERE s.identity = t.identity)",
            self.scope,
        )
        return [Missing(*row) for row in found]

    def counts(self) -> Counts:
        """What a merge would add and update."""
        self._spare_open_tasks()
        staged = self._count(f"SELECT count(*) FROM {self.stage}")
        added = self._count(f"SELECT count(*) FROM {self.stage} s WHERE NOT {self._lives()}")
        updated = self._count(f"SELECT count(*) {self._differing()}")
        return Counts(added=added, updated=updated, unchanged=staged - added - updated)

    def merge(
        self, removals: Mapping[str, Mapping[str, Any]], held: Iterable[str] = (), *, complete: bool = True
    ) -> Counts:
        """Write what is new, in one transaction.

        Args:
            removals: Local ids that are proved gone, each with its proof.
            held: Local ids that are missing without proof.
            complete: Whether the listing proved itself complete; without that nothing can be missing.
        """
        held = list(held)
        if (removals or held) and not complete:
            raise ValueError("an incomplete listing removes nothing")
        with self.database.transaction():
            time = now()
            staged = self._count(f"SELECT count(*) FROM {self.stage}")
            self._spare_open_tasks()
            removed = sum(self._remove(id, proof, time) for id, proof in removals.items())
            revived = self._revive(time)
            updated = self._update(time, revived)
            added = self._insert(time)
            self._mark(held, time)
            spared = self._count(f"SELECT count(*) FROM {self.stage} s WHERE NOT {self._lives()}")
        for table in (self.stage, self.fresh, self.changed):
            self.database.execute(f"DROP TABLE IF EXISTS {table}")
        new = added + len(revived)
        return Counts(new, updated, removed, staged - new - updated - spared, len(held))

    # The statements.

    def _scope(self, table: str = "t") -> str:
        return f"{table}.account_id = :account AND {table}.cloudregion_id = :region AND {table}.deleted = 0"

    def _lives(self, alias: str = "t") -> str:
        return (
            f"EXISTS (SELECT 1 FROM {self.table} {alias} WHERE {self._scope(alias)} AND {alias}.identity = s.identity)"
        )

    def _differing(self) -> str:
        """Rows that changed. Their ids are one by identity: a cloud that only changes their case changes nothing."""
        compared = [name for name in self.columns if name != "external_id"]
        ours, theirs = (", ".join(f"{table}.{name}" for name in compared) for table in "ts")
        return (
            f"FROM {self.table} t CROSS JOIN {self.stage} s ON s.identity = t.identity"
            f" WHERE {self._scope()} AND t.row_version <= :version AND ({ours}) IS NOT ({theirs})"
        )

    def _count(self, sql: str) -> int:
        row = self.database.one(sql, self.scope)
        return int(row[0]) if row else 0

    def _spare_open_tasks(self) -> None:
        """The status of a row with an open task is the task's business.

        The open tasks come first: they are few, and the scope may have a hundred thousand rows.
        """
        busy = self.database.rows(
            f"SELECT t.status, t.identity FROM tasks_tbl k CROSS JOIN {self.table} t ON t.id = k.obj_id"
            f" WHERE k.stage IN {OPEN_STAGES} AND {self._scope()}",
            self.scope,
        )
        self.database.many(f"UPDATE {self.stage} SET status = ? WHERE identity = ?", [tuple(row) for row in busy])

    def _not_buried_since(self) -> str:
        """Not of rows that went after the listing began: it may still tell of them."""
        return (
            f"NOT EXISTS (SELECT 1 FROM {self.table} b WHERE b.account_id = :account AND b.cloudregion_id = :region"
            " AND b.identity = s.identity AND b.deleted = 1 AND b.row_version > :version)"
        )

    def _revive(self, time: str) -> set[str]:
        """Rows that come back keep their id, lock and user tags, if the cloud means the same resource."""
        found = self.database.rows(
            f"SELECT t.id, t.name, max(t.deleted_at) FROM {self.stage} s CROSS JOIN {self.table} t"
            " ON t.account_id = :account AND t.cloudregion_id = :region AND t.identity = s.identity AND t.deleted = 1"
            " WHERE (t.created_at IS s.created_at OR t.created_at IS NULL OR s.created_at IS NULL)"
            f" AND NOT {self._lives('u')} AND {self._not_buried_since()} GROUP BY s.identity",
            self.scope,
        )
        if not found:
            return set()
        self.database.many(
            f"UPDATE {self.table} SET deleted = 0, deleted_at = NULL, missing_since = NULL, updated_at = ?"
            " WHERE id = ?",
            [(time, row["id"]) for row in found],
        )
        self._events(time, "create", [(row["id"], row["name"], {"revived": True}) for row in found])
        self._unique_names([row["id"] for row in found])
        return {row["id"] for row in found}

    def _update(self, time: str, revived: set[str]) -> int:
        """Change what differs; old and new values go into the events, a thousand rows at a time."""
        self.database.execute(f"CREATE TABLE {self.changed} (id TEXT PRIMARY KEY, identity TEXT, renamed INTEGER)")
        self.database.execute(
            f"INSERT INTO {self.changed} SELECT t.id, t.identity, t.cloud_name IS NOT s.cloud_name AND NOT t.name_set"
            f" {self._differing()}",
            self.scope,
        )
        total = self._count(f"SELECT count(*) FROM {self.changed}")
        if not total:
            return 0
        pairs = ", ".join(f"t.{name}, s.{name}" for name in self.columns)
        differing = self.database.connection.execute(
            f"SELECT t.id, t.name, {pairs} FROM {self.changed} c CROSS JOIN {self.table} t ON t.id = c.id"
            f" CROSS JOIN {self.stage} s ON s.identity = c.identity"
        )
        while rows := differing.fetchmany(1000):
            self._events(time, "sync_update", [(row["id"], row["name"], self._changes(row)) for row in rows])
        names = ", ".join(self.columns)
        staged = ", ".join(f"s.{name}" for name in self.columns)
        self.database.execute(
            f"UPDATE {self.table} SET ({names}) = (SELECT {staged} FROM {self.changed} c CROSS JOIN {self.stage} s"
            f" ON s.identity = c.identity WHERE c.id = {self.table}.id), updated_at = :time, row_version = :next"
            f" WHERE id IN (SELECT id FROM {self.changed})",
            {"time": time, "next": self.database.next_version()},
        )
        renamed = [row["id"] for row in self.database.rows(f"SELECT id FROM {self.changed} WHERE renamed")]
        self.database.many(f"UPDATE {self.table} SET name = cloud_name WHERE id = ?", [(id,) for id in renamed])
        self._unique_names(renamed)
        counted = [(id,) for id in revived]
        both = sum(1 for values in counted if self.database.one(f"SELECT 1 FROM {self.changed} WHERE id = ?", values))
        return total - both

    def _changes(self, row: sqlite3.Row) -> dict[str, Any]:
        pairs = [(name, row[2 + 2 * index], row[3 + 2 * index]) for index, name in enumerate(self.columns)]
        return {
            name: {"old": self._shown(name, old), "new": self._shown(name, new)}
            for name, old, new in pairs
            if old != new
        }

    def _insert(self, time: str) -> int:
        self.database.execute(
            f"CREATE TABLE {self.fresh} AS SELECT new_id() AS id, s.identity AS identity FROM {self.stage} s"
            f" WHERE NOT {self._lives()} AND {self._not_buried_since()}",
            self.scope,
        )
        added = self._count(f"SELECT count(*) FROM {self.fresh}")
        if not added:
            return 0
        names = ", ".join(self.columns)
        staged = ", ".join(f"s.{name}" for name in self.columns)
        self.database.execute(
            f"INSERT INTO {self.table} (id, name, account_id, cloudregion_id, identity, disable_delete, imported_at,"
            f" updated_at, row_version, {names}) SELECT f.id, s.cloud_name, :account, :region, s.identity, :locked,"
            f" :time, :time, :next, {staged} FROM {self.fresh} f CROSS JOIN {self.stage} s ON s.identity = f.identity",
            {**self.scope, "locked": int(self.locked), "time": time, "next": self.database.next_version()},
        )
        self._unique_names(None)
        self.database.execute(
            "INSERT INTO opslog_tbl (ops_time, obj_type, obj_id, obj_name, action, account_id, notes)"
            f" SELECT :time, :type, t.id, t.name, 'create', :account, '{{}}' FROM {self.fresh} f"
            f" CROSS JOIN {self.table} t ON t.id = f.id",
            {**self.scope, "time": time, "type": self.row.keyword},
        )
        return added

    def _remove(self, id: str, proof: Mapping[str, Any], time: str) -> int:
        gone = self.database.execute(
            f"UPDATE {self.table} AS t SET deleted = 1, deleted_at = :time, updated_at = :time, missing_since = NULL"
            f" WHERE t.id = :id AND {self._scope()} AND t.row_version <= :version"
            f" AND NOT EXISTS (SELECT 1 FROM {self.stage} s WHERE s.identity = t.identity)",
            {**self.scope, "id": id, "time": time},
        )
        if not gone:
            return 0
        next_version = self.database.next_version()
        self.database.execute(f"UPDATE {self.table} SET row_version = ? WHERE id = ?", (next_version, id))
        row = self.database.one(f"SELECT name, disable_delete FROM {self.table} WHERE id = ?", [id])
        assert row
        notes = {"proof": dict(proof), "locked": bool(row["disable_delete"]), "by": "sync"}
        self._events(time, "delete", [(id, row["name"], notes)])
        return 1

    def _mark(self, held: Iterable[str], time: str) -> None:
        """Missing rows get the time when they first were; rows that were seen again lose it."""
        self.database.many(
            f"UPDATE {self.table} AS t SET missing_since = :time"
            f" WHERE t.id = :id AND {self._scope()} AND t.missing_since IS NULL",
            [{**self.scope, "id": id, "time": time} for id in held],
        )
        self.database.execute(
            f"UPDATE {self.table} AS t SET missing_since = NULL WHERE {self._scope()} AND t.missing_since IS NOT NULL"
            f" AND EXISTS (SELECT 1 FROM {self.stage} s WHERE s.identity = t.identity)",
            self.scope,
        )

    def _unique_names(self, ids: list[str] | None) -> None:
        """Names that are taken get a number, as Cloudpods gives it: ``name-1``.

        Args:
            ids: The rows whose names are new; None for all that were just inserted.
        """
        if ids is None:
            candidates = self.database.rows(
                f"SELECT t.id, t.name FROM {self.fresh} f CROSS JOIN {self.table} t ON t.id = f.id WHERE EXISTS"
                f" (SELECT 1 FROM {self.table} o WHERE o.name = t.name AND o.deleted = 0 AND o.id <> t.id)"
            )
        else:
            candidates = [row for id in ids for row in self._taken(id)]
        groups: dict[str, list[str]] = {}
        for row in candidates:
            groups.setdefault(row["name"], []).append(row["id"])
        renamed: list[tuple[str, str]] = []
        for found in self._numbered(list(groups)):
            members = groups[found["name"]]
            # One of them may keep the name, unless a row that was here before has it.
            keeps = int(found["holders"] == len(members))
            renamed += zip(self._free_names(found), members[keeps:], strict=False)
        self.database.many(f"UPDATE {self.table} SET name = ? WHERE id = ?", renamed)

    def _numbered(self, names: list[str]) -> list[sqlite3.Row]:
        """How many living rows have each name, and how many the name with a number, up to which number.

        "." follows "-": the names that begin with a name and a hyphen are one stretch of the index.
        """
        return self.database.rows(
            "SELECT j.value AS name,"
            f" (SELECT count(*) FROM {self.table} h WHERE h.name = j.value AND h.deleted = 0) AS holders,"
            " count(n.name) AS numbered, max(CAST(substr(n.name, length(j.value) + 2) AS INTEGER)) AS highest"
            f" FROM json_each(?) j LEFT JOIN {self.table} n ON n.deleted = 0 AND n.name >= j.value || '-'"
            " AND n.name < j.value || '.' AND substr(n.name, length(j.value) + 2) NOT GLOB '*[^0-9]*' GROUP BY j.key",
            [json.dumps(names)],
        )

    def _free_names(self, found: sqlite3.Row) -> Iterator[str]:
        """The name with each number that is not taken, the lowest first."""
        name, highest = found["name"], found["highest"] or 0
        taken: set[str] = set()
        if highest != found["numbered"]:  # there are gaps
            near = f"SELECT name FROM {self.table} WHERE name >= ? AND name < ? AND deleted = 0"
            taken = {row["name"] for row in self.database.rows(near, [f"{name}-", f"{name}."])}
            highest = 0
        return (each for number in count(highest + 1) if (each := f"{name}-{number}") not in taken)

    def _taken(self, id: str) -> list[sqlite3.Row]:
        return self.database.rows(
            f"SELECT t.id, t.name FROM {self.table} t WHERE t.id = :id AND EXISTS"
            f" (SELECT 1 FROM {self.table} o WHERE o.name = t.name AND o.deleted = 0 AND o.id <> t.id)",
            {"id": id},
        )

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
