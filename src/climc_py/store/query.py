"""Reading rows: lists with climc's options, and the row that a word means."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from cloudmux_py.cloudprovider.errors import UsageError
from cloudmux_py.cloudprovider.resource import ICloudResource

from ..errors import RowNotFound
from . import schema
from .database import Database, window
from .filters import Condition, condition, escaped
from .values import without_nul

Row = type[ICloudResource]

SEARCHED = ("name", "cloud_name", "external_id", "id")
TAG_PREFIXES = ("user:", "ext:", "sys:")


class ListQuery(NamedTuple):
    """What a list was asked for; see the options of ``climc <type>-list``."""

    limit: int = 20
    offset: int = 0
    order_by: Sequence[str] = ()
    order: str = "desc"
    search: str = ""
    filters: Sequence[str] = ()
    filter_any: bool = False
    ids: Sequence[str] = ()
    status: Sequence[str] = ()
    accounts: Sequence[str] = ()
    providers: Sequence[str] = ()
    regions: Sequence[str] = ()
    references: Mapping[str, Sequence[str]] = MappingProxyType({})
    tags: Sequence[str] = ()
    no_tags: Sequence[str] = ()
    user_tags: Sequence[str] = ()
    cloud_tags: Sequence[str] = ()
    delete_all: bool = False
    show_emulated: bool = False


def list_rows(
    database: Database, row: Row, query: ListQuery, columns: Sequence[str]
) -> tuple[Iterator[dict[str, Any]], int]:
    """Rows as JSON shows them, and how many there are before limit and offset.

    The rows are read to the end as they are iterated, a thousand at a time.
    """
    kinds = schema.view_kinds(row)
    where, values = _where(row, query)
    selected = ", ".join(f'"{name}"' for name in _known(columns, kinds))
    # Counting the view would make every join of it for every row.
    counted = row.plural if _asks_joined(query) else schema.table(row)
    count = database.one(f"SELECT count(*) AS n FROM {counted} WHERE {where}", values)
    rows = database.stream(
        f"SELECT {selected} FROM {row.plural} WHERE {where} ORDER BY {_order(query, kinds)} LIMIT ? OFFSET ?",
        [*values, *window(query.limit, query.offset)],
    )
    return (_decode(found, kinds) for found in rows), int(count["n"]) if count else 0


def summary(database: Database, row: Row, query: ListQuery) -> list[dict[str, Any]]:
    """How many rows have each status."""
    where, values = _where(row, query)
    sql = (
        f"SELECT status, count(*) AS count FROM {row.plural} WHERE {where} GROUP BY status ORDER BY count DESC, status"
    )
    return [dict(found) for found in database.rows(sql, values)]


def distinct(database: Database, row: Row, query: ListQuery, name: str) -> list[dict[str, Any]]:
    """The values of a column, each once."""
    (known,) = _known([name], schema.view_kinds(row))
    where, values = _where(row, query)
    sql = f'SELECT DISTINCT "{known}" FROM {row.plural} WHERE {where} ORDER BY 1'
    kinds = schema.view_kinds(row)
    return [_decode(found, kinds) for found in database.rows(sql, values)]


def find(database: Database, row: Row, text: str) -> sqlite3.Row:
    """The living row whose id, cloud id, name or name in the cloud a word is.

    Raises:
        RowNotFound: There is none.
        UsageError: There are several; names them.
    """
    table = schema.table(row)
    parts = [f"SELECT id FROM {table} WHERE id = :text AND deleted = 0"]
    parts += [f"SELECT id FROM {table} WHERE {name} = :text AND deleted = 0" for name in SEARCHED[:-1]]
    ids = [found["id"] for found in database.rows(" UNION ".join(parts), {"text": text})]
    if not ids:
        raise RowNotFound(f"no {row.word()} {text!r} in the cache; climc {row.word()}-list shows them")
    if len(ids) > 1:
        raise UsageError(f"{text!r} may be any of {_candidates(database, row, ids)}: give the id")
    found = database.one(f"SELECT * FROM {table} WHERE id = ?", ids)
    assert found is not None
    return found


def _candidates(database: Database, row: Row, ids: Sequence[str]) -> str:
    marks = ", ".join("?" for _ in ids[:10])
    rows = database.rows(f"SELECT id, name, account, cloudregion FROM {row.plural} WHERE id IN ({marks})", ids[:10])
    named = [f"{found['id']} ({found['name']}, {found['account']} {found['cloudregion']})" for found in rows]
    return ", ".join(named) + (" …" if len(ids) > 10 else "")


def decode(row: Row, found: sqlite3.Row) -> dict[str, Any]:
    """A row of the view as JSON shows it."""
    return _decode(found, schema.view_kinds(row))


def _decode(found: sqlite3.Row, kinds: Mapping[str, str]) -> dict[str, Any]:
    return {name: _decoded(found[name], kinds[name]) for name in found.keys()}  # noqa: SIM118 - rows iterate values


def _decoded(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "bool":
        return bool(value)
    if kind in {"map", "list"}:
        import json

        return json.loads(value)
    return value


# Conditions.


def _known(names: Sequence[str], kinds: dict[str, str]) -> Sequence[str]:
    wrong = [name for name in names if name not in kinds]
    if wrong:
        raise UsageError(f"no column {', '.join(wrong)}; there are: {', '.join(kinds)}")
    return names


def _order(query: ListQuery, kinds: dict[str, str]) -> str:
    if query.order not in {"asc", "desc"}:
        raise UsageError(f"--order is asc or desc, not {query.order!r}")
    names = _known(list(query.order_by), kinds)
    if not names:
        return "created_at DESC, id" if query.order == "desc" else "created_at ASC, id"
    return ", ".join([*(f'"{name}" {query.order.upper()}' for name in names), "id"])


def _asks_joined(query: ListQuery) -> bool:
    """Whether a condition may be about what only the view has."""
    named = (query.accounts, query.providers, query.regions, query.filters, *query.references.values())
    return any((*named, query.tags, query.no_tags, query.user_tags, query.cloud_tags))


def _where(row: Row, query: ListQuery) -> tuple[str, list[Any]]:
    terms: list[Condition] = []
    if not query.delete_all:
        terms.append(("deleted = 0", []))
    if not query.show_emulated:
        terms.append(("is_emulated = 0", []))
    terms += _among(("id", "external_id", "name"), query.ids)
    terms += _among(("status",), query.status)
    terms += _among(("account_id", "account"), query.accounts)
    terms += _among(("lower(provider)",), [word.lower() for word in query.providers])
    terms += _among(("cloudregion", "cloudregion_id"), query.regions)
    for name, words in query.references.items():
        if words and f"{name}_id" not in row.columns:
            raise UsageError(f"{row.word()} has no {name}")
        known = name in schema.names_of_references(row)
        terms += _among((f"{name}_id", name) if known else (f"{name}_id",), words)
    if query.search:
        text = f"%{escaped(without_nul(query.search))}%"
        each = " OR ".join(f"{name} LIKE ? ESCAPE '\\'" for name in SEARCHED)
        terms.append((f"({each})", [text] * len(SEARCHED)))
    kinds = schema.view_kinds(row)
    filters = [condition(text, kinds) for text in query.filters]
    if filters:
        joint = " OR " if query.filter_any else " AND "
        terms.append(
            (f"({joint.join(sql for sql, _ in filters)})", [value for _, values in filters for value in values])
        )
    for words, prefixes, negated in (
        (query.tags, TAG_PREFIXES, False),
        (query.no_tags, TAG_PREFIXES, True),
        (query.user_tags, ("user:",), False),
        (query.cloud_tags, ("ext:",), False),
    ):
        if words:
            terms.append(_tagged(words, prefixes, negated))
    return " AND ".join(sql for sql, _ in terms) or "1", [value for _, values in terms for value in values]


def _among(columns: Sequence[str], values: Sequence[str]) -> list[Condition]:
    if not values:
        return []
    marks = ", ".join("?" for _ in values)
    each = " OR ".join(f"{column} IN ({marks})" for column in columns)
    return [(f"({each})", [*values] * len(columns))]


def _tagged(words: Sequence[str], prefixes: Sequence[str], negated: bool) -> Condition:
    """Each word is a set of ``key=value`` joined by ``;``, all of which must hold; several words are alternatives."""
    sets, values = [], list[Any]()
    for word in words:
        parts = []
        for pair in filter(None, (part.strip() for part in word.split(";"))):
            key, equals, value = pair.partition("=")
            if not key:
                raise UsageError(f"{word!r} is no tag; give KEY or KEY=VALUE, several joined by ;")
            keys = [key] if key.startswith(TAG_PREFIXES) else [prefix + key for prefix in prefixes]
            marks = ", ".join("?" for _ in keys)
            test = f"key IN ({marks})" + (" AND value = ?" if equals else "")
            parts.append(f"EXISTS (SELECT 1 FROM json_each(metadata) WHERE {test})")
            values += [*keys, *([value] if equals else [])]
        if not parts:
            raise UsageError(f"{word!r} is no tag; give KEY or KEY=VALUE, several joined by ;")
        sets.append(f"({' AND '.join(parts)})")
    joined = f"({' OR '.join(sets)})"
    return (f"NOT {joined}" if negated else joined), values
