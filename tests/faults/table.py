"""``docs/faults.md``: the matrix as people read it, in the words of its data."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from .cells import CLOUDS, MAIN, Cell
from .judging import wanted
from .matrix import AS_WITHOUT, FAULTS, OUTCOMES, Expected

FILE = Path(__file__).parents[2] / "docs" / "faults.md"

HEAD = """# What happens when something goes wrong

`make faults` runs {count} cells: one command each, of which one call meets one fault, in the emulated clouds. For each
it checks the exit code, the one line on stderr (no traceback, no secret), that the program ends, and what is said below
of the cloud and the cache. It writes this page when all of them hold. `make test` runs {short} of them.

Exit codes are those of the [README](../README.md). *As without the fault* means that the command does what it was asked
for. A fault that lasts is met each time that the call is repeated; a reading call is repeated until its time is up
(`--timeout`, 60 s), a call that changes something only where it certainly was not executed.

AWS is not in the matrix: the tests' stand-in for it makes no faults on demand.
"""


def render(cells: Sequence[Cell], short: int) -> str:
    """The page."""
    parts = [HEAD.format(count=f"{len(cells):,}", short=short), *_calls(cells), *_codes(cells), *_counts(cells)]
    return "\n".join(parts).rstrip() + "\n"


def _calls(cells: Sequence[Cell]) -> Iterator[str]:
    """A table a command: the calls, the faults that come to the same, and what they come to."""
    named = {fault.name for fault in FAULTS}
    for command in dict.fromkeys(command for command, _ in OUTCOMES):
        yield f"## {command}\n"
        yield "| Call | Faults | Exit | The cloud and the cache |\n| --- | --- | --- | --- |"
        for role in dict.fromkeys(role for known, role in OUTCOMES if known == command):
            there = [
                cell for cell in cells if (cell.command, cell.role) == (command, role) and cell.fault.name in named
            ]
            for outcome, names in _grouped(there, (cell.fault.name for cell in there)).items():
                yield f"| {role} | {'; '.join(names)} | {_exit(outcome)} | {outcome.promise} |"
        yield ""


def _codes(cells: Sequence[Cell]) -> Iterator[str]:
    """The clouds' own codes, by what they come to where."""
    named = {fault.name for fault in FAULTS}
    coded = [cell for cell in cells if cell.fault.name not in named]
    for cloud in CLOUDS:
        yield f"## Codes of {cloud}\n"
        yield "| Command and call | Exit | The cloud and the cache | Codes |\n| --- | --- | --- | --- |"
        for command, role in OUTCOMES:
            there = [c for c in coded if (c.provider, c.command, c.role) == (cloud, command, role)]
            names = (f"`{c.fault.name}`" + ("" if c.keyword == MAIN else f" ({c.keyword})") for c in there)
            for outcome, codes in _grouped(there, names).items():
                yield f"| {command}: {role} | {_exit(outcome)} | {outcome.promise} | {', '.join(codes)} |"
        yield ""


def _counts(cells: Sequence[Cell]) -> Iterator[str]:
    """Which API calls were met, and how often."""
    yield "## Cells by type\n"
    yield "| Type | " + " | ".join(CLOUDS) + " |\n| --- |" + " --- |" * len(CLOUDS)
    for keyword in sorted({cell.keyword for cell in cells}):
        counts = [sum((c.provider, c.keyword) == (cloud, keyword) for c in cells) for cloud in CLOUDS]
        yield f"| {keyword} | " + " | ".join(str(count or "not there") for count in counts) + " |"


def _grouped(cells: Sequence[Cell], names: Iterator[str]) -> dict[Expected, list[str]]:
    found: dict[Expected, dict[str, None]] = {}
    for cell, name in zip(cells, names, strict=True):
        found.setdefault(wanted(cell), {})[name] = None
    return {outcome: list(words) for outcome, words in found.items()}


def _exit(outcome: Expected) -> str:
    return AS_WITHOUT if outcome.exit is None else str(outcome.exit)
