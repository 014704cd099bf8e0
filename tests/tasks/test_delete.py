"""A deletion is sent at most once, and a row goes only on proof, whatever happens on the way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from climc_py.errors import IdentityMismatch, Refused
from climc_py.models import account as accounts
from climc_py.models import event
from climc_py.models import row as rows
from climc_py.models import task as tasks
from climc_py.secrets import seal
from climc_py.store.query import find
from climc_py.tasks.delete import Clouds, Deletion, Outcome, bury_gone, cancel, plan, validate
from climc_py.tasks.resume import resume
from cloudmux_py.cloudprovider.errors import AuthFailed, CloudError, NotFound
from cloudmux_py.cloudprovider.region import DEFAULTS, DeleteOptions
from cloudmux_py.engine.retry import Clock
from cloudmux_py.resources.elastic_search import ElasticSearch

from ..conftest import DELETE, World

PROVIDERS = pytest.mark.parametrize("provider", ["aliyun", "qcloud"])


@pytest.fixture
def small(make_world: Callable[..., World]) -> World:
    world = make_world(instances=4)
    for provider in ("aliyun", "qcloud"):
        world.sync(provider)
    world.database.execute("UPDATE elastic_searchs_tbl SET disable_delete = 0")
    return world


def target_of(world: World, provider: str) -> Any:
    """A postpaid row that may be deleted."""
    row = world.database.one(
        "SELECT external_id FROM elastic_searchs WHERE deleted = 0 AND account = ? AND billing_type = 'postpaid'"
        " AND status = 'available' AND cloudregion = ? ORDER BY external_id",
        (world.accounts[provider].name, world.region(provider)),
    )
    assert row
    return find(world.database, ElasticSearch, row["external_id"])


def delete(world: World, found: Any, options: DeleteOptions = DEFAULTS, timeout: float = 30) -> Outcome:
    """The whole way, as the command goes it; the cloud's time passes while we wait."""
    clouds = Clouds(world.database)
    target = validate(world.database, clouds, ElasticSearch, found, options)
    if target.seen is None:
        return bury_gone(world.database, ElasticSearch, target)
    ((_, task),) = plan(world.database, ElasticSearch, [target], options)
    deletion = Deletion(world.database, task, target.region, timeout)
    quicken(world, deletion)
    return deletion.run()


def quicken(world: World, deletion: Deletion) -> None:
    """Waiting brings forward what is due in the cloud; its clock stays, for it also judges signatures."""
    passed = [0.0]

    def sleep(seconds: float) -> None:
        passed[0] += seconds
        world.emulator.world.hasten(seconds)

    deletion.clock = Clock(now=lambda: passed[0], sleep=sleep)


def long_ago(world: World) -> None:
    """As if what became of the tasks had been long ago."""
    world.database.execute("UPDATE tasks_tbl SET updated_at = '2020-01-01T00:00:00Z'")


def sent(world: World, id: str) -> int:
    """How many deletions of an id the cloud saw, answered or not."""
    calls = [call for call in world.emulator.requests if call.action == DELETE]
    return len([call for call in calls if call.params.get("InstanceId") == id])


def living(world: World, found: Any) -> bool:
    return not rows.by_id(world.database, ElasticSearch, found["id"])["deleted"]


@PROVIDERS
def test_a_deletion_goes_from_planned_to_done(small: World, provider: str) -> None:
    found = target_of(small, provider)
    outcome = delete(small, found)
    assert (outcome.stage, outcome.done) == ("done", True)
    assert sent(small, found["external_id"]) == 1
    assert not living(small, found)
    (gone,), _ = event.events(small.database, ids=[found["id"]], actions=["delete"])
    assert gone["notes"]["proof"]["request_id"]
    assert small.sync(provider)[small.region(provider)].state == "complete"


def refusals(world: World, provider: str) -> dict[str, Callable[[Any], object]]:
    account = world.accounts[provider]
    return {
        "is locked": lambda found: rows.update(world.database, ElasticSearch, found, {"disable_delete": 1}),
        "is read-only": lambda found: accounts.update(world.database, account, {"read_only": True}),
        "is disabled": lambda found: accounts.update(world.database, account, {"enabled": False}),
    }


