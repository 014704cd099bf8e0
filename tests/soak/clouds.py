"""Both clouds in a process of their own (``python -m tests.soak.clouds``), and what others change in them meanwhile."""

import copy
import random
import signal
import sys
import threading
import uuid
from typing import Any

from cloudmux_py.emulator.control import Control
from cloudmux_py.emulator.server import Emulator

from .settings import ID, KEPT_REQUESTS, NAME, PLACES, REGIONS, ROWS, TYPES, Place


class Changer:
    """Creates, renames and deletes rows as other users do; each place keeps about as many as it had.

    Args:
        control: The way to the clouds.
        seed: Makes the changes the same in each run.
    """

    def __init__(self, control: Control, seed: int = 1) -> None:
        self.control = control
        self.random = random.Random(seed)
        self.templates: dict[Place, list[dict[str, Any]]] = {place: self.rows(place) for place in PLACES}
        self.changes = 0

    def rows(self, place: Place) -> list[dict[str, Any]]:
        """The living rows of a place."""
        return self.control.rows(place.provider, place.region, place.kind, place.account)

    def change(self) -> None:
        """One change somewhere."""
        place = self.random.choice(PLACES)
        rows, templates = self.rows(place), self.templates[place]
        where = (place.provider, place.region)
        id_key, name_key = ID[place.provider, place.kind], NAME[place.provider, place.kind]
        what = self.random.choice(["create", "modify", "delete"])
        if len(rows) < len(templates):
            what = "create"
        elif len(rows) > len(templates) + 3:
            what = "delete"
        row = self.random.choice(rows)
        if what == "create":
            # Of the first rows, a quarter cannot be deleted for good, and these would pile up.
            new = copy.deepcopy(self.random.choice(templates))
            new[id_key] = f"{new[id_key][:-8]}{uuid.UUID(int=self.random.getrandbits(128)).hex[:8]}"
            self.control.put(*where, new[id_key], new, place.kind, place.account)
        elif what == "modify":
            name = f"renamed-{self.random.randrange(10**6)}"
            self.control.patch(*where, row[id_key], {name_key: name}, place.kind, place.account)
        else:
            self.control.remove(*where, row[id_key], place.kind, place.account)
        self.changes += 1


def main() -> None:
    """Serve until SIGTERM."""
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    with Emulator(regions=REGIONS, rows=ROWS, kinds=TYPES, filled=2, kept=KEPT_REQUESTS) as emulator:
        sys.stdout.write(f"{emulator.url}\n")
        sys.stdout.flush()
        stopped.wait()


if __name__ == "__main__":
    main()
