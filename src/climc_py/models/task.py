"""Tasks that survive: each stage is on the disk before the next step is taken."""

import json
import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cloudmux_py.cloudprovider.resource import parse_time

from ..errors import Refused, RowNotFound
from ..store.database import Database
from ..store.values import now

OPEN = ("planned", "sent", "accepted")
COLUMNS = (
    "id",
    "kind",
    "obj_type",
    "obj_id",
    "obj_name",
    "account_id",
    "region",
    "external_id",
    "stage",
    "step",
    "options",
    "client_token",
    "status_before",
    "request_id",
    "note",
    "created_at",
    "updated_at",
    "ended_at",
)


@dataclass
class Task:
    """A task.

    Attributes:
        stage: ``planned``, ``sent``, ``accepted``; ended as ``done``, ``failed``, ``unknown``, ``isolated`` or
            ``cancelled``.
        step: 2 once the second call of a deletion that takes two was sent.
        options: How it is done.
        client_token: Lets the cloud treat a repeated call as one.
        status_before: The row's status when it was planned.
        note: How it ended, or what was last seen.
    """

    id: str
    kind: str
    obj_type: str
    obj_id: str
    obj_name: str
    account_id: str
    region: str
    external_id: str
    stage: str
    step: int
    options: dict[str, Any]
    client_token: str
    status_before: str
    request_id: str
    note: str
    created_at: str
    updated_at: str
    ended_at: str | None

    @property
    def open(self) -> bool:
        """Whether it has not ended."""
        return self.stage in OPEN

    def age(self) -> float:
        """Seconds since it came to its stage, or since its second call was sent."""
        return max(0.0, (datetime.now(UTC) - parse_time(self.updated_at)).total_seconds())


def _task(row: sqlite3.Row) -> Task:
    values = {name: row[name] for name in COLUMNS}
    return Task(**(values | {"options": json.loads(values["options"])}))


def plan(database: Database, row: sqlite3.Row, keyword: str, region: str, options: Mapping[str, Any]) -> Task:
    """Write a task; within the transaction that marks its row.

    Raises:
        Refused: The row has an open task already.
    """
    time, id = now(), str(uuid.uuid4())
    try:
        database.execute(
            "INSERT INTO tasks_tbl (id, kind, obj_type, obj_id, obj_name, account_id, region, external_id, stage,"
            " options, client_token, status_before, created_at, updated_at)"
            " VALUES (?, 'delete', ?, ?, ?, ?, ?, ?, 'planned', ?, ?, ?, ?, ?)",
            (
                *(id, keyword, row["id"], row["name"], row["account_id"], region, row["external_id"]),
                *(json.dumps(dict(options)), id, row["status"], time, time),
            ),
        )
    except sqlite3.IntegrityError:
        raise Refused(f"{row['name']} has an open task already; climc task-list shows it") from None
    return get(database, id)


def claim(database: Database, task: Task, step: int = 1) -> bool:
    """``planned`` → ``sent``; only the process whose statement changed the row may send.

    The commit is on the disk before this returns. What is sent may be the second call of a deletion that takes two.
    """
    with database.transaction():
        won = database.execute(
            "UPDATE tasks_tbl SET stage = 'sent', step = ?, updated_at = ? WHERE id = ? AND stage = 'planned'",
            (step, now(), task.id),
        )
    return won == 1


def claim_second(database: Database, task: Task) -> bool:
    """The second call of a deletion that takes two: only the process whose statement changed the row may send it."""
    with database.transaction():
        won = database.execute(
            "UPDATE tasks_tbl SET step = 2, updated_at = ? WHERE id = ? AND stage = 'accepted' AND step = 1",
            (now(), task.id),
        )
    return won == 1


def advance(database: Database, task: Task, stage: str, *, note: str = "", request_id: str = "") -> bool:
    """From the stage that was seen to the next; within the caller's transaction. False if another was quicker."""
    time = now()
    changed = database.execute(
        "UPDATE tasks_tbl SET stage = :stage, note = :note, updated_at = :time,"
        " request_id = CASE WHEN :request = '' THEN request_id ELSE :request END,"
        " ended_at = CASE WHEN :stage IN ('planned', 'sent', 'accepted') THEN NULL ELSE :time END"
        " WHERE id = :id AND stage = :before",
        {
            "stage": stage,
            "note": note[:1000],
            "time": time,
            "request": request_id,
            "id": task.id,
            "before": task.stage,
        },
    )
    if changed:
        task.stage, task.note, task.request_id = stage, note, request_id or task.request_id
        task.updated_at = time
    return changed == 1


def get(database: Database, id: str) -> Task:
    """The task of an id.

    Raises:
        RowNotFound: There is none.
    """
    row = database.one("SELECT * FROM tasks_tbl WHERE id = ?", [id])
    if row is None:
        raise RowNotFound(f"no task {id!r}; climc task-list shows them")
    return _task(row)


def open_of(database: Database, obj_id: str) -> Task | None:
    """The open task of a row, if there is one."""
    row = database.one(
        "SELECT * FROM tasks_tbl WHERE obj_id = ? AND stage IN ('planned', 'sent', 'accepted')", [obj_id]
    )
    return _task(row) if row else None


def tasks(database: Database, *, stages: Sequence[str] = (), obj_ids: Sequence[str] = ()) -> list[Task]:
    """Tasks, the newest first."""
    terms, values = ["1"], list[Any]()
    for column, wanted in (("stage", stages), ("obj_id", obj_ids)):
        if wanted:
            terms.append(f"{column} IN ({', '.join('?' for _ in wanted)})")
            values += wanted
    rows = database.rows(f"SELECT * FROM tasks_tbl WHERE {' AND '.join(terms)} ORDER BY created_at DESC, id", values)
    return [_task(row) for row in rows]
