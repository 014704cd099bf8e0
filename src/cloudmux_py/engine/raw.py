"""A typed reader of a cloud's JSON: `Any` ends here, and every complaint names the path."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, TypeVar, overload

from cloudmux_py.cloudprovider.errors import MalformedResponse

BEIJING = timezone(timedelta(hours=8))
"""What Tencent Cloud's texts without a zone mean."""

LONGEST_NUMBER = 20
"""Characters of a whole number of 64 bits."""

NO_TIMES = frozenset({"", "0", "0000-00-00 00:00:00", "0001-01-01 00:00:00"})

D = TypeVar("D")
V = TypeVar("V")


class _Required:
    """The default of what must be there."""


REQUIRED = _Required()


class Raw:
    """A value of a cloud's JSON at its path.

    An absent key and a null are one thing; without a default both are a `MalformedResponse`.

    Attributes:
        data: The value.
        origin: Of a whole reply, the provider, region and action that it came from: complaints say so.
    """

    __slots__ = ("_parent", "_place", "data", "origin")

    def __init__(self, data: Any, place: str = "", parent: "Raw | None" = None) -> None:
        self.data = data
        self.origin = ("", "", "")
        self._parent = parent
        self._place = place

    @property
    def path(self) -> str:
        """Where it stands; put together only for a complaint, as there is a reader for each row."""
        return self._parent._path(self._place) if self._parent else self._place

    def any(self, key: str) -> Any:
        """What stands under a dotted path, or None."""
        value = self.data
        if "." not in key:
            return value.get(key) if isinstance(value, dict) else None
        for part in key.split("."):
            if not isinstance(value, dict):
                return None
            value = value.get(part)
        return value

    def has(self, key: str) -> bool:
        """Whether the key is there, be it with a null."""
        parent, _, last = key.rpartition(".")
        holder = self.any(parent) if parent else self.data
        return isinstance(holder, dict) and last in holder

    def at(self, key: str) -> "Raw":
        """The object under a key; an absent one reads as an empty one."""
        value = self.any(key)
        if value is not None and not isinstance(value, dict):
            raise self.malformed(key, "an object", value)
        return Raw(value or {}, key, self)

    def each(self, key: str) -> Iterator["Raw"]:
        """The items of the list under a key; an absent or null list is malformed, as is a missing parent.

        ``Groups[].Items`` are the items of every group, in their order.
        """
        outer, _, inner = key.partition("[].")
        if inner:
            return (item for group in self.each(outer) for item in group.each(inner))
        value = self.any(key)
        if not isinstance(value, list):
            raise self.malformed(key, "a list", value)
        return (Raw(item, f"{key}[{index}]", self) for index, item in enumerate(value))

    @overload
    def text(self, key: str) -> str: ...
    @overload
    def text(self, key: str, default: D) -> str | D: ...
    def text(self, key: str, default: Any = REQUIRED) -> Any:
        """A text; numbers are taken as their digits, an empty required text is malformed."""
        value = self.any(key)
        if isinstance(value, str):
            if not value and default is REQUIRED:
                return self._absent(key, default, "a text", value)
            return _storable(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        return self._absent(key, default, "a text", value)

    @overload
    def number(self, key: str) -> int: ...
    @overload
    def number(self, key: str, default: D) -> int | D: ...
    def number(self, key: str, default: Any = REQUIRED) -> Any:
        """A whole number; a text of digits is taken, as the clouds mix both."""
        return self._convert(key, default, "a whole number", _whole)

    @overload
    def flag(self, key: str) -> bool: ...
    @overload
    def flag(self, key: str, default: D) -> bool | D: ...
    def flag(self, key: str, default: Any = REQUIRED) -> Any:
        """A truth value: true, false, 0, 1 or their texts."""
        return self._convert(key, default, "true or false", _truth)

    def time(self, key: str, zone: timezone = UTC) -> datetime | None:
        """A time as text, ISO 8601 or ``YYYY-MM-DD HH:MM:SS`` in `zone`; the clouds' words for none are None."""
        value = self.any(key)
        if value is None or (isinstance(value, str) and value in NO_TIMES):
            return None
        try:
            parsed = datetime.fromisoformat(value)
        except (TypeError, ValueError, OverflowError):
            raise self.malformed(key, "a time", value) from None
        parsed = parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)
        return parsed if parsed.tzinfo is UTC else parsed.astimezone(UTC)

    def millis(self, key: str) -> datetime | None:
        """A time as milliseconds since 1970; none or zero is None."""
        value = self.number(key, 0)
        try:
            return datetime.fromtimestamp(value / 1000, UTC) if value else None
        except (OverflowError, ValueError, OSError):
            raise self.malformed(key, "milliseconds since 1970", value) from None

    def texts(self, key: str) -> list[str]:
        """A list of texts; an absent or null list is an empty one."""
        if self.any(key) is None:
            return []
        found = list(self.each(key))
        for item in found:
            if not isinstance(item.data, str):
                raise item.malformed("", "a text", item.data)
        return [_storable(item.data) for item in found]

    def tags(self, key: str, name: str, value: str) -> dict[str, str]:
        """A list of name-value objects as a mapping; an absent list is no tags."""
        if self.any(key) is None:
            return {}
        return {item.text(name): item.text(value, "") for item in self.each(key)}

    def malformed(self, key: str, expected: str, found: object) -> MalformedResponse:
        """The error that says what should have been there."""
        text = json.dumps(found, ensure_ascii=False, default=_kind)
        excerpt = "nothing" if found is None else _storable(text[:80])
        return self.located(
            MalformedResponse(f"{self._path(key) or 'the answer'} should be {expected}, but is {excerpt}")
        )

    def located(self, error: MalformedResponse) -> MalformedResponse:
        """An error that says whose answer this is part of."""
        error.provider, error.region, error.action = self._origin()
        return error

    def _origin(self) -> tuple[str, str, str]:
        return self._parent._origin() if self._parent and not self.origin[0] else self.origin

    def _path(self, key: str) -> str:
        return ".".join(filter(None, (self.path, key)))

    def _absent(self, key: str, default: Any, expected: str, found: object) -> Any:
        if default is REQUIRED or found is not None:
            raise self.malformed(key, expected, found)
        return default

    def _convert(self, key: str, default: Any, expected: str, convert: Callable[[Any], V | None]) -> Any:
        value = self.any(key)
        if value is None or (value == "" and default is not REQUIRED):
            return self._absent(key, default, expected, None)
        converted = convert(value)
        if converted is None:
            raise self.malformed(key, expected, value)
        return converted


def _kind(value: object) -> str:
    """What stands for what JSON does not have, such as an element of XML."""
    return type(value).__name__


def _storable(text: str) -> str:
    """JSON may escape halves of characters, which no file takes, and NUL, at which SQLite's functions end a text."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _whole(value: Any) -> int | None:
    """A number of at most 64 bits: no cloud means a larger one, and no database holds it."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        readable = value.removeprefix("-").isdecimal() and len(value) <= LONGEST_NUMBER
    else:
        readable = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    number = int(value) if readable else None
    return number if number is not None and -(2**63) <= number < 2**63 else None


def _truth(value: Any) -> bool | None:
    words = {True: True, False: False, "true": True, "false": False, "0": False, "1": True}
    return words.get(value.lower() if isinstance(value, str) else value) if isinstance(value, str | int) else None
