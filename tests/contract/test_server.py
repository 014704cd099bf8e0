"""Servers: how rows read, what is never deleted, stopping first, the recycle bin; over HTTP against the emulator."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cloudmux_py import connect
from cloudmux_py.aliyun import server as aliyun
from cloudmux_py.cloudprovider.errors import Conflict, ConnectFailed, NotFound, Refused, UsageError, WaitTimeout
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.emulator import Emulator
from cloudmux_py.engine.raw import Raw
from cloudmux_py.engine.region import Region
from cloudmux_py.engine.retry import Clock
from cloudmux_py.qcloud import server as qcloud
from cloudmux_py.resources.server import Server

DATA = Path(__file__).parent.parent / "data"
REGIONS = {"aliyun": "cn-hangzhou", "qcloud": "ap-guangzhou"}
STATE = {"aliyun": "Status", "qcloud": "InstanceState"}
RUNNING = {"aliyun": "Running", "qcloud": "RUNNING"}
STOP = {"aliyun": "StopInstance", "qcloud": "StopInstances"}
DELETE = {"aliyun": "DeleteInstance", "qcloud": "TerminateInstances"}
CHARGE = "InstanceChargeType"
FINAL = DeleteOptions(final=True)
STOP_FIRST = DeleteOptions(stop_first=True)

both = pytest.mark.parametrize("provider", list(REGIONS))


def rows_of(provider: str) -> dict[str, Server]:
    """The recorded rows by their ids."""
    reply = json.loads((DATA / provider / "server" / "list.json").read_text("utf-8"))
    bindings: dict[str, Any] = {"aliyun": aliyun.BINDING, "qcloud": qcloud.BINDING}
    raws = Raw(reply.get("Response", reply)).each(bindings[provider].rows)
    return {row.external_id: row for row in map(bindings[provider].parse, raws)}


def test_aliyun_rows_read_as_documented() -> None:
    rows = [row.to_dict() for row in rows_of("aliyun").values()]
    running, prepaid, classic, new = rows
    assert running["created_at"] == "2024-04-25T07:15:00Z", "times have minutes only"
    assert (running["vcpu_count"], running["vmem_size_mb"]) == (4, 16384)
    assert (running["private_ips"], running["public_ips"], running["elastic_ips"]) == (
        ["192.168.8.31"],
        [],
        ["203.0.113.10"],
    )
    assert (running["billing_type"], running["expired_at"]) == ("postpaid", None), "a postpaid row's date is junk"
    assert running["tags"] == {"env": "prod", "负责人": "前端组"}
    assert running["sys_tags"] == {"acs:autoscaling:scalingGroupId": "asg-bp1example0001"}
    assert (prepaid["name"], prepaid["status"]) == ("订单库-02", "ready")
    assert (prepaid["billing_type"], prepaid["expired_at"]) == ("prepaid", "2026-05-10T16:00:00Z")
    assert (prepaid["project_id"], prepaid["public_ips"], prepaid["elastic_ips"]) == (None, ["198.51.100.21"], [])
    assert (classic["private_ips"], classic["vpc_id"], classic["network_id"]) == (["10.170.1.3"], None, None)
    assert (new["name"], new["status"], new["os_type"]) == ("i-bp1example0004abcdefg", "creating", "windows")
    assert (new["billing_type"], new["expired_at"]) == ("PrePaidWeekly", None), "an unknown word stays itself"
    assert new["security_group_ids"] == ["sg-bp1example0001abcdefg", "sg-bp1example0002abcdefg"]


def test_tencent_rows_read_as_documented() -> None:
    rows = rows_of("qcloud")
    prepaid, postpaid = rows["ins-xlsyru2j"], rows["ins-9bxebleo"]
    assert prepaid.created_at == datetime(2024, 3, 10, 2, 43, 51, tzinfo=UTC)
    assert (prepaid.vcpu_count, prepaid.vmem_size_mb) == (4, 8192), "GiB there"
    assert (prepaid.billing_type, prepaid.auto_renew, prepaid.project_id) == ("prepaid", True, "1210458")
    assert (prepaid.tags, prepaid.sys_tags) == ({"env": "prod", "负责人": ""}, {"tencentcloud:autoscaling": "x"})
    assert (postpaid.name, postpaid.status, postpaid.project_id) == ("ins-9bxebleo", "ready", "0")
    assert (postpaid.expired_at, postpaid.auto_renew, postpaid.public_ips) == (None, None, [])
    assert rows["ins-isolated1"].status == "isolated", "SHUTDOWN is the recycle bin"
    assert (rows["ins-isolated1"].os_type, prepaid.os_type, rows["ins-onhost01"].os_type) == ("windows", "linux", None)
    assert rows["ins-onhost01"].status == "stopping", "its stop is still at work"
    assert (rows["ins-onhost01"].billing_type, rows["ins-onhost01"].expired_at) == ("CDHPAID", None)
    assert (rows["ins-launch01"].status, rows["ins-launch01"].billing_type) == ("deploy_fail", "postpaid")


@pytest.fixture(scope="module")
def started() -> Iterator[Emulator]:
    with Emulator(instances=12, kinds=["server", "disk"]) as running:
        yield running


@pytest.fixture
def emulator(started: Emulator) -> Emulator:
    started.reset()
    return started


def region_of(emulator: Emulator, provider: str) -> Region:
    """A region whose waits move the emulated clouds' time instead of ours."""
    keys = emulator.world.of(provider)[0]
    cloud: Any = connect(provider, access_key=keys.access_key, secret=keys.secret, endpoint=emulator.url)
    slept = [0.0]

    def sleep(seconds: float) -> None:
        slept[0] += seconds
        emulator.clock.advance(seconds)

    cloud.client.clock = Clock(now=lambda: slept[0], sleep=sleep)
    region = cloud.region(REGIONS[provider])
    assert isinstance(region, Region)
    return region