@PROVIDERS
@pytest.mark.parametrize("reason", ["is locked", "is read-only", "is disabled"])
def test_what_is_refused_here_never_reaches_the_cloud(small: World, provider: str, reason: str) -> None:
    found = target_of(small, provider)
    refusals(small, provider)[reason](found)
    small.emulator.requests.clear()
    with pytest.raises(Refused, match=reason):
        delete(small, find(small.database, ElasticSearch, found["id"]))
    assert small.emulator.requests == []
    assert living(small, found)


def test_protection_that_the_cloud_shows_is_refused_before_anything_is_sent(small: World) -> None:
    found = target_of(small, "qcloud")
    small.emulator.table("qcloud", small.region("qcloud")).patch(
        found["external_id"], {"EnableDestroyProtection": "OPEN"}
    )
    with pytest.raises(Refused, match="destroy protection is on"):
        delete(small, found)
    assert sent(small, found["external_id"]) == 0


@PROVIDERS
def test_a_second_task_of_one_row_is_refused(small: World, provider: str) -> None:
    found = target_of(small, provider)
    target = validate(small.database, Clouds(small.database), ElasticSearch, found, DEFAULTS)
    plan(small.database, ElasticSearch, [target], DEFAULTS)
    with pytest.raises(Refused, match="has an open task"):
        validate(small.database, Clouds(small.database), ElasticSearch, found, DEFAULTS)
    with pytest.raises(Refused, match="has an open task"):
        plan(small.database, ElasticSearch, [target], DEFAULTS)


@PROVIDERS
def test_only_one_process_may_send(small: World, provider: str) -> None:
    found = target_of(small, provider)
    target = validate(small.database, Clouds(small.database), ElasticSearch, found, DEFAULTS)
    ((_, task),) = plan(small.database, ElasticSearch, [target], DEFAULTS)
    assert [tasks.claim(small.database, task) for _ in range(3)] == [True, False, False]
    assert Deletion(small.database, task, target.region, 0).run().note == "another process has it"
    assert sent(small, found["external_id"]) == 0


CREDENTIALS = ["SignatureDoesNotMatch", "NoPermission", "InvalidAccessKeyId.NotFound"]


@pytest.mark.parametrize("code", CREDENTIALS)
def test_wrong_keys_and_denied_calls_leave_the_row(small: World, code: str) -> None:
    found = target_of(small, "aliyun")
    small.emulator.fault("error", action="DescribeInstance", code=code, status=404)
    with pytest.raises(CloudError) as caught:
        delete(small, found)
    assert caught.value.exit_code == 4
    assert living(small, found)
    small.emulator.world.faults.clear()
    small.emulator.fault("error", action=DELETE, code=code, status=404)
    outcome = delete(small, found)
    assert outcome.error
    assert (outcome.stage, outcome.error.exit_code, sent(small, found["external_id"])) == ("failed", 4, 1)
    row = rows.by_id(small.database, ElasticSearch, found["id"])
    assert (row["deleted"], row["status"]) == (0, "delete_failed")


def test_an_unknown_region_leaves_the_row(small: World) -> None:
    found = target_of(small, "aliyun")
    small.emulator.fault("error", code="InvalidRegionId.NotFound", status=404, action="DescribeInstance")
    with pytest.raises(CloudError) as caught:
        delete(small, found)
    assert caught.value.exit_code == 2
    assert not isinstance(caught.value, NotFound)
    assert living(small, found)


def test_keys_of_another_account_leave_the_row(small: World) -> None:
    found, account = target_of(small, "qcloud"), small.accounts["qcloud"]
    other = small.emulator.world.of("qcloud")[1]
    accounts.update(small.database, account, {"access_key": other.access_key, "secret": seal(account.id, other.secret)})
    with pytest.raises(IdentityMismatch):
        delete(small, found)
    assert living(small, found)


