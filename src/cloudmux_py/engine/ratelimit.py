"""Keeps parallel calls below a cloud's rate limit, and learns it where it is not documented."""

import threading
import time
from collections.abc import Callable, Hashable

BURST = 1.0
"""Seconds' worth of calls that a bucket saves up while nobody calls, here and (unverified) in the clouds."""

TOLD = 2
"""How many calls must have passed before a refusal tells the cloud's rate; before that the rate is halved."""

DECREASE = 0.95
"""How far below the rate that the cloud let pass to go on."""

INCREASE = 0.0005
"""Growth by the square of the seconds since the last refusal: 5 % after ten, twofold after 45.

Growth must be slow near the limit, for each probe costs a refused call, and fast far below it.
"""


class Bucket:
    """A token bucket that adapts: a refusal tells what the cloud lets pass, and from there the rate grows again.

    Args:
        rate: Calls a second at the start and at the most.
        now: The time in seconds.
    """

    def __init__(self, rate: float, now: Callable[[], float] = time.monotonic) -> None:
        self.most = self.rate = self.base = rate
        self.now = now
        self.tokens = rate * BURST
        self.at = self.since = now()
        self.slowed_at: float | None = None
        self.passed, self.saved = 0, BURST
        self.lock = threading.Lock()

    def reserve(self) -> float:
        """Take one call; returns the seconds to wait before sending it."""
        with self.lock:
            now = self.now()
            idle, self.at = now - self.at, now
            if self.slowed_at is not None:
                self.rate = min(self.most, self.base * (1 + INCREASE * (now - self.slowed_at) ** 2))
            if idle >= BURST:
                self._measure(now, BURST)
            self.passed += 1
            self.tokens = min(self.rate * BURST, self.tokens + idle * self.rate) - 1
            return max(0.0, -self.tokens / self.rate)

    def throttled(self) -> None:
        """The cloud refused a call: go on a little slower than what it let pass; a burst of refusals is one event."""
        with self.lock:
            now = self.now()
            if self.slowed_at is None or now - self.slowed_at >= BURST:
                passed = self.passed - 1
                let_pass = passed / (now - self.since + self.saved or BURST)
                slower = let_pass * DECREASE if passed >= TOLD else self.rate / 2
                self.base = self.rate = max(1.0, min(self.rate * DECREASE, slower))
                self.slowed_at = now
                self._measure(now, 0)
            self.tokens = min(self.tokens, 0.0)

    def _measure(self, now: float, saved: float) -> None:
        """Count anew what the cloud lets pass; it may have saved up calls for some seconds."""
        self.since, self.passed, self.saved = now, 0, saved


class Limiter:
    """The buckets of one account, one per API and region.

    Args:
        now: The time in seconds.
        sleep: Waits.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep) -> None:
        self.buckets: dict[Hashable, Bucket] = {}
        self.lock = threading.Lock()
        self.now = now
        self.sleep = sleep

    def bucket(self, key: Hashable, rate: float) -> Bucket:
        """The bucket of an API."""
        with self.lock:
            return self.buckets.setdefault(key, Bucket(rate, self.now))

    def wait(self, bucket: Bucket) -> None:
        """Wait for this call's turn."""
        if seconds := bucket.reserve():
            self.sleep(seconds)
