"""Resource types as declarations: a class whose columns are all that the rest is derived from.

Neither this module nor a declaration may say ``from __future__ import annotations``: columns read real types.
"""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, dataclass_transform, get_args, get_origin

if TYPE_CHECKING:
    from .region import ICloudRegion

Kind = Literal["text", "int", "float", "bool", "time", "map", "list"]
JSON = str | int | float | bool | None | dict[str, str] | list[str]

_KINDS: dict[object, Kind] = {
    str: "text",
    int: "int",
    float: "float",
    bool: "bool",
    datetime: "time",
    dict: "map",
    list: "list",
}


RESERVED = frozenset(
    {
        "id",
        "cloud_name",
        "name_set",
        "account_id",
        "cloudregion_id",
        "identity",
        "disable_delete",
        "description",
        "missing_since",
        "imported_at",
        "updated_at",
        "row_version",
        "is_emulated",
        "deleted",
        "deleted_at",
        "account",
        "manager",
        "manager_id",
        "provider",
        "brand",
        "cloudregion",
        "synced_at",
        "scope_age",
        "stale_since",
        "metadata",
    }
)
"""What a cache of rows has beside the cloud's own columns: no column may have these names."""


class Column:
    """One field of a resource type.

    Attributes:
        name: Field, JSON key and SQLite column.
        help: One line for ``--help`` and the documentation.
        kind: The value's kind: text, int, float, bool, time (UTC), map (of strings) or list (of strings).
        nullable: Whether None is a value of it.
        unit: Unit of the value, such as ``GB``; empty if it has none.
        listed: Whether lists show it without being asked.
        references: Keyword of the resource type whose external id it holds; empty if none.
    """

    __slots__ = ("help", "kind", "listed", "name", "nullable", "references", "unit")

    def __init__(self, help: str, *, unit: str, listed: bool, references: str) -> None:
        self.help = help
        self.unit = unit
        self.listed = listed
        self.references = references
        self.name = ""
        self.kind: Kind = "text"
        self.nullable = False

    def __repr__(self) -> str:
        return f"<Column {self.name}: {self.kind}{' or null' if self.nullable else ''}>"

    def bind(self, owner: type, name: str, annotation: object) -> None:
        """Learn name and kind from the class body, or refuse what no column can hold."""
        where = f"{sys.modules[owner.__module__].__file__}: {owner.__name__}.{name}"
        if isinstance(annotation, str):
            raise TypeError(f"{where}: declarations must not use 'from __future__ import annotations'")
        if name.lower() in RESERVED:
            raise TypeError(f"{where}: this name is kept for the own columns of a cache")
        parts = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
        types = [get_origin(part) or part for part in parts if part is not NoneType]
        if len(types) != 1 or types[0] not in _KINDS:
            raise TypeError(f"{where}: no column can hold {annotation}")
        self.name, self.kind, self.nullable = name, _KINDS[types[0]], NoneType in parts

    def to_json(self, value: Any) -> JSON:
        """The value as JSON and SQLite keep it: times as RFC 3339 text, all else as it is."""
        return format_time(value) if self.kind == "time" and value is not None else value


def col(help: str, *, unit: str = "", listed: bool = False, references: str = "") -> Any:
    """Declare a column; its kind is read from the annotation beside it.

    Args:
        help: One line that says what it holds.
        unit: Unit of the value, such as ``GB``.
        listed: Show it in lists without being asked.
        references: Keyword of the type whose external id this is, such as ``vpc``.
    """
    return Column(help, unit=unit, listed=listed, references=references)


def format_time(value: datetime) -> str:
    """A time as text of one width: ``2021-07-16T08:24:45Z``."""
    return (value if value.tzinfo is UTC else value.astimezone(UTC)).isoformat()[:19] + "Z"


def parse_time(text: str) -> datetime:
    """The inverse of `format_time`."""
    return datetime.fromisoformat(text)


@dataclass_transform(kw_only_default=True, field_specifiers=(col,))
class Declared:  # noqa: PLW1641 - rows can change (refresh), as any mutable value
    """Turns annotated `col()` attributes into fields; `ICloudResource` is what declarations derive from."""

    columns: ClassVar[Mapping[str, Column]] = {}
    keyword: ClassVar[str] = ""
    """The declaring file's name: ``elastic_search``."""
    plural: ClassVar[str] = ""
    """The keyword + ``s``: table and view are named after it."""

    region: "ICloudRegion | None" = None

    def __init_subclass__(cls) -> None:
        cls.keyword = cls.__module__.rpartition(".")[2]
        cls.plural = cls.keyword + "s"
        columns: dict[str, Column] = {}
        for base in reversed(cls.__mro__):
            columns.update(base.__dict__.get("_own_columns", {}))
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Column)}
        for name, column in own.items():
            column.bind(cls, name, cls.__annotations__.get(name, "nothing"))
        cls._own_columns = own
        cls.columns = columns | own

    _own_columns: ClassVar[Mapping[str, Column]] = {}

    def __init__(self, **values: Any) -> None:
        if values.keys() != self.columns.keys():
            wrong = ", ".join(sorted(values.keys() ^ self.columns.keys()))
            raise TypeError(f"{type(self).__name__}: missing or unknown fields: {wrong}")
        self.__dict__.update(values)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__getstate__() == other.__getstate__()

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.columns)
        return f"{type(self).__name__}({fields})"

    def __getstate__(self) -> dict[str, Any]:
        """The fields alone: a row pickles, the client behind it never does."""
        return {name: value for name, value in self.__dict__.items() if name != "region"}

    def to_dict(self) -> dict[str, JSON]:
        """The row as JSON shows it, in the order of the columns."""
        values = self.__dict__
        return {name: column.to_json(values[name]) for name, column in self.columns.items()}

    @classmethod
    def word(cls) -> str:
        """The type's word in command names: ``elastic-search``."""
        return cls.keyword.replace("_", "-")


class ICloudResource(Declared):
    """What every cloud resource has."""

    external_id: str = col("Id in the cloud", listed=True)
    name: str = col("Name in the cloud; the id where it has none", listed=True)
    status: str = col("State; the cloud's own word where no common one fits", listed=True)
    created_at: datetime | None = col("When it was created")

    def refresh(self) -> Self:
        """Get it again, in place.

        Raises:
            NotFound: It is gone.
        """
        self.__dict__.update(self._bound().get(type(self), self.external_id).__getstate__())
        return self

    def delete(self) -> None:
        """Ask the cloud to delete it; returns when the cloud accepted."""
        self._bound().delete(type(self), self.external_id)

    def _bound(self) -> "ICloudRegion":
        if self.region is None:
            raise RuntimeError(f"{self.external_id}: this row came from no region")
        return self.region


class IVirtualResource(ICloudResource):
    """What belongs to a project and carries tags."""

    project_id: str | None = col("Project (resource group) in the cloud", references="project")
    tags: dict[str, str] = col("Tags set by users of the cloud")
    sys_tags: dict[str, str] = col("Tags set by the cloud itself")


class IBillingResource(ICloudResource):
    """What is paid for."""

    billing_type: str | None = col("prepaid or postpaid", listed=True)
    expired_at: datetime | None = col("End of the paid time; prepaid only")
    auto_renew: bool | None = col("Whether the paid time renews itself; prepaid only")
