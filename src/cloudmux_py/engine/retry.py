"""Repeating what may be repeated: full-jitter exponential backoff within one deadline."""

import logging
import random
import time
from collections.abc import Callable
from itertools import count
from typing import NamedTuple, TypeVar

from cloudmux_py.cloudprovider.errors import CloudError, Throttled, TimedOut

log = logging.getLogger("cloudmux_py")

T = TypeVar("T")

FIRST_WAIT = 0.2
LONGEST_WAIT = 10.0
WORTH_SAYING = 2.0
REST = 0.1
"""Share of its time that a call which changes something must have left to be repeated: cut short, it leaves a doubt."""


class Clock(NamedTuple):
    """Time as retries see it; tests bring their own."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[float, float], float] = random.uniform


CLOCK = Clock()


def may_repeat(error: CloudError, once: bool) -> bool:
    """Whether the call may be sent again; with `once`, only on proof that it was not executed."""
    if once:
        return not error.sent or isinstance(error, Throttled)
    return error.retryable


def retrying(attempt: Callable[[float], T], *, timeout: float, once: bool, clock: Clock = CLOCK) -> T:
    """Call `attempt(seconds left)` until it succeeds, may not be repeated, or the time is up.

    Args:
        attempt: Sends the call; gets the seconds that are left of the deadline.
        timeout: Seconds for all attempts and waits together.
        once: The call changes something and must not be executed twice.
        clock: Time, sleep and randomness.
    """
    deadline, before = clock.now() + timeout, None
    for number in count():
        try:
            return attempt(max(deadline - clock.now(), 0.01))
        except CloudError as error:
            wait = _wait(error, number, clock)
            late = clock.now() + wait >= deadline - (REST * timeout if once else 0)
            if late or number + 1 >= error.attempts or not may_repeat(error, once):
                if before and isinstance(error, TimedOut) and not once:
                    raise before from error  # the last attempt had but the rest of the time: this says more
                raise
            before = error
            if wait >= WORTH_SAYING:
                log.warning("%s; waiting %.0f s", error, wait)
            clock.sleep(wait)
    raise AssertionError("unreachable")


def _wait(error: CloudError, number: int, clock: Clock) -> float:
    if error.retry_after is not None:
        # Asked all at once, parallel callers would come back all at once: a tenth of jitter on top.
        return float(error.retry_after) * clock.jitter(1.0, 1.1)
    return clock.jitter(0, min(LONGEST_WAIT, FIRST_WAIT * 2**number))
