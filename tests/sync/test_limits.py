"""Limits honoured: few refused calls under a cloud's limit, and no region waits for another that is dead."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from climc_py.models import account as accounts
from climc_py.models.connection import reference
from climc_py.sync import jobs, run
from climc_py.sync.run import Options, Result, sync
from cloudmux_py.engine.ratelimit import Limiter
from cloudmux_py.engine.retry import Clock

from ..conftest import LIST, World

LIMIT = 5
LATENCY = 0.05
PAGES = 55


def virtual(world: World, provider: str, action: str) -> None:
    """One time for the account's client and the clouds, which waiting and each call move on."""
    clock = world.emulator.clock
    client = jobs.connection(reference(world.database, world.accounts[provider])).client
    client.clock = Clock(now=clock.now, sleep=clock.advance)
    client.limiter, client.timeout = Limiter(clock.now, clock.advance), 60.0
    world.emulator.on(action, lambda call: clock.advance(LATENCY))


@pytest.mark.parametrize(
    ("provider", "keyword", "action", "size"),
    [("aliyun", "vpc", "DescribeVpcs", 50), ("qcloud", "kafka", "DescribeInstancesDetail", 20)],
    ids=["aliyun", "qcloud"],
)
def test_few_calls_are_refused_under_a_limit_that_nobody_told(
    make_world: Callable[..., World], provider: str, keyword: str, action: str, size: int
) -> None:
    """Neither cloud's documented rate is so low: what is learned is the cloud's."""
    regions = {"aliyun": ["cn-beijing"], "qcloud": ["ap-beijing"]}
    world = make_world(instances=PAGES * size, qps=LIMIT, regions=regions, kinds=[keyword])
    virtual(world, provider, action)
    started = world.emulator.clock.now()
    (result,) = world.sync(provider, resources=[keyword]).values()
    assert result.state == "complete"
    calls = [call for call in world.emulator.requests if call.action == action]
    refused = [call for call in calls if call.code]
    assert len(calls) - len(refused) == PAGES, "each page once"
    assert 0 < len(refused) < 0.02 * len(calls)
    assert world.emulator.clock.now() - started > PAGES / LIMIT - 1, "the clouds' time, which no test waits for"


def test_each_region_of_an_account_has_a_limit_of_its_own(make_world: Callable[..., World]) -> None:
    world = make_world(instances=300, qps=3)
    world.sync("aliyun")
    calls = [call for call in world.emulator.requests if call.action == LIST["aliyun"]]
    assert {call.region for call in calls if not call.code} == {"cn-beijing", "cn-hangzhou"}
    assert [call.code for call in calls if call.code] == [], "three pages of each fit into the first second"


class Order:
    """Results in the order in which they are recorded; a dead region answers only once all others are there."""

    def __init__(self, world: World, dead: str, others: int) -> None:
        self.world, self.dead, self.others = world, dead, others
        self.seen: list[Result] = []
        self.recorded = threading.Event()

    def progress(self, total: int, result: Result | None) -> None:
        assert result
        self.seen.append(result)
        if len([r for r in self.seen if r.region != self.dead]) == self.others:
            self.recorded.set()

    def stall(self, call: Any) -> None:
        if call.region == self.dead:
            self.recorded.wait(30)

    def sync(self, keywords: list[str]) -> list[str]:
        """The regions, in order."""
        account = accounts.find(self.world.database, self.world.accounts["aliyun"].id)
        sync(self.world.database, [account], Options(resources=keywords), self.progress)
        assert self.recorded.is_set()
        return [result.region for result in self.seen]


def test_no_region_waits_for_one_that_is_dead(
    make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its scopes come first, one of each type, and hang until their time is up."""
    monkeypatch.setattr(run, "PARALLEL_SCOPES", 1)
    world = make_world(instances=3)
    keywords = ["elastic_search", "vpc", "network", "eip"]
    actions = ["ListInstance", "DescribeVpcs", "DescribeVSwitches", "DescribeEipAddresses"]
    order = Order(world, "cn-beijing", others=len(keywords))
    for action in actions:
        world.emulator.on(action, order.stall)
    assert order.sync(keywords) == ["cn-hangzhou"] * 4 + ["cn-beijing"] * 4
    assert {r.state for r in order.seen if r.region == "cn-hangzhou"} == {"complete"}
    stalled = {call.action for call in world.emulator.requests if call.region == "cn-beijing"}
    assert stalled >= set(actions), "all hung at the same time"


def test_no_region_waits_while_another_s_missing_rows_are_asked_for(make_world: Callable[..., World]) -> None:
    """Lists answer there, and gets hang."""
    world = make_world(instances=4)
    world.sync("aliyun")
    for id in world.ids("aliyun")[:3]:
        world.remove("aliyun", id)
    order = Order(world, "cn-beijing", others=1)
    late = threading.Event()

    def after_the_other(call: Any) -> None:
        if call.region != "cn-beijing":
            assert late.wait(30)

    def stall(call: Any) -> None:
        late.set()
        order.stall(call)

    world.emulator.on("ListInstance", after_the_other)
    world.emulator.on("DescribeInstance", stall)
    assert order.sync(["elastic_search"]) == ["cn-hangzhou", "cn-beijing"]
