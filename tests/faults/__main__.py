"""``make faults``: runs the whole matrix, and writes ``docs/faults.md`` when every cell is as promised.

Words on the command line choose cells: ``python -m tests.faults qcloud "climc sync"``; then nothing is written.
"""

import sys

from .batch import run
from .cells import CLOUDS, full, short
from .table import FILE, render


def main() -> None:
    """Run, report, and write."""
    chosen = [cell for cell in full() if all(word in str(cell) for word in sys.argv[1:])]
    clouds = ([cell for cell in chosen if cell.provider == cloud] for cloud in CLOUDS)
    failed = [each for cells in clouds if cells for each in run(cells)]
    for _, faults in failed:
        print(*faults, sep="\n")
    print(f"{len(chosen)} cells, {len(failed)} not as promised")
    if failed:
        raise SystemExit(1)
    if len(sys.argv) == 1:
        FILE.write_text(render(chosen, len(short())), "utf-8")


if __name__ == "__main__":
    main()
