"""Each difference between a recording and what we believe, named once."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from cloudmux_py import connect
from cloudmux_py.cloudprovider.errors import CloudError, MalformedResponse, UsageError
from cloudmux_py.emulator.replay import read
from cloudmux_py.engine.raw import Raw

from .belief import ENUMERATED, Api, Belief
from .calls import Call, Use, call_of, known_code, rows_in, types_of, uses
from .pages import Pages
from .shape import Shape

EMULATED = frozenset({"aliyun", "qcloud"})
"""Clouds whose replies the emulator believes to know."""


class Difference(NamedTuple):
    """One difference.

    Attributes:
        where: Path of a field, a column, or nothing.
        difference: In words.
        times: How many calls show it.
    """

    provider: str
    action: str
    where: str
    difference: str
    times: int


class Checked(NamedTuple):
    """What a check brought; `compared` and `skipped` count calls, `skipped` by provider and action."""

    differences: list[Difference]
    compared: int
    skipped: dict[str, int]


def check(files: Sequence[Path]) -> Checked:
    """Hold recordings against the emulator and the parsers.

    Raises:
        UsageError: A file is no recording.
    """
    try:
        calls = [call_of(entry) for file in files for entry in read(file)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"emulator check: {error}") from None
    emulated = [call for call in calls if call.provider in EMULATED]
    belief = _believed(frozenset(types_of(emulated)), frozenset(call.provider for call in emulated))
    return _Check(belief).run(calls)


@cache
def _believed(types: frozenset[tuple[str, str]], providers: frozenset[str]) -> Belief:
    """What we believe; it never changes, and takes seconds to find out."""
    return Belief(types, providers)


class _Check:
    def __init__(self, belief: Belief) -> None:
        self.belief = belief
        self.pages = Pages()
        self.found: Counter[tuple[str, str, str, str]] = Counter()
        self.skipped: Counter[str] = Counter()
        self.shapes: dict[Api, Shape] = defaultdict(Shape)

    def run(self, calls: Sequence[Call]) -> Checked:
        for call in calls:
            if call.status and not self._compared(call):
                self.skipped[f"{call.provider} {call.action}"] += 1
            elif call.status:
                for where, difference in dict.fromkeys(self._call(call)):
                    self.found[call.provider, call.action, where, difference] += 1
        for api, shape in self.shapes.items():
            for where, difference in shape.differences(self.belief.shapes[api]):
                self.found[api[0], api[3], where, difference] += 1
        differences = [Difference(*key, times) for key, times in self.found.items()]
        return Checked(differences, sum(1 for call in calls if call.status) - self.skipped.total(), dict(self.skipped))

    def _compared(self, call: Call) -> bool:
        return (call.provider, *call.api) in self.belief.shapes

    def _call(self, call: Call) -> Iterator[tuple[str, str]]:
        """Where a call differs; its fields are gathered, to be compared when all were seen."""
        if not isinstance(call.body, dict):
            yield "", f"HTTP {call.status} with what is no JSON object"
            return
        try:
            reply = _read(call)
        except MalformedResponse as error:
            yield "", error.message
            return
        except CloudError as error:
            if not known_code(call, error):
                yield error.code, "an error code that no binding knows"
            return
        self.shapes[call.provider, *call.api].add(call.body)
        for use in uses(call.provider).get(call.api, ()):
            try:
                rows = rows_in(use, reply)
                if use.role == "list":
                    yield from self.pages.follow(call, use, reply, rows)
            except MalformedResponse as error:
                yield _where(error), "the reply cannot be read: " + error.message
                continue
            if not (use.role == "list" and use.binding.details):
                for row in rows:
                    yield from self._row(call, use, row)

    def _row(self, call: Call, use: Use, raw: Raw) -> Iterator[tuple[str, str]]:
        try:
            if use.binding.gone_word(raw):
                return
            row = use.binding.parse(raw)
        except MalformedResponse as error:
            yield _where(error), f"a row of {use.row.word()} cannot be read: {_any_item(error.message)}"
            return
        for column in sorted(ENUMERATED & row.columns.keys()):
            word = getattr(row, column)
            if word and str(word) not in self.belief.words[call.provider, use.row.keyword, column]:
                yield column, f"{word!r} is a word that nobody knows: a row of {use.row.word()} shows it as it came"


def _read(call: Call) -> Raw:
    """The reply as the client reads it.

    Raises:
        CloudError: It is an error.
    """
    raw: Raw = _reader(call.provider).read(call.body, call.status)
    return raw


@cache
def _reader(provider: str) -> Any:
    """A client that reads and never sends."""
    return connect(provider, access_key="none", secret="none").client  # noqa: S106


def _where(error: MalformedResponse) -> str:
    path, due, _ = _any_item(error.message).partition(" should be ")
    return path if due else ""


def _any_item(text: str) -> str:
    """The same text whichever row of a list it is about."""
    return re.sub(r"\[\d+\]", "[]", text)
