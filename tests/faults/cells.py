"""Which cells there are: the API calls, taken from the bindings, each with the faults that are tried on it."""

import ast
from collections.abc import Iterable, Iterator
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
    FULL,
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
"""The type on which every fault is tried at every call; on the others, the few that depend on the type."""

TYPICAL = {"reset before headers", "HTTP 404", "200 without the result key"}
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
    ),
}
"""Codes of each documented family, which have no entry of their own."""

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


def full() -> list[Cell]:
    """The whole matrix."""
    found = [*_main(), *_types(), *_codes(), *_own_codes()]
    return list({(str(cell), cell.fault.kind): cell for cell in found}.values())


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
    for provider in CLOUDS:
        for command, role in pairs(provider, MAIN):
            yield from (
                Cell(provider, MAIN, command, role, fault)
                for fault in FAULTS
                if applies(fault, provider, command, role)
            )


def _types() -> Iterator[Cell]:
    for provider in CLOUDS:
        for keyword in modules():
            if keyword != MAIN and binding_of(provider, keyword):
                for command, role in pairs(provider, keyword):
                    if role not in {IDENTITY, REGIONS, FULL} or command == "cloudcli list --all-regions":
                        yield from _cells(provider, keyword, [(command, role)], _typical(provider))


def _typical(provider: str) -> Iterator[Fault]:
    return (fault for fault in FAULTS if fault.name in TYPICAL and fault.cloud in {"", provider})


def _cells(provider: str, keyword: str, ways: Iterable[tuple[str, str]], faults: Iterable[Fault]) -> Iterator[Cell]:
    known = set(pairs(provider, keyword))
    faults = list(faults)
    for command, role in ways:
        if (command, role) in known:
            yield from (Cell(provider, keyword, command, role, fault) for fault in faults)


# Each documented code for its own API.

READS = [("climc sync", LIST), ("cloudcli show", GET)]
DELETES = [("cloudcli delete", DELETE), ("climc delete", DELETE)]
ASKS = [
    *(("cloudcli show", GET), ("cloudcli delete", GET), ("climc syncstatus", GET)),
    *(("climc delete", GET), ("climc sync", ASK)),
]


def coded(provider: str, keyword: str, code: str) -> Fault:
    """A documented code as a fault of a type's calls about one id."""
    binding = binding_of(provider, keyword)
    assert binding
    effect = GONE if code in binding.gone else CLASSES[TYPES[provider](code)]
    status = 400 if provider == "aliyun" else 200
    says = code.replace(".", r"\.")
    return Fault(code, effect, "error", {"code": code, "status": status}, says, cloud=provider)


def _codes() -> Iterator[Cell]:
    """What the clouds' tables of codes name, on the main type."""
    for provider in CLOUDS:
        for code in sorted((*CODES[provider], *IN_FAMILIES[provider])):
            fault = coded(provider, MAIN, code)
            conflict = TYPES[provider](code) is errors.Conflict
            yield from _cells(provider, MAIN, DELETES[1:] if conflict else READS + DELETES, [fault])


def _own_codes() -> Iterator[Cell]:
    """What the emulator and the bindings know of each type."""
    for provider in CLOUDS:
        for keyword in modules():
            binding = binding_of(provider, keyword)
            if binding is None:
                continue
            gone = [coded(provider, keyword, code) for code in sorted(binding.gone)]
            yield from _cells(provider, keyword, ASKS + DELETES, gone)
            others = [coded(provider, keyword, code) for code in sorted(_emulated(provider, keyword) - binding.gone)]
            yield from _cells(provider, keyword, DELETES, others)


def _emulated(provider: str, keyword: str) -> set[str]:
    """The codes that the emulated API of a type answers with."""
    file = Path(cloudmux_py.emulator.__file__).parent / provider / f"{keyword}.py"
    calls = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)]
    named = [call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id == "ApiError"]
    return {str(word.value) for word in named if isinstance(word, ast.Constant)}
