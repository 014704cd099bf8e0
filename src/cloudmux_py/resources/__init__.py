"""The resource types: one file each, found by their names; other distributions may bring more.

Nothing is imported until a type is asked for: an index of ten types costs one directory listing. What another
distribution brings may be broken; it is then left out, named in one warning, and harms nothing else.
"""

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from cloudmux_py.cloudprovider.errors import BrokenPlugin, UsageError
from cloudmux_py.cloudprovider.resource import ICloudResource

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "cloudmux_py.resources"
KEYWORD = re.compile(r"(?!sqlite_)[a-z][a-z0-9_]*")
"""What a keyword looks like: it names commands, files and tables."""


def _log(text: str) -> None:
    from logging import getLogger

    getLogger(__name__).warning(text)


warn: Callable[[str], None] = _log
"""Tells of what is left out; the programs write a line on stderr instead."""

_left_out: set[tuple[str, str]] = set()


def leave_out(keyword: str, distribution: str, reason: object) -> None:
    """Name a type of another distribution that cannot be used in one warning, however often it is met."""
    if (keyword, distribution) not in _left_out:
        _left_out.add((keyword, distribution))
        text = " ".join(str(reason).split())
        warn(f"the resource type {keyword} of {distribution} is left out: {text}; mend or uninstall {distribution}")


@cache
def _ours() -> Mapping[str, str]:
    return {path.stem: f"{__name__}.{path.stem}" for path in sorted(Path(__file__).parent.glob("[a-z]*.py"))}


@cache
def modules() -> Mapping[str, str]:
    """Keyword of each known type -> the module that declares it; ours first, then other distributions'."""
    return {**_ours(), **{name: point.module for name, (_, point) in _outside().items()}}


@cache
def _outside() -> Mapping[str, tuple[str, "EntryPoint"]]:
    """Keyword -> distribution and entry point, of what other distributions bring under names of their own."""
    found: dict[str, tuple[str, EntryPoint]] = {}
    for distribution, point in _entry_points():
        if not KEYWORD.fullmatch(point.name) or not point.pattern.match(point.value):
            reason = f"the entry point {point.name} = {point.value} must be a lower-case word and a module"
        elif point.name in _ours():
            reason = "cloudmux-py has a type of this name itself"
        elif point.name in found:
            reason = f"{found[point.name][0]} brings a type of this name as well"
        else:
            found[point.name] = distribution, point
            continue
        leave_out(point.name, distribution, reason)
    return found


def _entry_points() -> Iterator[tuple[str, "EntryPoint"]]:
    """The entry points of our group, each with the name of its distribution."""
    # importlib.metadata takes 36 ms to import, and most machines have no such group: look at the files first.
    files = [file for file in _entry_point_files() if GROUP.encode() in file.read_bytes()]
    if not files:
        return
    from importlib.metadata import PathDistribution

    for name, folder in {file.parent.name.partition("-")[0]: file.parent for file in reversed(files)}.items():
        try:
            points = [point for point in PathDistribution(folder).entry_points if point.group == GROUP]
        except Exception as error:  # whatever is wrong with the file of another distribution, it is named
            leave_out("of any name", name.replace("_", "-"), f"entry_points.txt cannot be read: {error}")
            continue
        yield from ((name.replace("_", "-"), point) for point in points)


def _entry_point_files() -> list[Path]:
    """Every distribution's file; by bare system calls, as each start of a program waits for it."""
    found = []
    for folder in filter(os.path.isdir, sys.path):
        infos = [name for name in os.listdir(folder) if name.endswith("-info")]  # noqa: PTH208
        files = [f"{folder}/{name}/entry_points.txt" for name in infos]
        found += [Path(file) for file in files if os.access(file, os.R_OK)]
    return found


def resource_type(keyword: str) -> type[ICloudResource]:
    """The declared class of a keyword such as ``elastic_search`` (``elastic-search`` is accepted).

    Raises:
        UsageError: There is no such type.
        BrokenPlugin: Another distribution brings it, and it cannot be used.
    """
    name = keyword.replace("-", "_")
    if name not in modules():
        raise UsageError(f"no resource type {keyword!r}; there are: {', '.join(modules())}")
    found = _declared(name)
    if isinstance(found, BrokenPlugin):
        raise found
    return found


def resource_types() -> list[type[ICloudResource]]:
    """Every type that can be used; what another distribution brings broken is named in one warning and left out."""
    found = []
    for keyword in modules():
        row = _declared(keyword)
        if isinstance(row, BrokenPlugin):
            leave_out(keyword, row.distribution, row.reason)
        else:
            found.append(row)
    return found


@cache
def _declared(name: str) -> type[ICloudResource] | BrokenPlugin:
    if name in _ours():
        return _read(name)
    try:
        with plugin(name):
            return _read(name)
    except BrokenPlugin as error:
        return error


def _read(name: str) -> type[ICloudResource]:
    module = import_module(modules()[name])
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, ICloudResource) and value.__module__ == module.__name__
    ]
    if len(found) != 1 or found[0].keyword != name:
        raise TypeError(f"{module.__file__}: must declare exactly one resource type, and be named {name!r}")
    if "." not in module.__name__:
        raise TypeError(f"{module.__file__}: must be in a package, which holds its bindings too")
    return found[0]


@contextmanager
def plugin(name: str) -> Iterator[None]:
    """Around what a type of another distribution runs: whatever it raises becomes a `BrokenPlugin` that names it."""
    try:
        yield
    except BrokenPlugin:
        raise
    except (Exception, SystemExit) as error:  # it is not our code: it may fail in any way
        reason = str(error) if isinstance(error, TypeError) else f"{type(error).__name__}: {error}"
        raise BrokenPlugin(name, distribution_of(name), reason) from error


def distribution_of(name: str) -> str:
    """Name of the other distribution that brings a type; empty for ours."""
    return _outside()[name][0] if name in _outside() else ""


def binding_module(row: type[ICloudResource], provider: str) -> str:
    """Name of the module that binds a type to a provider: in the provider for ours, else beside the type."""
    if row.__module__.startswith(f"{__name__}."):
        return f"cloudmux_py.{provider}.{row.keyword}"
    return f"{row.__module__.rpartition('.')[0]}.{provider}"
