"""The schema, derived from the declarations: a table and a view per resource type, and climc's own tables."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from cloudmux_py.cloudprovider.errors import BrokenPlugin
from cloudmux_py.cloudprovider.resource import Column, ICloudResource
from cloudmux_py.resources import distribution_of, leave_out, modules, plugin, resource_types

Row = type[ICloudResource]


class Field(NamedTuple):
    """A column of a table, as sqlite-utils is told of it.

    Attributes:
        type: ``str``, ``int`` or ``float``; maps, lists and times are text.
        nullable: Whether null may stand there.
        default: What stands there where nothing was given.
    """

    type: type
    nullable: bool = False
    default: str | int | None = None


TEXT, NUMBER, OPTIONAL_TEXT = Field(str), Field(int), Field(str, nullable=True)
ZERO, ONE = Field(int, default=0), Field(int, default=1)

TYPES: dict[str, type] = {"text": str, "int": int, "float": float, "bool": int, "time": str, "map": str, "list": str}
"""From a declared column's kind to its type in the table."""

OWN_COLUMNS: dict[str, tuple[str, Field, str]] = {
    # name: (kind, field, help)
    "id": ("text", TEXT, "Id in the cache"),
    "name": ("text", TEXT, "Name, unique in the cache"),
    "cloud_name": ("text", TEXT, "Name in the cloud"),
    "name_set": ("bool", ZERO, "Whether the user chose the name"),
    "account_id": ("text", TEXT, "Account that it belongs to"),
    "cloudregion_id": ("text", TEXT, "Region that it is in"),
    "identity": ("text", TEXT, "What its cloud id is compared by"),
    "disable_delete": ("bool", ONE, "Locked: cannot be deleted from here"),
    "description": ("text", OPTIONAL_TEXT, "The user's own words"),
    "missing_since": ("time", OPTIONAL_TEXT, "Since when the cloud's list lacks it without proof that it is gone"),
    "imported_at": ("time", TEXT, "When the cache first saw it"),
    "updated_at": ("time", TEXT, "When the cache last changed it"),
    "row_version": ("int", ZERO, "Number of the last change that came from the cloud"),
    "is_emulated": ("bool", ZERO, "A placeholder that stands for no resource"),
    "deleted": ("bool", ZERO, "Gone from the cloud, or purged here"),
    "deleted_at": ("time", OPTIONAL_TEXT, "When it went"),
}

JOINED_COLUMNS: dict[str, tuple[str, str]] = {
    # name: (kind, help)
    "account": ("text", "Name of its account"),
    "manager": ("text", "The same, in Cloudpods' words"),
    "manager_id": ("text", "Id of its account, in Cloudpods' words"),
    "provider": ("text", "Cloud, such as Aliyun"),
    "brand": ("text", "The same, in Cloudpods' words"),
    "cloudregion": ("text", "Region id in the cloud"),
    "synced_at": ("time", "When its scope was last synced completely"),
    "scope_age": ("int", "How long ago that was (seconds)"),
    "stale_since": ("time", "Since when syncs of its scope have failed, or its account is disabled"),
    "metadata": ("map", "Tags: ext: the cloud's, sys: its system's, user: the user's own"),
}

TABLES: dict[str, dict[str, Field]] = {
    "cloudaccounts_tbl": {
        "id": TEXT,
        "name": TEXT,
        "provider": TEXT,
        "brand": TEXT,
        "cloud_account_id": TEXT,
        "user_id": OPTIONAL_TEXT,
        "access_key": OPTIONAL_TEXT,
        "secret": OPTIONAL_TEXT,
        "token": OPTIONAL_TEXT,
        "profile": OPTIONAL_TEXT,
        "endpoint": Field(str, default=""),
        "allow_http": ZERO,
        "regions": Field(str, default="[]"),
        "skip_resources": Field(str, default="[]"),
        "enabled": ONE,
        "read_only": ZERO,
        "no_delete_lock": ZERO,
        "status": Field(str, default="connected"),
        "description": OPTIONAL_TEXT,
        "error_count": ZERO,
        "last_error": OPTIONAL_TEXT,
        "last_sync": OPTIONAL_TEXT,
        "last_sync_end_at": OPTIONAL_TEXT,
        "created_at": TEXT,
        "deleted": ZERO,
        "deleted_at": OPTIONAL_TEXT,
    },
    "cloudregions_tbl": {
        "id": TEXT,
        "provider": TEXT,
        "external_id": TEXT,
        "name": TEXT,
    },
    "metadata_tbl": {
        "obj_type": TEXT,
        "obj_id": TEXT,
        "key": TEXT,
        "value": TEXT,
    },
    "opslog_tbl": {
        "id": NUMBER,
        "ops_time": TEXT,
        "obj_type": TEXT,
        "obj_id": TEXT,
        "obj_name": TEXT,
        "action": TEXT,
        "account_id": OPTIONAL_TEXT,
        "notes": Field(str, default="{}"),
    },
    "tasks_tbl": {
        "id": TEXT,
        "kind": TEXT,
        "obj_type": TEXT,
        "obj_id": TEXT,
        "obj_name": TEXT,
        "account_id": TEXT,
        "region": TEXT,
        "external_id": TEXT,
        "stage": TEXT,
        "step": ONE,
        "options": Field(str, default="{}"),
        "client_token": Field(str, default=""),
        "status_before": TEXT,
        "request_id": Field(str, default=""),
        "note": Field(str, default=""),
        "created_at": TEXT,
        "updated_at": TEXT,
        "ended_at": OPTIONAL_TEXT,
    },
    "scopes_tbl": {
        "account_id": TEXT,
        "cloudregion_id": TEXT,
        "keyword": TEXT,
        "state": TEXT,
        "synced_at": OPTIONAL_TEXT,
        "stale_since": OPTIONAL_TEXT,
        "attempted_at": TEXT,
        "error": Field(str, default=""),
        "held": ZERO,
    },
    "syncs_tbl": {
        "id": TEXT,
        "account_id": TEXT,
        "started_at": TEXT,
        "ended_at": OPTIONAL_TEXT,
        "state": TEXT,
        "result": Field(str, default="[]"),
    },
    "versions_tbl": {"number": NUMBER, "format": ONE},
}

