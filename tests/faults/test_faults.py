"""A sample of the matrix, the page that tells of it, and the bounds that it has no time to wait for."""

import re
from collections.abc import Iterator

import pytest

from cloudmux_py import connect
from cloudmux_py.cloudprovider.errors import MalformedResponse, TimedOut
from cloudmux_py.credentials import Credentials
from cloudmux_py.emulator import Emulator
from cloudmux_py.emulator.faults import KINDS
from cloudmux_py.engine.reading import LISTING_DEADLINE
from cloudmux_py.engine.region import Region
from cloudmux_py.engine.retry import Clock
from cloudmux_py.resources.elastic_search import ElasticSearch
from cloudmux_py.resources.server import Server

from .batch import run
from .cells import CLOUDS, MAIN, binding_of, full, pairs, short
from .judging import PROMISES
from .matrix import COMMANDS, EFFECTS, FAULTS, OUTCOMES
from .table import FILE, render

REGIONS = {"aliyun": ["cn-hangzhou"], "qcloud": ["ap-guangzhou"]}

both = pytest.mark.parametrize("provider", REGIONS)


@pytest.mark.timeout(200)
def test_each_fault_and_each_call_once() -> None:
    failed = run(short())
    assert not failed, "\n".join(line for _, lines in failed for line in lines)


def test_the_sample_covers_every_fault_every_command_and_every_call() -> None:
    cells = short()
    assert {cell.fault.name for cell in cells} == {fault.name for fault in FAULTS}
    assert {(cell.command, cell.role) for cell in cells} == {call for cloud in CLOUDS for call in pairs(cloud, MAIN)}
    assert {cell.provider for cell in cells} == set(CLOUDS)


def test_every_cell_has_an_exit_code_and_a_phrase() -> None:
    assert {command for command, _ in OUTCOMES} == set(COMMANDS)
    for (command, role), outcomes in OUTCOMES.items():
        assert set(outcomes) == set(EFFECTS), (command, role)
        assert all(outcome.promise in PROMISES for outcome in outcomes.values()), (command, role)
    assert {fault.effect for fault in FAULTS} <= set(EFFECTS)


def test_every_api_call_of_the_bindings_is_met() -> None:
    cells = full()
    for provider in CLOUDS:
        keywords = {cell.keyword for cell in cells if cell.provider == provider}
        for keyword in keywords:
            met = {(cell.command, cell.role) for cell in cells if (cell.provider, cell.keyword) == (provider, keyword)}
            binding = binding_of(provider, keyword)
            assert binding
            roles = {role for _, role in met}
            assert {"list", "get"} <= roles
            assert ("delete" in roles) == binding.deletes
            assert ("extra" in roles) == bool(binding.extras)
            assert ("stop" in roles) == bool(binding.stop)
            assert ("second delete" in roles) == bool(binding.then)
            assert ("details of a list" in roles) == bool(binding.details)
            assert len(binding.extras) <= 2, "the matrix has no role for a third"


def test_the_page_is_fresh() -> None:
    assert FILE.read_text("utf-8") == render(full(), len(short())), "make faults"


# Bounds.


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(instances=230, kinds=[MAIN], regions=REGIONS) as started:
        yield started


def region(emulator: Emulator, provider: str, timeout: float = 20) -> Region:
    account = emulator.world.of(provider)[0]
    keys = Credentials(provider, account.access_key, account.secret, endpoint=emulator.url)
    return connect(provider, timeout=timeout, credentials=keys).region(emulator.world.regions[provider][0])


@both
def test_a_listing_ends_after_its_time_however_many_pages_come(emulator: Emulator, provider: str) -> None:
    passed = [0.0]
    where = region(emulator, provider)
    where.account.client.clock = Clock(now=lambda: passed[0])

    def slow(_: object) -> None:
        passed[0] += LISTING_DEADLINE * 0.6

    listed = binding_of(provider, MAIN)
    assert listed
    emulator.on(f"after {listed.list.action}", slow)
    with pytest.raises(TimedOut, match=r"longer than 600 s; page 2 came"):
        where.list(ElasticSearch)
    assert len(emulator.requests) == 2


@both
@pytest.mark.parametrize("kind", ["drip", "drip-headers"])
def test_an_answer_that_drips_ends_in_time(emulator: Emulator, provider: str, kind: str) -> None:
    emulator.fault(kind, seconds=0.05)
    with pytest.raises(TimedOut, match=r"no answer within 1 s"):
        region(emulator, provider, timeout=1).page(ElasticSearch, size=100)


@both
def test_json_of_somebody_else_is_no_accepted_deletion(emulator: Emulator, provider: str) -> None:
    where = region(emulator, provider)
    id = next(iter(emulator.rows(provider, where.id)))
    emulator.fault("other-shape", action="DeleteInstance")
    with pytest.raises(MalformedResponse, match="DeleteInstance"):
        where.delete(ElasticSearch, id)


@both
def test_json_of_somebody_else_stops_nothing(provider: str) -> None:
    with Emulator(instances=12, kinds=["server"], regions=REGIONS) as it:
        where = region(it, provider)
        id = next(row.external_id for row in where.list(Server) if row.status == "running")
        binding = binding_of(provider, "server")
        assert binding
        assert binding.stop
        it.fault("other-shape", action=binding.stop.call.action)
        with pytest.raises(MalformedResponse, match=binding.stop.call.action):
            where.stop(Server, id)


def test_faults_begin_after_so_many_calls(emulator: Emulator) -> None:
    where = region(emulator, "aliyun")
    emulator.fault("no-result", after=1, times=1)
    where.page(ElasticSearch)
    with pytest.raises(MalformedResponse):
        where.page(ElasticSearch)
    where.page(ElasticSearch)


def test_the_matrix_uses_faults_that_there_are() -> None:
    kinds = {fault.kind for fault in FAULTS} - {"resolver", "keys"}
    assert kinds <= set(KINDS)
    assert all(re.compile(fault.says) for fault in FAULTS)