def test_a_row_that_is_gone_already_goes_only_by_proof(small: World) -> None:
    strong = target_of(small, "aliyun")
    small.remove("aliyun", strong["external_id"])
    assert delete(small, strong).done
    assert not living(small, strong)
    weak = target_of(small, "qcloud")
    small.remove("qcloud", weak["external_id"])
    assert delete(small, weak).done, "another row answered in the same request"
    lonely = target_of(small, "qcloud")
    small.emulator.fault("hide-rows", provider="qcloud")
    with pytest.raises(NotFound):
        delete(small, lonely)
    assert living(small, lonely)
    assert sent(small, lonely["external_id"]) == 0


@PROVIDERS
@pytest.mark.parametrize("kind", ["reset-after", "truncate", "not-json", "empty-body"])
def test_a_lost_answer_is_looked_for_and_never_sent_again(small: World, provider: str, kind: str) -> None:
    """The cloud did it, and its answer got lost."""
    found = target_of(small, provider)
    small.emulator.fault(kind, action=DELETE)
    outcome = delete(small, found)
    assert (outcome.stage, sent(small, found["external_id"])) == ("done", 1)
    assert not living(small, found)


@PROVIDERS
@pytest.mark.parametrize("kind", ["reset-before", "status"])
def test_a_deletion_that_never_happened_is_unknown_and_closed(small: World, provider: str, kind: str) -> None:
    found = target_of(small, provider)
    small.emulator.fault(kind, action=DELETE, status=502)
    outcome = delete(small, found)
    assert (outcome.stage, outcome.done, sent(small, found["external_id"])) == ("unknown", False, 1)
    row = rows.by_id(small.database, ElasticSearch, found["id"])
    assert (row["deleted"], row["status"]) == (0, "available")
    assert list(resume(small.database, tasks.tasks(small.database, stages=tasks.OPEN), 0)) == []


@PROVIDERS
def test_a_cloud_that_fails_inside_may_have_deleted(small: World, provider: str) -> None:
    """Its own code for a failure of its own tells nothing: the row is looked at, and not given up as refused."""
    found = target_of(small, provider)
    small.emulator.fault("error", action=DELETE, code="InternalError", status=500)
    outcome = delete(small, found)
    assert (outcome.stage, outcome.done, sent(small, found["external_id"])) == ("unknown", False, 1)
    row = rows.by_id(small.database, ElasticSearch, found["id"])
    assert (row["deleted"], row["status"]) == (0, "available")


@PROVIDERS
def test_a_throttled_deletion_is_sent_again_and_done_once(small: World, provider: str) -> None:
    found = target_of(small, provider)
    small.emulator.fault("throttle", action=DELETE, times=2)
    assert delete(small, found).done
    answered = [c for c in small.emulator.requests if c.action == DELETE and c.code == ""]
    assert len(answered) == 1


@PROVIDERS
def test_an_instance_restored_after_its_deletion_was_accepted_stays(small: World, provider: str) -> None:
    found = target_of(small, provider)
    table = small.emulator.table(provider, small.region(provider))
    target = validate(small.database, Clouds(small.database), ElasticSearch, found, DEFAULTS)
    ((_, task),) = plan(small.database, ElasticSearch, [target], DEFAULTS)
    first = Deletion(small.database, task, target.region, 0).run()
    assert first.stage == "accepted"
    table.cancel(found["external_id"])
    table.patch(found["external_id"], {"status": "active"} if provider == "aliyun" else {"Status": 1})
    (outcome,) = resume(small.database, [tasks.get(small.database, task.id)], 0)
    assert outcome.stage == "accepted", "a cloud may take its time before it shows anything"
    long_ago(small)
    (outcome,) = resume(small.database, [tasks.get(small.database, task.id)], 0)
    assert outcome.stage == "unknown"
    row = rows.by_id(small.database, ElasticSearch, found["id"])
    assert (row["deleted"], row["status"]) == (0, "available")
    assert sent(small, found["external_id"]) == 1


