"""One account of any cloud: its regions, its identity, its capabilities."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Generic, Self, TypeVar

from cloudmux_py.cloudprovider.errors import NotImplementedByProvider, UnknownRegion
from cloudmux_py.cloudprovider.region import Identity, RegionInfo
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.credentials import Credentials
from cloudmux_py.resources import resource_types

from .binding import RegionList
from .bindings import find_binding, provides
from .client import Api, Client
from .region import Region

A = TypeVar("A", bound=Api)


class Account(ABC, Generic[A]):
    """One account of one cloud; each provider says how its regions and its caller are asked for.

    Attributes:
        name: The provider's name, which is also its package's.
        home_region: Where calls are sent that belong to no region.
    """

    name: ClassVar[str]
    home_region: str
    all_regions: ClassVar[RegionList[Any]]
    """The cloud's general region list."""
    identity: ClassVar[Any]
    """The call that tells whose credentials these are."""

    client_type: ClassVar[type[Client[Any]]]

    def __init__(self, client: Client[A]) -> None:
        self.client = client
        self._known: dict[str, Sequence[RegionInfo]] = {}
        self._identity: Identity | None = None
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}

    @classmethod
    def connect(cls, keys: Credentials, *, timeout: float, allow_http: bool, read_only: bool = False) -> Self:
        """An account of these keys; no call is made yet."""

        def client(source: Callable[[], Credentials]) -> Client[Any]:
            options: dict[str, Any] = {"endpoint": keys.endpoint, "timeout": timeout, "allow_http": allow_http}
            return cls.client_type(source, read_only=read_only, **options)

        if keys.role:
            base = cls(client(lambda: keys))
            base.client.read_only = False  # it only exchanges keys
            return cls(client(RoleKeys(lambda: base.assume(keys))))
        return cls(client(lambda: keys))

    def assume(self, keys: Credentials) -> tuple[Credentials, datetime]:
        """Exchange keys for those of their role, which end at the time given."""
        raise NotImplementedByProvider("assuming a role", self.name)

    @abstractmethod
    def region(self, id: str) -> Region:
        """A region of the account; no call is made."""

    @abstractmethod
    def ask_identity(self) -> Identity:
        """Ask the cloud whose credentials these are."""

    def caller_identity(self) -> Identity:
        """Whose credentials these are; asked once."""
        with self._lock:
            if self._identity is None:
                self._identity = self.ask_identity()
            return self._identity

    def regions(self, row: type[ICloudResource] | None = None) -> Sequence[RegionInfo]:
        """The cloud's regions; with a type, those of its service's own list where there is one. Asked once."""
        binding = find_binding(row, self.name) if row else None
        if binding and not binding.regional:
            return [RegionInfo(self.home_region, "")]
        listed: RegionList[Any] = binding.regions if binding and binding.regions else self.all_regions
        key = f"{listed.call}{listed.params}"
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:  # of its own, so that the lists of several services can be asked for at once
            if key not in self._known:
                self._known[key] = self._list_regions(listed)
            return self._known[key]

    def check_region(self, id: str, row: type[ICloudResource] | None = None) -> None:
        """Hold a region against the region list.

        Raises:
            UnknownRegion: It is not there; names near matches.
        """
        binding = find_binding(row, self.name) if row else None
        row = row if binding and binding.regional else None
        known = [region.id for region in self.regions(row)]
        if id in known:
            return
        from difflib import get_close_matches

        near = get_close_matches(id, known, n=3) or known[:3]
        what = f" for {row.word()}" if row else ""
        text = f"no such region{what}; did you mean {', '.join(near)}?" if near else f"no such region{what}"
        raise UnknownRegion(text, provider=self.name, region=id)

    def capabilities(self) -> frozenset[str]:
        """Keywords of the resource types that this cloud has here."""
        return frozenset(row.keyword for row in resource_types() if provides(row, self.name))

    def _list_regions(self, listed: RegionList[Any]) -> list[RegionInfo]:
        reply = self.client.call(listed.call, listed.params, self.home_region)
        found: dict[str, RegionInfo] = {}
        for raw in reply.each(listed.rows):
            id = raw.text(listed.id)
            available = not listed.state or raw.text(listed.state, "") == listed.open
            found.setdefault(id, RegionInfo(id, raw.text(listed.name, "") if listed.name else "", available))
        return list(found.values())


class RoleKeys:
    """Keys of a role, exchanged again before they end, once for all threads.

    Args:
        exchange: Gets new keys and the time they end.
    """

    MARGIN = timedelta(minutes=5)

    def __init__(self, exchange: Callable[[], tuple[Credentials, datetime]]) -> None:
        self.exchange = exchange
        self.lock = threading.Lock()
        self.keys: Credentials | None = None
        self.ends = datetime.min.replace(tzinfo=UTC)

    def __call__(self) -> Credentials:
        """Keys that live for some minutes more."""
        with self.lock:
            if self.keys is None or datetime.now(UTC) + self.MARGIN >= self.ends:
                self.keys, self.ends = self.exchange()
            return self.keys
