"""What we believe of the clouds that have an emulator: its replies, got by the library itself over HTTP."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any

from cloudmux_py import connect
from cloudmux_py.cloudprovider.errors import CloudmuxError
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.emulator import Emulator
from cloudmux_py.engine import client
from cloudmux_py.engine.bindings import find_binding
from cloudmux_py.engine.ratelimit import Limiter
from cloudmux_py.engine.raw import Raw
from cloudmux_py.engine.redact import Redactor
from cloudmux_py.engine.region import Region
from cloudmux_py.resources import resource_type

from .belief import ENUMERATED, Api, Belief, constants
from .calls import Call
from .shape import Shape

ROWS = 120
"""Of each type: what the emulator varies, it varies within so many."""
GOT = 25
DELETED = 6


class Emulated(Belief):
    """What the emulator sends of some types, and which words the parsers know."""

    source = "the emulator"

    def __init__(self, provider: str, keywords: Collection[str]) -> None:
        super().__init__()
        self.provider = provider
        self.shapes: dict[Api, Shape] = defaultdict(Shape)
        self.redactor = Redactor(b"")  # keys that are data must look like those of a recording
        with Emulator(instances=ROWS) as emulator, self._watching():
            self._learn(emulator, sorted(keywords))

    def shape(self, api: Api) -> Shape | None:
        """The shape of all that the emulator sent."""
        return self.shapes.get(api)

    def fields(self, call: Call) -> Any:
        """The JSON that came."""
        return call.json_object()

    def read(self, call: Call) -> Raw:
        """The reply as the client reads it."""
        raw: Raw = self._reader.read(call.body, call.status)
        return raw

    @cached_property
    def _reader(self) -> Any:
        """A client that reads and never sends."""
        return connect(self.provider, access_key="none", secret="none").client  # noqa: S106

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
            key = (api.service, getattr(api, "version", ""), api.action)
            self.shapes[key].add(self.redactor.value(json.loads(reply.body)))

    def _learn(self, emulator: Emulator, keywords: Collection[str]) -> None:
        keys = emulator.world.of(self.provider)[0]
        cloud = connect(self.provider, access_key=keys.access_key, secret=keys.secret, endpoint=emulator.url)
        cloud.client.limiter = Limiter(sleep=lambda seconds: None)  # it is our own: nobody is hurried
        cloud.caller_identity()
        cloud.regions()
        for keyword in keywords:
            row = resource_type(keyword)
            cloud.regions(row)
            binding = find_binding(row, self.provider)
            region = cloud.region(
                emulator.world.regions[self.provider][0] if binding and binding.regional else cloud.home_region
            )
            self._learn_type(region, row)

    def _learn_type(self, region: Region, row: type[ICloudResource]) -> None:
        rows = list(region.iter(row))
        binding = region.binding(row)
        for found in rows[:GOT] if binding.get != binding.list or binding.extras else ():
            with suppress(CloudmuxError):  # some are on their way out
                rows.append(region.get(row, found.external_id))
        for column in ENUMERATED & row.columns.keys():
            known = self.words[row.keyword, column]
            known.update(constants(binding.parse), (str(getattr(found, column)) for found in rows))
        for found in rows[:DELETED] if binding.deletes else ():
            with suppress(CloudmuxError):  # refusals are its business too
                region.delete(row, found.external_id)
