"""The log of what happened, in Cloudpods' words; written in the transaction of what it tells."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..store.database import Database, window
from ..store.values import compact, now

COLUMNS = ("id", "ops_time", "obj_type", "obj_id", "obj_name", "action", "account_id", "notes")


class Subject(NamedTuple):
    """What an event is about."""

    kind: str
    id: str
    name: str
    account_id: str


def log(database: Database, subject: Subject, action: str, notes: Any = None) -> None:
    """Write one event; within the caller's transaction."""
    database.execute(
        "INSERT INTO opslog_tbl (ops_time, obj_type, obj_id, obj_name, action, account_id, notes)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (now(), subject.kind, subject.id, subject.name, action, subject.account_id, compact(notes or {})),
    )


def events(
    database: Database,
    *,
    kinds: Sequence[str] = (),
    ids: Sequence[str] = (),
    actions: Sequence[str] = (),
    since: str = "",
    until: str = "",
    limit: int = 20,
    offset: int = 0,
) -> tuple[list[dict[str, Any]], int]:
    """Events, the newest first, and how many there are.

    Args:
        database: The cache.
        kinds: Only of these types.
        ids: Only about these ids or names.
        actions: Only these actions.
        since: Only from this time on.
        until: Only before this time.
        limit: At most this many; 0 for all.
        offset: Leave out this many first.
    """
    terms, values = ["1"], []
    for columns, wanted in ((("obj_type",), kinds), (("obj_id", "obj_name"), ids), (("action",), actions)):
        if wanted:
            marks = ", ".join("?" for _ in wanted)
            terms.append("(" + " OR ".join(f"{column} IN ({marks})" for column in columns) + ")")
            values += [*wanted] * len(columns)
    for operator, time in ((">=", since), ("<", until)):
        if time:
            terms.append(f"ops_time {operator} ?")
            values.append(time)
    where = " AND ".join(terms)
    count = database.one(f"SELECT count(*) AS n FROM opslog_tbl WHERE {where}", values)
    rows = database.rows(
        f"SELECT {', '.join(COLUMNS)} FROM opslog_tbl WHERE {where} ORDER BY id DESC LIMIT ? OFFSET ?",
        [*values, *window(limit, offset)],
    )
    return [{**dict(row), "notes": json.loads(row["notes"])} for row in rows], int(count["n"]) if count else 0
