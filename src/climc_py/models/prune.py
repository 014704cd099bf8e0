"""Forgetting history for good: what is gone, and what happened, before a time."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from cloudmux_py.cloudprovider.resource import format_time

from ..store import schema
from ..store.database import Database
from ..store.history import CACHE, PRUNE
from . import event

OPEN_TASK = "SELECT 1 FROM tasks_tbl k WHERE k.obj_id = {table}.id AND k.stage IN ('planned', 'sent', 'accepted')"

OLD = {
    "events": ("opslog_tbl", f"ops_time < :before AND NOT (obj_type = '{CACHE}' AND action = '{PRUNE}')"),
    "tasks": ("tasks_tbl", "ended_at < :before"),
    "syncs": ("syncs_tbl", "coalesce(ended_at, started_at) < :before AND state <> 'running'"),
}
"""What goes beside the rows: events but those of pruning, ended tasks, and ended syncs."""


@dataclass
class Pruned:
    """What went, or would go.

    Attributes:
        before: All of it is older than this.
        rows: Rows that are gone from their cloud or were purged; one with an open task stays.
    """

    before: str
    rows: int = 0
    events: int = 0
    tasks: int = 0
    syncs: int = 0

    def __str__(self) -> str:
        return f"{self.rows} rows that are gone, {self.events} events, {self.tasks} tasks and {self.syncs} syncs"


def days_ago(days: int) -> str:
    """The time that many days ago. At least one: a sync that runs may still need what went since it began."""
    if days < 1:
        raise ValueError("history younger than a day is kept")
    return format_time(datetime.now(UTC) - timedelta(days=days))


def count(database: Database, before: str) -> Pruned:
    """What would go."""
    found = Pruned(before)
    for name, table, where in _old():
        row = database.one(f"SELECT count(*) AS n FROM {table} WHERE {where}", {"before": before})
        setattr(found, name, getattr(found, name) + (int(row["n"]) if row else 0))
    return found


def prune(database: Database, before: str) -> Pruned:
    """Forget it for good, and give the room back to the system; an event tells from when on history is kept."""
    gone = Pruned(before)
    with database.transaction():
        for name, table, where in _old():
            number = database.execute(f"DELETE FROM {table} WHERE {where}", {"before": before})
            setattr(gone, name, getattr(gone, name) + number)
        for row in schema.all_types():
            database.execute(
                "DELETE FROM metadata_tbl WHERE obj_type = ? AND NOT EXISTS"
                f" (SELECT 1 FROM {schema.table(row)} t WHERE t.id = metadata_tbl.obj_id)",
                [row.keyword],
            )
        if gone != Pruned(before):
            event.log(database, event.Subject(CACHE, "", database.path.name, ""), PRUNE, asdict(gone))
    database.vacuum()
    return gone


def _old() -> list[tuple[str, str, str]]:
    """What counts it, its table, and which rows of that; rows come first, for open tasks keep them."""
    gone = "deleted = 1 AND deleted_at < :before AND NOT EXISTS ({})"
    tables = [schema.table(row) for row in schema.all_types()]
    rows = [("rows", table, gone.format(OPEN_TASK.format(table=table))) for table in tables]
    return [*rows, *((name, table, where) for name, (table, where) in OLD.items())]
