"""Deletions of more than one step, as tasks: two calls, a stop before, a recycle bin and its final end."""

from collections.abc import Callable
from typing import Any

import pytest

from climc_py.models import task as tasks
from climc_py.store.query import find
from climc_py.sync.run import Options, sync
from climc_py.tasks.delete import ACCEPTED_SECONDS, Clouds, Deletion, Outcome, plan, validate
from climc_py.tasks.resume import resume
from cloudmux_py.cloudprovider.errors import Refused
from cloudmux_py.cloudprovider.region import DEFAULTS, DeleteOptions
from cloudmux_py.resources import resource_type

from ..conftest import World
from .test_delete import long_ago, quicken

FINAL = DeleteOptions(final=True)
CHANGING = ("Delete", "Release", "Isolate", "Terminate", "Offline", "Stop", "Destroy", "CleanUp")


@pytest.fixture
def make(make_world: Callable[..., World]) -> Callable[[str], World]:
    """A world whose rows of one type are synced and unlocked."""

    def build(keyword: str) -> World:
        world = make_world(instances=40, kinds=[keyword])
        sync(world.database, list(world.accounts.values()), Options(resources=[keyword]))
        world.database.execute(f"UPDATE {resource_type(keyword).plural}_tbl SET disable_delete = 0")
        return world

    return build


def candidate(world: World, keyword: str, provider: str, where: str) -> Any:
    """A row that may be deleted, by its status and billing."""
    rows = world.database.rows(
        f"SELECT external_id FROM {resource_type(keyword).plural} WHERE deleted = 0 AND account = ? AND {where}"
        " ORDER BY external_id",
        (world.accounts[provider].name,),
    )
    for row in rows:
        found = find(world.database, resource_type(keyword), row["external_id"])
        try:
            validate(world.database, Clouds(world.database), resource_type(keyword), found, DEFAULTS)
        except Refused as refusal:
            if "--stop-first" not in str(refusal):
                continue
        return found
    raise AssertionError("no such row was seeded")


def begin(world: World, keyword: str, found: Any, options: DeleteOptions = DEFAULTS) -> Deletion:
    row = resource_type(keyword)
    target = validate(world.database, Clouds(world.database), row, found, options)
    ((_, task),) = plan(world.database, row, [target], options)
    deletion = Deletion(world.database, task, target.region, 60)
    quicken(world, deletion)
    deletion.region.account.client.clock = deletion.clock
    return deletion


def status(world: World, keyword: str, found: Any) -> tuple[str, bool]:
    row = world.database.one(
        f"SELECT status, deleted FROM {resource_type(keyword).plural}_tbl WHERE id = ?", [found["id"]]
    )
    assert row
    return row["status"], bool(row["deleted"])


def changes(world: World) -> list[str]:
    """The calls that changed something, in the order in which the cloud saw them."""
    return [call.action for call in world.emulator.requests if call.action.startswith(CHANGING)]


def test_two_calls_are_one_task(make: Callable[[str], World]) -> None:
    world = make("kafka")
    found = candidate(world, "kafka", "aliyun", "billing_type = 'postpaid' AND status = 'available'")
    outcome: Outcome = begin(world, "kafka", found).run()
    assert outcome.stage == "done", outcome
    assert changes(world) == ["ReleaseInstance", "DeleteInstance"]
    assert status(world, "kafka", found)[1]
    assert tasks.get(world.database, outcome.task).step == 2


@pytest.mark.parametrize("kind", ["reset-before", "reset-after"])
def test_the_second_call_is_sent_once_whatever_becomes_of_its_answer(make: Callable[[str], World], kind: str) -> None:
    world = make("kafka")
    found = candidate(world, "kafka", "aliyun", "billing_type = 'postpaid' AND status = 'available'")
    world.emulator.fault(kind, action="DeleteInstance")
    deletion = begin(world, "kafka", found)
    outcome = deletion.run()
    assert changes(world) == ["ReleaseInstance", "DeleteInstance"]
    expected = "accepted" if kind == "reset-before" else "done"
    assert outcome.stage == expected
    resumed = Deletion(world.database, tasks.get(world.database, deletion.task.id), deletion.region, 0)
    if expected == "accepted":
        assert resumed.resume().stage == "accepted", "the cloud may not have got round to it"
        long_ago(world)
        resumed.task = tasks.get(world.database, deletion.task.id)
        assert resumed.resume().stage == "unknown", "nothing else would ever end it"
        assert changes(world).count("DeleteInstance") == 1, "whoever resumes only looks"
        assert status(world, "kafka", found) == ("deleting", False)
        world.emulator.world.faults.clear()
        anew = begin(world, "kafka", find(world.database, resource_type("kafka"), found["id"]))
        assert anew.run().stage == "done"
        assert changes(world) == ["ReleaseInstance", "DeleteInstance", "DeleteInstance"]


