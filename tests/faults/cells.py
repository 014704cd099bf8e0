"""Which cells there are: the API calls, taken from the bindings, each with the faults that are tried on it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import cloudmux_py.emulator
from cloudmux_py.aliyun import errors as aliyun
from cloudmux_py.aws import errors as aws
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
    DETAILS,
    EXTRA,
    FAULTS,
    GET,
    GONE,
    IDENTITY,
    LIST,
    MORE,
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

CLOUDS = ("aliyun", "qcloud", "aws")
MAIN = "elastic_search"
"""The type of which `make test` takes its sample, and with which calls are met that all types make alike."""

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
CODES = {"aliyun": aliyun.CODES, "qcloud": qcloud.CODES, "aws": aws.CODES}
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
    "aws": ("NeverHeardOf",),
}
"""Codes of each documented family, which have no entry of their own; and one of no family."""

TYPES = {"aliyun": aliyun.error_type, "qcloud": qcloud.error_type, "aws": aws.error_type}


TELLING = {("aws", "server")}
"""Types whose further calls depend on the row, and are made for every row all the same."""


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
    # Of what may be deleted nothing more is asked than what is asked of all.
    asked = {EXTRA: binding.extras[:1], MORE: binding.extras[1:]}
    always = {role: all(extra.when is None for extra in extras) for role, extras in asked.items()}
    there = {
        REGIONS: binding.regional,
        ASK: asks,
        DETAILS: bool(binding.details),
        EXTRA: bool(binding.extras),
        MORE: bool({extra.call for extra in binding.extras[1:]} - {extra.call for extra in binding.extras[:1]}),
        DELETE: binding.deletes,
        POLL: polls,
        STOP: bool(binding.stop),
        THEN: bool(binding.then),
    }
    for command, role in OUTCOMES:
        deleting = command.startswith(("cloudcli delete", "climc delete", "climc task"))
        missing = (deleting and not binding.deletes) or (command == "climc task-resume" and not binding.then)
        missing |= deleting and not (always.get(role, True) or (provider, keyword) in TELLING)
        if there.get(role, True) and not missing:
            yield command, role


def applies(fault: Fault, provider: str, command: str, role: str) -> bool:
    """Whether a fault can meet a call."""
    return fault.cloud in {"", provider} and (fault.extent != RUN or FIRST.get(command) == role)


@cache
def full() -> tuple[Cell, ...]:
    """The whole matrix: each call of each command of each type, with each fault and each code that can meet it.

    What all types ask alike, whose keys these are and which regions there are, is met with the main type alone.
    """
    return tuple(
        Cell(provider, keyword, command, role, fault)
        for provider in CLOUDS
        for keyword in modules()
        if binding_of(provider, keyword)
        for command, role in pairs(provider, keyword)
        if keyword == MAIN or not _alike(provider, keyword, role)
        for fault in (*FAULTS, *coded(provider, keyword, role))
        if applies(fault, provider, command, role)
    )


def _alike(provider: str, keyword: str, role: str) -> bool:
    binding = binding_of(provider, keyword)
    return role == IDENTITY or bool(role == REGIONS and binding and not binding.regions)


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
    gone = frozenset[str]() if role in {IDENTITY, REGIONS, LIST, DETAILS} else binding.gone  # those are about no id
    return tuple(_code(provider, code, GONE if code in gone else _effect(provider, code)) for code in sorted(codes))


def _effect(provider: str, code: str) -> str:
    return CLASSES[TYPES[provider](code)]


def _code(provider: str, code: str, effect: str) -> Fault:
    status = 200 if provider == "qcloud" else 400
    return Fault(code, effect, "error", {"code": code, "status": status}, code.replace(".", r"\."), cloud=provider)


def _emulated(provider: str, keyword: str) -> set[str]:
    """The codes that the emulated API of a type answers with; AWS's is not emulated."""
    file = Path(cloudmux_py.emulator.__file__).parent / provider / f"{keyword}.py"
    if not file.exists():
        return set()
    calls = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)]
    named = [call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id == "ApiError"]
    return {str(word.value) for word in named if isinstance(word, ast.Constant)}
