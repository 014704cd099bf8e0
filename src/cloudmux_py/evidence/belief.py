"""What is believed of a cloud, whichever way it is known; the comparison asks no more than this."""

from abc import ABC, abstractmethod
from collections import defaultdict
from typing import Any, ClassVar

from cloudmux_py.cloudprovider import status
from cloudmux_py.engine.raw import Raw

from .calls import Call
from .shape import Shape

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

Api = tuple[str, str, str]
"""Service, version, action."""


class Belief(ABC):
    """What one cloud sends, and which words the parsers know.

    Attributes:
        source: Who says so.
        words: By type and column.
    """

    source: ClassVar[str]

    def __init__(self) -> None:
        self.words: dict[tuple[str, str], set[str]] = defaultdict(set)

    @abstractmethod
    def shape(self, api: Api) -> Shape | None:
        """The shape of replies that went well; None where the source has no such call."""

    @abstractmethod
    def fields(self, call: Call) -> Any:
        """The reply as objects, lists and values, with all that was sent.

        Raises:
            MalformedResponse: It has not the form of the API's replies at all.
        """

    @abstractmethod
    def read(self, call: Call) -> Raw:
        """The reply as the client reads it.

        Raises:
            CloudError: It is an error.
        """


def constants(parse: Any) -> set[str]:
    """The words that a binding's module maps to, and our own of all types."""
    found = {value for value in vars(status).values() if isinstance(value, str)}
    for value in parse.__globals__.values():
        if isinstance(value, dict):
            found |= {word for word in value.values() if isinstance(word, str)}
        elif isinstance(value, str):
            found.add(value)
    return found