@pytest.mark.parametrize("restored", [False, True])
def test_what_shows_nothing_until_it_is_gone_stays_open(make: Callable[[str], World], restored: bool) -> None:
    """A released ECS instance looks as ever for a while: an accepted task ends by proof, or long after it."""
    world = make("server")
    found = candidate(world, "server", "aliyun", "billing_type = 'postpaid' AND status = 'ready'")
    deletion = begin(world, "server", found)
    deletion.timeout = 0
    assert deletion.run().stage == "accepted"
    for _ in range(2):
        (outcome,) = resume(world.database, [tasks.get(world.database, deletion.task.id)], 0)
        assert (outcome.stage, outcome.done) == ("accepted", False)
        assert status(world, "server", found) == ("deleting", False)
    again = Deletion(world.database, tasks.get(world.database, deletion.task.id), deletion.region, 2 * ACCEPTED_SECONDS)
    quicken(world, again)
    if restored:
        world.emulator.table("aliyun", again.region.id, "server").cancel(found["external_id"])
    outcome, waited = again.resume(), again.clock.now()
    assert outcome.stage == ("unknown" if restored else "done")
    assert status(world, "server", found) == ("ready", False) if restored else status(world, "server", found)[1]
    assert abs(waited - ACCEPTED_SECONDS) < 30 if restored else waited < 30
    assert changes(world) == ["DeleteInstance"]


def test_a_task_that_was_left_between_its_two_calls_goes_on(make: Callable[[str], World]) -> None:
    world = make("kafka")
    found = candidate(world, "kafka", "aliyun", "billing_type = 'postpaid' AND status = 'available'")
    first = begin(world, "kafka", found)
    first.timeout = 0
    assert first.run().stage == "accepted"
    assert changes(world) == ["ReleaseInstance"]
    again = Deletion(world.database, tasks.get(world.database, first.task.id), first.region, 60)
    quicken(world, again)
    assert again.resume().stage == "done"
    assert changes(world) == ["ReleaseInstance", "DeleteInstance"]


def test_what_runs_is_stopped_first_if_that_is_asked_for(make: Callable[[str], World]) -> None:
    world = make("server")
    found = candidate(world, "server", "aliyun", "status = 'running' AND billing_type = 'postpaid'")
    with pytest.raises(Refused, match="--stop-first"):
        begin(world, "server", found)
    assert begin(world, "server", found, DeleteOptions(stop_first=True)).run().stage == "done"
    assert changes(world) == ["StopInstance", "DeleteInstance"]
    assert status(world, "server", found)[1]


def test_a_stop_that_fails_leaves_the_row_as_it_was(make: Callable[[str], World]) -> None:
    world = make("server")
    found = candidate(world, "server", "aliyun", "status = 'running' AND billing_type = 'postpaid'")
    world.emulator.fault("error", action="StopInstance", code="Forbidden.RAM", status=403)
    outcome = begin(world, "server", found, DeleteOptions(stop_first=True)).run()
    assert (outcome.stage, changes(world)) == ("failed", ["StopInstance"])
    assert outcome.error is not None
    assert outcome.error.exit_code == 4
    assert status(world, "server", found) == ("running", False)


@pytest.mark.parametrize("keyword", ["mongodb", "elastic_cache", "dbinstance"])
def test_a_recycle_bin_is_the_end_until_final_is_asked_for(make: Callable[[str], World], keyword: str) -> None:
    world = make(keyword)
    found = candidate(world, keyword, "qcloud", "billing_type = 'postpaid'")
    outcome = begin(world, keyword, found).run()
    assert outcome.stage == "isolated", outcome
    assert outcome.note
    assert status(world, keyword, found) == ("isolated", False)
    (first,) = changes(world)
    with pytest.raises(Refused, match="recycle bin"):
        begin(world, keyword, find(world.database, resource_type(keyword), found["id"]))
    ended = begin(world, keyword, find(world.database, resource_type(keyword), found["id"]), FINAL).run()
    assert ended.stage == "done", ended
    assert len(changes(world)) == 2
    assert changes(world)[1] != first
    assert status(world, keyword, found)[1]


def test_final_is_refused_for_what_is_in_no_recycle_bin(make: Callable[[str], World]) -> None:
    world = make("mongodb")
    found = candidate(world, "mongodb", "qcloud", "billing_type = 'postpaid'")
    with pytest.raises(Refused, match="not in the recycle bin"):
        begin(world, "mongodb", found, FINAL)
    assert changes(world) == []
