"""Which call a request is, and how its answer or error looks."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from ..state import Row, World
from ..wire import ApiError, Call, Handler, Register
from .signature import check_old, check_tc3

_actions: dict[tuple[str, str], tuple[str, Handler]] = {}
_versions: set[str] = set()

REGIONLESS = frozenset({"sts", "region", "tag"})
"""Services whose calls belong to no region."""

Answer = tuple[int, dict[str, str], dict[str, Any]]


def action(service: str, version: str, name: str) -> Register:
    """Register the handler of an action."""

    def register(handler: Handler) -> Handler:
        _actions[version, f"{service}.{name}"] = (service, handler)
        _versions.add(version)
        return handler

    return register


def open_call(
    world: World, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes, request_id: str
) -> tuple[Call, Handler]:
    """The call that a request is, once its signature holds."""
    lower = {name.lower(): value for name, value in headers.items()}
    if "authorization" in lower:
        account = check_tc3(world, method, path, query, headers, body)
        params = _json(body) if method == "POST" else _unflatten(dict(parse_qsl(query, keep_blank_values=True)))
        name, version, region = (lower.get(f"x-tc-{part}", "") for part in ("action", "version", "region"))
        service = lower["authorization"].split("/")[2]
    else:
        # A GET has its parameters in the query; a POST, as the SDK sends it, in a form ("Signature", 3, names both).
        # That query and form are read as one set, whichever the method, and that the form wins, is a guess.
        texts = (query, body.decode(errors="replace"))
        flat = {name: value for text in texts for name, value in parse_qsl(text, keep_blank_values=True)}
        account = check_old(world, method, lower.get("host", ""), path, flat)
        name, version, region = flat.get("Action", ""), flat.get("Version", ""), flat.get("Region", "")
        params, service = _unflatten(flat), ""
    known, handler = _find(service, version, name)
    if known not in REGIONLESS and not region:
        raise ApiError("MissingParameter", "The request is missing the required parameter `Region`.")
    if known not in REGIONLESS and region not in world.regions["qcloud"]:
        raise ApiError("UnsupportedRegion", f"The region {region} is not supported.")
    return Call(world, "qcloud", known, name, region, account, params, request_id), handler


def _find(service: str, version: str, name: str) -> tuple[str, Handler]:
    if version not in _versions:
        raise ApiError("NoSuchVersion", f"The version {version} does not exist.")
    for (known, full), found in _actions.items():
        if known == version and full.endswith(f".{name}") and (not service or full == f"{service}.{name}"):
            return found
    raise ApiError("InvalidAction", f"The action {name} does not exist.")


def _json(body: bytes) -> dict[str, Any]:
    try:
        params = json.loads(body or b"{}")
    except ValueError:
        params = None
    if not isinstance(params, dict):
        raise ApiError("InvalidParameter", "The request body is not valid JSON.")
    return params


def _unflatten(flat: Mapping[str, str]) -> dict[str, Any]:
    """``InstanceIds.0=a`` as a list; digits as numbers, for there every value is a text."""
    params: dict[str, Any] = {}
    for name, value in flat.items():
        listed = re.fullmatch(r"(\w+)\.(\d+)", name)
        if listed:
            params.setdefault(listed[1], []).append(value)
        else:
            params[name] = int(value) if value.isdecimal() else value
    return params


def success(call: Call, body: dict[str, Any]) -> Answer:
    """The answer of a call that went well."""
    return 200, {}, {"Response": {**body, "RequestId": call.request_id}}


def failure(error: ApiError, request_id: str) -> Answer:
    """The answer of a call that did not: HTTP 200 all the same."""
    status = error.status if error.status != 400 else 200
    body = {"Response": {"Error": {"Code": error.code, "Message": error.message}, "RequestId": request_id}}
    return status, error.headers, body


def throttled(_: int) -> ApiError:
    """The answer to a call beyond the rate limit."""
    return ApiError("RequestLimitExceeded", "Your current request times exceeds the limit per second.")


def denied(name: str) -> ApiError:
    """The answer to a user who may not do this."""
    return ApiError("UnauthorizedOperation", f"You are not authorized to perform operation ({name}).")


def whole(call: Call, name: str, default: int, low: int, high: int, code: str) -> int:
    """A whole number: the JSON type is significant."""
    value = call.params.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ApiError(
            "InvalidParameter", f"The type of value specified for parameter {name} is not valid. int required."
        )
    if not low <= value <= high:
        raise ApiError(code, f"The value of parameter {name} should be {low} to {high}.")
    return value


def windowed(
    call: Call, rows: list[Row], default: int, most: int, *, code: str = "InvalidParameterValue", text: bool = False
) -> tuple[list[Row], Any]:
    """The rows by Offset and Limit, and their total; some APIs declare both as texts."""
    if text:
        for name in ("Offset", "Limit"):
            value = call.params.get(name, "0" if name == "Offset" else str(default))
            if not isinstance(value, str) or not value.isdecimal():
                raise ApiError(
                    "InvalidParameter",
                    f"The type of value specified for parameter {name} is not valid. string required.",
                )
        call.params |= {name: int(call.params[name]) for name in ("Offset", "Limit") if name in call.params}
    offset = whole(call, "Offset", 0, 0, 10**6, code)
    return call.page_of(rows, offset, whole(call, "Limit", default, 1, most, code))


def filtered(call: Call, rows: list[Row], keys: Mapping[str, str]) -> list[Row]:
    """The rows that all Filters let through.

    Args:
        call: The call; a filter is an object of Name and Values.
        rows: The rows.
        keys: Dotted key in a row of each filter's name.
    """
    for wanted in call.params.get("Filters") or []:
        if wanted.get("Name") not in keys:
            raise ApiError("InvalidFilter", f"The filter {wanted.get('Name')} is not supported.")
        path = keys[wanted["Name"]].split(".")
        rows = [row for row in rows if str(_at(row, path)) in wanted["Values"]]
    return rows


def _at(row: Row, path: list[str]) -> Any:
    value: Any = row
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value