@PROVIDERS
@pytest.mark.parametrize("stage", ["sent", "accepted"])
def test_resume_only_looks(small: World, provider: str, stage: str) -> None:
    """Whatever the process was that died, its deletion is on the wire once."""
    found = target_of(small, provider)
    clouds = Clouds(small.database)
    target = validate(small.database, clouds, ElasticSearch, found, DEFAULTS)
    ((_, task),) = plan(small.database, ElasticSearch, [target], DEFAULTS)
    assert tasks.claim(small.database, task)
    target.region.delete(ElasticSearch, found["external_id"])
    if stage == "accepted":
        task.stage = "sent"
        with small.database.transaction():
            tasks.advance(small.database, task, "accepted")
    (outcome,) = resume(small.database, [tasks.get(small.database, task.id)], 0)
    assert outcome.stage == "accepted"
    for _, table in small.emulator.world.all_tables():
        table._due = [(0.0, id, change) for _, id, change in table._due]
    (outcome,) = resume(small.database, [tasks.get(small.database, task.id)], 0)
    assert outcome.stage == "done"
    assert sent(small, found["external_id"]) == 1
    assert not living(small, found)


def test_a_planned_task_is_checked_again_and_sent_by_whoever_resumes_it(small: World) -> None:
    found = target_of(small, "aliyun")
    target = validate(small.database, Clouds(small.database), ElasticSearch, found, DEFAULTS)
    ((_, task),) = plan(small.database, ElasticSearch, [target], DEFAULTS)
    small.database.execute("UPDATE elastic_searchs_tbl SET disable_delete = 1 WHERE id = ?", [found["id"]])
    (refused,) = resume(small.database, [task], 0)
    assert isinstance(refused.error, Refused)
    small.database.execute("UPDATE elastic_searchs_tbl SET disable_delete = 0 WHERE id = ?", [found["id"]])
    (outcome,) = resume(small.database, [task], 0)
    assert outcome.stage == "accepted"
    assert sent(small, found["external_id"]) == 1


@PROVIDERS
def test_a_planned_task_whose_row_is_gone_is_done_with_its_proof(small: World, provider: str) -> None:
    found = target_of(small, provider)
    target = validate(small.database, Clouds(small.database), ElasticSearch, found, DEFAULTS)
    ((_, task),) = plan(small.database, ElasticSearch, [target], DEFAULTS)
    small.remove(provider, found["external_id"])
    (outcome,) = resume(small.database, [task], 0)
    assert (outcome.stage, outcome.done, outcome.task, outcome.note) == ("done", True, task.id, "was gone already")
    assert sent(small, found["external_id"]) == 0
    assert not living(small, found)
    assert tasks.get(small.database, task.id).request_id
    told, _ = event.events(small.database, ids=[found["id"]])
    assert [item["action"] for item in told] == ["delete", "updatestatus", "create"], "nothing is told of a dead row"
    assert told[0]["notes"]["task"] == task.id
    assert told[0]["notes"]["proof"]["strength"] == {"aliyun": "strong", "qcloud": "weak"}[provider]


def test_a_task_of_a_row_that_was_purged_meanwhile_changes_no_dead_row(small: World) -> None:
    found = target_of(small, "aliyun")
    target = validate(small.database, Clouds(small.database), ElasticSearch, found, DEFAULTS)
    ((_, task),) = plan(small.database, ElasticSearch, [target], DEFAULTS)
    with small.database.transaction():
        rows.bury(small.database, ElasticSearch, found, "delete", {"by": "purge"})
    before = tuple(rows.by_id(small.database, ElasticSearch, found["id"]))
    cancel(small.database, task)
    assert tasks.get(small.database, task.id).stage == "cancelled"
    assert tuple(rows.by_id(small.database, ElasticSearch, found["id"])) == before
    told, _ = event.events(small.database, ids=[found["id"]])
    assert told[0]["notes"] == {"by": "purge"}, "its last event is that it went"


def test_a_recoverable_deletion_ends_isolated_and_the_row_stays(small: World) -> None:
    found = target_of(small, "aliyun")
    outcome = delete(small, found, DeleteOptions(recoverable=True))
    assert (outcome.stage, outcome.done) == ("isolated", True)
    assert "24 hours" in outcome.note
    row = rows.by_id(small.database, ElasticSearch, found["id"])
    assert (row["deleted"], row["status"]) == (0, "unavailable")
    kinds = [call.params.get("deleteType") for call in small.emulator.requests if call.action == DELETE]
    assert kinds == ["protective"]


