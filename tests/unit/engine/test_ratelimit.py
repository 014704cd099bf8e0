"""The adaptive bucket against a cloud that lets N calls a second pass, in a time that only the test moves."""

import heapq
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmux_py.emulator.limits import Limits
from cloudmux_py.engine.ratelimit import Bucket


def simulate(
    limit: float, most: float, callers: int, latency: float, calls: int, retry_after: float
) -> tuple[float, int]:
    """Seconds until all calls passed, and how many were refused."""
    now, order, refused, passed, left = 0.0, count(), 0, 0, calls
    bucket = Bucket(most, now=lambda: now)
    cloud = Limits(limit, lambda: now)
    events = [(0.0, next(order), "call") for _ in range(callers)]
    while passed < calls:
        now, _, what = heapq.heappop(events)
        if what == "call":
            if left:
                left -= 1
                heapq.heappush(events, (now + bucket.reserve(), next(order), "send"))
        elif what == "send":
            answer = "passed" if cloud.take("") else "refused"
            heapq.heappush(events, (now + latency, next(order), answer))
        elif what == "passed":
            passed += 1
            heapq.heappush(events, (now, next(order), "call"))
        else:
            bucket.throttled()
            refused += 1
            left += 1
            heapq.heappush(events, (now + retry_after, next(order), "call"))
    return now, refused


CALLS = 600


@given(limit=st.integers(3, 50), latency=st.floats(0.01, 0.2), retry_after=st.sampled_from([0.2, 1.05]))
def test_an_unknown_limit_is_used_up_and_seldom_hit(limit: int, latency: float, retry_after: float) -> None:
    """As a scope is listed: one page after the other."""
    seconds, refused = simulate(limit, 50, 1, latency, CALLS, retry_after)
    assert refused < 0.02 * (CALLS + refused)
    assert seconds <= 1.2 * max(CALLS / limit, CALLS * latency)


@given(
    limit=st.integers(3, 50),
    callers=st.integers(2, 8),
    latency=st.floats(0.01, 0.2),
    retry_after=st.sampled_from([0.2, 1.05]),
)
def test_parallel_callers_use_up_the_limit_too(limit: int, callers: int, latency: float, retry_after: float) -> None:
    """As ids are asked for. A refusal hits all that are on their way: it costs several calls, and no more time."""
    seconds, refused = simulate(limit, 50, callers, latency, CALLS, retry_after)
    assert refused < 0.02 * (CALLS + refused) * callers
    assert seconds <= 1.2 * max(CALLS / limit, CALLS * latency / callers)


def test_a_bucket_starts_full_and_then_paces() -> None:
    now = [0.0]
    bucket = Bucket(20, now=lambda: now[0])
    assert sum(bucket.reserve() for _ in range(20)) == 0
    assert bucket.reserve() == pytest.approx(1 / 20)


def test_one_refusal_tells_the_limit() -> None:
    """Seven calls passed in 0.4 s: five that the cloud had saved up, and two that came due."""
    now = [0.0]
    bucket = Bucket(50, now=lambda: now[0])
    for _ in range(8):
        bucket.reserve()
    now[0] = 0.4
    bucket.throttled()
    assert bucket.rate == pytest.approx(5 * 0.95)
    bucket.throttled()
    assert bucket.rate == pytest.approx(5 * 0.95), "a burst of refusals is one event"


def test_a_refusal_out_of_the_blue_halves_the_rate_which_recovers() -> None:
    now = [0.0]
    bucket = Bucket(20, now=lambda: now[0])
    bucket.reserve()
    bucket.throttled()
    assert bucket.rate == 10
    now[0] = 10
    bucket.reserve()
    assert bucket.rate == pytest.approx(10.5)
    now[0] = 60
    assert bucket.reserve() == 0
    assert bucket.rate == 20
