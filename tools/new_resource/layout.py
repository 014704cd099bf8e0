"""Lines of at most 120 columns, where a Chinese character takes two."""

import textwrap
import unicodedata

WIDTH = 120


def width(text: str) -> int:
    """Columns that a text takes."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def shorten(text: str, most: int) -> str:
    """As much of a text as fits."""
    while width(text) > most:
        text = text[: max(0, len(text) - max(1, (width(text) - most) // 2 + 1))].rstrip() + "…"
        if width(text) > most:
            text = text[:-2]
    return text


def comment(text: str, indent: int = 0) -> list[str]:
    """A comment over as many lines as it needs."""
    lead = " " * indent + "# "
    return [lead + line for line in textwrap.wrap(text, WIDTH - len(lead), break_on_hyphens=False)]


def headline(subject: str, actions: str) -> list[str]:
    """The first lines of a module's docstring, between quotes: one line, or a summary and what is left."""
    one = f"{subject}: {actions}."
    if width(one) + 6 <= WIDTH:
        return [one]
    return [f"{subject}.", "", *textwrap.wrap(f"Calls: {actions}.", WIDTH)]


def aside(code: str, text: str) -> str:
    """A line of code with as much of a text behind it as fits."""
    room = WIDTH - width(code) - 4
    return f"{code}  # {shorten(text, room)}" if text and room > 12 else code