def pick(emulator: Emulator, provider: str, charge: str = "postpaid", **changes: Any) -> str:
    """A server that nothing protects, running unless said otherwise."""
    words = {"postpaid": ("PostPaid", "POSTPAID_BY_HOUR"), "prepaid": ("PrePaid", "PREPAID")}
    word = words[charge][provider == "qcloud"] if charge in words else charge
    id = next(iter(emulator.rows(provider, REGIONS[provider], "server")))
    plain = {STATE[provider]: RUNNING[provider], CHARGE: word}
    emulator.table(provider, REGIONS[provider], "server").patch(id, plain | changes)
    return id


def sent(emulator: Emulator) -> list[str]:
    """What was asked to change something."""
    return [call.action for call in emulator.requests if not call.action.startswith("Describe")]


# Paging: tokens, ids as a JSON array, small pages, and what an empty list proves.


def test_aliyun_pages_by_token_whatever_the_total_says() -> None:
    with Emulator(rows={"aliyun": {"cn-hangzhou": 230}}, kinds=["server"]) as emulator:
        region = region_of(emulator, "aliyun")
        assert len(region.list(Server)) == 230
        assert [call.params.get("NextToken", "") for call in emulator.requests] == ["", "token-100", "token-200"]
        assert region.page(Server).total is None, "TotalCount means nothing beside tokens"
        with pytest.raises(UsageError, match="10 to 100 rows, not 5"):
            region.page(Server, size=5)


def test_aliyun_ids_are_a_json_array(emulator: Emulator) -> None:
    region, id = region_of(emulator, "aliyun"), pick(emulator, "aliyun")
    assert region.get(Server, id).external_id == id
    assert json.loads(emulator.requests[-1].params["InstanceIds"]) == [id]


