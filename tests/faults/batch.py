"""Runs many cells side by side."""

import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .cells import Cell
from .judging import judge
from .running import Known, Stand

Failed = list[tuple[Cell, list[str]]]

WORKERS = {"aliyun": 10, "qcloud": 10, "aws": 4}
"""Most of a cell is waiting; but moto answers within this process, and slowly."""

PATIENT = 5
"""Seconds for a call when a cell is run again: on a busy machine a second may pass in a call that meets no fault."""


def run(cells: list[Cell]) -> Failed:
    """The cells that were not as promised, and how."""
    failed = _once(cells, min(WORKERS[cell.provider] for cell in cells), 1)
    if failed:
        print(f"{len(failed)} cells were not as promised; once more, with more time for each call", flush=True)
        failed = _once([cell for cell, _ in failed], 1, PATIENT)
    return failed


def _once(cells: list[Cell], workers: int, seconds: int) -> Failed:
    waiting, failed, lock, done = iter(cells), Failed(), threading.Lock(), 0
    known = Known()
    providers, keywords = (sorted({getattr(cell, of) for cell in cells}) for of in ("provider", "keyword"))

    def work(folder: Path) -> None:
        nonlocal done
        folder.mkdir()
        with Stand(folder, providers, keywords, seconds, known) as stand:
            while True:
                with lock:
                    cell = next(waiting, None)
                if cell is None:
                    return
                faults = _tried(stand, cell)
                with lock:
                    done += 1
                    if faults:
                        failed.append((cell, faults))
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
