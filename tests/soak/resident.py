"""A process that lives as long as the soak and uses the library alone: ``python -m tests.soak.resident URL FILE``.

It keeps four accounts for all of its life, and makes one anew each round; what it writes to FILE tells how it fares.
"""

import gc
import json
import random
import signal
import sys
import threading
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any

from cloudmux_py import connect
from cloudmux_py.cloudprovider.errors import CloudmuxError
from cloudmux_py.engine.account import Account
from cloudmux_py.resources import resource_type

from .settings import PLACES, Place, keys

PAUSE = 1.0
"""Seconds between two places."""


class Resident:
    """Lists and gets, round by round.

    Args:
        url: The emulator's.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.accounts = {(place.provider, place.account): self.connect(place) for place in PLACES}
        self.errors: Counter[str] = Counter()
        self.listed = self.got = 0

    def connect(self, place: Place) -> Account[Any]:
        """An account of a place."""
        key, secret = keys(place.provider, place.account)
        return connect(place.provider, access_key=key, secret=secret, endpoint=self.url)

    def look(self, place: Place, account: Account[Any]) -> None:
        """List a place, and get one of its rows."""
        row = resource_type(place.kind)
        try:
            region = account.region(place.region)
            found = list(region.iter(row))
            self.listed += len(found)
            if found:
                region.get(row, random.choice(found).external_id)
                self.got += 1
        except CloudmuxError as error:
            self.errors[type(error).__name__] += 1

    def round(self, stopped: threading.Event) -> None:
        """All places with the accounts that are kept, and one with a new account."""
        for place in PLACES:
            self.look(place, self.accounts[place.provider, place.account])
            if stopped.wait(PAUSE):
                return
        place = random.choice(PLACES)
        fresh = self.connect(place)
        try:
            fresh.caller_identity()
            fresh.regions()
        except CloudmuxError as error:
            self.errors[type(error).__name__] += 1
        self.look(place, fresh)

    def state(self, rounds: int) -> dict[str, Any]:
        """How it fares."""
        gc.collect()
        told = {"rounds": rounds, "listed": self.listed, "got": self.got, "errors": dict(self.errors)}
        return {**told, "objects": len(gc.get_objects())}


def main(url: str, file: Path) -> None:
    """Go on until SIGTERM."""
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    resident = Resident(url)
    for rounds in count(1):
        resident.round(stopped)
        new = file.with_suffix(".new")
        new.write_text(json.dumps(resident.state(rounds)))
        new.replace(file)
        if stopped.is_set():
            return


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
