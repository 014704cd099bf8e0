"""``make faults``: runs the whole matrix, and writes ``docs/faults.md`` when every cell is as promised.

Words on the command line choose cells: ``python -m tests.faults qcloud "climc sync"``; then nothing is written.
"""

import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cloudmux_py.resources import modules

from .cells import Cell, full, short
from .judging import judge
from .running import Stand
from .table import FILE, render

WORKERS = 6
"""Most of a cell is waiting."""

PATIENT = 5
"""Seconds for a call when a cell is run again: on a busy machine a second may pass in a call that meets no fault."""


def main() -> None:
    """Run, report, and write."""
    chosen = [cell for cell in full() if all(word in str(cell) for word in sys.argv[1:])]
    failed = _run(chosen, WORKERS, 1)
    if failed:
        print(f"{len(failed)} cells were not as promised; once more, with more time for each call", flush=True)
        failed = _run(list(failed), 1, PATIENT)
    for faults in failed.values():
        print(*faults, sep="\n")
    print(f"{len(chosen)} cells, {len(failed)} not as promised")
    if failed:
        raise SystemExit(1)
    if len(sys.argv) == 1:
        FILE.write_text(render(chosen, len(short())), "utf-8")


def _run(cells: list[Cell], workers: int, seconds: int) -> dict[Cell, list[str]]:
    """The cells that were not as promised, and how."""
    waiting, failed, lock, done = iter(cells), dict[Cell, list[str]](), threading.Lock(), 0

    def work(folder: Path) -> None:
        nonlocal done
        folder.mkdir()
        with Stand(folder, sorted(modules()), seconds) as stand:
            while True:
                with lock:
                    cell = next(waiting, None)
                if cell is None:
                    return
                faults = _tried(stand, cell)
                with lock:
                    done += 1
                    if faults:
                        failed[cell] = faults
                        print(*faults, sep="\n", flush=True)
                    if done % 100 == 0:
                        print(f"{done} of {len(cells)} cells", flush=True)

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, [Path(folder) / str(number) for number in range(workers)]))
    return failed


def _tried(stand: Stand, cell: Cell) -> list[str]:
    """What was not as promised; a program that does not end, or a cell that cannot be made, is not as promised."""
    try:
        return judge(stand.cell(cell))
    except Exception as error:  # one cell that cannot be run must not hide the others
        return [f"{cell}: {type(error).__name__}: {error}"]


if __name__ == "__main__":
    main()
