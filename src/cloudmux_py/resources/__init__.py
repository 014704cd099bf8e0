"""The resource types: one file each, found by their names; other distributions may bring more.

Nothing is imported until a type is asked for: an index of ten types costs one directory listing.
"""

import sys
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

from cloudmux_py.cloudprovider.errors import UsageError
from cloudmux_py.cloudprovider.resource import ICloudResource

GROUP = "cloudmux_py.resources"


@cache
def modules() -> Mapping[str, str]:
    """Keyword of each known type -> the module that declares it; ours first, then other distributions'."""
    ours = {path.stem: f"{__name__}.{path.stem}" for path in sorted(Path(__file__).parent.glob("[a-z]*.py"))}
    return ours | {name: module for name, module in _outside().items() if name not in ours}


def _outside() -> dict[str, str]:
    # importlib.metadata takes 36 ms to import, and most machines have no such group: look at the files first.
    if not any(GROUP in path.read_text("utf-8", "replace") for path in _entry_point_files()):
        return {}
    from importlib.metadata import entry_points

    return {point.name: point.value for point in entry_points(group=GROUP)}


def _entry_point_files() -> list[Path]:
    folders = [Path(folder) for folder in sys.path if folder]
    return [file for folder in folders if folder.is_dir() for file in folder.glob("*-info/entry_points.txt")]


@cache
def resource_type(keyword: str) -> type[ICloudResource]:
    """The declared class of a keyword such as ``elastic_search`` (``elastic-search`` is accepted).

    Raises:
        UsageError: There is no such type.
    """
    name = keyword.replace("-", "_")
    if name not in modules():
        raise UsageError(f"no resource type {keyword!r}; there are: {', '.join(modules())}")
    module = import_module(modules()[name])
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, ICloudResource) and value.__module__ == module.__name__
    ]
    if len(found) != 1 or found[0].keyword != name:
        raise TypeError(f"{module.__file__}: must declare exactly one resource type, and be named {name!r}")
    return found[0]


def binding_module(row: type[ICloudResource], provider: str) -> str:
    """Name of the module that binds a type to a provider: in the provider for ours, else beside the type."""
    ours = f"{__name__}."
    if row.__module__.startswith(ours):
        return f"cloudmux_py.{provider}.{row.keyword}"
    package = sys.modules[row.__module__].__package__
    return f"{package}.{provider}"