KEYS: dict[str, tuple[str, ...]] = {
    "metadata_tbl": ("obj_type", "obj_id", "key"),
    "scopes_tbl": ("account_id", "cloudregion_id", "keyword"),
    "versions_tbl": (),
}
"""Primary keys of tables whose key is not ``id``."""

INDEXES = [
    "CREATE UNIQUE INDEX IF NOT EXISTS cloudaccounts_name ON cloudaccounts_tbl (name) WHERE deleted = 0",
    "CREATE UNIQUE INDEX IF NOT EXISTS cloudaccounts_cloud"
    " ON cloudaccounts_tbl (provider, cloud_account_id) WHERE deleted = 0",
    "CREATE INDEX IF NOT EXISTS opslog_obj ON opslog_tbl (obj_id, id)",
    "CREATE INDEX IF NOT EXISTS opslog_time ON opslog_tbl (ops_time)",
    "CREATE UNIQUE INDEX IF NOT EXISTS tasks_open ON tasks_tbl (obj_id) WHERE stage IN ('planned', 'sent', 'accepted')",
]


def table(row: Row) -> str:
    """Name of a type's table."""
    return f"{row.plural}_tbl"


def _by_keyword() -> Mapping[str, Row]:
    return {row.keyword: row for row in resource_types()}


def names_of_references(row: Row) -> dict[str, str]:
    """The view's columns that name what others refer to: ``vpc`` beside ``vpc_id``, with the id column of each."""
    return {
        name.removesuffix("_id"): name
        for name, column in row.columns.items()
        if column.references and name.endswith("_id") and _is_known(column.references)
    }


def _is_known(keyword: str) -> bool:
    """Whether there is such a type; our own are known by their files, so that a list imports no others."""
    return modules().get(keyword, "").startswith("cloudmux_py.") or keyword in _by_keyword()


def cloud_columns(row: Row) -> dict[str, Column]:
    """The columns that come from the cloud, under their names in the table: ``name`` is ``cloud_name`` there."""
    if clash := names_of_references(row).keys() & row.columns.keys():
        raise TypeError(f"{', '.join(sorted(clash))}: climc shows the name of what is referred to under this name")
    return {"cloud_name" if name == "name" else name: column for name, column in row.columns.items()}


def columns(row: Row) -> dict[str, Field]:
    """All columns of a type's table."""
    own = {name: field for name, (_, field, _) in OWN_COLUMNS.items()}
    cloud = {
        name: Field(TYPES[column.kind], nullable=True) for name, column in cloud_columns(row).items() if name not in own
    }
    return own | cloud


def view_kinds(row: Row) -> dict[str, str]:
    """All columns of a type's view with their kinds, in the order that people read them."""
    own = {name: kind for name, (kind, _, _) in OWN_COLUMNS.items()}
    cloud = {name: column.kind for name, column in cloud_columns(row).items()}
    joined = dict.fromkeys(names_of_references(row), "text") | {
        name: kind for name, (kind, _) in JOINED_COLUMNS.items()
    }
    first = {name: (own | cloud)[name] for name in ("id", "name", "external_id", "status")}
    return first | cloud | joined | own


def view_helps(row: Row) -> dict[str, str]:
    """All columns of a type's view with their help."""
    helps = {name: text for name, (_, _, text) in OWN_COLUMNS.items()}
    helps |= {name: text for name, (_, text) in JOINED_COLUMNS.items()}
    helps |= {name: f"Name of what {id} refers to; the id where it is not known" for name, id in _named(row)}
    for name, column in row.columns.items():
        if name != "name":
            helps[name] = f"{column.help} ({column.unit})" if column.unit else column.help
    return {name: helps[name] for name in view_kinds(row)}


