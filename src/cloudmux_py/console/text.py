"""Text from clouds, made harmless for people's terminals and spreadsheets; JSON keeps it exactly."""

import unicodedata
from typing import Any

HIDDEN = {"Cc", "Cf", "Zl", "Zp", "Cs", "Co"}
"""Unicode categories that move cursors, turn text round, or show nothing."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the start of a formula."""


def cell(value: Any) -> str:
    """A value as a table shows it: None is empty, maps and lists are compact JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        import json

        return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else ""
    return str(value)


def visible(text: str) -> str:
    """Text without anything that a terminal obeys: such characters show as their escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(char) if unicodedata.category(char) in HIDDEN else char for char in text)


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def columns(text: str) -> int:
    """Terminal columns that a text takes; Chinese characters take two."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def spreadsheet(value: Any) -> str:
    """A cell for CSV and TSV: a text that would be a formula gets an apostrophe before it, as OWASP advises.

    Control characters show as their escapes, but for those that the format itself quotes.
    """
    text = cell(value)
    if not text.isprintable():
        text = "".join(
            _escaped(char) if unicodedata.category(char) == "Cc" and char not in "\t\r\n" else char for char in text
        )
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text
