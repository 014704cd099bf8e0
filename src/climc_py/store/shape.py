"""How the cache stores what a cloud tells of a row: which columns, in which order, and each value's form."""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from cloudmux_py.cloudprovider.resource import ICloudResource, format_time
from cloudmux_py.engine.bindings import find_binding, reference_identities
from cloudmux_py.resources import resource_type

from . import schema
from .values import compact

Stored = tuple[Any, ...]
"""A row as a stage takes it: what it is compared by, then its columns."""


class Shape:
    """What one kind of answer tells of the rows of a type.

    Args:
        row: The resource type.
        identity: From a cloud id to what it is compared by.
        references: The same for the columns that hold ids of other types, where these fold case.
        untold: Columns that the answer does not tell, and that must not be touched.
    """

    def __init__(
        self,
        row: type[ICloudResource],
        *,
        identity: Callable[[str], str] = str,
        references: Mapping[str, Callable[[str], str]] = MappingProxyType({}),
        untold: frozenset[str] = frozenset(),
    ) -> None:
        self.row = row
        self.identity = identity
        columns = schema.cloud_columns(row)
        self.columns = [name for name in columns if name not in untold]
        self.kinds = {name: columns[name].kind for name in self.columns}
        by_kind: dict[str, Callable[[Any], Any]] = {"time": format_time, "map": compact, "list": compact}
        fields = ["name" if name == "cloud_name" else name for name in self.columns]
        self._fields = [(field, references.get(field) or by_kind.get(row.columns[field].kind)) for field in fields]

    def stored(self, row: ICloudResource) -> Stored:
        """A row as the cache stores it."""
        values = vars(row)
        return (
            self.identity(row.external_id),
            *[
                values[field] if convert is None or values[field] is None else convert(values[field])
                for field, convert in self._fields
            ],
        )


@cache
def shape_of(keyword: str, provider: str, *, full: bool) -> Shape:
    """What a provider's answers tell.

    Args:
        keyword: The resource type's.
        provider: The provider, which has the type.
        full: Each row is got by its id; else lists alone are read, which lack some columns.
    """
    row = resource_type(keyword)
    binding = find_binding(row, provider)
    assert binding is not None
    untold = frozenset() if full else binding.get_only
    return Shape(row, identity=binding.identity, references=reference_identities(row, provider), untold=untold)
