"""Checks on recorded replies: their field names are the vendor's, and rows are what they say."""

import copy
import importlib
import sqlite3
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cloudmux_py.cloudprovider.errors import MalformedResponse
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.engine.raw import Raw

from .cases import Case

EMPTY: tuple[Any, ...] = (None, "", {}, [])
MARK = "decide".upper()  # not spelled out: searching the sources for the mark must find nothing


def check_help(case: Case) -> None:
    """Every column says in one line what it holds, and has a name that SQL takes."""
    sql = sqlite3.connect(":memory:")
    for name, column in case.row.columns.items():
        assert column.help, f"{name} has no help"
        assert "\n" not in column.help, name
        sql.execute(f"SELECT 1 AS {name}")
    sql.close()


def check_nothing_is_undecided(case: Case) -> None:
    """In the type's files (its own, its binding, its emulation) nothing is marked as left to a person to decide."""
    names = (case.row.__module__, case.binding.parse.__module__, _emulated(case))
    files = [spec.origin for name in dict.fromkeys(names) if (spec := find_spec(name)) and spec.origin]
    undecided = [
        f"{file}:{number}"
        for file in files
        for number, line in enumerate(Path(file).read_text("utf-8").splitlines(), 1)
        if MARK in line
    ]
    assert not undecided, f"{case}: left to decide: {', '.join(undecided)}"


def _emulated(case: Case) -> str:
    """The emulator's module of the type, where its cloud is emulated."""
    cloud = f"cloudmux_py.emulator.{case.provider}"
    return f"{cloud}.{case.row.keyword}" if find_spec(cloud) else case.row.__module__


def check_field_names(case: Case, undocumented: frozenset[str] = frozenset()) -> None:
    """Every key of the recorded replies is one of the vendor's own typed model.

    Args:
        case: The case.
        undocumented: Keys that the vendor's documents show and its model lacks.
    """
    binding = case.binding
    calls = {"list": binding.list, "detail": binding.get}
    calls |= {"rows": binding.details.call} if binding.details else {}
    calls |= {f"extra-{extra.under}": extra.call for extra in binding.extras}
    replies = [(api, reply) for kind, api in calls.items() for reply in case.replies(kind)]
    assert any(api == binding.list for api, _ in replies), f"{case.folder} has no list.json"
    for api, reply in replies:
        unknown = VENDORS[case.provider](api, reply)
        wrong = [path for path in unknown if path.rpartition(".")[2] not in undocumented]
        assert not wrong, f"{case}: {api.action} has no {', '.join(wrong)}"


def _aliyun(api: Any, reply: dict[str, Any]) -> list[str]:
    """Keys that the typed SDK's model drops, which is how it says that it does not know them."""
    package = f"alibabacloud_{api.service.replace('-', '_')}{api.version.replace('-', '')}"
    model = getattr(importlib.import_module(f"{package}.models"), f"{api.action}ResponseBody")
    return _missing(reply, model().from_map(copy.deepcopy(reply)).to_map(), "")


def _missing(sent: Any, kept: Any, path: str) -> list[str]:
    if isinstance(sent, dict) and isinstance(kept, dict):
        found: list[str] = []
        for key, value in sent.items():
            if value is None or value == {}:
                continue
            found += [f"{path}.{key}"] if key not in kept else _missing(value, kept[key], f"{path}.{key}")
        return found
    if isinstance(sent, list) and isinstance(kept, list):
        return [hit for a, b in zip(sent, kept, strict=True) for hit in _missing(a, b, f"{path}[]")]
    return []


def _qcloud(api: Any, reply: dict[str, Any]) -> list[str]:
    """Keys that the typed SDK's model warns of."""
    module = f"tencentcloud.{api.service}.v{api.version.replace('-', '')}.models"
    model = getattr(importlib.import_module(module), f"{api.action}Response")()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        model._deserialize(copy.deepcopy(reply))
    texts = [str(warning.message) for warning in said]
    return [name for text in texts if "useless" in text for name in text.partition(" fileds")[0].split(",")]


def _aws(api: Any, reply: dict[str, Any]) -> list[str]:
    """Keys that botocore's service model does not have."""
    import botocore.session

    model = botocore.session.Session().get_service_model(api.service)
    return list(_unknown(model.operation_model(api.action).output_shape, reply, ""))


def _unknown(shape: Any, value: Any, path: str) -> Iterator[str]:
    if shape.type_name == "structure" and isinstance(value, dict):
        for key, inner in value.items():
            if key in shape.members:
                yield from _unknown(shape.members[key], inner, f"{path}.{key}")
            else:
                yield f"{path}.{key}"
    elif shape.type_name == "list" and isinstance(value, list):
        for inner in value:
            yield from _unknown(shape.member, inner, f"{path}[]")


VENDORS = {"aliyun": _aliyun, "aws": _aws, "qcloud": _qcloud}


def check_columns_are_filled(case: Case) -> None:
    """Every column is filled by some recorded row, and those that the cloud is said to lack by none."""
    rows = [case.binding.parse(raw) for raw in (*case.listed(), *case.detailed())]
    assert rows, f"{case.folder} has no rows"
    filled = _filled(rows)
    lacking = case.row.columns.keys() - filled - case.binding.lacks
    assert not lacking, f"{case}: no recorded row fills {', '.join(sorted(lacking))}; say so in the binding's lacks"
    wrong = case.binding.lacks & filled
    assert not wrong, f"{case}: the cloud is said to lack {', '.join(sorted(wrong))}, but recorded rows fill it"


def check_get_only(case: Case) -> None:
    """What a get fills and a list does not is what ``get_only`` names: no list may clear it."""
    listed = _filled([case.binding.parse(raw) for raw in case.listed()])
    detailed = _filled([case.binding.parse(raw) for raw in case.detailed()])
    assert detailed - listed == case.binding.get_only, f"{case}: only a get fills {sorted(detailed - listed)}"


def _filled(rows: list[ICloudResource]) -> set[str]:
    return {name for row in rows for name in row.columns if getattr(row, name) not in EMPTY}


def check_rows_with_little_in_them(case: Case) -> None:
    """With any key null or absent a row still reads, or is reported as malformed: nothing else happens."""
    for raw in (*case.listed(), *case.detailed()):
        for changed in _poorer(raw.data):
            try:
                row = case.binding.parse(Raw(changed))
            except MalformedResponse:
                continue
            assert row.external_id, f"{case}: a row without an id was read"
            assert row.name, f"{case}: a row without a name must show its id"


def _poorer(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The row with each of its keys, nested ones included, null and then absent."""
    for path in _paths(row):
        for absent in (False, True):
            changed = copy.deepcopy(row)
            holder = changed
            for key in path[:-1]:
                holder = holder[key]
            if absent:
                del holder[path[-1]]
            else:
                holder[path[-1]] = None
            yield changed


def _paths(value: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for key, inner in value.items():
        yield (key,)
        if isinstance(inner, dict):
            yield from ((key, *rest) for rest in _paths(inner))
