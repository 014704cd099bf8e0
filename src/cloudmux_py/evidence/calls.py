"""The calls of a recording, and which of our types each belongs to."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from cloudmux_py.cloudprovider.errors import CloudError, MalformedResponse
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.engine.binding import Binding
from cloudmux_py.engine.bindings import find_binding
from cloudmux_py.engine.calling import candidates
from cloudmux_py.engine.paging import rows_of
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources import resource_types


class Call(NamedTuple):
    """One recorded call.

    Attributes:
        params: What was asked for, query, form and JSON body together.
        status: HTTP status; 0 where nothing came.
        headers: Of the reply.
        body: The reply's JSON; None where it was none.
        xml: The reply's XML; empty where it was none.
    """

    provider: str
    region: str
    service: str
    version: str
    action: str
    params: Mapping[str, Any]
    status: int
    headers: Mapping[str, str]
    body: Any
    xml: str

    def json_object(self) -> dict[str, Any]:
        """The reply's JSON.

        Raises:
            MalformedResponse: It is no object, or none came.
        """
        if not isinstance(self.body, dict):
            raise MalformedResponse(f"HTTP {self.status} with what is no JSON object")
        return self.body

    @property
    def api(self) -> tuple[str, str, str]:
        """What tells one API from another."""
        return self.service, self.version, self.action


class Use(NamedTuple):
    """What a type does with a call: it lists, gets the rows of listed names, or gets one."""

    row: type[ICloudResource]
    binding: Binding[Any, Any]
    role: str
    api: tuple[str, str, str]

    @property
    def parses(self) -> bool:
        """Whether the rows of the call are those of the type, and not their names alone."""
        return not (self.role == "list" and self.binding.details)


def call_of(entry: Mapping[str, Any]) -> Call:
    """A call from its line in a recording."""
    sent = entry["sent"] or {"query": [], "body": None}
    came = entry["came"] or {"status": 0, "headers": {}, "body": None}
    body, answer = sent["body"] or {}, came["body"] or {}
    params: dict[str, Any] = dict([*sent["query"], *body.get("form", [])])
    params |= asked if isinstance(asked := body.get("json"), dict) else {}
    where = (entry["provider"], entry["region"], entry["service"], entry["version"], entry["action"])
    xml = answer.get("xml")
    return Call(
        *where, params, came["status"], came["headers"], answer.get("json"), xml if isinstance(xml, str) else ""
    )


@cache
def uses(provider: str) -> Mapping[tuple[str, str, str], list[Use]]:
    """Which types use an API, and for what."""
    found: dict[tuple[str, str, str], list[Use]] = defaultdict(list)
    for row in resource_types():
        binding = find_binding(row, provider)
        if binding:
            calls = {"list": binding.list, "rows": binding.details and binding.details.call, "get": binding.get}
            for role, api in calls.items():
                if api and not (role == "get" and api == binding.list):
                    found[_api(api)].append(Use(row, binding, role, _api(api)))
    return found


def _api(api: Any) -> tuple[str, str, str]:
    return api.service, getattr(api, "version", ""), api.action


def types_of(provider: str, calls: Sequence[Call]) -> set[str]:
    """Keyword of each type of a cloud that one of the calls belongs to, be it by a further call or a deletion."""
    wanted, found = {call.api for call in calls}, set()
    for row in resource_types():
        binding = find_binding(row, provider)
        # A region list is the same for many types: it is always asked for.
        facts = {name: fact for name, fact in vars(binding).items() if name != "regions"} if binding else {}
        if any(api in wanted for api in _apis(facts)):
            found.add(row.keyword)
    return found


def _apis(value: Any) -> Iterator[tuple[str, str, str]]:
    """Every API in the facts of a binding."""
    if hasattr(value, "service") and hasattr(value, "action"):
        yield _api(value)
    elif isinstance(value, dict | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _apis(item)
    elif hasattr(value, "_fields"):
        yield from _apis(vars(value))


def known_code(call: Call, error: CloudError) -> bool:
    """Whether we know what an error code of a cloud means: by its list of codes, or as that of a gone resource."""
    errors = import_module(f"cloudmux_py.{call.provider}.errors")
    gone = {code for found in uses(call.provider).values() for use in found for code in use.binding.gone}
    return error.code in gone or errors.error_type(error.code) is not CloudError


def rows_in(use: Use, reply: Raw) -> list[Raw]:
    """The rows of a reply that `parse` reads; none of a list of names.

    Raises:
        MalformedResponse: They are not where they are due.
    """
    binding = use.binding
    if use.role == "get":
        return candidates(reply, binding)[0]
    if use.role == "rows" and binding.details:
        return list(reply.each(binding.details.rows))
    total = reply.number(binding.paging.total, None) if binding.paging.total else None
    return rows_of(reply, binding.rows, total)