@both
def test_no_permission_looks_like_an_empty_list_and_proves_nothing(provider: str, emulator: Emulator) -> None:
    region = region_of(emulator, provider)
    gone, witness = [row.external_id for row in region.list(Server)][:2]
    emulator.fault("hide-rows", keep=0)
    assert region.ask(Server, [gone], witness)[gone].state == "unknown"
    assert region.ask(Server, [gone])[gone].strength == "unwitnessed"
    emulator.world.faults.clear()
    emulator.table(provider, region.id, "server").remove(gone)
    assert region.ask(Server, [gone], witness)[gone].strength == "weak", "an empty answer is never strong proof"


# What is refused before anything is sent.


@both
@pytest.mark.parametrize(
    ("charge", "changes", "reason"),
    [
        ("postpaid", {"DeletionProtection": True, "DisableApiTermination": True}, "protection is on"),
        ("Weekly", {}, "billed as Weekly"),
        ("", {}, "billed as unknown"),
    ],
    ids=["protected", "unknown-billing", "no-billing"],
)
def test_what_the_row_forbids_is_refused(
    provider: str, charge: str, changes: dict[str, Any], reason: str, emulator: Emulator
) -> None:
    region, id = region_of(emulator, provider), pick(emulator, provider, charge, **changes)
    assert reason in region.refusal(Server, id, STOP_FIRST)[1]


def test_aliyun_never_ends_a_subscription(emulator: Emulator) -> None:
    region, id = region_of(emulator, "aliyun"), pick(emulator, "aliyun", "prepaid", Status="Stopped")
    assert "billed as PrePaid" in region.refusal(Server, id)[1]
    with pytest.raises(Conflict) as caught:
        region.delete(Server, id)
    assert caught.value.code == "ChargeTypeViolation"
    assert "TerminateSubscription" not in emulator.requests[-1].params


def test_aliyun_leaves_what_is_locked_for_security(emulator: Emulator) -> None:
    lock = {"LockReason": [{"LockReason": "Security"}]}
    region, id = region_of(emulator, "aliyun"), pick(emulator, "aliyun", OperationLocks=lock, Status="Stopped")
    assert "all its cloud disks" in region.refusal(Server, id)[1]


def test_tencent_leaves_what_is_at_work(emulator: Emulator) -> None:
    busy = {"LatestOperation": "ResizeInstanceDisks", "LatestOperationState": "OPERATING"}
    region, id = region_of(emulator, "qcloud"), pick(emulator, "qcloud", **busy)
    assert region.refusal(Server, id)[1] == "ResizeInstanceDisks is still at work on it"


def test_a_launch_that_failed_is_the_cloud_s_to_clear(emulator: Emulator) -> None:
    region, id = region_of(emulator, "qcloud"), pick(emulator, "qcloud", InstanceState="LAUNCH_FAILED")
    with pytest.raises(Conflict) as caught:
        region.delete(Server, id)
    assert caught.value.code == "UnsupportedOperation.InstanceStateLaunchFailed"


# Stopping first.


def test_aliyun_deletes_only_what_is_stopped(emulator: Emulator) -> None:
    region, id = region_of(emulator, "aliyun"), pick(emulator, "aliyun")
    assert "--stop-first" in region.refusal(Server, id)[1]
    assert region.refusal(Server, id, STOP_FIRST)[1] == ""
    with pytest.raises(Conflict) as caught:
        region.delete(Server, id)
    assert caught.value.code == "IncorrectInstanceStatus"


def test_tencent_deletes_what_runs(emulator: Emulator) -> None:
    region, id = region_of(emulator, "qcloud"), pick(emulator, "qcloud")
    assert region.refusal(Server, id)[1] == ""
    region.delete(Server, id)
    assert region.wait_gone(Server, id) == "gone"
    assert sent(emulator) == ["TerminateInstances"]


@both
def test_what_runs_is_stopped_then_deleted(provider: str, emulator: Emulator) -> None:
    region, id = region_of(emulator, provider), pick(emulator, provider)
    region.stop(Server, id)
    assert region.get(Server, id).status == "ready"
    region.delete(Server, id, STOP_FIRST)
    assert region.wait_gone(Server, id) == "gone"
    assert sent(emulator) == [STOP[provider], DELETE[provider]]