def _named(row: Row) -> Iterable[tuple[str, str]]:
    return names_of_references(row).items()


def _name_of(row: Row, column: str) -> str:
    """The name in the cloud of the row that a column refers to, of the same region if there is one; else the id."""
    target = table(_by_keyword()[row.columns[column].references])
    found = (
        f"SELECT x.cloud_name FROM {target} x WHERE x.account_id = t.account_id"
        f" AND x.identity = t.{column} AND x.deleted = 0"
    )
    return f"coalesce(({found} AND x.cloudregion_id = t.cloudregion_id), ({found} LIMIT 1), t.{column})"


def view(row: Row) -> str:
    """What a type's view selects."""
    tags = [
        f"SELECT '{prefix}:' || key AS k, value AS v FROM json_each(t.{name})"
        for prefix, name in (("ext", "tags"), ("sys", "sys_tags"))
        if name in row.columns
    ]
    tags.append(f"SELECT key AS k, value AS v FROM metadata_tbl WHERE obj_type = '{row.keyword}' AND obj_id = t.id")
    joined = {
        "account": "a.name",
        "manager": "a.name",
        "manager_id": "t.account_id",
        "provider": "a.brand",
        "brand": "a.brand",
        "cloudregion": "r.external_id",
        "synced_at": "s.synced_at",
        "scope_age": "CAST(strftime('%s', 'now') - strftime('%s', s.synced_at) AS INTEGER)",
        "stale_since": "s.stale_since",
        "metadata": f"(SELECT json_group_object(k, v) FROM ({' UNION ALL '.join(tags)}))",
    }
    joined |= {name: _name_of(row, column) for name, column in _named(row)}
    selected = ", ".join(f"{joined.get(name, f't.{name}')} AS {name}" for name in view_kinds(row))
    return (
        f"SELECT {selected} FROM {table(row)} t"
        " LEFT JOIN cloudaccounts_tbl a ON a.id = t.account_id"
        " LEFT JOIN cloudregions_tbl r ON r.id = t.cloudregion_id"
        " LEFT JOIN scopes_tbl s ON s.account_id = t.account_id AND s.cloudregion_id = t.cloudregion_id"
        f" AND s.keyword = '{row.keyword}'"
    )


def type_indexes(row: Row) -> Iterator[str]:
    """Indexes of a type's table. Living rows have their own, so that no query walks the dead."""
    name = table(row)
    scope = "account_id, cloudregion_id, identity"
    yield f"CREATE UNIQUE INDEX IF NOT EXISTS {name}_scope ON {name} ({scope}) WHERE deleted = 0"
    yield f"CREATE INDEX IF NOT EXISTS {name}_dead ON {name} ({scope}, deleted_at) WHERE deleted = 1"
    yield f"CREATE INDEX IF NOT EXISTS {name}_listed ON {name} (created_at DESC, id) WHERE deleted = 0"
    yield f"CREATE INDEX IF NOT EXISTS {name}_identity ON {name} (account_id, identity) WHERE deleted = 0"
    for column in ("name", "cloud_name", "external_id"):
        yield f"CREATE INDEX IF NOT EXISTS {name}_{column} ON {name} ({column}) WHERE deleted = 0"


def all_tables() -> Mapping[str, Mapping[str, Field]]:
    """Every table with its columns: climc's own and one per known type."""
    return TABLES | {table(row): columns(row) for row in all_types()}


def all_types() -> list[Row]:
    """Every known resource type that the cache can hold; what another distribution brings may not be such."""
    found = []
    for row in resource_types():
        try:
            found.append(check(row))
        except BrokenPlugin as error:
            leave_out(row.keyword, error.distribution, error.reason)
    return found


def check(row: Row) -> Row:
    """The type itself, if the cache can hold it.

    Raises:
        BrokenPlugin: Another distribution brings it, and a name in it is climc's own or SQL's.
    """
    if distribution_of(row.keyword):
        with plugin(row.keyword):
            _check_names(row)
    return row


def _check_names(row: Row) -> None:
    import sqlite3

    if table(row) in TABLES:
        raise TypeError(f"{row.keyword} would be kept in {table(row)}, which climc needs itself")
    scratch = sqlite3.connect(":memory:")
    for name in (row.plural, *cloud_columns(row)):
        try:
            scratch.execute(f"SELECT 1 AS {name}")
        except sqlite3.Error:
            raise TypeError(f"{name} is a word of SQL, and can name no column or view") from None
    scratch.close()


def fingerprint() -> int:
    """A number for the schema that the declarations give."""
    from zlib import crc32

    parts = [repr(item) for item in sorted(all_tables().items())] + [repr(KEYS), *INDEXES]
    for row in all_types():
        parts += [view(row), *type_indexes(row)]
    return crc32("\n".join(parts).encode()) & 0x7FFFFFFF