def test_what_is_in_the_recycle_bin_is_not_deleted_again(small: World) -> None:
    """The same call twice would destroy it for good."""
    found = target_of(small, "qcloud")
    small.emulator.table("qcloud", small.region("qcloud")).patch(found["external_id"], {"ChargeType": "PREPAID"})
    assert delete(small, found).stage == "isolated"
    assert small.sync("qcloud")[small.region("qcloud")].state == "complete"
    with pytest.raises(Refused, match="in the recycle bin already"):
        delete(small, find(small.database, ElasticSearch, found["id"]))
    assert sent(small, found["external_id"]) == 1


def test_a_sync_observes_an_open_task_and_sends_nothing(small: World) -> None:
    found = target_of(small, "aliyun")
    target = validate(small.database, Clouds(small.database), ElasticSearch, found, DEFAULTS)
    plan(small.database, ElasticSearch, [target], DEFAULTS)
    small.rename("aliyun", found["external_id"], "renamed")
    small.sync("aliyun")
    row = rows.by_id(small.database, ElasticSearch, found["id"])
    assert (row["status"], row["cloud_name"]) == ("deleting", "renamed"), "the status is the task's business"
    assert sent(small, found["external_id"]) == 0


def climc(world: World, *words: str, **options: Any) -> subprocess.Popen[str]:
    """The installed program on the world's cache."""
    program = Path(sys.executable).parent / "climc"
    env = {**os.environ, "CLIMC_DB": str(world.database.path)}
    return subprocess.Popen([program, *words], env=env, text=True, stdout=-1, stderr=-1, **options)


@PROVIDERS
def test_kill_9_just_after_a_deletion_was_sent(small: World, provider: str) -> None:
    """Exactly one DeleteInstance is on the wire, whatever resumes."""
    found = target_of(small, provider)
    small.emulator.fault("slow", action=DELETE, seconds=1.0)
    process = climc(small, f"{ElasticSearch.word()}-delete", found["id"])
    deadline = time.monotonic() + 20
    while not small.database.rows("SELECT 1 FROM tasks_tbl WHERE stage = 'sent'"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    small.emulator.world.faults.clear()
    time.sleep(1.0)
    for wait in ("0", "30"):
        climc(small, "task-resume", "--wait-timeout", wait).communicate()
    assert sent(small, found["external_id"]) == 1
    (task,) = tasks.tasks(small.database)
    assert task.stage == "done"
    assert not living(small, found)


def test_the_command_tells_how_it_ended(small: World) -> None:
    locked = small.database.one("SELECT id FROM elastic_searchs_tbl WHERE account_id = 'ali-id' LIMIT 1")
    assert locked
    small.database.execute("UPDATE elastic_searchs_tbl SET disable_delete = 1 WHERE id = ?", [locked["id"]])
    free = target_of(small, "qcloud")
    process = climc(small, "elastic-search-delete", locked["id"], free["id"])
    out, err = process.communicate()
    assert (process.returncode, out) == (6, "")
    assert "nothing was deleted" in err
    assert sent(small, free["external_id"]) == 0
    process = climc(small, "elastic-search-delete", free["id"], "--wait-timeout", "0", "-o", "json")
    out, _ = process.communicate()
    assert process.returncode == 5, "accepted, and not ended"
    assert '"stage": "accepted"' in out


def test_a_wrong_secret_is_not_found_out_by_losing_a_row(small: World) -> None:
    found, account = target_of(small, "aliyun"), small.accounts["aliyun"]
    accounts.update(small.database, account, {"secret": seal(account.id, "wrong")})
    with pytest.raises(AuthFailed):
        delete(small, found)
    process = climc(small, "elastic-search-delete", found["id"])
    _, err = process.communicate()
    assert process.returncode == 4
    assert "check the access key" in err
    assert living(small, found)
