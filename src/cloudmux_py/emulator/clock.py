"""The emulator's time: the real one, plus what tests and users add to it."""

import time
from datetime import UTC, datetime


class Clock:
    """Wall time that can be moved forward."""

    def __init__(self) -> None:
        self.added = 0.0

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self.added

    def advance(self, seconds: float) -> None:
        """Move forward: what is being created or deleted gets done."""
        self.added += seconds

    def text(self, seconds: float | None = None) -> str:
        """A time as ``2021-07-16T08:24:45.000Z``."""
        moment = datetime.fromtimestamp(self.now() if seconds is None else seconds, UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
