"""Which binding a type has on a provider; each is imported when it is first needed."""

from collections.abc import Callable
from functools import cache, wraps
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeVar

from cloudmux_py.cloudprovider.errors import BrokenPlugin, CloudmuxError, MalformedResponse
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.resources import binding_module, distribution_of, leave_out, plugin, resource_types

from .binding import Binding
from .raw import Raw

T = TypeVar("T")


def find_binding(row: type[ICloudResource], provider: str) -> Binding[Any, Any] | None:
    """The binding of a type on a provider, or None where the provider lacks the type.

    Raises:
        BrokenPlugin: Another distribution brings it, and it cannot be used.
    """
    name = binding_module(row, provider)
    if not distribution_of(row.keyword):
        return _load_binding(name)
    with plugin(row.keyword):
        return _load_guarded(name, row.keyword)


def provides(row: type[ICloudResource], provider: str) -> bool:
    """Whether a provider has a type; a broken binding of another distribution is named in one warning, and is none."""
    if not distribution_of(row.keyword):
        return find_spec(binding_module(row, provider)) is not None
    try:
        return find_binding(row, provider) is not None
    except BrokenPlugin as error:
        leave_out(row.keyword, error.distribution, error.reason)
        return False


@cache
def _load_binding(name: str) -> Binding[Any, Any] | None:
    if find_spec(name) is None:
        return None
    binding = import_module(name).BINDING
    if not isinstance(binding, Binding):
        raise TypeError(f"{name}: BINDING must be a Binding")
    return binding


@cache
def _load_guarded(name: str, keyword: str) -> Binding[Any, Any] | None:
    """A binding that is not ours: whatever its `parse` may raise, only a row that cannot be read comes of it."""
    binding = _load_binding(name)
    if binding is None:
        return None
    guarded = {"parse": _guarded(binding.parse, keyword)}
    if binding.gone_as:
        guarded["gone_as"] = _guarded(binding.gone_as, keyword)
    return Binding(**{**vars(binding), **guarded})


def _guarded(read: Callable[[Raw], T], keyword: str) -> Callable[[Raw], T]:
    @wraps(read)
    def guarded(raw: Raw) -> T:
        try:
            return read(raw)
        except CloudmuxError:
            raise
        except Exception as error:  # it is not our code: it may fail in any way
            reason = f"{type(error).__name__}: {error}"
            text = f"{distribution_of(keyword)} cannot read a row of {keyword}: {reason}"
            raise raw.located(MalformedResponse(text)) from error

    return guarded


def reference_identities(row: type[ICloudResource], provider: str) -> dict[str, Callable[[str], str]]:
    """How the columns that hold other types' ids are compared, for those types whose ids fold case."""
    found = {}
    known = {other.keyword: other for other in resource_types()}
    for name, column in row.columns.items():
        other = known.get(column.references)
        binding = find_binding(other, provider) if other and provides(other, provider) else None
        if binding and binding.identity is not str:
            found[name] = binding.identity
    return found
