"""The one form in which the cache keeps a time and a JSON value. Light: every command imports it."""

import json
from datetime import UTC, datetime
from typing import Any

from cloudmux_py.cloudprovider.resource import format_time

_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def now() -> str:
    """The time as the cache keeps it."""
    return format_time(datetime.now(UTC))


def without_nul(text: str) -> str:
    """A text to look for as the cache has it: NUL, at which SQLite's functions end a text, came in as U+FFFD."""
    return text.replace("\0", "\ufffd")


def compact(value: Any) -> str:
    """Canonical JSON: equal values are equal texts."""
    return _encode(value) if value or not isinstance(value, dict | list) else str(value)
