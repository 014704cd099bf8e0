"""Text from clouds, made harmless for people's terminals and spreadsheets; JSON keeps it exactly."""

import re
from functools import cache
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the start of a formula; the last four are full-width (OWASP, "CSV Injection")."""

ASCII_CONTROLS = "\\x00-\\x1f"
HIDDEN = (
    "\\x7f-\\x9f\\xad\\u034f\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u115f\\u1160\\u17b4\\u17b5"
    "\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ud800-\\uf8ff\\ufe00-\\ufe0f\\ufeff\\uffa0"
    "\\ufff0-\\ufffb\\U000110bd\\U000110cd\\U00013430-\\U0001343f\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a"
    "\\U000e0000-\\U000e0fff\\U000f0000-\\U0010ffff"
)
"""What moves cursors, turns text round, or shows nothing, as a class of characters beyond ASCII's own controls.

These are Unicode's categories Cc, Cf, Zl, Zp, Cs and Co, and the code points that it has shown as nothing by default.
"""

SHOWN_AS_NOTHING = frozenset(
    map(chr, (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10)))
) | frozenset(map(chr, range(0xE0100, 0xE01F0)))
"""Those of `HIDDEN` that Python calls printable: most names need no pattern, whose compiling takes its time."""

PLAIN_WORD = re.compile(r"[\w.:/@+-]+")
LONGEST_MENTION = 60


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


@cache
def _class(characters: str) -> re.Pattern[str]:
    return re.compile(f"[{characters}]")


def visible(text: str) -> str:
    """Text without anything that a terminal obeys: such characters show as their escapes."""
    if text.isprintable() and SHOWN_AS_NOTHING.isdisjoint(text):
        return text
    return _class(ASCII_CONTROLS + HIDDEN).sub(_escaped, text)


def mention(name: str) -> str:
    """A cloud's name within a question: it can neither end the question nor push it off the screen.

    What is more than a plain word stands in double quotes, and what is long is shortened.
    """
    shown = visible(name)
    if len(shown) > LONGEST_MENTION:
        shown = shown[: LONGEST_MENTION - 1] + "…"
    return shown if PLAIN_WORD.fullmatch(shown) else '"' + shown.replace('"', "'") + '"'


def hides(text: str) -> bool:
    """Whether a text has what `visible` would escape, ASCII's own controls aside."""
    if text.isprintable() and SHOWN_AS_NOTHING.isdisjoint(text):
        return False
    return not (text.isascii() and "\x7f" not in text) and bool(_class(HIDDEN).search(text))


def json_visible(text: str) -> str:
    """JSON that means the same and that a terminal does not obey."""
    return _class(HIDDEN).sub(_json_escaped, text) if hides(text) else text


def yaml_visible(text: str) -> str:
    """As `json_visible`, of YAML in which all that `hides` is in double quotes."""
    return _class(HIDDEN).sub(_yaml_escaped, text) if hides(text) else text


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _json_escaped(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _yaml_escaped(found: re.Match[str]) -> str:
    return f"\\U{ord(found[0]):08x}"


ISOLATE, END_OF_ISOLATE = "\u2068", "\u2069"


def isolated(text: str) -> str:
    """Text that a terminal which reorders right-to-left letters reorders by itself alone, not with its neighbours.

    Letters from right to left stand between FIRST STRONG ISOLATE and its end (Unicode, UAX #9), which take no columns;
    any other text is as it was.
    """
    return f"{ISOLATE}{text}{END_OF_ISOLATE}" if turns(text) else text


def turns(text: str) -> bool:
    """Whether a text has letters or digits that run from right to left, or stand as in such a text."""
    if text.isascii():
        return False
    from unicodedata import bidirectional

    return not {"R", "AL", "AN"}.isdisjoint(map(bidirectional, text))


def columns(text: str) -> int:
    """Terminal columns that a text takes: Chinese characters two, what joins the character before none."""
    if text.isascii():
        return len(text)
    wide = sum("\u4e00" <= char <= "\u9fff" for char in text)
    if wide + sum(map(str.isascii, text)) == len(text):
        return len(text) + wide
    from rich.cells import cell_len

    return cell_len(text)


def spreadsheet(value: Any) -> str:
    """A cell for CSV and TSV: a text that would be a formula gets an apostrophe before it, as OWASP advises.

    What a terminal would obey shows as its escape, but for tabs and line breaks, which the formats themselves quote.
    """
    text = cell(value)
    formula = isinstance(value, str) and (text.startswith(FORMULA) or text.lstrip().startswith(FORMULA))
    if not text.isprintable() or not text.isascii():
        text = "".join(part if part in "\t\n" else visible(part) for part in re.split(r"([\t\n])", text))
    return f"'{text}" if formula else text
