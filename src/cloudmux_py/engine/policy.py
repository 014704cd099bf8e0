"""The permissions that reading and deleting need: the calls of the bindings, in the words of each cloud's policies.

Each provider's package has in ``policy.py`` how its policies name actions; from that and the bindings come the
documented policies, the answer to what a denied call lacks, and the check of an account.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cloudmux_py.cloudprovider.resource import ICloudResource

from .binding import Binding
from .bindings import find_binding, provides
from .facts import Facts

if TYPE_CHECKING:
    from .client import Api

Purpose = Literal["read", "delete"]

CHANGING = frozenset({"delete", "delete_calls", "then", "stop"})
"""Fields of a binding whose calls change something."""


class Permission(NamedTuple):
    """What one call needs.

    Attributes:
        name: As the policy language spells it, such as ``kvstore:DescribeInstances``.
        verified: Whether a page of the vendor's was found that names it.
        changing: Whether the call changes something.
    """

    name: str
    verified: bool
    changing: bool


class Language(Facts, kw_only=True):
    """How a cloud's policies name what its API calls.

    Attributes:
        title: The policies' name, such as ``RAM``.
        document: A whole policy that allows actions.
        prefixes: Services whose actions have another prefix in policies than in hosts.
        renamed: Calls, as ``service:Action``, whose permission has another name altogether.
        verified: Permissions that a page of the vendor's names; None where one names them all.
        free: Calls that need no permission, as ``service:Action``.
        silent: Permissions without which a list comes empty instead of being denied.
    """

    title: str
    document: Callable[[Sequence[str]], Mapping[str, Any]]
    prefixes: Mapping[str, str] = MappingProxyType({})
    renamed: Mapping[str, str] = MappingProxyType({})
    verified: frozenset[str] | None = frozenset()
    free: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()

    def name(self, call: "Api") -> str:
        """The permission that a call needs; empty where it needs none."""
        known = f"{call.service}:{call.action}"
        if known in self.free:
            return ""
        return self.renamed.get(known) or f"{self.prefixes.get(call.service, call.service)}:{call.action}"

    def is_verified(self, name: str) -> bool:
        """Whether a page of the vendor's names a permission."""
        return self.verified is None or name in self.verified


def language_of(provider: str) -> Language:
    """How a provider's policies are written."""
    found = import_module(f"cloudmux_py.{provider}.policy").LANGUAGE
    assert isinstance(found, Language)
    return found


def needed(provider: str, types: Sequence[type[ICloudResource]], purpose: Purpose) -> list[Permission]:
    """The permissions for some resource types, sorted: those that read, then those that change.

    Args:
        provider: The cloud.
        types: The resource types; those that the cloud lacks need nothing.
        purpose: Deleting needs what reading needs, and more.
    """
    language = language_of(provider)
    bindings = bindings_of(provider, types)
    reading = [*account_calls(provider), *(call for binding in bindings for call in reading_calls(binding))]
    changing = [call for binding in bindings for call in changing_calls(binding)] if purpose == "delete" else []
    read = sorted({language.name(call) for call in reading} - {""})
    more = sorted({language.name(call) for call in changing} - {*read, ""})
    return [
        Permission(name, language.is_verified(name), changes)
        for names, changes in ((read, False), (more, True))
        for name in names
    ]


def bindings_of(provider: str, types: Sequence[type[ICloudResource]]) -> list[Binding[Any, Any]]:
    """The bindings of those types that a provider has."""
    found = (find_binding(row, provider) for row in types if provides(row, provider))
    return [binding for binding in found if binding]


def account_calls(provider: str) -> "list[Api]":
    """The calls about the account itself: whose keys these are, and the cloud's general list of regions."""
    account = import_module(f"cloudmux_py.{provider}.provider").Provider
    return [account.identity, account.all_regions.call]


def reading_calls(binding: Binding[Any, Any]) -> "Iterator[Api]":
    """Every call of a binding that only reads."""
    for name, fact in vars(binding).items():
        if name not in CHANGING:
            yield from _calls(fact)


def changing_calls(binding: Binding[Any, Any]) -> "Iterator[Api]":
    """Every call of a binding that changes something."""
    for name in CHANGING:
        yield from _calls(getattr(binding, name))


def _calls(value: Any) -> "Iterator[Api]":
    if hasattr(value, "service") and hasattr(value, "action"):
        yield value
    elif isinstance(value, Facts):
        for fact in vars(value).values():
            yield from _calls(fact)
    elif isinstance(value, tuple):
        for item in value:
            yield from _calls(item)
