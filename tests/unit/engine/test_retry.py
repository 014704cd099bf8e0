"""Repeating: what may be, within which time, and what never is."""

import contextlib

import pytest

from cloudmux_py.cloudprovider import errors
from cloudmux_py.cloudprovider.errors import CloudError
from cloudmux_py.engine.retry import Clock, retrying


class Time:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.at = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.at += seconds
        self.slept.append(seconds)

    def clock(self) -> Clock:
        return Clock(now=lambda: self.at, sleep=self.sleep, jitter=lambda low, high: high)


def attempts(failures: list[CloudError], *, once: bool, timeout: float = 60) -> tuple[int, Time]:
    time, left = Time(), list(failures)
    tried = 0

    def attempt(_: float) -> str:
        nonlocal tried
        tried += 1
        if left:
            raise left.pop(0)
        return "done"

    with contextlib.suppress(CloudError):
        retrying(attempt, timeout=timeout, once=once, clock=time.clock())
    return tried, time


RETRYABLE = [errors.ConnectFailed(), errors.TimedOut(), errors.Throttled(), errors.ServerFault()]


@pytest.mark.parametrize("error", RETRYABLE, ids=lambda error: type(error).__name__)
def test_reads_are_repeated(error: CloudError) -> None:
    assert attempts([error, error], once=False)[0] == 3


@pytest.mark.parametrize(
    "error",
    [
        errors.AuthFailed(),
        errors.Denied(),
        errors.NotFound(),
        errors.InvalidParam(),
        errors.MalformedResponse(),
        errors.ClockSkew(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_will_not_change_is_not_repeated(error: CloudError) -> None:
    assert attempts([error], once=False)[0] == 1


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (errors.ConnectFailed(sent=False), 2),
        (errors.TimedOut(sent=False), 2),
        (errors.Throttled(), 2),
        (errors.ConnectFailed(), 1),
        (errors.TimedOut(), 1),
        (errors.ServerFault(), 1),
    ],
)
def test_a_change_is_repeated_only_on_proof_that_it_was_not_executed(error: CloudError, tries: int) -> None:
    assert attempts([error], once=True)[0] == tries


def test_the_cloud_s_own_wait_is_kept() -> None:
    assert attempts([errors.Throttled(retry_after=3.0)], once=False)[1].slept == [pytest.approx(3.3)]


def test_all_ends_within_the_deadline() -> None:
    tried, time = attempts([errors.ServerFault()] * 100, once=False, timeout=5)
    assert tried > 3
    assert time.at < 5


def test_what_changes_something_is_not_sent_anew_with_a_moment_left() -> None:
    time, passed = Time(), list[float]()

    def attempt(_: float) -> str:
        time.at += passed.pop(0)
        raise errors.Throttled

    def tried(once: bool) -> int:
        time.at, passed[:] = 0.0, [54.0, 54.0, 54.0]
        with pytest.raises(errors.Throttled):
            retrying(attempt, timeout=60, once=once, clock=time.clock())
        return 3 - len(passed)

    assert tried(once=False) == 2
    assert tried(once=True) == 1


@pytest.mark.parametrize("once", [False, True])
def test_the_rest_of_the_time_running_out_does_not_hide_why_it_was_repeated(once: bool) -> None:
    time, left = Time(), [errors.Throttled("too many"), errors.TimedOut("no answer within 0.1 s")]

    def attempt(_: float) -> str:
        time.at += 29.99
        raise left.pop(0)

    # A call that changes something may have been executed in the end: that says more.
    with pytest.raises(errors.TimedOut if once else errors.Throttled):
        retrying(attempt, timeout=60, once=once, clock=time.clock())
    assert not left
