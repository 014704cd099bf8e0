"""The schema, derived from the declarations: a table and a view per resource type, and climc's own tables."""

from collections.abc import Iterator, Mapping

from cloudmux_py.cloudprovider.resource import Column, ICloudResource
from cloudmux_py.resources import modules, resource_type

Row = type[ICloudResource]

SQL_TYPES = {
    "text": "TEXT",
    "int": "INTEGER",
    "float": "REAL",
    "bool": "INTEGER",
    "time": "TEXT",
    "map": "TEXT",
    "list": "TEXT",
}

OWN_COLUMNS: dict[str, tuple[str, str, str]] = {
    # name: (kind, SQL, help)
    "id": ("text", "TEXT PRIMARY KEY", "Id in the cache"),
    "name": ("text", "TEXT NOT NULL", "Name, unique in the cache"),
    "cloud_name": ("text", "TEXT NOT NULL", "Name in the cloud"),
    "name_set": ("bool", "INTEGER NOT NULL DEFAULT 0", "Whether the user chose the name"),
    "account_id": ("text", "TEXT NOT NULL", "Account that it belongs to"),
    "cloudregion_id": ("text", "TEXT NOT NULL", "Region that it is in"),
    "identity": ("text", "TEXT NOT NULL", "What its cloud id is compared by"),
    "disable_delete": ("bool", "INTEGER NOT NULL DEFAULT 1", "Locked: cannot be deleted from here"),
    "description": ("text", "TEXT", "The user's own words"),
    "missing_since": ("time", "TEXT", "Since when the cloud's list lacks it without proof that it is gone"),
    "imported_at": ("time", "TEXT NOT NULL", "When the cache first saw it"),
    "updated_at": ("time", "TEXT NOT NULL", "When the cache last changed it"),
    "row_version": ("int", "INTEGER NOT NULL DEFAULT 0", "Number of the last change that came from the cloud"),
    "is_emulated": ("bool", "INTEGER NOT NULL DEFAULT 0", "A placeholder that stands for no resource"),
    "deleted": ("bool", "INTEGER NOT NULL DEFAULT 0", "Gone from the cloud, or purged here"),
    "deleted_at": ("time", "TEXT", "When it went"),
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
    "metadata": ("map", "Tags: ext: the cloud's, sys: its system's, user: the user's own"),
}

TABLES: dict[str, dict[str, str]] = {
    "cloudaccounts_tbl": {
        "id": "TEXT PRIMARY KEY",
        "name": "TEXT NOT NULL",
        "provider": "TEXT NOT NULL",
        "brand": "TEXT NOT NULL",
        "cloud_account_id": "TEXT NOT NULL",
        "user_id": "TEXT",
        "access_key": "TEXT",
        "secret": "TEXT",
        "token": "TEXT",
        "profile": "TEXT",
        "endpoint": "TEXT NOT NULL DEFAULT ''",
        "allow_http": "INTEGER NOT NULL DEFAULT 0",
        "regions": "TEXT NOT NULL DEFAULT '[]'",
        "skip_resources": "TEXT NOT NULL DEFAULT '[]'",
        "enabled": "INTEGER NOT NULL DEFAULT 1",
        "read_only": "INTEGER NOT NULL DEFAULT 0",
        "no_delete_lock": "INTEGER NOT NULL DEFAULT 0",
        "status": "TEXT NOT NULL DEFAULT 'connected'",
        "description": "TEXT",
        "error_count": "INTEGER NOT NULL DEFAULT 0",
        "last_error": "TEXT",
        "last_sync": "TEXT",
        "last_sync_end_at": "TEXT",
        "created_at": "TEXT NOT NULL",
        "deleted": "INTEGER NOT NULL DEFAULT 0",
        "deleted_at": "TEXT",
    },
    "cloudregions_tbl": {
        "id": "TEXT PRIMARY KEY",
        "provider": "TEXT NOT NULL",
        "external_id": "TEXT NOT NULL",
        "name": "TEXT NOT NULL",
    },
    "metadata_tbl": {
        "obj_type": "TEXT NOT NULL",
        "obj_id": "TEXT NOT NULL",
        "key": "TEXT NOT NULL",
        "value": "TEXT NOT NULL",
    },
    "opslog_tbl": {
        "id": "INTEGER PRIMARY KEY AUTOINCREMENT",
        "ops_time": "TEXT NOT NULL",
        "obj_type": "TEXT NOT NULL",
        "obj_id": "TEXT NOT NULL",
        "obj_name": "TEXT NOT NULL",
        "action": "TEXT NOT NULL",
        "account_id": "TEXT",
        "notes": "TEXT NOT NULL DEFAULT '{}'",
    },
    "tasks_tbl": {
        "id": "TEXT PRIMARY KEY",
        "kind": "TEXT NOT NULL",
        "obj_type": "TEXT NOT NULL",
        "obj_id": "TEXT NOT NULL",
        "obj_name": "TEXT NOT NULL",
        "account_id": "TEXT NOT NULL",
        "region": "TEXT NOT NULL",
        "external_id": "TEXT NOT NULL",
        "stage": "TEXT NOT NULL",
        "options": "TEXT NOT NULL DEFAULT '{}'",
        "client_token": "TEXT NOT NULL DEFAULT ''",
        "status_before": "TEXT NOT NULL",
        "request_id": "TEXT NOT NULL DEFAULT ''",
        "note": "TEXT NOT NULL DEFAULT ''",
        "created_at": "TEXT NOT NULL",
        "updated_at": "TEXT NOT NULL",
        "ended_at": "TEXT",
    },
    "scopes_tbl": {
        "account_id": "TEXT NOT NULL",
        "cloudregion_id": "TEXT NOT NULL",
        "keyword": "TEXT NOT NULL",
        "state": "TEXT NOT NULL",
        "synced_at": "TEXT",
        "attempted_at": "TEXT NOT NULL",
        "error": "TEXT NOT NULL DEFAULT ''",
        "held": "INTEGER NOT NULL DEFAULT 0",
    },
    "syncs_tbl": {
        "id": "TEXT PRIMARY KEY",
        "account_id": "TEXT NOT NULL",
        "started_at": "TEXT NOT NULL",
        "ended_at": "TEXT",
        "state": "TEXT NOT NULL",
        "result": "TEXT NOT NULL DEFAULT '[]'",
    },
    "versions_tbl": {"number": "INTEGER NOT NULL"},
}

