"""Bringing a cache's schema up to date, by sqlite-utils: it is imported only when that is due.

The caller holds the transaction: sqlite-utils 4 commits nothing within one that is open. Nothing is ever dropped but
views and indexes, which hold nothing of their own: what an older version kept in columns of its own stays.
"""

import sqlite3
from collections.abc import Mapping
from typing import Any

from sqlite_utils import Database

from . import schema
from .database import FORMAT
from .schema import Field


def migrate(connection: sqlite3.Connection) -> None:
    """Add what this version's declarations have and the file lacks.

    Raises:
        RuntimeError: No transaction is open; half a schema could be left behind.
    """
    if not connection.in_transaction:
        raise RuntimeError("a migration needs a transaction around it")
    database = Database(connection, recursive_triggers=False, execute_plugins=False)
    for name, fields in schema.all_tables().items():
        _bring_up_to_date(database, name, fields)
    for statement in schema.INDEXES:
        _index(database, statement)
    for row in schema.all_types():
        for statement in schema.type_indexes(row):
            _index(database, statement)
        database.create_view(row.plural, schema.view(row), replace=True)
    if not database.execute("SELECT 1 FROM versions_tbl").fetchone():
        database.execute("INSERT INTO versions_tbl (number) VALUES (0)")
    database.execute("UPDATE versions_tbl SET format = ?", [FORMAT])


def _bring_up_to_date(database: Any, name: str, fields: Mapping[str, Field]) -> None:
    table = database[name]
    if not table.exists():
        table.create(
            {column: field.type for column, field in fields.items()},
            pk=schema.KEYS.get(name, ("id",)) or None,
            not_null={column for column, field in fields.items() if not field.nullable},
            defaults={column: field.default for column, field in fields.items() if field.default is not None},
        )
        return
    present = table.columns_dict.keys()
    for column, field in fields.items():
        if column not in present:
            table.add_column(column, field.type, not_null_default=_default(field))


def _index(database: Any, statement: str) -> None:
    """Make an index, or make it anew if it was another; a statement, as sqlite-utils makes no partial indexes.

    SQLite keeps each index's statement, without the words that allow it to be there already.
    """
    wanted = statement.replace("IF NOT EXISTS ", "")
    name = wanted.split(" INDEX ", 1)[1].split()[0]
    present = database.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND name = ?", [name]).fetchone()
    if present and present[0] != wanted:
        database.execute(f"DROP INDEX {name}")
    database.execute(statement)


def _default(field: Field) -> str | int | None:
    """Rows that are there already need a value where null may not stand."""
    if field.nullable or field.default is not None:
        return field.default
    return field.type()  # type: ignore[no-any-return]  # empty text, or zero
