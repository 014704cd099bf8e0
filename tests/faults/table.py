"""``docs/faults.md``: the matrix as people read it, in the words of its data."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from .cells import CLOUDS, Cell
from .judging import wanted
from .matrix import AS_WITHOUT, EFFECTS, FAULTS, OUTCOMES, Expected

FILE = Path(__file__).parents[2] / "docs" / "faults.md"
NAMED = frozenset(fault.name for fault in FAULTS)

HEAD = """# What happens when something goes wrong

`make faults` runs {count} cells: each call of each command of each type on each cloud meets each fault, and each error
code that is known of the cloud, one at a time; calls that all types make alike (whose keys these are, which regions
there are) meet them with one type. For each cell it checks the exit code, the one line on stderr (no traceback, no
secret), that the program ends, and what is said below of the cloud and the cache. It writes this page when all of them
hold, which takes an hour; `make faults ONLY="qcloud vpc"` runs some. `make test` runs {short}.

Exit codes are those of the [README](../README.md). *As without the fault* means that the command does what it was asked
for. A fault that lasts is met each time that the call is repeated; a reading call is repeated until its time is up
(`--timeout`, 60 s), a call that changes something only where it certainly was not executed.

Alibaba Cloud and Tencent Cloud are the emulator's. AWS is moto's server, behind a door that makes the same faults and
checks keys as AWS does (`tests/aws/front.py`); of AWS, "JSON" stands for what it sends, most of it XML.

Where a call comes to the same with all codes that say the same, the tables name what they say; [below](#codes) stands
which codes those are.
"""


def render(cells: Sequence[Cell], short: int) -> str:
    """The page."""
    parts = [HEAD.format(count=f"{len(cells):,}", short=short), *_calls(cells), *_codes(cells), *_counts(cells)]
    return "\n".join(parts).rstrip() + "\n"


def _calls(cells: Sequence[Cell]) -> Iterator[str]:
    """A table a command: the calls, the faults that come to the same, and what they come to."""
    there: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    for cell in cells:
        there[cell.command, cell.role].append(cell)
    for command in dict.fromkeys(command for command, _ in OUTCOMES):
        yield f"## {command}\n"
        yield "| Call | Faults | Exit | The cloud and the cache |\n| --- | --- | --- | --- |"
        for role in dict.fromkeys(role for known, role in OUTCOMES if known == command):
            for outcome, names in _grouped(there[command, role]).items():
                yield f"| {role} | {'; '.join(names)} | {_exit(outcome)} | {outcome.promise} |"
        yield ""


def _grouped(cells: Sequence[Cell]) -> dict[Expected, list[str]]:
    found: dict[Expected, dict[str, None]] = {}
    for cell in cells:
        name = cell.fault.name if cell.fault.name in NAMED else f"*codes: {cell.fault.effect}*"
        found.setdefault(wanted(cell), {})[name] = None
    return {outcome: list(words) for outcome, words in found.items()}


def _codes(cells: Sequence[Cell]) -> Iterator[str]:
    """The clouds' own codes, by what they say."""
    yield "## Codes\n"
    found: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for cell in cells:
        if cell.fault.name not in NAMED:
            found[cell.provider, cell.fault.effect][cell.fault.name].add(cell.keyword)
    yield "| Cloud | What they say | Codes; of some types alone where they are named |\n| --- | --- | --- |"
    for cloud in CLOUDS:
        everywhere = len({cell.keyword for cell in cells if cell.provider == cloud})
        for effect in EFFECTS:
            codes = found[cloud, effect].items()
            words = [f"`{c}`" + (f" ({', '.join(sorted(t))})" if len(t) < everywhere else "") for c, t in sorted(codes)]
            if words:
                yield f"| {cloud} | {effect} | {'; '.join(words)} |"
    yield ""


def _counts(cells: Sequence[Cell]) -> Iterator[str]:
    """Which API calls were met, and how often."""
    yield "## Cells by type\n"
    yield "| Type | " + " | ".join(CLOUDS) + " |\n| --- |" + " --- |" * len(CLOUDS)
    for keyword in sorted({cell.keyword for cell in cells}):
        counts = [sum((c.provider, c.keyword) == (cloud, keyword) for c in cells) for cloud in CLOUDS]
        yield f"| {keyword} | " + " | ".join(str(count or "not there") for count in counts) + " |"


def _exit(outcome: Expected) -> str:
    return AS_WITHOUT if outcome.exit is None else str(outcome.exit)
