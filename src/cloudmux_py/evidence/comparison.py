"""Each difference between a recording and what we believe, named once."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from cloudmux_py.cloudprovider.config import check_provider
from cloudmux_py.cloudprovider.errors import CloudError, MalformedResponse, UsageError
from cloudmux_py.emulator.replay import read
from cloudmux_py.engine.raw import Raw

from .belief import ENUMERATED, Api, Belief
from .calls import Call, Use, call_of, known_code, rows_in, types_of, uses
from .emulated import Emulated
from .modelled import Modelled
from .pages import Pages
from .shape import Shape

BELIEFS: dict[str, type[Emulated | Modelled]] = {"aliyun": Emulated, "aws": Modelled, "qcloud": Emulated}
"""Where what we believe of each cloud comes from."""


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
    """What a check brought.

    Attributes:
        differences: Each once.
        compared: How many calls were.
        skipped: How many were not, by provider, action and reason.
        cut: The recordings whose last line was cut short, and is left out.
    """

    differences: list[Difference]
    compared: int
    skipped: dict[tuple[str, str, str], int]
    cut: Sequence[Path] = ()


def check(files: Sequence[Path]) -> Checked:
    """Hold recordings against what is believed of the clouds, and against the parsers.

    Raises:
        UsageError: A file is no recording.
    """
    try:
        recorded = [(file, read(file)) for file in files]
        calls = [call_of(entry) for _, one in recorded for entry in one.calls]
    except (OSError, ValueError) as error:
        raise UsageError(f"emulator check: {error}") from None
    by_provider: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        if call.status:
            by_provider[call.provider].append(call)
    checked = [_checked(provider, found) for provider, found in by_provider.items()]
    skipped = {what: times for one in checked for what, times in one.skipped.items()}
    cut = [file for file, one in recorded if one.cut]
    return Checked([d for one in checked for d in one.differences], sum(one.compared for one in checked), skipped, cut)


def _checked(provider: str, calls: Sequence[Call]) -> Checked:
    """The calls of one cloud."""
    try:
        if provider not in BELIEFS:
            raise UsageError("nothing is believed of this cloud")
        check_provider(provider)
    except UsageError as error:
        return Checked([], 0, dict(Counter((provider, call.action, str(error)) for call in calls)))
    belief = _believed(provider, frozenset(types_of(provider, calls)))
    return _Check(provider, belief).run(calls)


@cache
def _believed(provider: str, keywords: frozenset[str]) -> Belief:
    """What we believe; it never changes, and takes seconds to find out."""
    return BELIEFS[provider](provider, keywords)


class _Check:
    def __init__(self, provider: str, belief: Belief) -> None:
        self.provider = provider
        self.belief = belief
        self.pages = Pages()
        self.found: Counter[tuple[str, str, str]] = Counter()
        self.shapes: dict[Api, Shape] = defaultdict(Shape)

    def run(self, calls: Sequence[Call]) -> Checked:
        known = [call for call in calls if self.belief.shape(call.api)]
        for call in known:
            for where, difference in dict.fromkeys(self._call(call)):
                self.found[call.action, where, difference] += 1
        for api, shape in self.shapes.items():
            for where, difference in shape.differences(self.belief.shape(api) or Shape(), self.belief.source):
                self.found[api[2], where, difference] += 1
        lacking = f"{self.belief.source} has no such call"
        skipped = Counter((self.provider, call.action, lacking) for call in calls if not self.belief.shape(call.api))
        return Checked(
            [Difference(self.provider, *key, times) for key, times in self.found.items()], len(known), dict(skipped)
        )

    def _call(self, call: Call) -> Iterator[tuple[str, str]]:
        """Where a call differs; its fields are gathered, to be compared when all were seen."""
        fields = None
        try:
            fields = self.belief.fields(call)
            reply = self.belief.read(call)
        except MalformedResponse as error:
            yield "", error.message
            if fields is not None:
                self.shapes[call.api].add(fields)  # which may tell why
            return
        except CloudError as error:
            if not known_code(call, error):
                yield error.code, "an error code that no binding knows"
            return
        self.shapes[call.api].add(fields)
        for use in uses(call.provider).get(call.api, ()):
            try:
                rows = rows_in(use, reply)
                if use.role == "list":
                    yield from self.pages.follow(call, use, reply, rows)
            except MalformedResponse as error:
                yield _where(error), "the reply cannot be read: " + error.message
                continue
            if use.parses:
                for row in rows:
                    yield from self._row(use, row)

    def _row(self, use: Use, raw: Raw) -> Iterator[tuple[str, str]]:
        try:
            if use.binding.gone_word(raw):
                return
            row = use.binding.parse(raw)
        except MalformedResponse as error:
            yield _where(error), f"a row of {use.row.word()} cannot be read: {_any_item(error.message)}"
            return
        for column in sorted(ENUMERATED & row.columns.keys()):
            word = getattr(row, column)
            if word and str(word) not in self.belief.words[use.row.keyword, column]:
                yield column, f"{word!r} is a word that nobody knows: a row of {use.row.word()} shows it as it came"


def _where(error: MalformedResponse) -> str:
    path, due, _ = _any_item(error.message).partition(" should be ")
    return path if due else ""


def _any_item(text: str) -> str:
    """The same text whichever row of a list it is about."""
    return re.sub(r"\[\d+\]", "[]", text)