CONSTRAINTS = {
    "metadata_tbl": "PRIMARY KEY (obj_type, obj_id, key)",
    "scopes_tbl": "PRIMARY KEY (account_id, cloudregion_id, keyword)",
}

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


def cloud_columns(row: Row) -> dict[str, Column]:
    """The columns that come from the cloud, under their names in the table: ``name`` is ``cloud_name`` there."""
    reserved = (OWN_COLUMNS.keys() | JOINED_COLUMNS.keys()) - {"name"}
    if clash := {name for name in row.columns if name.lower() in reserved}:
        raise TypeError(
            f"{row.__module__}: {row.__name__} declares {', '.join(sorted(clash))}, which climc needs itself"
        )
    return {"cloud_name" if name == "name" else name: column for name, column in row.columns.items()}


def columns(row: Row) -> dict[str, str]:
    """All columns of a type's table with their SQL."""
    own = {name: sql for name, (_, sql, _) in OWN_COLUMNS.items()}
    cloud = {name: SQL_TYPES[column.kind] for name, column in cloud_columns(row).items() if name not in own}
    return own | cloud


def view_kinds(row: Row) -> dict[str, str]:
    """All columns of a type's view with their kinds, in the order that people read them."""
    own = {name: kind for name, (kind, _, _) in OWN_COLUMNS.items()}
    cloud = {name: column.kind for name, column in cloud_columns(row).items()}
    joined = {name: kind for name, (kind, _) in JOINED_COLUMNS.items()}
    first = {name: (own | cloud)[name] for name in ("id", "name", "external_id", "status")}
    return first | cloud | joined | own


def view_helps(row: Row) -> dict[str, str]:
    """All columns of a type's view with their help."""
    helps = {name: text for name, (_, _, text) in OWN_COLUMNS.items()}
    helps |= {name: text for name, (_, text) in JOINED_COLUMNS.items()}
    for name, column in row.columns.items():
        if name != "name":
            helps[name] = f"{column.help} ({column.unit})" if column.unit else column.help
    return {name: helps[name] for name in view_kinds(row)}


def view(row: Row) -> str:
    """The SQL of a type's view."""
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
        "metadata": f"(SELECT json_group_object(k, v) FROM ({' UNION ALL '.join(tags)}))",
    }
    selected = ", ".join(f"{joined.get(name, f't.{name}')} AS {name}" for name in view_kinds(row))
    return (
        f"CREATE VIEW {row.plural} AS SELECT {selected} FROM {table(row)} t"
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
    for column in ("name", "cloud_name", "external_id"):
        yield f"CREATE INDEX IF NOT EXISTS {name}_{column} ON {name} ({column}) WHERE deleted = 0"


def all_tables() -> Mapping[str, Mapping[str, str]]:
    """Every table with its columns: climc's own and one per known type."""
    return TABLES | {table(row): columns(row) for row in all_types()}


def all_types() -> list[Row]:
    """Every known resource type."""
    return [resource_type(keyword) for keyword in modules()]


def create_table(name: str, sql: Mapping[str, str]) -> str:
    """The SQL that makes a table."""
    parts = [f"{column} {kind}" for column, kind in sql.items()]
    if name in CONSTRAINTS:
        parts.append(CONSTRAINTS[name])
    return f"CREATE TABLE IF NOT EXISTS {name} ({', '.join(parts)})"