def test_aliyun_keeps_the_address_of_what_is_stopped(emulator: Emulator) -> None:
    region, id = region_of(emulator, "aliyun"), pick(emulator, "aliyun")
    region.stop(Server, id)
    assert emulator.rows("aliyun", region.id, "server")[id]["StoppedMode"] == "KeepCharging"


@both
def test_what_is_stopped_is_not_stopped_again(provider: str, emulator: Emulator) -> None:
    stopped = {STATE[provider]: {"aliyun": "Stopped", "qcloud": "STOPPED"}[provider]}
    region, id = region_of(emulator, provider), pick(emulator, provider, **stopped)
    region.stop(Server, id)
    assert sent(emulator) == []


@both
def test_what_is_stopping_is_waited_for(provider: str, emulator: Emulator) -> None:
    region, id = region_of(emulator, provider), pick(emulator, provider)
    emulator.fault("reset-after", action=STOP[provider], times=1)
    with pytest.raises(ConnectFailed, match=STOP[provider]):
        region.stop(Server, id)
    region.stop(Server, id)
    assert region.get(Server, id).status == "ready"
    assert sent(emulator) == [STOP[provider]], "a stop whose answer got lost is never sent twice"


@both
def test_what_does_not_stop_is_not_deleted(provider: str, emulator: Emulator) -> None:
    region, id = region_of(emulator, provider), pick(emulator, provider)
    emulator.on(f"after {STOP[provider]}", lambda call: call.table("server").cancel(id))
    try:
        with pytest.raises(WaitTimeout, match=f"{id}: not stopped after 60 s; it is stopping"):
            region.stop(Server, id, timeout=60)
    finally:
        emulator.world.hooks.clear()


# The recycle bin.


def test_a_prepaid_one_is_isolated_and_only_final_destroys_it(emulator: Emulator) -> None:
    region, id = region_of(emulator, "qcloud"), pick(emulator, "qcloud", "prepaid", LatestOperationState=None)
    assert "7 days" in region.delete(Server, id).note
    assert region.wait_gone(Server, id) == "isolated"
    assert "TerminateInstances is still at work" in region.refusal(Server, id, FINAL)[1]
    emulator.clock.advance(5)
    assert region.refusal(Server, id, FINAL)[1] == ""
    assert "--final" in region.refusal(Server, id)[1]
    region.delete(Server, id, FINAL)
    emulator.clock.advance(5)
    with pytest.raises(NotFound):
        region.get(Server, id)
    assert sent(emulator) == ["TerminateInstances", "TerminateInstances"]


def test_what_was_isolated_meanwhile_is_not_destroyed_by_the_way(emulator: Emulator) -> None:
    region, id = region_of(emulator, "qcloud"), pick(emulator, "qcloud")
    assert region.refusal(Server, id)[1] == ""
    # The international site isolates whatever the billing; somebody else may have done so by now.
    emulator.table("qcloud", region.id, "server").patch(id, {"InstanceState": "SHUTDOWN"})
    with pytest.raises(Refused, match="in the recycle bin already"):
        region.delete(Server, id)
    with pytest.raises(Refused, match="in the recycle bin already"):
        region.delete(Server, id, STOP_FIRST)
    region.stop(Server, id)
    assert sent(emulator) == []
    region.delete(Server, id, FINAL)
    assert region.wait_gone(Server, id) == "gone"


def test_final_is_for_the_recycle_bin_alone(emulator: Emulator) -> None:
    region, id = region_of(emulator, "qcloud"), pick(emulator, "qcloud")
    assert "not in the recycle bin" in region.refusal(Server, id, FINAL)[1]
    with pytest.raises(Refused, match="not in the recycle bin"):
        region.delete(Server, id, FINAL)
    assert sent(emulator) == []
