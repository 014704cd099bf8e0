"""A read-only client refuses every changing call of every binding before it is signed, and lets every other pass."""

from collections.abc import Iterator
from typing import Any

import pytest

from cloudmux_py import connect, providers
from cloudmux_py.cloudprovider.config import installed
from cloudmux_py.cloudprovider.errors import CloudError, Refused
from cloudmux_py.credentials import Credentials
from cloudmux_py.engine.binding import Binding
from cloudmux_py.engine.bindings import find_binding
from cloudmux_py.engine.client import changes
from cloudmux_py.engine.policy import changing_calls, reading_calls
from cloudmux_py.resources import resource_types

INSTALLED = [name for name in providers() if installed(name)]
CLOSED = "http://127.0.0.1:9"
"""Nobody listens there: whatever is sent fails, and what is refused before does not get so far."""


def bindings() -> Iterator[tuple[str, Binding[Any, Any]]]:
    for provider in INSTALLED:
        for row in resource_types():
            if binding := find_binding(row, provider):
                yield provider, binding


@pytest.mark.parametrize("provider", INSTALLED)
def test_every_changing_call_is_refused_unsent_and_unsigned(provider: str) -> None:
    def keys() -> Credentials:
        raise AssertionError("it was about to be signed")

    kind = type(connect(provider, access_key="key", secret="secret").client)
    client = kind(keys, endpoint=CLOSED, read_only=True)
    calls = {call for name, binding in bindings() if name == provider for call in changing_calls(binding)}
    assert len(calls) > 5
    for call in calls:
        for once in (True, False):  # the name of the action suffices
            with pytest.raises(Refused, match="read-only"):
                client.call(call, {}, "r", once=once)


def test_no_reading_call_is_taken_for_a_changing_one() -> None:
    for provider, binding in bindings():
        for call in reading_calls(binding):
            assert not changes(call, once=False), f"{provider}: {call.action}"


def test_a_call_that_is_declared_to_change_is_refused_whatever_its_name() -> None:
    cloud = connect("aliyun", access_key="key", secret="secret", endpoint=CLOSED, read_only=True, timeout=1)
    call = find_binding(next(iter(resource_types())), "aliyun")
    assert call
    with pytest.raises(Refused):
        cloud.client.call(call.list, {}, "cn-beijing", once=True)
    with pytest.raises(CloudError):
        cloud.client.call(call.list, {}, "cn-beijing")
