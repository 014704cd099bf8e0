"""The clouds' rate limits: a token bucket for each action of an account in a region."""

import threading
from collections.abc import Callable, Hashable


class Limits:
    """Token buckets that hold one second's calls; safe for threads.

    Neither cloud publishes how it counts. That idle time is made good for a second at most, and that each region
    counts for itself, are guesses.

    Args:
        qps: Calls a second; 0 for no limit.
        now: The emulator's time.
    """

    def __init__(self, qps: float, now: Callable[[], float]) -> None:
        self.qps = qps
        self.now = now
        self.buckets: dict[Hashable, tuple[float, float]] = {}
        self.lock = threading.Lock()

    def take(self, key: Hashable) -> bool:
        """Whether a call may pass; what is refused costs nothing."""
        if not self.qps:
            return True
        with self.lock:
            now, most = self.now(), max(1.0, self.qps)
            tokens, at = self.buckets.get(key, (most, now))
            tokens = min(most, tokens + max(0.0, now - at) * self.qps)
            passes = tokens >= 1
            self.buckets[key] = (tokens - passes, now)
            return passes
