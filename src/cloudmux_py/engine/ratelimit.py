"""Keeps parallel calls below a cloud's rate limit, and learns it where it is not documented."""

import threading
import time
from collections.abc import Callable, Hashable

RECOVERY = 1.05
"""How much faster again after each second without throttling."""


class Bucket:
    """A token bucket whose rate halves when the cloud throttles, and recovers slowly.

    Args:
        rate: Calls a second at the start and at the most.
    """

    def __init__(self, rate: float, now: Callable[[], float] = time.monotonic) -> None:
        self.most = self.rate = rate
        self.now = now
        self.tokens = rate
        self.at = self.slowed_at = now()
        self.lock = threading.Lock()

    def reserve(self) -> float:
        """Take one call; returns the seconds to wait before sending it."""
        with self.lock:
            now = self.now()
            passed = now - self.at
            self.at = now
            if self.rate < self.most:
                self.rate = min(self.most, self.rate * RECOVERY**passed)
            self.tokens = min(self.rate, self.tokens + passed * self.rate) - 1
            return max(0.0, -self.tokens / self.rate)

    def throttled(self) -> None:
        """The cloud refused a call: halve the rate, at most once a second, for a burst is one event."""
        with self.lock:
            now = self.now()
            if now - self.slowed_at >= 1 or self.rate == self.most:
                self.rate = max(1.0, self.rate / 2)
                self.slowed_at = now
            self.tokens = min(self.tokens, 0.0)


class Limiter:
    """The buckets of one account, one per API and region."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self.buckets: dict[Hashable, Bucket] = {}
        self.lock = threading.Lock()
        self.sleep = sleep

    def bucket(self, key: Hashable, rate: float) -> Bucket:
        """The bucket of an API."""
        with self.lock:
            return self.buckets.setdefault(key, Bucket(rate))

    def wait(self, bucket: Bucket) -> None:
        """Wait for this call's turn."""
        if seconds := bucket.reserve():
            self.sleep(seconds)
