"""The user's own tags; the cloud's are the sync's business."""

import sqlite3
from collections.abc import Sequence

from cloudmux_py.cloudprovider.errors import UsageError
from cloudmux_py.cloudprovider.resource import ICloudResource

from ..store.database import Database
from . import event
from .row import subject

PREFIX = "user:"
NONE = {"none", "null"}


def parse(words: Sequence[str]) -> dict[str, str]:
    """Tags as ``key=value``; a key may carry its prefix.

    Raises:
        UsageError: A word is no tag.
    """
    tags = {}
    for word in words:
        key, equals, value = word.partition("=")
        key = key.strip().removeprefix(PREFIX)
        if not equals or not key:
            raise UsageError(f"{word!r} is no tag; give KEY=VALUE")
        if key.startswith(("ext:", "sys:")):
            raise UsageError(f"{key!r} belongs to the cloud; a sync would take it back")
        tags[PREFIX + key] = value
    return tags


def apply(
    database: Database, row: type[ICloudResource], found: sqlite3.Row, tags: dict[str, str], *, replace: bool
) -> dict[str, str]:
    """Add tags, or replace all; the value ``none`` removes one. Returns the user's tags afterwards."""
    before = of(database, row.keyword, found["id"])
    after = ({} if replace else before) | tags
    after = {key: value for key, value in after.items() if value.lower() not in NONE}
    if after == before:
        return after
    with database.transaction():
        database.execute("DELETE FROM metadata_tbl WHERE obj_type = ? AND obj_id = ?", (row.keyword, found["id"]))
        database.many(
            "INSERT INTO metadata_tbl (obj_type, obj_id, key, value) VALUES (?, ?, ?, ?)",
            [(row.keyword, found["id"], key, value) for key, value in sorted(after.items())],
        )
        changed = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
        notes = {key: {"old": before.get(key), "new": after.get(key)} for key in changed}
        action = "del_meta" if set(changed) == before.keys() - after.keys() else "set_meta"
        event.log(database, subject(row, found), action, notes)
    return after


def of(database: Database, keyword: str, id: str) -> dict[str, str]:
    """The user's tags of a row."""
    rows = database.rows("SELECT key, value FROM metadata_tbl WHERE obj_type = ? AND obj_id = ?", (keyword, id))
    return {row["key"]: row["value"] for row in rows}
