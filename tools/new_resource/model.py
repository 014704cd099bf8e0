"""What a vendor's typed model says of one API call, in one form for both vendors."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple


class Mistake(Exception):
    """What was asked for cannot be written; one line for the developer."""


class Asked(NamedTuple):
    """The calls of a type on one cloud.

    Attributes:
        service: Product code as in its host, such as ``vpc``.
        version: Such as ``2016-04-28``.
        list: Action that lists.
        get: Action that gets one; empty where the list does.
        delete: Action that deletes; empty where it is not wanted.
    """

    service: str
    version: str
    list: str
    get: str = ""
    delete: str = ""


def asked(text: str) -> Asked:
    """Read ``service:version:ListAction[:GetAction[:DeleteAction]]``; an action may be left empty."""
    parts = text.split(":")
    if not 3 <= len(parts) <= 5 or not re.fullmatch(r"\d{4}-\d\d-\d\d", parts[1]) or not parts[0] or not parts[2]:
        raise Mistake(f"{text!r} should be service:version:ListAction[:GetAction[:DeleteAction]]")
    return Asked(*parts)


@dataclass(frozen=True)
class Field:
    """A field of a request or a reply.

    Attributes:
        key: Its key on the wire.
        kind: ``str``, ``int``, ``float``, ``bool``, ``object``, or ``any`` where the model leaves it open.
        many: Whether it is a list of them.
        doc: The documented text, with its line breaks.
        fields: What an object has.
    """

    key: str
    kind: str
    many: bool = False
    doc: str = ""
    fields: tuple["Field", ...] = ()

    def line(self) -> str:
        """The documented text in one line, in characters that are no look-alikes of ASCII's."""
        text = unicodedata.normalize("NFKC", " ".join(self.doc.split()))
        return text.translate(LOOK_ALIKES)

    def words(self) -> list[str]:
        """The documented values: ``- **Available**: …`` and ``'AVAILABLE': …`` alike."""
        found = re.findall(rf"{BEFORE}(-?\d+|[A-Za-z][A-Za-z_]+){AFTER}|{BEFORE}(\d+)-(?=[^\W\d])", self.doc)
        words = dict.fromkeys(word or number for word, number in found)
        return [word for word in words if word.lower() not in NO_VALUES]

    def meanings(self) -> dict[str, str]:
        """Each documented value with the text that follows it."""
        words = self.words()
        found = {}
        for word in words:
            after = re.split(rf"{BEFORE}{re.escape(word)}(?:{AFTER}|-)", self.doc, maxsplit=1)[-1]
            found[word] = re.split(r"[,，;；。\n<]", after, maxsplit=1)[0].strip()
        return found


BEFORE = r"(?<![\w./-])['\"*`‘“]*"
AFTER = r"['\"*`’”]*\s*[:：]"
"""What stands around a documented value."""

NO_VALUES = {"values", "value", "note", "https", "http", "true", "false", "default", "time", "format", "example"}
LOOK_ALIKES = str.maketrans("‘’“”´–—×", "''\"\"'--x")


@dataclass(frozen=True)
class Call:
    """One API call.

    Attributes:
        action: Its name.
        request: Its parameters.
        reply: What it answers, without the envelope.
        method: HTTP method of a ROA call; empty for RPC.
        path: Path of a ROA call, with ``[Name]`` for parameters in it.
        codes: The error codes of the product, where the vendor's package lists them.
    """

    action: str
    request: tuple[Field, ...]
    reply: tuple[Field, ...]
    method: str = ""
    path: str = ""
    codes: tuple[str, ...] = ()

    def parameter(self, *keys: str) -> Field | None:
        """The first of these parameters that the call has, whatever the case of its letters."""
        known = {field.key.lower(): field for field in self.request}
        return next((known[key.lower()] for key in keys if key.lower() in known), None)


def walk(fields: tuple[Field, ...], path: str = "") -> Iterator[tuple[str, Field]]:
    """Every field with its dotted path, the shallow ones first; lists are not entered."""
    below = []
    for field in fields:
        full = f"{path}.{field.key}" if path else field.key
        yield full, field
        if field.kind == "object" and not field.many:
            below.append((full, field))
    for full, field in below:
        yield from walk(field.fields, full)


def documented(call: Call) -> Call:
    """The call with the text of a parameter for each field of its reply that has none of its own."""
    texts = {found.key: found.doc for found in call.request}
    return replace(call, reply=tuple(_documented(found, texts) for found in call.reply))


def _documented(found: Field, texts: Mapping[str, str]) -> Field:
    fields = tuple(_documented(inner, texts) for inner in found.fields)
    return replace(found, doc=found.doc or texts.get(found.key, ""), fields=fields)
