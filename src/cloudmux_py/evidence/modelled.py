"""What we believe of AWS, of which we have no emulator: its own service models, as botocore has them.

The fields that were sent are taken from the recorded XML or JSON itself, since botocore drops what its models do not
know; they go by their names on the wire. Rows are read as the client reads them, by botocore's parser.
"""

import json
from collections.abc import Collection
from contextlib import suppress
from typing import Any
from xml.etree import ElementTree

from cloudmux_py.aws import client
from cloudmux_py.cloudprovider.errors import MalformedResponse
from cloudmux_py.engine.http import Reply
from cloudmux_py.engine.raw import Raw

from .belief import ENUMERATED, Api, Belief, constants
from .calls import Call, Use, rows_in, uses
from .model import Description, made_up
from .sent import of_json, of_xml
from .shape import Shape

WORDS = 60
"""Of an enumeration, as many are gone through: states have fewer, and an instance type, which has more, is no state."""


class Modelled(Belief):
    """What the service models say of some types, and which words the parsers make of it."""

    source = "the vendor's model"

    def __init__(self, provider: str, keywords: Collection[str]) -> None:
        super().__init__()
        self.shapes: dict[Api, Shape | None] = {}
        for used in uses(provider).values():
            for use in used:
                if use.parses and use.row.keyword in keywords:
                    self._learn(use)

    def shape(self, api: Api) -> Shape | None:
        """The shape of what the model of the operation allows."""
        if api not in self.shapes:
            operation = _operation(api)
            self.shapes[api] = _shape(operation) if operation else None
        return self.shapes[api]

    def fields(self, call: Call) -> Any:
        """The elements of the XML, or the JSON."""
        operation = _operation(call.api)
        if _speaks_json(operation):
            return of_json(call.json_object(), operation.output_shape)
        try:
            return of_xml(ElementTree.fromstring(call.xml), operation.output_shape)  # noqa: S314 - expat has limits
        except (ElementTree.ParseError, RecursionError):
            raise MalformedResponse(f"HTTP {call.status} with what is no XML") from None

    def read(self, call: Call) -> Raw:
        """The reply as botocore reads it."""
        body = call.xml or json.dumps(call.body)
        try:
            return client.read(client.Api(call.service, call.action), Reply(call.status, call.headers, body.encode()))
        except MalformedResponse:
            raise MalformedResponse(f"HTTP {call.status} with what botocore cannot read") from None

    def _learn(self, use: Use) -> None:
        """The words of a type's columns, from rows with every word of the model."""
        operation = _operation(use.api)
        for number in range(WORDS):
            reply = Raw(made_up(operation.output_shape, number))
            with suppress(MalformedResponse):  # of another version of the model
                self._learn_rows(use, rows_in(use, reply))

    def _learn_rows(self, use: Use, rows: list[Raw]) -> None:
        for row in map(use.binding.parse, rows):
            for column in ENUMERATED & use.row.columns.keys():
                known = self.words[use.row.keyword, column]
                known.update(constants(use.binding.parse), [str(getattr(row, column))])


def _operation(api: Api) -> Any:
    """The model of an operation, or None."""
    service, _, action = api
    return client.operation(client.Api(service, action))


def _speaks_json(operation: Any) -> bool:
    return "json" in operation.service_model.resolved_protocol


def _shape(operation: Any) -> Shape:
    """What the model has, and what the protocol adds; botocore takes a null of JSON for what is absent."""
    protocol, output = operation.service_model.resolved_protocol, operation.output_shape
    described = Description(frozenset({"null"} if _speaks_json(operation) else ()))
    found = described.shape
    found.claim("", "", {"an object"}, always=False)
    wrapper = output.serialization.get("resultWrapper", "") if output else ""
    if output:
        described.field(output, wrapper, always=bool(wrapper))
    if protocol == "ec2":
        found.claim("requestId", "", {"a text"}, always=True)
        if not output:  # EC2 API reference: such actions return whether they succeeded (unverified)
            found.claim("return", "", {"a text"}, always=False)
    elif protocol == "query":
        found.claim("ResponseMetadata", "", {"an object"}, always=True)
        found.claim("ResponseMetadata.RequestId", "ResponseMetadata", {"a text"}, always=True)
    return found
