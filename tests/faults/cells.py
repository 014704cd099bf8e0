"""Which cells there are: the API calls, taken from the bindings, each with the faults that are tried on it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import cloudmux_py.emulator
from cloudmux_py.aliyun import errors as aliyun
from cloudmux_py.cloudprovider import errors
from cloudmux_py.cloudprovider.region import DEFAULTS
from cloudmux_py.engine.binding import Binding
from cloudmux_py.engine.bindings import find_binding
from cloudmux_py.engine.raw import Raw
from cloudmux_py.qcloud import errors as qcloud
from cloudmux_py.resources import modules, resource_type

from .matrix import (
    ASK,
    AUTH,
    BROKEN,
    DELETE,
    DENIED,
    EXTRA,
    FAULTS,
    GET,
    GONE,
    IDENTITY,
    LIST,
    NO_REGION,
    NOT_OPEN,
    OUTCOMES,
    POLL,
    REFUSED,
    REGIONS,
    RUN,
    STOP,
    THEN,
    THROTTLED,
    Fault,
)

CLOUDS = ("aliyun", "qcloud")
MAIN = "elastic_search"
"""The type of which `make test` takes its sample."""

FIRST = {
    "cloudcli list": LIST,
    "cloudcli list --all-regions": REGIONS,
    "cloudcli show": GET,
    "cloudcli delete": GET,
    "climc sync": IDENTITY,
    "climc syncstatus": IDENTITY,
    "climc delete": IDENTITY,
}
"""What the first call of a command is for: the one that a fault of the whole run meets."""

CLASSES: dict[type[errors.CloudError], str] = {
    errors.AuthFailed: AUTH,
    errors.ClockSkew: AUTH,
    errors.Denied: DENIED,
    errors.Throttled: THROTTLED,
    errors.ServerFault: BROKEN,
    errors.UnknownRegion: NO_REGION,
    errors.ServiceNotOpen: NOT_OPEN,
    errors.Conflict: REFUSED,
    errors.InvalidParam: REFUSED,
    errors.CloudError: REFUSED,
}
CODES = {"aliyun": aliyun.CODES, "qcloud": qcloud.CODES}
IN_FAMILIES = {
    "aliyun": (
        "InvalidAccessKeyId.Inactive",
        "InvalidSecurityToken.Malformed",
        "Throttling",
        "Throttling.Api",
        "DependencyViolation.Instance",
        "TaskConflict",
        "InvalidParameter.Size",
        "NeverHeardOf",
    ),
    "qcloud": (
        "AuthFailure.SignatureFailure",
        "AuthFailure.SecretIdNotFound",
        "UnauthorizedOperation.CamNoAuth",
        "InternalError.DbError",
        "InvalidParameter.Coexist",
        "InvalidParameterValue.LimitExceeded",
        "MissingParameter",
        "UnknownParameter",
        "InvalidAction",
        "NoSuchVersion",
        "NeverHeardOf",
    ),
}
"""Codes of each documented family, which have no entry of their own; and one of no family."""

TYPES = {"aliyun": aliyun.error_type, "qcloud": qcloud.error_type}


class Cell(NamedTuple):
    """One command of which one call meets one fault."""

    provider: str
    keyword: str
    command: str
    role: str
    fault: Fault

    def __str__(self) -> str:
        return f"{self.provider} {self.keyword}: {self.command}, {self.role}: {self.fault.name}"


@cache
def binding_of(provider: str, keyword: str) -> Binding[Any, Any] | None:
    """The binding of a type on a cloud."""
    return find_binding(resource_type(keyword), provider)


def pairs(provider: str, keyword: str) -> Iterator[tuple[str, str]]:
    """The commands that a type has on a cloud, each with the roles of its calls."""
    binding = binding_of(provider, keyword)
    assert binding
    asks = keyword not in {"zone", "project"}  # nobody takes one away
    polls = binding.deletes and not (binding.ends and binding.ends(Raw({}), DEFAULTS)[0] == "isolated")
    always = [extra for extra in binding.extras if extra.when is None]
    there = {
        REGIONS: binding.regional,
        ASK: asks,
        EXTRA: bool(binding.extras),
        DELETE: binding.deletes,
        POLL: polls,
        STOP: bool(binding.stop),
        THEN: bool(binding.then),
    }
    for command, role in OUTCOMES:
        deleting = command.startswith(("cloudcli delete", "climc delete", "climc task"))
        missing = (deleting and not binding.deletes) or (command == "climc task-resume" and not binding.then)
        missing |= deleting and role == EXTRA and not always  # of what may be deleted nothing more is asked
        if there.get(role, True) and not missing:
            yield command, role


def applies(fault: Fault, provider: str, command: str, role: str) -> bool:
    """Whether a fault can meet a call."""
    return fault.cloud in {"", provider} and (fault.extent != RUN or FIRST.get(command) == role)


@cache
def full() -> tuple[Cell, ...]:
    """The whole matrix: each call of each command of each type, with each fault and each code that can meet it."""
    return tuple(
        Cell(provider, keyword, command, role, fault)
        for provider in CLOUDS
        for keyword in modules()
        if binding_of(provider, keyword)
        for command, role in pairs(provider, keyword)
        for fault in (*FAULTS, *coded(provider, keyword, role))
        if applies(fault, provider, command, role)
    )


def short() -> list[Cell]:
    """Each fault once, and each call of each command at least once, on the main type."""
    cells = sorted(_main(), key=lambda cell: (cell.command, cell.role))
    calls = list(dict.fromkeys((cell.command, cell.role) for cell in cells))
    chosen: list[Cell] = []
    for name in dict.fromkeys(fault.name for fault in FAULTS):
        there = [cell for cell in cells if cell.fault.name == name]
        call = next(call for call in calls if call in {(cell.command, cell.role) for cell in there})
        calls.append(calls.pop(calls.index(call)))
        ways = [cell for cell in there if (cell.command, cell.role) == call]
        chosen.append(ways[len(chosen) % len(ways)])
    return chosen


def _main() -> Iterator[Cell]:
    named = {fault.name for fault in FAULTS}
    return (cell for cell in full() if cell.keyword == MAIN and cell.fault.name in named)


@cache
def coded(provider: str, keyword: str, role: str) -> tuple[Fault, ...]:
    """Each code that is known of a cloud, or of its API of the type, as a fault of a call."""
    binding = binding_of(provider, keyword)
    assert binding
    codes = {*CODES[provider], *IN_FAMILIES[provider], *binding.gone, *_emulated(provider, keyword)}
    gone = frozenset[str]() if role in {IDENTITY, REGIONS, LIST} else binding.gone  # those are about no id
    return tuple(_code(provider, code, GONE if code in gone else _effect(provider, code)) for code in sorted(codes))


def _effect(provider: str, code: str) -> str:
    return CLASSES[TYPES[provider](code)]


def _code(provider: str, code: str, effect: str) -> Fault:
    status = 400 if provider == "aliyun" else 200
    return Fault(code, effect, "error", {"code": code, "status": status}, code.replace(".", r"\."), cloud=provider)


def _emulated(provider: str, keyword: str) -> set[str]:
    """The codes that the emulated API of a type answers with."""
    file = Path(cloudmux_py.emulator.__file__).parent / provider / f"{keyword}.py"
    calls = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)]
    named = [call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id == "ApiError"]
    return {str(word.value) for word in named if isinstance(word, ast.Constant)}
