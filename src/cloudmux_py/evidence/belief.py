"""What we believe of the clouds: the replies of the emulator, got by the library itself over HTTP."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from cloudmux_py import connect
from cloudmux_py.cloudprovider import status
from cloudmux_py.cloudprovider.errors import CloudmuxError
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.emulator import Emulator
from cloudmux_py.engine import client
from cloudmux_py.engine.bindings import find_binding
from cloudmux_py.engine.ratelimit import Limiter
from cloudmux_py.engine.redact import Redactor
from cloudmux_py.engine.region import Region
from cloudmux_py.resources import resource_type

from .shape import Shape

ROWS = 120
"""Of each type: what the emulator varies, it varies within so many."""
GOT = 25
DELETED = 6

ENUMERATED = frozenset(
    {
        "status",
        "billing_type",
        "category",
        "charge_type",
        "associate_type",
        "arch_type",
        "engine",
        "disk_type",
        "os_type",
    }
)
"""Columns that hold one of a few words."""

Api = tuple[str, str, str, str]
"""Provider, service, version, action."""


class Belief:
    """What the emulator sends, and which words the parsers know.

    Attributes:
        shapes: Of the replies that went well.
        words: By provider, type and column.
    """

    def __init__(self, types: Collection[tuple[str, str]], providers: Collection[str]) -> None:
        self.shapes: dict[Api, Shape] = defaultdict(Shape)
        self.words: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        self.redactor = Redactor(b"")  # keys that are data must look like those of a recording
        if not providers:
            return
        with Emulator(instances=ROWS) as emulator, self._watching():
            for provider in providers:
                self._learn(emulator, provider, sorted(keyword for of, keyword in types if of == provider))

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """See every exchange meanwhile."""
        before, client.tap = client.tap, self._see
        try:
            yield
        finally:
            client.tap = before

    def _see(self, exchange: client.Exchange) -> None:
        api, reply = exchange.api, exchange.sent.reply
        if reply and not exchange.error:
            key = (exchange.provider, api.service, getattr(api, "version", ""), api.action)
            self.shapes[key].add(self.redactor.value(json.loads(reply.body)))

    def _learn(self, emulator: Emulator, provider: str, keywords: Collection[str]) -> None:
        keys = emulator.world.of(provider)[0]
        cloud = connect(provider, access_key=keys.access_key, secret=keys.secret, endpoint=emulator.url)
        cloud.client.limiter = Limiter(sleep=lambda seconds: None)  # it is our own: nobody is hurried
        cloud.caller_identity()
        cloud.regions()
        for keyword in keywords:
            row = resource_type(keyword)
            cloud.regions(row)
            binding = find_binding(row, provider)
            region = cloud.region(
                emulator.world.regions[provider][0] if binding and binding.regional else cloud.home_region
            )
            self._learn_type(region, row)

    def _learn_type(self, region: Region, row: type[ICloudResource]) -> None:
        rows = list(region.iter(row))
        binding = region.binding(row)
        for found in rows[:GOT] if binding.get != binding.list or binding.extras else ():
            with suppress(CloudmuxError):  # some are on their way out
                rows.append(region.get(row, found.external_id))
        for column in ENUMERATED & row.columns.keys():
            known = self.words[region.provider, row.keyword, column]
            known.update(_constants(binding.parse), (str(getattr(found, column)) for found in rows))
        for found in rows[:DELETED] if binding.deletes else ():
            with suppress(CloudmuxError):  # refusals are its business too
                region.delete(row, found.external_id)


def _constants(parse: Any) -> set[str]:
    """The words that a binding's module maps to, and our own of all types."""
    found = {value for value in vars(status).values() if isinstance(value, str)}
    for value in parse.__globals__.values():
        if isinstance(value, dict):
            found |= {word for word in value.values() if isinstance(word, str)}
        elif isinstance(value, str):
            found.add(value)
    return found
