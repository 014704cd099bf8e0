"""The figures of a soak as a table, and their place in the document."""

import os
import platform
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from .load import ROOT, Load
from .verdict import Trend

DOCUMENT = ROOT / "docs" / "reliability.md"


def figures(trends: Mapping[str, Trend]) -> Iterator[str]:
    """One line a figure."""
    yield "| Figure | First quarter | Last quarter | Last / first | Most | By its slope | |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | --- |"
    for name, trend in trends.items():
        sign = f"{trend.rise:+.1f}".replace("+0.0", "0").replace("-0.0", "0")
        word = ("**grew**" if trend.grew else "flat") if trend.told else "too few to tell"
        values = f"{trend.first:,.1f} | {trend.last:,.1f} | {trend.ratio:.3f} | {trend.most:,.1f} | {sign}"
        yield f"| {name} | {values} | {word} |"


def commands(load: Load) -> Iterator[str]:
    """One line a kind of command."""
    yield "| Command | Runs | Exit codes | CPU, s a run |"
    yield "| --- | ---: | --- | ---: |"
    for kind, tally in sorted(load.tallies.items()):
        runs = sum(tally.codes.values())
        codes = ", ".join(f"{code}: {times}" for code, times in sorted(tally.codes.items()))
        yield f"| {kind} | {runs} | {codes} | {tally.cpu / max(1, runs):.2f} |"


def summary(load: Load, changes: int, minutes: float, history: float) -> Iterator[str]:
    """What was done, in words."""
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    when = f"{datetime.now(UTC):%Y-%m-%d}"
    yield f"`SOAK_MINUTES={minutes:g} make soak`, {when}; {machine}, SQLite {sqlite3.sqlite_version}."
    yield ""
    resident, sent = load.watch.resident, load.watch.sent()
    yield (
        f"{sum(sum(tally.codes.values()) for tally in load.tallies.values()):,} programs on one cache, {changes:,}"
        f" changes by others in the clouds, {len(sent)} deletions sent, each once. The library process made"
        f" {resident.get('rounds', 0)} rounds: {resident.get('listed', 0):,} rows listed, {resident.get('got', 0):,}"
        f" got; errors after all repetitions: {resident.get('errors') or 'none'}. History older than"
        f" {history:.0f} seconds was forgotten again and again. Processor: {load.used() * 100:.0f} % of one core."
    )


def whole(
    load: Load, trends: Mapping[str, Trend], problems: Sequence[str], *, changes: int, minutes: float, history: float
) -> str:
    """All of it."""
    lines = [*summary(load, changes, minutes, history), "", *figures(trends), "", *commands(load), ""]
    lines += [f"- {problem}" for problem in problems] or [
        "Nothing grew. At the end, without faults, the cache was the cloud in every row, a further sync found nothing"
        " new, `climc db check` was content, and no exit code was one that faults do not explain."
    ]
    return "\n".join(lines)


def write(text: str, document: Path = DOCUMENT) -> None:
    """Put the figures between their markers.

    Raises:
        ValueError: The markers are missing.
    """
    old = document.read_text("utf-8")
    pattern = re.compile(r"(<!-- generated: soak -->\n).*?(<!-- end -->)", re.DOTALL)
    if len(pattern.findall(old)) != 1:
        raise ValueError(f"{document} needs the marker <!-- generated: soak --> … <!-- end --> once")
    document.write_text(pattern.sub(lambda match: f"{match[1]}\n{text}\n\n{match[2]}", old), "utf-8")
